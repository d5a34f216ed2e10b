"""Which classes the law picks at all, decided for many at once.

A plan asks the law for every live class, and most have an answer of one word: nobody picks them. An
engine finds those by fingerprint, and the rest goes to the core. Every candidate that the engine
offers is confirmed by the law's own comparison of event types; where that fails (two different
histories of one fingerprint) the engine is asked for the next. So the answers here are those of
`core.law`, whatever collides.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from statekeep.core.anchors import probes
from statekeep.core.cohort import Cohort
from statekeep.core.history import History
from statekeep.core.law import Traveller, is_matched
from statekeep.core.points import ChangePoint
from statekeep.core.registry import Registry
from statekeep.routing.ports import NONE, Batch, Engine
from statekeep.routing.table import Route, RoutingTable

PART = 4_000
"""Probes in one table, and so at most as many points and columns."""

Stop = tuple[str, bool]
"""A version where points may pick, and whether only those that rescue do."""


def compile_points(points: Iterable[ChangePoint]) -> RoutingTable:
    """The table of points in force, which are in the law's order of preference."""
    return RoutingTable.of([Route(p.clock, probes(p.anchor), p.closed) for p in points])


def picks(
    engine: Engine, points: Sequence[ChangePoint], travellers: Sequence[Traveller]
) -> list[int | None]:
    """For each traveller the index of the point that the law picks among `points`, or None."""
    answers: list[int | None] = [None] * len(travellers)
    for begin, part in _parts(points):
        waiting = [index for index, answer in enumerate(answers) if answer is None]
        found = _confirmed(engine, part, [travellers[index] for index in waiting])
        for index, pick in zip(waiting, found, strict=True):
            answers[index] = None if pick is None else begin + pick
    return answers


def _parts(points: Sequence[ChangePoint]) -> Iterator[tuple[int, Sequence[ChangePoint]]]:
    """The points in their order, in parts that a table of any engine can hold."""
    begin = size = 0
    for index, point in enumerate(points):
        size += 1 + len(point.anchor.regions)
        if size > PART and index > begin:
            yield begin, points[begin:index]
            begin, size = index, 1 + len(point.anchor.regions)
    if points:
        yield begin, points[begin:]


def _confirmed(
    engine: Engine, points: Sequence[ChangePoint], travellers: Sequence[Traveller]
) -> list[int | None]:
    """Candidates by fingerprint, asked for again from behind each that the types deny."""
    router = engine.router(compile_points(points))
    answers: list[int | None] = [None] * len(travellers)
    asked, firsts = list(range(len(travellers))), array("I", [0] * len(travellers))
    while asked:
        batch = _batch(engine, router.table, [travellers[index] for index in asked], firsts)
        doubtful, behind = [], array("I")
        for index, candidate in zip(asked, router.route(batch), strict=True):
            if candidate == NONE:
                continue
            if is_matched(points[candidate], travellers[index]):
                answers[index] = candidate
            else:
                doubtful.append(index)
                behind.append(candidate + 1)
        asked, firsts = doubtful, behind
    return answers


def picked(engine: Engine, registry: Registry, cohorts: Sequence[Cohort]) -> list[bool]:
    """For each cohort whether the law picks anything for it, on its version or on its way.

    False means that an evaluation would leave the cohort exactly as it is.
    """
    answers = [False] * len(cohorts)
    for stop, visitors in _visitors(cohorts).items():
        points = _points_at(registry, stop)
        travellers = [traveller for _, traveller in visitors]
        found = picks(engine, points, travellers) if points else [None] * len(visitors)
        for (index, _), pick in zip(visitors, found, strict=True):
            answers[index] = answers[index] or pick is not None
    return answers


def preselection(engine: Engine) -> Callable[[Registry, Sequence[Cohort]], list[bool]]:
    """`picked` by an engine, as a plan takes it."""
    return partial(picked, engine)


def _visitors(cohorts: Sequence[Cohort]) -> dict[Stop, list[tuple[int, Traveller]]]:
    """Who asks the law at which stop, with the index of the cohort."""
    visitors: dict[Stop, list[tuple[int, Traveller]]] = {}
    for index, cohort in enumerate(cohorts):
        for stop, since in _stops(cohort):
            traveller = Traveller(since, cohort.history, cohort.regions)
            visitors.setdefault(stop, []).append((index, traveller))
    return visitors


def _stops(cohort: Cohort) -> Iterator[tuple[Stop, int]]:
    """The cohort's version, then the versions on its way, each with the clock from which on."""
    yield (cohort.version, False), cohort.position
    for stop in cohort.stranding.way if cohort.stranding else ():
        yield (stop.version, True), max(stop.clock, cohort.position)


def _points_at(registry: Registry, stop: Stop) -> Sequence[ChangePoint]:
    version, rescuing = stop
    return [p for p in registry.standing(version) if p.rescues or not rescuing]


def _batch(
    engine: Engine, table: RoutingTable, travellers: Sequence[Traveller], firsts: array[int]
) -> Batch:
    """The travellers as columns: each track is digested once, for all lengths asked for."""
    lengths, prefixes = array("I"), array("Q")
    regions = [dict(traveller.regions) for traveller in travellers]
    for track, region in enumerate((None, *table.regions)):
        lived = (
            [traveller.history for traveller in travellers]
            if region is None
            else [known.get(region) for known in regions]
        )
        asked = [column.length for column in table.columns if column.track == track]
        lengths.extend(0 if history is None else history.length for history in lived)
        prefixes.extend(_prefixes(engine, lived, asked, region))
    positions = array("Q", [traveller.since for traveller in travellers])
    return Batch(positions, lengths, prefixes, firsts)


def _prefixes(
    engine: Engine, lived: Sequence[History | None], asked: Sequence[int], region: str | None
) -> array[int]:
    if not asked:
        return array("Q")
    beginnings = [() if history is None else history.first(asked[-1]) for history in lived]
    return engine.digest(beginnings, asked, region).prefixes
