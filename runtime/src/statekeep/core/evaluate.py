"""Evaluation: the law, landing after landing, until nothing picks or nothing lands.

An evaluation is a function of the cohort and the registry. It is asked at spawn, after every
accepted event, and at a registration for the actors concerned; preview asks the same functions and
keeps the answer to itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from statekeep.core import decisions
from statekeep.core.arrival import Landed
from statekeep.core.cohort import (
    Cohort,
    Stranding,
    lived_regions,
    machine_of,
    without_stranding,
)
from statekeep.core.decisions import Decision, Verdict
from statekeep.core.history import EMPTY, History
from statekeep.core.points import ChangePoint
from statekeep.core.pursuit import Pursuit, pursue, stranded_by
from statekeep.core.registry import Registry
from statekeep.core.step import initial, step


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The cohort after it, and the decisions to record, oldest first."""

    cohort: Cohort
    decisions: tuple[Decision, ...] = ()

    @property
    def moved(self) -> bool:
        """Whether a change-point was gone over."""
        return any(decision.verdict == "migrated" for decision in self.decisions)


@dataclass(frozen=True, slots=True)
class Advance:
    """What an event did. Not accepted: nothing."""

    accepted: bool
    evaluation: Evaluation


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a registration means for a cohort that it concerns."""

    verdict: Verdict
    evaluation: Evaluation


class _Course(NamedTuple):
    """One evaluation: where it led, over which landings, and all that was picked."""

    cohort: Cohort
    landings: tuple[Decision, ...]
    picked: frozenset[str]


def spawn(registry: Registry, version_id: str, *, routed: bool = True) -> Evaluation:
    """A new actor on a version. Unrouted while the workflow is frozen."""
    clock = registry.clock_of(version_id)
    cohort = Cohort(version_id, clock, EMPTY, (), initial(registry.machine(version_id)))
    return evaluate(registry, cohort) if routed else Evaluation(cohort)


def advance(registry: Registry, cohort: Cohort, event_type: str, *, routed: bool = True) -> Advance:
    """Send an event. Raises NotStable, and then nothing has changed."""
    result = step(machine_of(registry, cohort), cohort.configuration, event_type)
    if not result.accepted:
        return Advance(accepted=False, evaluation=Evaluation(cohort))
    after = replace(
        cohort,
        history=cohort.history.append(event_type),
        regions=_appended(cohort, result.regions, event_type),
        configuration=result.configuration,
        stranding=None if result.configuration.done else cohort.stranding,
    )
    evaluation = evaluate(registry, after) if routed else Evaluation(after)
    return Advance(accepted=True, evaluation=evaluation)


def evaluate(registry: Registry, cohort: Cohort) -> Evaluation:
    """Apply the law outside a registration: a strand is recorded where it says something new."""
    course = _course(registry, cohort)
    return Evaluation(course.cohort, (*course.landings, *_new_strand(registry, cohort, course)))


def evaluate_registration(
    registry: Registry,
    new_points: Sequence[ChangePoint],
    cohort: Cohort,
    *,
    pickable: bool = True,
) -> Outcome | None:
    """What the registration of `new_points` means for a cohort; None if it does not concern it.

    `registry` is the one after the registration, with points that are evaluated `Once` still open.
    `pickable` is False where a router has shown already that the law picks nothing.
    """
    speaking = concerning(new_points, cohort)
    if not speaking:
        return None
    course = _course(registry, cohort) if pickable else _Course(cohort, (), frozenset())
    verdict = _verdict(new_points, course)
    recorded = _registration_records(registry, cohort, course, verdict, speaking[0])
    return Outcome(verdict, Evaluation(course.cohort, (*course.landings, *recorded)))


def concerning(points: Sequence[ChangePoint], cohort: Cohort) -> tuple[ChangePoint, ...]:
    """The points that concern a cohort, by name: they leave from where it is, or rescue it."""
    if cohort.configuration.done:
        return ()
    here = [point for point in points if point.source == cohort.version]
    if cohort.stranding is not None:
        way = {point.version for point in cohort.stranding.way}
        here += [point for point in points if point.rescues and point.source in way]
    return tuple(sorted(here, key=lambda point: point.name))


def _course(registry: Registry, cohort: Cohort) -> _Course:
    """Land as often as something lands; the clock only grows, so this ends."""
    landings: list[Decision] = []
    picked: set[str] = set()
    while not cohort.configuration.done:
        pursuit = pursue(registry, cohort)
        picked.update(point.name for point in pursuit.picked)
        if pursuit.taken is None:
            stranding = stranded_by(pursuit)
            cohort = replace(cohort, stranding=stranding) if stranding else cohort
            return _Course(cohort, tuple(landings), frozenset(picked))
        before, cohort = cohort, _arrived(cohort, pursuit.picked[-1], pursuit.taken)
        landings.append(_landing_record(registry, pursuit, before, cohort))
    return _Course(without_stranding(cohort), tuple(landings), frozenset(picked))


def _arrived(cohort: Cohort, point: ChangePoint, landed: Landed) -> Cohort:
    return Cohort(point.target, point.clock, cohort.history, landed.regions, landed.configuration)


def _landing_record(
    registry: Registry, pursuit: Pursuit, before: Cohort, after: Cohort
) -> Decision:
    rescued = before.stranding is not None or pursuit.failure is not None
    return decisions.landed(registry, pursuit.picked[-1], before, after, rescued=rescued)


def _verdict(new_points: Sequence[ChangePoint], course: _Course) -> Verdict:
    involved = bool(course.landings) or any(point.name in course.picked for point in new_points)
    if course.cohort.status == "needs_rescue" and involved:
        return "stranded"
    return "migrated" if course.landings else "stayed"


def _registration_records(
    registry: Registry, before: Cohort, course: _Course, verdict: Verdict, speaking: ChangePoint
) -> tuple[Decision, ...]:
    """A registration leaves a record with every actor it concerns, also where nothing is new."""
    now = course.cohort.stranding
    if verdict == "stranded" and now is not None:
        return (decisions.stranded(registry, course.cohort, now),)
    strand = _new_strand(registry, before, course)
    return (
        (*strand, decisions.stayed(registry, speaking, before)) if verdict == "stayed" else strand
    )


def _new_strand(registry: Registry, before: Cohort, course: _Course) -> tuple[Decision, ...]:
    """The record of a strand whose reason or picks differ from the last."""
    last: Stranding | None = None if course.landings else before.stranding
    now = course.cohort.stranding
    if now is None or _says_the_same(last, now):
        return ()
    return (decisions.stranded(registry, course.cohort, now),)


def _says_the_same(last: Stranding | None, now: Stranding) -> bool:
    return (
        last is not None
        and last.change_point == now.change_point
        and last.reason == now.reason
        and last.way == now.way
    )


def _appended(
    cohort: Cohort, taking: tuple[str, ...], event_type: str
) -> tuple[tuple[str, History], ...]:
    """The region histories after an event that was taken in these regions."""
    if not taking:
        return cohort.regions
    lived = dict(cohort.regions)
    for region in taking:
        lived[region] = lived.get(region, History.for_region(region)).append(event_type)
    return lived_regions(lived)
