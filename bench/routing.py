"""Routing, digesting and preselecting on one core, the C library beside the reference, in one run.

The table is that of a version in the middle of a long-lived workflow: 64 change-points at some 45
clocks, anchored at six lengths of history, a fifth of them at regions too, a few closed. About half
of the classes match nothing, and nobody can predict which. Every batch is another one, so that no
cache or branch predictor has seen it before.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable, Sequence
from random import Random
from statistics import quantiles
from time import process_time_ns
from typing import Any

from report import Line, heading, show

from statekeep.core.anchors import Probe
from statekeep.core.cohort import Cohort
from statekeep.core.compile import compile_machine
from statekeep.core.evaluate import advance, spawn
from statekeep.core.law import Traveller, first_match
from statekeep.core.points import Deployment, Migration
from statekeep.core.pursuit import pursue
from statekeep.core.registration import Registration, register_definition
from statekeep.core.registry import Registry
from statekeep.routing import ENGINE, NONE, Batch, Route, RoutingTable
from statekeep.routing.preselect import preselection
from statekeep.routing.reference import ReferenceEngine
from statekeep.routing.table import PlacedProbe

SECOND = 1_000_000_000
POINTS = 64
LENGTHS = (1, 2, 3, 5, 8, 12)
REGIONS = ("work.code", "work.check")
EVENTS = tuple(f"EVENT_{number:02}" for number in range(24))
REFERENCE = ReferenceEngine()


def timed(work: Callable[[], object]) -> int:
    """Nanoseconds that a call takes: of this process alone, since the machine may be busy."""
    begin = process_time_ns()
    work()
    return process_time_ns() - begin


def make_table(random: Random) -> RoutingTable:
    """The compiled registry of one version."""
    clocks = sorted(random.choices(range(100, 180), k=POINTS))
    return RoutingTable.of([_route(random, clock) for clock in clocks])


def _route(random: Random, clock: int) -> Route:
    probes = [Probe(None, random.choice(LENGTHS), random.getrandbits(64))]
    if random.random() < 0.2:
        probes.append(Probe(random.choice(REGIONS), 2, random.getrandbits(64)))
    return Route(clock, tuple(probes), closed=random.random() < 0.05)


def make_batch(random: Random, table: RoutingTable, classes: int) -> Batch:
    """Classes, a part of which follows the anchors of some point."""
    batch = Batch(
        positions=array("Q", [random.randrange(80, 150) for _ in range(classes)]),
        lengths=array("I", [random.randrange(16) for _ in range(table.tracks * classes)]),
        prefixes=array("Q", random.randbytes(8 * len(table.columns) * classes)),
    )
    for index in range(classes):
        if random.random() < 0.85:
            _follow(random.choice(table.points).probes, table, batch, index)
    return batch


def _follow(probes: Sequence[PlacedProbe], table: RoutingTable, batch: Batch, index: int) -> None:
    for probe in probes:
        column = table.columns[probe.column]
        at = column.track * batch.classes + index
        batch.lengths[at] = max(batch.lengths[at], column.length)
        batch.prefixes[probe.column * batch.classes + index] = probe.fingerprint


def routing() -> list[Line]:
    """200,000 classes: the best round in batches of 10,000, and every single call with 1,000."""
    random = Random(5)
    table = make_table(random)
    native, slow = ENGINE.router(table), REFERENCE.router(table)
    large = [make_batch(random, table, 10_000) for _ in range(20)]
    small = [make_batch(random, table, 1_000) for _ in range(200)]
    if slow.route(small[0]) != native.route(small[0]):
        raise SystemExit("the C library and the reference disagree")
    none = sum(native.route(batch).count(NONE) for batch in large) / 200_000
    best = min(sum(timed(lambda b=b: native.route(b)) for b in large) for _ in range(25))
    single = [timed(lambda b=b: native.route(b)) / 1_000 for _ in range(25) for b in small]
    percentiles = quantiles(single, n=100)
    rate = 200_000 * SECOND / best
    reference_rate = 1_000 * SECOND / min(timed(lambda: slow.route(small[0])) for _ in range(3))
    name = f"route by 64 change-points ({len(table.columns)} columns, {none:.0%} match none)"
    return [
        Line(name, rate, "classes/s", 40e6),
        Line("in batches of 1,000, p50", percentiles[49] / SECOND, "s/class"),
        Line("in batches of 1,000, p99", percentiles[98] / SECOND, "s/class", 100e-9, "low"),
        Line("by the reference in Python", reference_rate, "classes/s"),
        Line("C library over reference", rate / reference_rate, "times"),
    ]


def digesting() -> list[Line]:
    """A million histories of ten events, in a hundred batches."""
    random = Random(6)
    histories = [random.choices(EVENTS, k=10) for _ in range(10_000)]
    native = sum(timed(lambda: ENGINE.digest(histories, LENGTHS)) for _ in range(100))
    slow = timed(lambda: REFERENCE.digest(histories[:1_000], LENGTHS))
    return [
        Line("digest 1,000,000 histories of 10 events", native / SECOND, "s"),
        Line("digest histories, C library", 1e6 * SECOND / native, "/s"),
        Line("digest histories, reference", 1e3 * SECOND / slow, "/s"),
    ]


def preselecting() -> list[Line]:
    """Whom nobody picks, of 1,000 cohorts on the source of 64 new change-points."""
    registration, cohorts = _planned(Random(7))
    registry = registration.registry
    choose = preselection(ENGINE)
    found = choose(registry, cohorts)
    if found != [bool(pursue(registry, cohort).picked) for cohort in cohorts]:
        raise SystemExit("preselection differs from the law")
    standing = registry.standing("v1")
    travellers = [Traveller(c.position, c.history, c.regions) for c in cohorts]
    native = min(timed(lambda: choose(registry, cohorts)) for _ in range(9))
    slow = min(timed(lambda: [first_match(standing, t) for t in travellers]) for _ in range(3))
    name = f"preselect 1,000 cohorts × 64 change-points ({found.count(False) / 1_000:.0%} unpicked)"
    return [
        Line(name, native / SECOND, "s"),
        Line("by the law, one cohort after another", slow / SECOND, "s"),
    ]


def _planned(random: Random) -> tuple[Registration, list[Cohort]]:
    registry = _registered(Registry("bench"), "v1", ()).registry
    paths = {tuple(random.choices(EVENTS, k=random.choice(LENGTHS[1:]))) for _ in range(POINTS)}
    wanted = sorted(paths)
    cohorts = [_cohort(random, registry, wanted) for _ in range(1_000)]
    migrations = tuple(
        Migration(name=f"v2.{number}", source="v1", history_path=path, landing="Same")
        for number, path in enumerate(wanted)
    )
    return _registered(registry, "v2", migrations), cohorts


def _registered(
    registry: Registry, version: str, migrations: tuple[Migration, ...]
) -> Registration:
    states: dict[str, Any] = {f"s{number}": {} for number in range(5)}
    moves = {event: f".s{number % 5}" for number, event in enumerate(EVENTS)}
    machine = compile_machine({"initial": "s0", "states": states, "on": moves})
    asked = Deployment(
        id=version, workflow="bench", machine=machine, migrations=migrations, body_digest=version
    )
    registration = register_definition(registry, asked)
    if not isinstance(registration, Registration):
        raise SystemExit("the bench's own deployment is no registration")
    return registration


def _cohort(random: Random, registry: Registry, paths: Sequence[tuple[str, ...]]) -> Cohort:
    begun = random.choice(paths) if random.random() < 0.5 else ()
    cohort = spawn(registry, "v1").cohort
    for event in (*begun, *random.choices(EVENTS, k=random.randrange(1, 12))):
        cohort = advance(registry, cohort, event).evaluation.cohort
    return cohort


def main() -> int:
    """Measure, print, and fail where a budget is missed."""
    heading()
    return max(show(routing()), show(digesting()), show(preselecting()))


if __name__ == "__main__":
    sys.exit(main())
