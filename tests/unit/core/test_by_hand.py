"""Rescue by hand: where a person may place an actor, and what that leaves behind."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from statekeep.core.refusals import Refused
from support.routed import FINAL, Workflow, chart, codes, compound, migration, parallel

V1 = chart(a={"GO": "b"}, b={"END": "z"}, z=FINAL)
V2 = chart(
    c={"GO": "work"},
    work={**compound(p={"NEXT": "q"}, q=FINAL, h={"type": "history"}), "onDone": "d"},
    d={},
    both=parallel(l=compound(x={}, y={}), r=compound(x={}, y={})),
    loop={"always": "pool"},
    pool={"always": "loop"},
)


@pytest.fixture
def loan() -> Workflow:
    workflow = Workflow(elsewhere={"claim-v1": "claim"})
    workflow.deploy("v1", V1)
    workflow.spawn("ann", "v1")
    workflow.deploy("v2", V2, migration("v1"))
    return workflow


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("d", ("d", "active")),
        ("work", ({"work": "p"}, "active")),
        ({"work": "p"}, ({"work": "p"}, "active")),
        ({"work": "q"}, ("d", "active")),
        ("both", ({"both": {"l": "x", "r": "x"}}, "active")),
        ({"both": {"r": "y"}}, ({"both": {"l": "x", "r": "y"}}, "active")),
        ({"both": "r"}, ({"both": {"l": "x", "r": "x"}}, "active")),
        ({}, ("c", "active")),
    ],
)
def test_a_state_value_is_completed_and_entered(
    loan: Workflow, value: object, expected: tuple[object, str]
) -> None:
    loan.rescue("ann", "v2", value)
    assert loan.where("ann") == ("v2", *expected)


def test_it_ticks_the_clock_and_only_later_registrations_route(loan: Workflow) -> None:
    loan.rescue("ann", "v1", "b")
    assert (loan.registry.clock, loan.actors["ann"].position) == (3, 3)
    assert loan.where("ann") == ("v1", "b", "active")
    loan.look_again("ann")
    assert loan.where("ann") == ("v1", "b", "active"), "the point of clock 2 is over"
    loan.deploy("v3", V2, migration("v1", mapping={"b": "d"}))
    assert loan.where("ann") == ("v3", "d", "active")


def test_the_audit_says_who_wanted_what_and_why(loan: Workflow) -> None:
    loan.rescue("ann", "v2", "d", "agreed with the customer")
    decision = loan.decisions["ann"][-1]
    assert decision.change_point is None
    assert (decision.verdict, decision.rescued) == ("migrated", True)
    assert (decision.clock, decision.reason) == (3, "agreed with the customer")
    assert (decision.source, decision.target) == ("v1", "v2")
    assert (decision.from_value, decision.to_value) == ("a", "d")


def test_an_actor_that_is_not_stranded_may_be_placed_too(loan: Workflow) -> None:
    loan.spawn("bob", "v2")
    loan.rescue("bob", "v2", {"work": "p"})
    assert loan.where("bob") == ("v2", {"work": "p"}, "active")


def test_it_may_end_the_actor(loan: Workflow) -> None:
    loan.rescue("ann", "v1", "z")
    assert loan.where("ann") == ("v1", "z", "done")


def test_recorded_history_is_forgotten_and_regions_keep_theirs() -> None:
    loan = Workflow()
    paused = chart(
        work={**compound(a={"NEXT": "b"}, b={}, h={"type": "history"}), "on": {"PAUSE": "off"}},
        off={"RESUME": "work.h", "BOTH": "both"},
        both=parallel(l=compound(x={"GO": "y"}, y={}), r={}),
    )
    loan.deploy("v1", paused)
    loan.spawn("ann", "v1", "NEXT", "PAUSE", "BOTH", "GO")
    loan.rescue("ann", "v1", "off")
    assert [(region, lived.types()) for region, lived in loan.actors["ann"].regions] == [
        ("both.l", ("GO",))
    ]
    loan.send("ann", "RESUME")
    assert loan.where("ann") == ("v1", {"work": "a"}, "active")


def _to_done(loan: Workflow) -> object:
    loan.actors.pop("ann")
    loan.spawn("dan", "v2")
    loan.rescue("dan", "v2", "c")
    loan.registry.version("v2")
    loan.deploy("w", V1)
    loan.spawn("ann", "w", "GO", "END")
    return loan.rescue("ann", "v2", "c")


REFUSALS: list[tuple[str, str, Callable[[Workflow], object]]] = [
    ("a done actor", "ActorDone", _to_done),
    ("an unknown version", "UnknownVersion", lambda loan: loan.rescue("ann", "v9", "a")),
    (
        "an ancestor of its version",
        "BackwardMigration",
        lambda loan: (loan.spawn("eve", "v2"), loan.rescue("eve", "v1", "a")),
    ),
    ("an unknown state", "IllegalState", lambda loan: loan.rescue("ann", "v2", "nowhere")),
    ("a history state", "IllegalState", lambda loan: loan.rescue("ann", "v2", {"work": "h"})),
    (
        "two children of a compound state",
        "IllegalState",
        lambda loan: loan.rescue("ann", "v2", {"c": {}, "d": {}}),
    ),
    (
        "anything below an atomic state",
        "IllegalState",
        lambda loan: loan.rescue("ann", "v2", {"c": "x"}),
    ),
    ("a state without rest", "LandingNotStable", lambda loan: loan.rescue("ann", "v2", "loop")),
]


@pytest.mark.parametrize(
    ("code", "attempt"), [r[1:] for r in REFUSALS], ids=[r[0] for r in REFUSALS]
)
def test_it_is_refused_for(
    loan: Workflow, code: str, attempt: Callable[[Workflow], object]
) -> None:
    with pytest.raises(Refused) as refused:
        attempt(loan)
    assert codes(refused.value) == [code]


def test_a_version_of_another_workflow_is_unknown_here_and_its_workflow_is_named(
    loan: Workflow,
) -> None:
    with pytest.raises(Refused) as refused:
        loan.rescue("ann", "claim-v1", "a")
    assert codes(refused.value) == ["UnknownVersion", "WorkflowMismatch"]
    assert refused.value.reasons[1].objects == ("claim-v1", "claim")


def test_a_refusal_ticks_nothing(loan: Workflow) -> None:
    before, ann = loan.registry, loan.actors["ann"]
    with pytest.raises(Refused):
        loan.rescue("ann", "v2", "nowhere")
    assert loan.registry is before
    assert loan.actors["ann"] is ann
