"""Why a registration, a closing or a rescue by hand is refused: whole, and nothing ticks.

A refusal names what is wrong, where, which objects it concerns and the way out. All that apply are
collected; the first gives the code. What a refusal does *not* do is change anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from statekeep.core.errors import CoreError


class Code(StrEnum):
    """Every reason for refusing a whole request."""

    DEFINITION_EXISTS = "DefinitionExists"
    """The id belongs to a definition with another body."""
    CHANGE_POINT_EXISTS = "ChangePointExists"
    """The name belongs to another change-point of the workflow."""
    INVALID_DEFINITION = "InvalidDefinition"
    """The machine is wrong, or its initial macrostep has no end."""
    UNKNOWN_VERSION = "UnknownVersion"
    """A version named is not registered."""
    UNKNOWN_CHANGE_POINT = "UnknownChangePoint"
    """A change-point named is not registered in this workflow."""
    UNKNOWN_REGION = "UnknownRegion"
    """An anchor names a region that is no child of a parallel state of the source."""
    WORKFLOW_MISMATCH = "WorkflowMismatch"
    """A version named belongs to another workflow."""
    BACKWARD_MIGRATION = "BackwardMigration"
    """The target is the source or one of its ancestors."""
    AMBIGUOUS_ANCHORS = "AmbiguousAnchors"
    """Two anchors of one source and clock can both match and neither is more specific."""
    ANCHOR_NOT_ACCEPTED = "AnchorNotAccepted"
    """`Replay` was asked for, and the target does not accept the anchored history."""
    REFINEMENT_CHANGES_POINT = "RefinementChangesPoint"
    """A refinement gives what it must share with the point that it refines."""
    MAPPING_UNKNOWN_SOURCE = "MappingUnknownSource"
    """A key of `stateMapping` is no state of the source or of a version on the way to it."""
    MAPPING_UNKNOWN_TARGET = "MappingUnknownTarget"
    """A target of `stateMapping` is no state of the target version, or there is none."""
    MAPPING_HISTORY_TARGET = "MappingHistoryTarget"
    """A target of `stateMapping` is a history state."""
    TOO_MANY_STRANDED = "TooManyStranded"
    """More actors would strand than `maxStranded` allows."""
    PLAN_DRIFTED = "PlanDrifted"
    """The plan is another than the one that was approved."""
    ILLEGAL_STATE = "IllegalState"
    """By hand: the state value names no configuration of the target."""
    LANDING_NOT_STABLE = "LandingNotStable"
    """By hand: the target does not come to rest in the state given."""
    ACTOR_DONE = "ActorDone"
    """By hand: the actor is in a final configuration."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason: its code, a sentence with the way out, where it stands, and what it concerns."""

    code: Code
    message: str
    pointer: str = ""
    objects: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """The refusal as the details of a problem carry it."""
        objects = list(self.objects)
        return {
            "code": self.code.value,
            "message": self.message,
            "pointer": self.pointer,
            "objects": objects,
        }


class Refused(CoreError):
    """The request was refused whole; `reasons` holds every reason found."""

    def __init__(self, *reasons: Refusal) -> None:
        """Refuse for `reasons`, of which the first gives the code."""
        super().__init__(" ".join(f"{reason.code}: {reason.message}" for reason in reasons))
        self.reasons = reasons

    @property
    def code(self) -> str:  # type: ignore[override]
        """The code of the first reason."""
        return self.reasons[0].code.value


def unknown_version(version: str, pointer: str, elsewhere: Mapping[str, str]) -> Refusal:
    """Say that a version is not of this workflow: nowhere, or somewhere else."""
    workflow = elsewhere.get(version)
    if workflow is not None:
        message = (
            f"{version!r} belongs to the workflow {workflow!r}. Actors never change their "
            "workflow: name a version of this one."
        )
        return Refusal(Code.WORKFLOW_MISMATCH, message, pointer, (version, workflow))
    message = f"There is no version {version!r}. Check the id, or register it first."
    return Refusal(Code.UNKNOWN_VERSION, message, pointer, (version,))


def unknown_change_point(name: str, pointer: str) -> Refusal:
    """Say that a change-point is not registered."""
    message = (
        f"There is no change-point {name!r} in this workflow. "
        "Check the name, or register it before what refers to it."
    )
    return Refusal(Code.UNKNOWN_CHANGE_POINT, message, pointer, (name,))
