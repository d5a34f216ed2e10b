"""The batch router: single rules by example, and agreement with the reference by property."""

from array import array
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statekeep.core.anchors import Probe
from statekeep.routing import ENGINE, NONE, Batch, Route, RoutingError, RoutingTable
from statekeep.routing.native import NativeRouter
from statekeep.routing.ports import Engine
from statekeep.routing.reference import ReferenceEngine
from support.routing_tables import batches, random_batch, random_table, tables

REFERENCE = ReferenceEngine()
ENGINES = pytest.mark.parametrize("engine", [ENGINE, REFERENCE], ids=["native", "reference"])


def one_class(table: RoutingTable, **columns: list[int]) -> Batch:
    return Batch(
        positions=array("Q", columns.get("positions", [0])),
        lengths=array("I", columns.get("lengths", [0] * table.tracks)),
        prefixes=array("Q", columns.get("prefixes", [0] * len(table.columns))),
        firsts=array("I", columns["firsts"]) if "firsts" in columns else None,
    )


def pick(engine: Engine, table: RoutingTable, **columns: list[int]) -> int:
    (picked,) = engine.router(table).route(one_class(table, **columns))
    return picked


@ENGINES
@pytest.mark.parametrize(
    ("position", "expected"), [(0, 0), (4, 0), (5, 1), (7, 1), (8, 2), (9, 2), (10, NONE)]
)
def test_points_of_a_clock_below_the_position_do_not_count(
    engine: Engine, position: int, expected: int
) -> None:
    table = RoutingTable.of([Route(4), Route(7), Route(9)])
    assert pick(engine, table, positions=[position]) == expected


@ENGINES
@pytest.mark.parametrize(("first", "expected"), [(0, 0), (1, 1), (2, 2), (3, NONE), (NONE, NONE)])
def test_points_before_the_first_do_not_count(engine: Engine, first: int, expected: int) -> None:
    table = RoutingTable.of([Route(4), Route(4), Route(9)])
    assert pick(engine, table, firsts=[first]) == expected


@ENGINES
def test_a_closed_point_picks_nobody(engine: Engine) -> None:
    table = RoutingTable.of([Route(1, closed=True), Route(2)])
    assert pick(engine, table) == 1


@ENGINES
@pytest.mark.parametrize(("length", "expected"), [(1, NONE), (2, 0), (3, 0)])
def test_a_fingerprint_counts_only_where_the_history_is_long_enough(
    engine: Engine, length: int, expected: int
) -> None:
    table = RoutingTable.of([Route(1, (Probe(None, 2, 77),))])
    assert pick(engine, table, lengths=[length], prefixes=[77]) == expected


@ENGINES
@pytest.mark.parametrize(
    ("prefixes", "expected"), [([7, 8], 0), ([7, 9], 1), ([6, 8], NONE), ([6, 9], NONE)]
)
def test_history_and_region_must_both_match(
    engine: Engine, prefixes: list[int], expected: int
) -> None:
    both = Route(1, (Probe("work.code", 1, 8), Probe(None, 1, 7)))
    table = RoutingTable.of([both, Route(1, (Probe(None, 1, 7),))])
    assert pick(engine, table, lengths=[1, 1], prefixes=prefixes) == expected


@ENGINES
def test_an_empty_table_picks_nobody(engine: Engine) -> None:
    assert pick(engine, RoutingTable.of([])) == NONE


@ENGINES
def test_an_empty_batch_has_no_answers(engine: Engine) -> None:
    table = RoutingTable.of([Route(1)])
    none = Batch(array("Q"), array("I"), array("Q"))
    assert list(engine.router(table).route(none)) == []


@ENGINES
@pytest.mark.parametrize("column", ["positions", "lengths", "prefixes", "firsts"])
def test_a_column_of_the_wrong_size_is_refused(engine: Engine, column: str) -> None:
    table = RoutingTable.of([Route(1, (Probe("r", 1, 8),))])
    with pytest.raises(RoutingError) as fault:
        pick(engine, table, **{column: [0] * 5})
    assert fault.value.code == "SK_BAD_BATCH"


def test_a_column_of_the_wrong_type_is_refused() -> None:
    misfit = Batch(array("I", [0]), array("I", [0]), array("Q"))
    with pytest.raises(RoutingError, match="'I' where 'Q'"):
        ENGINE.router(RoutingTable.of([Route(1)])).route(misfit)


def test_the_next_clock_skips_the_other_anchors_of_the_same() -> None:
    table = RoutingTable.of([Route(4), Route(4), Route(9), Route(9)])
    assert [table.next_clock(index) for index in range(4)] == [2, 2, 4, 4]


@given(st.data())
def test_engines_agree_on_any_table_and_batch(data: st.DataObject) -> None:
    table = data.draw(tables)
    batch = data.draw(batches(table))
    assert ENGINE.router(table).route(batch) == REFERENCE.router(table).route(batch)


@pytest.mark.parametrize("points", [1, 2, 63, 64, 65, 128, 300, 1000])
def test_engines_agree_on_large_tables_of_many_fingerprints(points: int) -> None:
    random = Random(points)
    table = random_table(random, points)
    batch = random_batch(random, table, 700)
    for index, column in enumerate(table.columns):
        asked = [p.fingerprint for point in table.points for p in point.probes if p.column == index]
        for at in range(0, 700, 2):
            batch.prefixes[index * 700 + at] = random.choice(asked)
        assert column.length > 0
    assert ENGINE.router(table).route(batch) == REFERENCE.router(table).route(batch)


def test_the_next_clock_is_the_same_in_c() -> None:
    from statekeep.routing.native import lib

    table = random_table(Random(7), 200)
    router = NativeRouter(table)
    answers = [lib.sk_next_clock(router._router, index) for index in range(202)]
    assert answers == [*(table.next_clock(index) for index in range(200)), 200, 200]


def test_threads_share_a_router() -> None:
    random = Random(3)
    table = random_table(random, 64)
    router, batch = ENGINE.router(table), random_batch(random, table, 5000)
    expected = router.route(batch)
    with ThreadPoolExecutor(4) as pool:
        assert all(found == expected for found in pool.map(router.route, [batch] * 40))
