"""What an author should know before a registration, beyond the verdicts for today's actors.

A warning never changes a verdict. Each has a stable code and, where it is about live actors, names
their cohorts, so that whoever knows the counts can say how many.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from statekeep.core.anchors import contains_elsewhere
from statekeep.core.cohort import Cohort
from statekeep.core.evaluate import Evaluation
from statekeep.core.machine import Kind, Machine, Node
from statekeep.core.paths import split_path
from statekeep.core.place import shown
from statekeep.core.points import ChangePoint
from statekeep.core.reasons import StrandReason
from statekeep.core.registration import Registration
from statekeep.core.registry import Registry
from statekeep.core.same import misplacement, missing

K = TypeVar("K")
Seen = Sequence[tuple[K, Cohort, Evaluation]]

TARGET_SUPERSEDED = "TargetSuperseded"
"""The target has change-points with an earlier clock, which those who land now will not follow."""
ANCHOR_MISSES = "AnchorMisses"
"""Histories contain the anchored path, but do not begin with it."""
LANDS_DONE = "LandsDone"
"""Actors would be done by landing."""
LANDING_DEFAULTED = "LandingDefaulted"
"""The body names no landing rule; this is the one chosen."""


@dataclass(frozen=True, slots=True)
class Foreseen(Generic[K]):
    """One warning."""

    code: str
    change_point: str
    message: str
    keys: tuple[K, ...] = ()
    """The cohorts it is about; empty where it is about none in particular."""


@dataclass(frozen=True, slots=True, order=True)
class Unlandable:
    """A state of a source in which a matching actor would strand."""

    change_point: str
    version: str
    state: str
    """Its dotted path."""
    reason: str
    message: str

    def to_json(self) -> dict[str, object]:
        """The state as a preview lists it."""
        return {
            "changePoint": self.change_point,
            "version": self.version,
            "state": self.state,
            "reason": self.reason,
            "message": self.message,
        }


def foresee(registration: Registration, seen: Seen[K]) -> tuple[Foreseen[K], ...]:
    """All warnings of a registration, by change-point and code."""
    found = [
        warning
        for point in registration.points
        for warnings in (
            _landing_defaulted(point),
            _target_superseded(registration.registry, point),
            _anchor_misses(point, seen),
            _lands_done(point, seen),
        )
        for warning in warnings
    ]
    return tuple(sorted(found, key=lambda warning: (warning.change_point, warning.code)))


def _landing_defaulted(point: ChangePoint) -> Iterator[Foreseen[K]]:
    if point.landing_defaulted:
        message = f"{point.name} names no landing; it lands by {point.landing}."
        yield Foreseen(LANDING_DEFAULTED, point.name, message)


def _target_superseded(registry: Registry, point: ChangePoint) -> Iterator[Foreseen[K]]:
    earlier = [p.name for p in registry.standing(point.target) if p.clock < point.clock]
    if earlier:
        message = (
            f"{point.target} has change-points with an earlier clock ({', '.join(earlier)}), which "
            "actors that land there now will not follow. Lead them to a later version."
        )
        yield Foreseen(TARGET_SUPERSEDED, point.name, message)


def _anchor_misses(point: ChangePoint, seen: Seen[K]) -> Iterator[Foreseen[K]]:
    if point.anchor.is_wildcard:
        return
    keys = tuple(key for key, cohort, _ in seen if misses(point, cohort))
    if keys:
        message = (
            f"Histories contain the path of {point.name}, but not as their beginning. An anchor "
            "begins with the first event after the spawn."
        )
        yield Foreseen(ANCHOR_MISSES, point.name, message, keys)


def misses(point: ChangePoint, cohort: Cohort) -> bool:
    """Some anchored path occurs in the history it is about, but not at its beginning."""
    if cohort.version != point.source:
        return False
    regions = dict(cohort.regions)
    paths = [(cohort.history, point.anchor.history_path)]
    paths += [(regions[region], path) for region, path in point.anchor.regions if region in regions]
    return any(contains_elsewhere(history.types(), path) for history, path in paths)


def _lands_done(point: ChangePoint, seen: Seen[K]) -> Iterator[Foreseen[K]]:
    keys = tuple(key for key, _, evaluation in seen if _is_ended_by(point, evaluation))
    if keys:
        message = f"Landing over {point.name} ends actors: they would be done at once."
        yield Foreseen(LANDS_DONE, point.name, message, keys)


def _is_ended_by(point: ChangePoint, evaluation: Evaluation) -> bool:
    if not evaluation.cohort.configuration.done:
        return False
    landings = [d for d in evaluation.decisions if d.verdict == "migrated"]
    return bool(landings) and landings[-1].change_point == point.name


def unlandable(registration: Registration) -> tuple[Unlandable, ...]:
    """States of the sources that no mapping covers and that the rule of the point would strand.

    A replay asks the history and not the state, so nothing can be said of it here.
    """
    found = [
        Unlandable(point.name, point.source, shown(leaf.path), *reason)
        for point in registration.points
        if point.landing != "Replay"
        for leaf, reason in _stranding_leaves(registration.registry, point)
    ]
    return tuple(sorted(found))


def _stranding_leaves(
    registry: Registry, point: ChangePoint
) -> Iterator[tuple[Node, tuple[str, str]]]:
    source, target = registry.machine(point.source), registry.machine(point.target)
    keys = {split_path(key) for key, _ in point.mapping}
    for leaf in source.nodes:
        if _can_be_rested_in(source, leaf) and not _is_covered(keys, leaf):
            reason = _reason(point, source, target, leaf)
            if reason is not None:
                yield leaf, reason


def _can_be_rested_in(machine: Machine, node: Node) -> bool:
    """Whether an actor that is not done can have this leaf."""
    ends = node.kind == Kind.FINAL and (node.parent is None or node.parent == 0)
    return not node.children and not node.is_history and not (ends and _is_plain(machine))


def _is_plain(machine: Machine) -> bool:
    """Whether a final child of the root ends the actor; in a parallel root it ends a region."""
    return machine.nodes[0].kind != Kind.PARALLEL


def _is_covered(keys: set[tuple[str, ...]], leaf: Node) -> bool:
    return any(leaf.path[:depth] in keys for depth in range(1, len(leaf.path) + 1))


def _reason(
    point: ChangePoint, source: Machine, target: Machine, leaf: Node
) -> tuple[str, str] | None:
    if point.landing == "MappingOnly":
        message = f"{point.name} lands by its mapping only, and it does not cover this state."
        return StrandReason.NOT_MAPPED.value, message
    misfit = misplacement(source, target, leaf.index)
    if misfit is None:
        region = _new_region(source, target, leaf)
        misfit = missing(region) if region else None
    return (misfit.reason.value, misfit.message) if misfit else None


def _new_region(source: Machine, target: Machine, leaf: Node) -> Node | None:
    """A region beside the leaf, or above it, that only the target has."""
    for depth in range(len(leaf.path)):
        node = target.node_at(leaf.path[:depth])
        if node is not None and node.kind == Kind.PARALLEL:
            for child in (target.nodes[index] for index in node.children):
                here = source.node_at(child.path)
                if not child.is_history and (here is None or here.is_history):
                    return child
    return None
