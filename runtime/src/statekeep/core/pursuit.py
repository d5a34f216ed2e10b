"""From pick to pick until one lands: how the law goes on where a landing fails.

The actor's version and the versions it was on its way to are *stops*. The next pick is the one with
the earliest clock; at one clock the actor's own version comes first, then the versions on the way
in the order in which it was on its way to them. Each stop gives at most one pick a clock. A pick
that fails puts its target on the way, from its clock on, so the walk may go on there.

The order of picks only grows, and every clock and stop is tried once, so this ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from statekeep.core.arrival import Landed, NotLanded
from statekeep.core.cohort import Cohort, Stranding, WayPoint
from statekeep.core.landing import land
from statekeep.core.law import Traveller, first_match
from statekeep.core.points import ChangePoint
from statekeep.core.registry import Registry

Order = tuple[int, int]
"""A clock, and the rank of a stop: 0 for the actor's own version, then the way."""


class Pursuit(NamedTuple):
    """Everything that was picked in one walk, and how it ended."""

    picked: tuple[ChangePoint, ...] = ()
    taken: Landed | None = None
    """The landing of the last pick, if it has one."""
    failure: NotLanded | None = None
    """Why the first pick failed, if it did."""
    way: tuple[WayPoint, ...] = ()


def pursue(registry: Registry, cohort: Cohort) -> Pursuit:
    """Try pick after pick, from the actor's position on, until one lands or none is left."""
    way = cohort.stranding.way if cohort.stranding else ()
    if not way and not registry.standing(cohort.version):
        return Pursuit()
    pursuit, reached = Pursuit(way=way), (cohort.position, -1)
    while pursuit.taken is None:
        found = _next_pick(registry, cohort, pursuit.way, reached)
        if found is None:
            break
        point, rank = found
        reached = point.clock, rank
        pursuit = _after(pursuit, point, land(registry, point, cohort))
    return pursuit


def stranded_by(pursuit: Pursuit) -> Stranding | None:
    """The record of a walk that picked something and landed nowhere; None if nothing was picked."""
    if pursuit.failure is None:
        return None
    first = pursuit.picked[0]
    return Stranding(
        change_point=first.name,
        reason=pursuit.failure.reason.value,
        message=pursuit.failure.message,
        way=pursuit.way,
        while_stranded=first.while_stranded,
    )


def _after(pursuit: Pursuit, point: ChangePoint, answer: Landed | NotLanded) -> Pursuit:
    picked = (*pursuit.picked, point)
    if isinstance(answer, Landed):
        return Pursuit(picked, answer, pursuit.failure, pursuit.way)
    way = _joined(pursuit.way, WayPoint(point.target, point.clock))
    return Pursuit(picked, None, pursuit.failure or answer, way)


def _joined(way: tuple[WayPoint, ...], new: WayPoint) -> tuple[WayPoint, ...]:
    """The way with one more version; the pick that first put a version there counts."""
    return way if any(point.version == new.version for point in way) else (*way, new)


def _next_pick(
    registry: Registry, cohort: Cohort, way: tuple[WayPoint, ...], reached: Order
) -> tuple[ChangePoint, int] | None:
    """The pick after `reached`, with the rank of its stop."""
    picks = [
        (pick, rank)
        for rank, (since, points) in enumerate(_stops(registry, cohort, way))
        if (pick := _pick_after(points, since, cohort, reached, rank)) is not None
    ]
    return min(picks, key=lambda found: (found[0].clock, found[1]), default=None)


def _stops(
    registry: Registry, cohort: Cohort, way: tuple[WayPoint, ...]
) -> Iterator[tuple[int, tuple[ChangePoint, ...]]]:
    """The actor's version, then the versions on the way: since when, and who may pick there."""
    yield cohort.position, registry.standing(cohort.version)
    for stop in way:
        rescuing = tuple(point for point in registry.standing(stop.version) if point.rescues)
        yield stop.clock, rescuing


def _pick_after(
    points: tuple[ChangePoint, ...], since: int, cohort: Cohort, reached: Order, rank: int
) -> ChangePoint | None:
    """The law's pick at one stop, past the clock that was reached there."""
    clock, last_rank = reached
    past = clock if rank > last_rank else clock + 1
    return first_match(points, Traveller(max(since, past), cohort.history, cohort.regions))
