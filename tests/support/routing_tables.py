"""Tables and batches that no registry would make, but that two engines must agree on."""

from __future__ import annotations

from array import array
from random import Random

from hypothesis import strategies as st

from statekeep.core.anchors import Probe
from statekeep.routing.ports import Batch
from statekeep.routing.table import Route, RoutingTable

TOP = 2**64 - 1
REGIONS = (None, "a", "a.b", "work.check")
LENGTHS = (0, 1, 2, 3, 5, 8, 40)
FINGERPRINTS = (0, 1, 2, 3, 0xCBF29CE484222325, 2**63, TOP)
CLOCKS = (0, 1, 2, 3, 4, 5, 1000, TOP)

probes = st.builds(
    Probe, st.sampled_from(REGIONS), st.sampled_from(LENGTHS), st.sampled_from(FINGERPRINTS)
)
routes = st.builds(
    Route,
    clock=st.sampled_from(CLOCKS),
    probes=st.lists(probes, max_size=3, unique_by=lambda probe: probe.region).map(tuple),
    closed=st.booleans() | st.just(value=False),
)
tables = st.lists(routes, max_size=150).map(
    lambda found: RoutingTable.of(sorted(found, key=lambda route: route.clock))
)


@st.composite
def batches(draw: st.DrawFn, table: RoutingTable) -> Batch:
    """A batch that fits a table, of few distinct numbers so that matches are frequent."""
    random = Random(draw(st.integers(0, 2**32)))
    return random_batch(random, table, draw(st.integers(0, 40)))


def random_batch(random: Random, table: RoutingTable, classes: int) -> Batch:
    """As `batches`, of any size."""
    lengths = random.choices((*LENGTHS, 2**32 - 1), k=table.tracks * classes)
    prefixes = random.choices(FINGERPRINTS, k=len(table.columns) * classes)
    firsts = random.choices((0, 0, 1, 63, 64, 65, 130, 2**32 - 1), k=classes)
    return Batch(
        positions=array("Q", random.choices(CLOCKS, k=classes)),
        lengths=array("I", lengths),
        prefixes=array("Q", prefixes),
        firsts=array("I", firsts) if random.random() < 0.5 else None,
    )


def random_table(random: Random, points: int) -> RoutingTable:
    """A table with that many change-points, of many distinct fingerprints."""
    return RoutingTable.of([_random_route(random, clock // 3) for clock in range(points)])


def _random_route(random: Random, clock: int) -> Route:
    regions = random.sample(REGIONS, k=random.choice((0, 1, 1, 1, 2, 3)))
    wanted = tuple(
        Probe(region, random.choice(LENGTHS), random.getrandbits(64)) for region in regions
    )
    return Route(clock, wanted, closed=random.random() < 0.1)
