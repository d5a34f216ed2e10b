"""Preselection by fingerprints, confirmed on event types, is the law: also where hashes collide."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statekeep.core.anchors import Anchor
from statekeep.core.cohort import Cohort, Stranding, WayPoint, lived_regions
from statekeep.core.compile import compile_machine
from statekeep.core.evaluate import evaluate
from statekeep.core.history import History
from statekeep.core.law import Traveller, first_match, in_force
from statekeep.core.points import ChangePoint, Version
from statekeep.core.pursuit import pursue
from statekeep.core.registry import Registry
from statekeep.core.step import initial
from statekeep.routing import ENGINE
from statekeep.routing.ports import Engine
from statekeep.routing.preselect import picked, picks, preselection
from statekeep.routing.reference import ReferenceEngine
from support.routed import Workflow, chart, migration, points_of

ENGINES = pytest.mark.parametrize("engine", [ENGINE, ReferenceEngine()], ids=["native", "slow"])
TWINS = ("7mohtcOFVz", "c1E51sSEyx")
TYPES = st.sampled_from((*TWINS, "PAY", "é"))
PATHS = st.lists(TYPES, max_size=4).map(tuple)
REGIONS = ("work.code", "work")
VERSIONS = ("v1", "v2", "v3")
MACHINE = compile_machine(chart(open={"on": {"*": "open"}}))

anchors = st.builds(Anchor.of, PATHS, st.dictionaries(st.sampled_from(REGIONS), PATHS))
points = st.builds(
    ChangePoint,
    name=st.uuids().map(str),
    clock=st.integers(1, 6),
    source=st.just("v1"),
    target=st.just("v2"),
    anchor=anchors,
    refinement=st.integers(0, 2),
    rescues=st.booleans(),
    landing=st.sampled_from(("Same", "MappingOnly")),
    closed=st.booleans(),
)


@st.composite
def histories(draw: st.DrawFn) -> tuple[History, tuple[tuple[str, History], ...]]:
    lived = draw(st.dictionaries(st.sampled_from(REGIONS), st.lists(TYPES, max_size=6)))
    regions = {region: History.for_region(region).extend(types) for region, types in lived.items()}
    return History.of(draw(st.lists(TYPES, max_size=8))), lived_regions(regions)


travellers = st.builds(
    lambda since, lived: Traveller(since, *lived), st.integers(0, 7), histories()
)
ways = st.lists(
    st.builds(WayPoint, st.sampled_from(VERSIONS), st.integers(0, 7)),
    min_size=1,
    max_size=3,
    unique_by=lambda stop: stop.version,
).map(tuple)
strandings = st.builds(Stranding, st.just("x"), st.just("y"), st.just("z"), ways, st.just("Block"))
cohorts = st.builds(
    lambda version, since, lived, stranding: Cohort(
        version, since, *lived, initial(MACHINE), stranding
    ),
    st.sampled_from(VERSIONS),
    st.integers(0, 7),
    histories(),
    st.none() | strandings,
)


@given(st.lists(points, max_size=12), st.lists(travellers, max_size=12))
def test_confirmed_picks_of_both_engines_are_those_of_the_law(
    registered: list[ChangePoint], asking: list[Traveller]
) -> None:
    standing = in_force(registered)
    law = [first_match(standing, traveller) for traveller in asking]
    expected = [None if point is None else standing.index(point) for point in law]
    assert picks(ENGINE, standing, asking) == expected
    assert picks(ReferenceEngine(), standing, asking) == expected


forward = st.sampled_from((("v1", "v2"), ("v1", "v3"), ("v2", "v3")))
routed = st.builds(lambda point, way: replace(point, source=way[0], target=way[1]), points, forward)


@given(st.lists(routed, max_size=12), st.lists(cohorts, max_size=12))
def test_a_cohort_is_picked_exactly_if_a_pursuit_picks_something(
    registered: list[ChangePoint], live: list[Cohort]
) -> None:
    versions = tuple(Version(name, 0, MACHINE, "") for name in VERSIONS)
    registry = Registry("w", 7, versions, tuple(registered))
    expected = [bool(pursue(registry, cohort).picked) for cohort in live]
    for engine in (ENGINE, ReferenceEngine()):
        assert picked(engine, registry, live) == expected
    for cohort, anything in zip(live, expected, strict=True):
        assert anything or evaluate(registry, cohort).cohort == cohort


@ENGINES
def test_the_twin_of_an_anchored_type_picks_nobody(engine: Engine) -> None:
    anchored, twin = TWINS
    point = ChangePoint(name="p", clock=1, source="v1", target="v2", anchor=Anchor.of([anchored]))
    asking = [Traveller(0, History.of([name, "PAY"]), ()) for name in (anchored, twin)]
    assert asking[0].history.fingerprint == asking[1].history.fingerprint
    assert picks(engine, [point], asking) == [0, None]


@ENGINES
def test_behind_a_collision_the_next_point_picks(engine: Engine) -> None:
    anchored, twin = TWINS
    crafted = ChangePoint(name="p", clock=1, source="v1", target="v2", anchor=Anchor.of([anchored]))
    later = ChangePoint(name="q", clock=1, source="v1", target="v3")
    asking = [Traveller(0, History.of([twin]), ())]
    assert picks(engine, [crafted, crafted, later], asking) == [2]


@ENGINES
def test_more_points_than_a_table_holds_are_asked_in_parts(engine: Engine) -> None:
    paths = [[f"{first}", f"{second}"] for first in range(90) for second in range(50)]
    many = [
        ChangePoint(name=f"{path}", clock=1, source="v1", target="v2", anchor=Anchor.of(path))
        for path in paths
    ]
    asking = [Traveller(0, History.of(paths[index]), ()) for index in (0, 3_999, 4_000, 4_499)]
    stranger = Traveller(0, History.of(["0", "50"]), ())
    assert picks(engine, many, [*asking, stranger]) == [0, 3_999, 4_000, 4_499, None]


@ENGINES
def test_a_stranded_cohort_is_picked_on_its_way(engine: Engine) -> None:
    workflow = Workflow()
    workflow.deploy("v1", chart(open={"GO": "review"}, review={}))
    workflow.spawn("alice", "v1", "GO")
    workflow.deploy("v2", chart(open={}), migration("v1"))
    stuck = workflow.actors["alice"]
    assert stuck.status == "needs_rescue"
    workflow.deploy("v3", chart(open={}), migration("v2", mapping={"review": "open"}))
    assert picked(engine, workflow.registry, [stuck]) == [True]


@ENGINES
def test_a_plan_with_preselection_is_the_plan_without(engine: Engine) -> None:
    from statekeep.core.plan import plan
    from statekeep.core.registration import Registration, register_definition

    workflow = Workflow()
    steps = chart(open={"PAY": "paid", "WAIVE": "paid"}, paid={})
    workflow.deploy("v1", steps)
    for name, events in (("alice", ["PAY"]), ("bob", ["WAIVE"]), ("carol", [])):
        workflow.spawn(name, "v1", *events)
    asked = workflow.deployment("v2", chart(open={}), migration("v1", path=["PAY"]))
    registration = register_definition(*asked)
    assert isinstance(registration, Registration)
    assert points_of(registration)
    live = sorted(workflow.actors.items())
    preselected = plan(registration, live, preselection(engine))
    assert preselected == plan(registration, live)
    assert [v.verdict for v in preselected.verdicts] == ["stranded", "stayed", "stayed"]
