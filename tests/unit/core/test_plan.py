"""Plans: what they say, what their hash names, and which gates they pass."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from statekeep.core.gate import Accepted, Gate, Tally, check_gate, stranding_limit, tally
from statekeep.core.plan import Plan, Strand, plan
from statekeep.core.points import Migration
from statekeep.core.refusals import Refused
from statekeep.core.registration import Registration, register_definition, register_point
from support.routed import FINAL, Workflow, chart, codes, compound, migration, parallel

AB = chart(a={"GO": "b", "BUG": "a"}, b={"GO": "b", "END": "z"}, z=FINAL)
AD = chart(a={"GO": "d"}, d={"GO": "d"})


@pytest.fixture
def loan() -> Workflow:
    workflow = Workflow()
    workflow.deploy("v1", AB)
    workflow.spawn("ann", "v1")
    workflow.spawn("bob", "v1", "GO")
    workflow.spawn("cid", "v1", "GO", "END")
    return workflow


def planned(
    loan: Workflow, definition: Mapping[str, Any], *migrations: Migration, version: str = "v2"
) -> Plan[str]:
    registration = register_definition(*loan.deployment(version, definition, *migrations))
    assert isinstance(registration, Registration)
    return plan(registration, loan.actors.items())


def counted(planned: Plan[str], count: int = 10) -> Tally:
    return tally(planned, {verdict.key: count for verdict in planned.verdicts})


def test_a_plan_says_for_every_cohort_concerned_what_applying_will_do(loan: Workflow) -> None:
    migrations = (migration("v1", landing="Same"),)
    foreseen = planned(loan, AD, *migrations)
    assert [(v.key, v.verdict, v.reason) for v in foreseen.verdicts] == [
        ("ann", "migrated", None),
        ("bob", "stranded", "StateRemoved"),
    ]
    loan.deploy("v2", AD, *migrations)
    assert {v.key: v.verdict for v in foreseen.verdicts} == loan.verdicts
    assert {v.key: v.evaluation.cohort for v in foreseen.verdicts} == {
        name: cohort for name, cohort in loan.actors.items() if name != "cid"
    }


def test_a_plan_does_not_depend_on_the_order_in_which_cohorts_are_told(loan: Workflow) -> None:
    registration = register_definition(*loan.deployment("v2", AD, migration("v1")))
    assert isinstance(registration, Registration)
    names = sorted(loan.actors)
    forwards, backwards = (
        plan(registration, [(name, loan.actors[name]) for name in order])
        for order in (names, names[::-1])
    )
    assert forwards == backwards


def test_the_hash_stays_while_actors_move_and_changes_when_something_new_would_strand(
    loan: Workflow,
) -> None:
    before = planned(loan, AD, migration("v1", landing="Same")).plan_hash
    loan.spawn("dan", "v1", "GO", "GO")
    loan.actors.pop("ann")
    assert planned(loan, AD, migration("v1", landing="Same")).plan_hash == before
    loan.registry = loan.deploy("w", AB).registry  # type: ignore[union-attr]
    assert planned(loan, AD, migration("v1", landing="Same")).plan_hash == before, "no clock in it"
    loan.actors.pop("dan")
    loan.actors.pop("bob")
    assert planned(loan, AD, migration("v1", landing="Same")).plan_hash != before


@pytest.mark.parametrize(
    "other",
    [
        migration("v1", name="x", landing="Same"),
        migration("v1", landing="Same", path=["GO"]),
        migration("v1", landing="Same", mapping={"b": "d"}),
        migration("v1", landing="MappingOnly"),
        migration("v1", landing="Same", rescues=False),
        migration("v1", landing="Same", while_stranded="Block"),
    ],
)
def test_the_hash_names_the_change_points_as_the_law_reads_them(
    loan: Workflow, other: Migration
) -> None:
    loan.actors.clear()
    one = planned(loan, AD, migration("v1", landing="Same")).plan_hash
    assert planned(loan, AD, other).plan_hash != one
    assert planned(loan, AB, migration("v1", landing="Same")).plan_hash != one


def test_the_hash_of_a_refinement_names_its_number(loan: Workflow) -> None:
    loan.deploy("v2", AB, migration("v1", name="m"))

    def hashed() -> str:
        fix = register_point(*loan.asked("fix", "v2", refines="v2.m"))
        assert isinstance(fix, Registration)
        return plan(fix, ()).plan_hash

    before = hashed()
    loan.point("other fix", "v2", refines="v2.m")
    assert hashed() != before


def test_a_tally_counts_actors_and_loses_nobody(loan: Workflow) -> None:
    numbers = counted(planned(loan, AD, migration("v1", landing="Same")))
    assert (numbers.migrated, numbers.stayed, numbers.stranded) == (10, 0, 10)
    assert numbers.concerned == 20
    assert [row.to_json() for row in numbers.by_state] == [
        {"version": "v1", "state": "a", "verdict": "migrated", "reason": None, "count": 10},
        {
            "version": "v1",
            "state": "b",
            "verdict": "stranded",
            "reason": "StateRemoved",
            "count": 10,
        },
    ]
    assert numbers.stranded_by == ((Strand("v1", "b", "StateRemoved"), 10),)
    assert Strand("v1", "b", "StateRemoved").to_json() == {
        "version": "v1",
        "state": "b",
        "reason": "StateRemoved",
    }


def test_a_kind_of_stranding_names_the_version_on_which_actors_end() -> None:
    loan = Workflow()
    loan.deploy("v1", AB)
    loan.deploy("v2", AB)
    loan.deploy("v3", AD)
    loan.spawn("ann", "v1", "GO")
    loan.point("base", "v3", source="v1", path=["GO"], landing="MappingOnly")
    loan.point("later", "v3", source="v2")
    fix = register_point(*loan.asked("fix", "v2", refines="base"))
    assert isinstance(fix, Registration)
    [verdict] = plan(fix, loan.actors.items()).verdicts
    assert (verdict.verdict, verdict.version) == ("stranded", "v1")
    assert verdict.strand == Strand("v2", "b", "StateRemoved")


def test_deep_state_values_are_shown_as_json() -> None:
    loan = Workflow()
    loan.deploy("v1", chart(p=parallel(y=compound(b={}), x=compound(a={}))))
    loan.spawn("ann", "v1")
    [verdict] = planned(loan, AB, migration("v1")).verdicts
    assert verdict.state == '{"p":{"x":"a","y":"b"}}'


PASSES = [
    pytest.param(Gate(), id="no gate"),
    pytest.param(Gate(max_stranded=10), id="as many as allowed"),
    pytest.param(Gate(max_stranded="50%"), id="as large a share as allowed"),
    pytest.param(Gate(max_stranded="100 %"), id="everybody"),
    pytest.param(Gate(accept=(Accepted(Strand("v1", "b", "StateRemoved")),)), id="accepted"),
    pytest.param(Gate(accept=(Accepted(Strand("v1", "b", "StateRemoved"), 10),)), id="as many"),
    pytest.param(
        Gate(
            accept=(
                Accepted(Strand("v1", "b", "StateRemoved")),
                Accepted(Strand("v1", "c", "StateMoved"), 3),
            )
        ),
        id="a kind that does not occur is no drift",
    ),
]


@pytest.mark.parametrize("gate", PASSES)
def test_a_gate_opens_for(loan: Workflow, gate: Gate) -> None:
    found = planned(loan, AD, migration("v1", landing="Same"))
    check_gate(found.plan_hash, counted(found), gate)


STOPS = [
    pytest.param(Gate(max_stranded=9), "TooManyStranded", id="more than allowed"),
    pytest.param(Gate(max_stranded=0), "TooManyStranded", id="any"),
    pytest.param(Gate(max_stranded="49.9%"), "TooManyStranded", id="a larger share than allowed"),
    pytest.param(Gate(expect_plan="sha256:0"), "PlanDrifted", id="another plan"),
    pytest.param(Gate(accept=()), "PlanDrifted", id="no kind is accepted"),
    pytest.param(
        Gate(accept=(Accepted(Strand("v1", "b", "StateMoved")),)), "PlanDrifted", id="another kind"
    ),
    pytest.param(
        Gate(accept=(Accepted(Strand("v1", "b", "StateRemoved"), 9),)),
        "PlanDrifted",
        id="more of a kind than accepted",
    ),
]


@pytest.mark.parametrize(("gate", "code"), STOPS)
def test_a_gate_stays_closed_for(loan: Workflow, gate: Gate, code: str) -> None:
    found = planned(loan, AD, migration("v1", landing="Same"))
    with pytest.raises(Refused) as refused:
        check_gate(found.plan_hash, counted(found), gate)
    assert codes(refused.value) == [code]


def test_a_gate_says_everything_that_holds_it(loan: Workflow) -> None:
    found = planned(loan, AD, migration("v1", landing="Same"))
    with pytest.raises(Refused) as refused:
        check_gate(found.plan_hash, counted(found), Gate(0, "sha256:0", ()))
    assert codes(refused.value) == ["PlanDrifted", "TooManyStranded"]
    drift, kind, many = (reason.message for reason in refused.value.reasons)
    assert "Now would strand: 10 in b of v1: StateRemoved." in drift
    assert kind.startswith("Would strand: 10 in b of v1: StateRemoved; the gate accepts none")
    assert many.startswith("10 of 20 actors concerned would strand, and maxStranded is 0.")


def test_the_expected_plan_opens_the_gate(loan: Workflow) -> None:
    found = planned(loan, AD, migration("v1", landing="Same"))
    check_gate(found.plan_hash, counted(found), Gate(expect_plan=found.plan_hash))


@pytest.mark.parametrize(
    ("limit", "concerned", "expected"), [(3, 100, 3), ("3", 100, 3), ("5%", 40, 2), ("5%", 0, 0)]
)
def test_a_limit_is_a_count_or_a_share(limit: int | str, concerned: int, expected: int) -> None:
    assert stranding_limit(limit, concerned) == expected


def warned(found: Plan[str]) -> list[tuple[str, str, int]]:
    return [(w.code, w.change_point, w.count) for w in counted(found).warnings]


def test_it_is_said_when_a_landing_was_defaulted(loan: Workflow) -> None:
    found = planned(loan, AD, migration("v1"))
    assert warned(found) == [("LandingDefaulted", "v2.from v1", 0)]
    assert counted(found).warnings[0].to_json() == {
        "code": "LandingDefaulted",
        "changePoint": "v2.from v1",
        "message": "v2.from v1 names no landing; it lands by Same.",
        "count": 0,
    }


def test_it_is_said_when_histories_contain_the_path_elsewhere(loan: Workflow) -> None:
    loan.spawn("dan", "v1", "BUG", "GO")
    found = planned(loan, AB, migration("v1", path=["GO"], landing="Same"))
    assert warned(found) == [("AnchorMisses", "v2.from v1", 10)]


def test_it_is_said_for_region_histories_too() -> None:
    loan = Workflow()
    work = chart(w=parallel(l=compound(a={"X": "a", "Y": "a"}), r={}))
    loan.deploy("v1", work)
    loan.spawn("ann", "v1", "X", "Y")
    found = planned(loan, work, migration("v1", regions={"w.l": ["Y"]}, landing="Same"))
    assert warned(found) == [("AnchorMisses", "v2.from v1", 10)]


def test_histories_of_those_on_the_way_are_no_misses() -> None:
    loan = Workflow()
    loan.deploy("v1", AB)
    loan.spawn("ann", "v1", "BUG", "GO")
    loan.deploy("v2", chart(c={}), migration("v1"))
    found = planned(loan, AB, migration("v2", path=["GO"], landing="Same"), version="v3")
    assert [verdict.key for verdict in found.verdicts] == ["ann"]
    assert warned(found) == []


def test_equal_cohorts_are_decided_once_and_each_has_its_verdict(loan: Workflow) -> None:
    loan.spawn("bill", "v1", "GO")
    found = planned(loan, AD, migration("v1", landing="Same"))
    ann, bill, bob = found.verdicts
    assert (bill.key, bob.key) == ("bill", "bob")
    assert bill.evaluation is bob.evaluation
    assert ann.verdict == "migrated"


def test_it_is_said_when_landing_ends_actors(loan: Workflow) -> None:
    done = chart(a={}, b=FINAL)
    found = planned(loan, done, migration("v1", mapping={"b": "b"}, landing="Same"))
    assert warned(found) == [("LandsDone", "v2.from v1", 10)]


def test_it_is_said_when_the_target_has_earlier_points() -> None:
    loan = Workflow()
    loan.deploy("v1", AB)
    loan.deploy("v2", AB)
    loan.deploy("v3", AB, migration("v2", name="on"))
    late = register_point(*loan.asked("late", "v2", source="v1", landing="Same"))
    assert isinstance(late, Registration)
    found = plan(late, loan.actors.items())
    assert [(w.code, w.change_point) for w in found.warnings] == [("TargetSuperseded", "late")]
    assert "(v3.on)" in found.warnings[0].message


def unlandable(source: dict[str, Any], target: dict[str, Any], **rules: Any) -> list[Any]:
    loan = Workflow()
    loan.deploy("v1", source)
    found = planned(loan, target, migration("v1", **rules))
    return [(state.state, state.reason) for state in found.unlandable]


STATES = chart(
    a={"GO": "p"},
    p=parallel(l=compound(x={}, y=FINAL), r={}),
    h={"type": "history"},
    z=FINAL,
)


@pytest.mark.parametrize(
    ("target", "rules", "expected"),
    [
        pytest.param(STATES, {}, [], id="everything fits"),
        pytest.param(
            chart(a={}, p={}),
            {"landing": "Same"},
            [
                ("p.l.x", "StateBecameAtomic"),
                ("p.l.y", "StateBecameAtomic"),
                ("p.r", "StateBecameAtomic"),
            ],
            id="a final state of the root is no place to land from",
        ),
        pytest.param(
            chart(a={}, q=compound(x={})),
            {"landing": "Same", "mapping": {"p.l.y": "q", "p.r": "q"}},
            [("p.l.x", "StateMoved")],
            id="what is mapped has a landing",
        ),
        pytest.param(
            chart(a={}, p=parallel(l=compound(x={}, y=FINAL), r={}, s={})),
            {"landing": "Same"},
            [
                ("p.l.x", "RegionMissing"),
                ("p.l.y", "RegionMissing"),
                ("p.r", "RegionMissing"),
            ],
            id="a region more",
        ),
        pytest.param(
            STATES,
            {"landing": "MappingOnly", "mapping": {"p": "p"}},
            [("a", "NotMapped")],
            id="only what is mapped",
        ),
        pytest.param(chart(x={}), {"landing": "Replay"}, [], id="a replay asks no state"),
    ],
)
def test_states_without_a_landing_are_listed_though_nobody_is_there(
    target: dict[str, Any], rules: dict[str, Any], expected: list[Any]
) -> None:
    assert unlandable(STATES, target, **rules) == expected


def test_an_unlandable_state_says_why() -> None:
    loan = Workflow()
    loan.deploy("v1", chart(a={}))
    [state] = planned(loan, chart(b={}), migration("v1")).unlandable
    assert state.to_json() == {
        "changePoint": "v2.from v1",
        "version": "v1",
        "state": "a",
        "reason": "StateRemoved",
        "message": "The target has no a. Map it to the state that takes its place.",
    }


def test_a_final_region_of_a_parallel_root_is_a_place_to_land_from() -> None:
    source = {"type": "parallel", "states": {"l": compound(x={}), "r": {"type": "final"}}}
    assert unlandable(source, chart(a={}), landing="Same") == [
        ("l.x", "StateBecameCompound"),
        ("r", "StateBecameCompound"),
    ]
