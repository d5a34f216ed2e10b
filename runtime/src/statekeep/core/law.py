"""The routing law: which change-point picks an actor.

    Among the change-points that leave from its version, were registered at or after its position
    and whose anchor its history matches, the one with the earliest clock; among those the most
    specific anchor; among those the highest refinement.

`CLAUSES` says who may be picked, `preference` who of them is. Nothing else is asked: no wall time,
no state of the actor, no other actor. The answer is the authority; routers that compare
fingerprints only leave out what this module would leave out too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from statekeep.core.anchors import matches
from statekeep.core.history import History
from statekeep.core.points import ChangePoint


@dataclass(frozen=True, slots=True)
class Traveller:
    """What the law reads of an actor, from where it is asked."""

    since: int
    """Points before this clock are over for it."""
    history: History
    regions: tuple[tuple[str, History], ...]


Clause = Callable[[ChangePoint, Traveller], bool]


def is_not_over(point: ChangePoint, traveller: Traveller) -> bool:
    """The point was registered at or after the traveller's position."""
    return point.clock >= traveller.since


def is_matched(point: ChangePoint, traveller: Traveller) -> bool:
    """The histories begin as the anchor asks, event type by event type."""
    return matches(point.anchor, traveller.history, traveller.regions)


CLAUSES: tuple[Clause, ...] = (is_not_over, is_matched)


def preference(point: ChangePoint) -> tuple[int, int, int, int]:
    """Earliest clock, then most specific anchor, then highest refinement; the smallest wins."""
    depths, events = point.anchor.specificity
    return point.clock, -depths, -events, -point.refinement


def in_force(points: Iterable[ChangePoint]) -> tuple[ChangePoint, ...]:
    """Points that can pick, in order of preference.

    A refinement stands for its whole group: it hides the lower ones even when it is closed, and a
    group whose highest refinement is closed picks nobody.
    """
    highest: dict[object, ChangePoint] = {}
    for point in points:
        rival = highest.get(point.group)
        if rival is None or point.refinement > rival.refinement:
            highest[point.group] = point
    return tuple(sorted((p for p in highest.values() if not p.closed), key=preference))


def first_match(points: Iterable[ChangePoint], traveller: Traveller) -> ChangePoint | None:
    """The pick among `points`, which are in order of preference."""
    for point in points:
        if all(clause(point, traveller) for clause in CLAUSES):
            return point
    return None
