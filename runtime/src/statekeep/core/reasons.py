"""Why a routed actor found no landing, and why a concerned one stayed.

The codes are shown to users, written to the audit and named in gates, so none ever changes its
meaning.
"""

from __future__ import annotations

from enum import StrEnum

from statekeep.core.machine import Kind


class StrandReason(StrEnum):
    """Every reason for which a pick gives no landing."""

    MAPPING_INCOMPLETE = "MappingIncomplete"
    """The mapping covers some of the active leaves, and another cannot keep its place."""
    MAPPING_CONFLICT = "MappingConflict"
    """The mapping sends the actor to two children of one compound state."""
    NOT_MAPPED = "NotMapped"
    """Only a mapping could land this actor, and it covers no active leaf."""
    STATE_MOVED = "StateMoved"
    """The path is not in the target, but exactly one state there has the leaf's key."""
    STATE_REMOVED = "StateRemoved"
    """The path is not in the target."""
    STATE_BECAME_ATOMIC = "StateBecameAtomic"
    """A state on the path is atomic in the target, and was not."""
    STATE_BECAME_COMPOUND = "StateBecameCompound"
    """A state on the path is compound in the target, and was not."""
    STATE_BECAME_PARALLEL = "StateBecameParallel"
    """A state on the path is parallel in the target, and was not."""
    STATE_BECAME_FINAL = "StateBecameFinal"
    """A state on the path is final in the target, and was not."""
    REGION_MISSING = "RegionMissing"
    """All leaves fit, but the target has a region for which the actor has no state."""
    HISTORY_DOES_NOT_EXPLAIN_STATE = "HistoryDoesNotExplainState"
    """The actor's own version, given its history, would not be where the actor is."""
    HISTORY_NOT_ACCEPTED = "HistoryNotAccepted"
    """The target does not accept an event of the history."""
    LANDING_NOT_STABLE = "LandingNotStable"
    """A walk or the landing never comes to rest."""


ANCHOR_NOT_MATCHED = "AnchorNotMatched"
"""Why a concerned actor stayed: no change-point of the registration picked it."""

BECAME = {
    Kind.ATOMIC: StrandReason.STATE_BECAME_ATOMIC,
    Kind.COMPOUND: StrandReason.STATE_BECAME_COMPOUND,
    Kind.PARALLEL: StrandReason.STATE_BECAME_PARALLEL,
    Kind.FINAL: StrandReason.STATE_BECAME_FINAL,
}
