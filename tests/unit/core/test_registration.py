"""Registering: clocks, defaults, no-ops, and every refusal with its code."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from statekeep.core.refusals import Refused
from statekeep.core.registration import Registration, Unchanged
from support.routed import (
    FINAL,
    Workflow,
    chart,
    codes,
    compound,
    migration,
    parallel,
    points_of,
)

V1 = chart(open={"GO": "work", "PAY": "open"}, work={"OK": "closed"}, closed=FINAL)
V2 = chart(open={"GO": "check"}, check={"OK": "work"}, work={"OK": "closed"}, closed=FINAL)
REGIONS = chart(
    work=parallel(
        code=chart(wip={"DONE": "reviewed"}, reviewed={}), check=chart(todo={"PASS": "ok"}, ok={})
    )
)
WITH_HISTORY = chart(
    open={"GO": "work"},
    work={**compound(a={"NEXT": "b"}, b={}, back={"history": "shallow", "type": "history"})},
)


@pytest.fixture
def loan() -> Workflow:
    workflow = Workflow(elsewhere={"claim-v1": "claim"})
    workflow.deploy("v1", V1)
    workflow.deploy("v2", V2, migration("v1", name="m"))
    return workflow


def test_a_registration_ticks_once_and_all_in_it_has_that_clock(loan: Workflow) -> None:
    result = loan.deploy(
        "v3", V2, migration("v1", name="a", path=["GO"]), migration("v2", name="b")
    )
    assert isinstance(result, Registration)
    assert (result.clock, loan.registry.clock) == (3, 3)
    assert [(p.name, p.clock) for p in result.points] == [("v3.a", 3), ("v3.b", 3)]
    assert result.version is not None
    assert result.version.clock == 3


def test_the_same_body_again_is_no_registration(loan: Workflow) -> None:
    before = loan.registry
    assert loan.deploy("v2", V2, migration("v1", name="m")) == Unchanged("v2")
    loan.point("cp", "v2", source="v1", path=["GO"])
    after = loan.registry
    assert loan.point("cp", "v2", source="v1", path=["GO"]) == Unchanged("cp")
    assert before.clock == 2
    assert loan.registry is after


def test_migrations_can_be_added_to_a_version_later(loan: Workflow) -> None:
    loan.deploy("v3", V2)
    added = loan.migrate("v3", migration("v2", name="late"))
    assert {name: p.clock for name, p in points_of(added).items()} == {"v3.late": 4}
    again = loan.migrate("v3", migration("v2", name="late"), migration("v1", name="later"))
    assert list(points_of(again)) == ["v3.later"]
    assert loan.migrate("v3", migration("v2", name="late")) == Unchanged("v3")
    with pytest.raises(Refused) as refused:
        loan.migrate("v3", migration("v2", name="late", path=["GO"]))
    assert refused.value.code == "ChangePointExists"
    with pytest.raises(Refused) as refused:
        loan.migrate("v9", migration("v2"))
    assert refused.value.code == "UnknownVersion"


def test_a_refinement_takes_clock_source_and_anchor_of_its_point_and_nothing_else(
    loan: Workflow,
) -> None:
    base = points_of(
        loan.point("cp", "v2", source="v1", path=["GO"], mapping={"work": "check"}, rescues=False)
    )["cp"]
    loan.deploy("v3", V2)
    fix = points_of(loan.point("fix", "v3", refines="cp"))["fix"]
    again = points_of(loan.point("fix 2", "v3", refines="fix"))["fix 2"]
    assert loan.registry.clock == 6
    assert (fix.clock, fix.source, fix.anchor) == (base.clock, base.source, base.anchor)
    assert (fix.refinement, again.refinement) == (1, 2)
    assert again.group == base.group
    assert (fix.mapping, fix.rescues, fix.target) == ((), True, "v3")


def test_an_empty_anchor_in_a_refinement_says_nothing(loan: Workflow) -> None:
    assert points_of(loan.point("fix", "v2", refines="v2.m", path=[], regions={}))["fix"].refines


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        pytest.param({"path": ["GO"]}, ("Replay", True), id="an accepted anchor: Replay"),
        pytest.param({"path": ["PAY"]}, ("Same", True), id="an anchor not accepted: Same"),
        pytest.param({}, ("Same", True), id="a wildcard: Same"),
        pytest.param({"landing": "Replay"}, ("Replay", False), id="as written"),
        pytest.param(
            {"landing": "Replay", "path": ["PAY"], "mapping": {"work": "work"}},
            ("Replay", False),
            id="Replay of an anchor not accepted, with a mapping",
        ),
    ],
)
def test_the_landing_is_decided_at_registration(
    loan: Workflow, rules: dict[str, object], expected: tuple[str, bool]
) -> None:
    added = points_of(loan.point("cp", "v2", source="v1", **rules))["cp"]
    assert (added.landing, added.landing_defaulted) == expected


def test_a_region_anchor_is_an_anchor_and_replays_by_default() -> None:
    workflow = Workflow()
    workflow.deploy("v1", REGIONS)
    result = workflow.deploy("v2", REGIONS, migration("v1", regions={"work.code": ["DONE"]}))
    assert points_of(result)["v2.from v1"].landing == "Replay"


def test_points_evaluated_once_are_closed_after_their_registration(loan: Workflow) -> None:
    loan.deploy("v3", V2)
    result = loan.point("once", "v3", source="v2", evaluation="Once")
    assert points_of(result)["once"].closed is False
    once = loan.registry.point("once")
    assert once is not None
    assert once.closed


def test_closing_ticks_nothing_but_is_a_change(loan: Workflow) -> None:
    before = loan.registry
    loan.close("v2.m")
    assert loan.registry.clock == before.clock
    assert loan.registry.revision == before.revision + 1
    assert loan.registry.standing("v1") == ()
    loan.close("v2.m")
    assert loan.registry.revision == before.revision + 1
    with pytest.raises(Refused) as refused:
        loan.close("v2.n")
    assert refused.value.code == "UnknownChangePoint"


Request = Callable[[Workflow], object]

REFUSALS: list[tuple[str, str, Request]] = [
    (
        "an id is taken by another body",
        "DefinitionExists",
        lambda loan: loan.deploy("v2", V1),
    ),
    (
        "an id is taken in another workflow",
        "DefinitionExists",
        lambda loan: loan.deploy("claim-v1", V1),
    ),
    (
        "a name is taken by another change-point",
        "ChangePointExists",
        lambda loan: loan.point("v2.m", "v2", source="v1", path=["GO"]),
    ),
    (
        "a name is used twice in one deployment",
        "ChangePointExists",
        lambda loan: loan.deploy("v3", V2, migration("v1", name="x"), migration("v2", name="x")),
    ),
    (
        "a closed change-point keeps its name",
        "ChangePointExists",
        lambda loan: (loan.close("v2.m"), loan.point("v2.m", "v2", source="v1", path=["GO"])),
    ),
    (
        "the source is unknown",
        "UnknownVersion",
        lambda loan: loan.deploy("v3", V2, migration("v9")),
    ),
    (
        "the target is unknown",
        "UnknownVersion",
        lambda loan: loan.point("cp", "v9", source="v1"),
    ),
    ("the source is left out", "UnknownVersion", lambda loan: loan.point("cp", "v2")),
    (
        "the point refined is unknown",
        "UnknownChangePoint",
        lambda loan: loan.point("fix", "v2", refines="cp"),
    ),
    (
        "the source belongs to another workflow",
        "WorkflowMismatch",
        lambda loan: loan.deploy("v3", V2, migration("claim-v1")),
    ),
    (
        "the target belongs to another workflow",
        "WorkflowMismatch",
        lambda loan: loan.point("cp", "claim-v1", source="v1"),
    ),
    (
        "the target is the source",
        "BackwardMigration",
        lambda loan: loan.point("cp", "v1", source="v1"),
    ),
    (
        "a deployment migrates from itself",
        "BackwardMigration",
        lambda loan: loan.deploy("v3", V2, migration("v3")),
    ),
    (
        "the target is an ancestor",
        "BackwardMigration",
        lambda loan: loan.point("cp", "v1", source="v2"),
    ),
    (
        "the target is an ancestor over a closed point",
        "BackwardMigration",
        lambda loan: (loan.close("v2.m"), loan.point("cp", "v1", source="v2")),
    ),
    (
        "a refinement leads back",
        "BackwardMigration",
        lambda loan: loan.point("fix", "v1", refines="v2.m"),
    ),
    (
        "two wildcards from one source",
        "AmbiguousAnchors",
        lambda loan: loan.deploy("v3", V2, migration("v1", name="a"), migration("v1", name="b")),
    ),
    (
        "replay was asked for and the target does not accept the anchor",
        "AnchorNotAccepted",
        lambda loan: loan.point("cp", "v2", source="v1", path=["PAY"], landing="Replay"),
    ),
    (
        "a refinement by replay of an anchor that its target does not accept",
        "AnchorNotAccepted",
        lambda loan: (
            loan.point("cp", "v2", source="v1", path=["PAY"]),
            loan.point("fix", "v2", refines="cp", landing="Replay"),
        ),
    ),
    (
        "a refinement with from",
        "RefinementChangesPoint",
        lambda loan: loan.point("fix", "v2", refines="v2.m", source="v1"),
    ),
    (
        "a refinement with historyPath",
        "RefinementChangesPoint",
        lambda loan: loan.point("fix", "v2", refines="v2.m", path=["GO"]),
    ),
    (
        "a refinement with regions",
        "RefinementChangesPoint",
        lambda loan: loan.point("fix", "v2", refines="v2.m", regions={"work": ["GO"]}),
    ),
    (
        "a key of the mapping is no state",
        "MappingUnknownSource",
        lambda loan: loan.point("cp", "v2", source="v1", mapping={"nowhere": "work"}),
    ),
    (
        "a key of the mapping is the root",
        "MappingUnknownSource",
        lambda loan: loan.point("cp", "v2", source="v1", mapping={"": "work"}),
    ),
    (
        "a target of the mapping is no state",
        "MappingUnknownTarget",
        lambda loan: loan.point("cp", "v2", source="v1", mapping={"work": "nowhere"}),
    ),
    (
        "a key maps to nothing",
        "MappingUnknownTarget",
        lambda loan: loan.point("cp", "v2", source="v1", mapping={"work": []}),
    ),
    (
        "a key maps to the root",
        "MappingUnknownTarget",
        lambda loan: loan.point("cp", "v2", source="v1", mapping={"work": ""}),
    ),
    (
        "a target of the mapping is a history state",
        "MappingHistoryTarget",
        lambda loan: loan.deploy(
            "v3", WITH_HISTORY, migration("v1", mapping={"work": "work.back"})
        ),
    ),
    (
        "an anchor names no region of the source",
        "UnknownRegion",
        lambda loan: loan.deploy("v3", REGIONS, migration("v1", regions={"work.code": ["DONE"]})),
    ),
    (
        "an anchor names a child of a compound state",
        "UnknownRegion",
        lambda loan: loan.deploy("v3", REGIONS, migration("v1", regions={"work": ["GO"]})),
    ),
]


@pytest.mark.parametrize(
    ("code", "request_"), [r[1:] for r in REFUSALS], ids=[r[0] for r in REFUSALS]
)
def test_a_registration_is_refused_whole_when(loan: Workflow, code: str, request_: Request) -> None:
    with pytest.raises(Refused) as refused:
        request_(loan)
    assert code in codes(refused.value)
    assert len(codes(refused.value)) == 1, "one thing is wrong, so one code"
    assert all(reason.objects and reason.message for reason in refused.value.reasons)


@pytest.mark.parametrize("request_", [r[2] for r in REFUSALS], ids=[r[0] for r in REFUSALS])
def test_nothing_ticks_when(loan: Workflow, request_: Request) -> None:
    clock = loan.registry.clock
    versions, before = loan.registry.versions, loan.registry.points
    with pytest.raises(Refused):
        request_(loan)
    assert loan.registry.clock in {clock, clock + 1}, "some requests register a point beforehand"
    assert loan.registry.versions == versions
    assert len(loan.registry.points) - len(before) == loan.registry.clock - clock


def test_all_reasons_are_collected_with_their_pointers(loan: Workflow) -> None:
    with pytest.raises(Refused) as refused:
        loan.deploy(
            "v2",
            V1,
            migration("v9", name="lost"),
            migration("v1", name="a", mapping={"x/y": "z"}, landing="Replay", path=["PAY"]),
            migration("v1", name="b", path=["PAY"]),
        )
    assert [(reason.code.value, reason.pointer) for reason in refused.value.reasons] == [
        ("DefinitionExists", "/id"),
        ("UnknownVersion", "/migrations/0/from"),
        ("MappingUnknownSource", "/migrations/1/stateMapping/x~1y"),
        ("MappingUnknownTarget", "/migrations/1/stateMapping/x~1y"),
        ("AmbiguousAnchors", "/migrations/2"),
    ]
    assert refused.value.code == "DefinitionExists"
    assert refused.value.reasons[1].to_json() == {
        "code": "UnknownVersion",
        "message": "There is no version 'v9'. Check the id, or register it first.",
        "pointer": "/migrations/0/from",
        "objects": ["v9"],
    }


def test_anchors_of_two_sources_are_never_ambiguous(loan: Workflow) -> None:
    result = loan.deploy("v3", V2, migration("v1", name="a"), migration("v2", name="b"))
    assert isinstance(result, Registration)


def test_a_mapping_may_name_states_of_versions_on_the_way_to_the_source(loan: Workflow) -> None:
    loan.deploy("v3", chart(check={}, rest={}), migration("v2", mapping={"open": "check"}))
    only_v2 = loan.registry.point("v3.from v2")
    assert only_v2 is not None
    loan.deploy("v4", V2, migration("v3", mapping={"open": "open", "closed": "closed"}))
    with pytest.raises(Refused) as refused:
        loan.deploy("v5", V2, migration("v1", mapping={"check": "check"}))
    assert codes(refused.value) == ["MappingUnknownSource"], "v2 is after v1, not on the way to it"
