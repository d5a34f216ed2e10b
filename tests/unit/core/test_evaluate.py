"""Evaluation: landing after landing, stranding, the way, rescue, and what is recorded."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from statekeep.core.cohort import WayPoint
from statekeep.core.evaluate import advance, evaluate, evaluate_registration, spawn
from support.routed import FINAL, Workflow, chart, compound, migration, parallel, points_of

FEE_1 = chart(
    new={"INFO": "fee"}, fee={"PAY": "docs", "WAIVE": "docs"}, docs={"OK": "end"}, end=FINAL
)
FEE_2 = chart(
    new={"INFO": "fee"}, fee={"PAY": "income"}, income={"OK": "docs"}, docs={"OK": "end"}, end=FINAL
)
AB = chart(a={"GO": "b", "MORE": "a"}, b={"BACK": "a", "MORE": "b"})
CD = chart(c={}, d={})


def way(workflow: Workflow, name: str) -> list[tuple[str, int]]:
    stranding = workflow.actors[name].stranding
    return [(stop.version, stop.clock) for stop in stranding.way] if stranding else []


def first_pick(workflow: Workflow, name: str) -> str | None:
    stranding = workflow.actors[name].stranding
    return stranding.change_point if stranding else None


def records(
    workflow: Workflow, name: str
) -> list[tuple[str | None, int, str, str, str | None, str | None, bool]]:
    return [
        (d.change_point, d.clock, d.verdict, d.source, d.target, d.reason, d.rescued)
        for d in workflow.decisions[name]
    ]


def test_two_actors_in_one_state_get_different_decisions_by_their_history() -> None:
    loan = Workflow()
    loan.deploy("v1", FEE_1)
    loan.spawn("alice", "v1", "INFO", "PAY")
    loan.spawn("bob", "v1", "INFO", "WAIVE")
    loan.deploy("v2", FEE_2, migration("v1", name="paid", path=["INFO", "PAY"]))
    assert loan.verdicts == {"alice": "migrated", "bob": "stayed"}
    assert loan.where("alice") == ("v2", "income", "active")
    assert loan.where("bob") == ("v1", "docs", "active")
    assert records(loan, "alice") == [("v2.paid", 2, "migrated", "v1", "v2", None, False)]
    assert records(loan, "bob") == [("v2.paid", 2, "stayed", "v1", None, "AnchorNotMatched", False)]


def test_the_law_is_applied_again_after_an_event() -> None:
    loan = Workflow()
    loan.deploy("v1", FEE_1)
    loan.spawn("ann", "v1", "INFO")
    loan.deploy("v2", FEE_2, migration("v1", name="paid", path=["INFO", "PAY"]))
    assert loan.verdicts == {"ann": "stayed"}
    loan.send("ann", "PAY")
    assert loan.where("ann") == ("v2", "income", "active")
    assert [r[2] for r in records(loan, "ann")] == ["stayed", "migrated"]


def test_the_law_is_applied_at_spawn_from_landing_to_landing() -> None:
    loan = Workflow()
    loan.deploy("v1", AB)
    loan.deploy("v2", AB, migration("v1"))
    loan.deploy("v3", AB, migration("v2"))
    loan.spawn("ann", "v1")
    assert loan.where("ann") == ("v3", "a", "active")
    assert loan.actors["ann"].position == 3
    assert [(r[0], r[3], r[4]) for r in records(loan, "ann")] == [
        ("v2.from v1", "v1", "v2"),
        ("v3.from v2", "v2", "v3"),
    ]


def test_who_is_spawned_on_a_version_has_its_clock_as_position() -> None:
    loan = Workflow()
    loan.deploy("v1", AB)
    loan.deploy("v2", AB)
    loan.spawn("ann", "v2")
    assert loan.actors["ann"].position == 2


def test_points_before_the_position_are_over() -> None:
    loan = Workflow()
    loan.deploy("v1", AB)
    loan.deploy("v2", AB)
    loan.deploy("v3", AB, migration("v2", name="early"))
    loan.point("late", "v2", source="v1")
    loan.spawn("ann", "v1")
    loan.spawn("bob", "v2")
    assert loan.where("ann")[0] == "v2", "v2 was reached at 4, and its point has the clock 3"
    assert loan.where("bob")[0] == "v3"


def test_an_event_that_is_not_accepted_changes_nothing() -> None:
    loan = Workflow()
    loan.deploy("v1", AB)
    before = loan.spawn("ann", "v1", "GO")
    result = advance(loan.registry, before, "NONSENSE")
    assert not result.accepted
    assert result.evaluation.cohort is before
    assert result.evaluation.decisions == ()


def test_while_frozen_events_go_on_and_nobody_lands() -> None:
    loan = Workflow()
    loan.deploy("v1", AB)
    loan.deploy("v2", AB, migration("v1"))
    spawned = spawn(loan.registry, "v1", routed=False).cohort
    moved = advance(loan.registry, spawned, "GO", routed=False).evaluation
    assert (moved.cohort.version, moved.cohort.history.types()) == ("v1", ("GO",))
    due = evaluate(loan.registry, moved.cohort)
    assert (due.cohort.version, due.moved, moved.moved) == ("v2", True, False)


def test_a_done_actor_is_not_routed() -> None:
    loan = Workflow()
    loan.deploy("v1", chart(a={"END": "z"}, z=FINAL))
    loan.spawn("ann", "v1", "END")
    loan.deploy("v2", AB, migration("v1", mapping={"z": "a", "a": "a"}))
    assert loan.verdicts == {}
    assert loan.look_again("ann").version == "v1"
    assert loan.where("ann")[2] == "done"


def test_who_lands_done_goes_no_further() -> None:
    loan = Workflow()
    loan.deploy("v1", chart(a={}))
    loan.deploy("v2", chart(z=FINAL, y={}), migration("v1", mapping={"a": "z"}))
    loan.deploy("v3", AB, migration("v2", mapping={"z": "a"}))
    loan.spawn("ann", "v1")
    assert loan.where("ann") == ("v2", "z", "done")


def test_without_a_landing_an_actor_is_stranded_where_it_is() -> None:
    loan = Workflow()
    loan.deploy("v1", AB)
    before = loan.spawn("ann", "v1")
    loan.deploy("v2", CD, migration("v1", while_stranded="Block"))
    after = loan.actors["ann"]
    assert loan.verdicts == {"ann": "stranded"}
    assert loan.where("ann") == ("v1", "a", "StateRemoved")
    assert replace(after, stranding=None) == before
    assert after.stranding is not None
    assert after.stranding.while_stranded == "Block"
    assert after.stranding.way == (WayPoint("v2", 2),)
    assert records(loan, "ann") == [
        ("v2.from v1", 2, "stranded", "v1", None, "StateRemoved", False)
    ]


def test_a_stranded_actor_lands_as_soon_as_an_event_gives_it_a_landing() -> None:
    loan = Workflow()
    loan.deploy("v1", AB)
    loan.spawn("ann", "v1")
    loan.deploy("v2", chart(b={}), migration("v1"))
    loan.send("ann", "MORE")
    assert len(records(loan, "ann")) == 1, "stranded again for the same reason by the same pick"
    loan.send("ann", "GO")
    assert loan.where("ann") == ("v2", "b", "active")
    assert records(loan, "ann")[-1] == ("v2.from v1", 2, "migrated", "v1", "v2", None, True)


def test_a_strand_with_another_reason_is_recorded_again() -> None:
    loan = Workflow()
    loan.deploy("v1", AB)
    loan.spawn("ann", "v1")
    loan.deploy("v2", chart(x={}, b=compound(c={})), migration("v1"))
    loan.send("ann", "GO", "MORE")
    assert [r[5] for r in records(loan, "ann")] == ["StateRemoved", "StateBecameCompound"]


def test_the_record_goes_when_the_actor_is_done() -> None:
    loan = Workflow()
    loan.deploy("v1", chart(a={"END": "z"}, z=FINAL))
    loan.spawn("ann", "v1")
    loan.deploy("v2", CD, migration("v1"))
    assert loan.where("ann")[2] == "StateRemoved"
    loan.send("ann", "END")
    assert loan.actors["ann"].stranding is None
    assert loan.where("ann") == ("v1", "z", "done")


def test_one_next_version_takes_those_who_arrived_and_those_who_stranded() -> None:
    build = Workflow()
    build.deploy("v1", chart(run={"OK": "ok", "FAIL": "failed"}, ok={}, failed={}))
    build.spawn("ann", "v1", "OK")
    build.spawn("bob", "v1", "FAIL")
    build.deploy("v2", chart(run={}, ok={}, error={}), migration("v1"))
    assert build.verdicts == {"ann": "migrated", "bob": "stranded"}
    build.deploy("v3", chart(run={}, ok={}, error={}), migration("v2", mapping={"failed": "error"}))
    assert build.verdicts == {"ann": "migrated", "bob": "migrated"}
    assert build.where("ann") == ("v3", "ok", "active")
    assert build.where("bob") == ("v3", "error", "active")
    assert [r[-1] for r in records(build, "bob")] == [False, True]


def test_a_routine_next_version_does_not_wave_through_what_the_last_one_stopped() -> None:
    loan = Workflow()
    loan.deploy("v1", AB)
    loan.spawn("ann", "v1")
    loan.deploy("v2", CD, migration("v1"))
    loan.deploy("v3", AB, migration("v2", landing="Same"))
    assert loan.verdicts == {"ann": "stranded"}
    assert first_pick(loan, "ann") == "v2.from v1"
    assert way(loan, "ann") == [("v2", 2), ("v3", 3)]
    assert loan.where("ann") == ("v1", "a", "StateRemoved")


OFF_SOURCE: list[Any] = [
    pytest.param({"mapping": {"a": "c"}}, "v3", id="a mapping that covers every leaf rescues"),
    pytest.param({"landing": "Replay"}, "v3", id="a replay rescues"),
    pytest.param({"landing": "Same"}, "v1", id="the same place does not"),
    pytest.param({"landing": "MappingOnly"}, "v1", id="no mapping does not"),
    pytest.param({"mapping": {"c": "c"}}, "v1", id="a mapping of other states does not"),
    pytest.param(
        {"mapping": {"a": "c"}, "rescues": False}, "v1", id="a point that does not rescue does not"
    ),
]


@pytest.mark.parametrize(("rules", "version"), OFF_SOURCE)
def test_on_the_way_to_a_source(rules: dict[str, Any], version: str) -> None:
    loan = Workflow()
    loan.deploy("v1", AB)
    loan.spawn("ann", "v1")
    loan.deploy("v2", CD, migration("v1"))
    loan.deploy("v3", chart(a={}, c={}), migration("v2", **rules))
    assert loan.actors["ann"].version == version


def test_on_the_way_a_mapping_that_covers_some_leaves_is_incomplete() -> None:
    both = chart(p=parallel(l=compound(x={}), r=compound(y={})))
    loan = Workflow()
    loan.deploy("v1", both)
    loan.spawn("ann", "v1")
    loan.deploy("v2", CD, migration("v1"))
    loan.close("v2.from v1")
    loan.deploy("v3", both, migration("v2", mapping={"p.l": "p.l"}, landing="Replay"))
    assert first_pick(loan, "ann") == "v3.from v2"
    assert loan.where("ann")[2] == "MappingIncomplete", "though r.y could stay and a replay lands"


@pytest.mark.parametrize("landing", ["Same", "MappingOnly"])
def test_on_the_way_where_no_mapping_covers_it_is_not_mapped(landing: Any) -> None:
    loan = Workflow()
    loan.deploy("v1", AB)
    loan.spawn("ann", "v1")
    loan.deploy("v2", CD, migration("v1"))
    loan.close("v2.from v1")
    loan.deploy("v3", AB, migration("v2", landing=landing))
    assert loan.where("ann")[2] == "NotMapped"


def test_the_mapping_is_read_against_the_configuration_that_the_actor_has() -> None:
    loan = Workflow()
    loan.deploy("v1", AB)
    loan.spawn("ann", "v1")
    loan.deploy("v2", chart(c={}), migration("v1"))
    loan.send("ann", "GO")
    loan.deploy("v3", CD, migration("v2", mapping={"a": "c", "b": "d"}))
    assert loan.where("ann") == ("v3", "d", "active")


def test_after_the_own_version_of_one_clock_come_the_versions_on_the_way_in_order() -> None:
    loan = Workflow()
    for version in ("v1", "v2", "v3"):
        loan.deploy(version, AB if version == "v1" else CD)
    loan.spawn("ann", "v1")
    loan.point("to v3", "v3", source="v1")
    loan.point("to v2", "v2", source="v1")
    assert way(loan, "ann") == [("v3", 4), ("v2", 5)]
    tried = [migration(source, name=source, mapping={"a": "e"}) for source in ("v2", "v3")]
    loan.deploy("v4", chart(e={}), *tried)
    assert records(loan, "ann")[-1][0] == "v4.v3", "it was on its way to v3 first"


def test_at_one_clock_the_own_version_comes_before_the_way() -> None:
    loan = Workflow()
    loan.deploy("v1", AB)
    loan.spawn("ann", "v1")
    loan.deploy("v2", CD, migration("v1"))
    mapping = {"a": "e"}
    loan.deploy(
        "v3",
        chart(e={}),
        migration("v2", name="a", mapping=mapping),
        migration("v1", name="b", mapping=mapping),
    )
    assert records(loan, "ann")[-1][0] == "v3.b"


def test_an_earlier_clock_on_the_way_comes_before_a_later_one_of_the_own_version() -> None:
    loan = Workflow()
    loan.deploy("v1", AB)
    loan.spawn("ann", "v1")
    loan.deploy("v2", CD, migration("v1"))
    loan.deploy("v3", CD, migration("v2", mapping={"b": "c", "a": "d"}, rescues=True, path=["GO"]))
    loan.deploy("v4", CD, migration("v1", path=["GO"], mapping={"b": "c"}))
    loan.send("ann", "GO")
    assert loan.actors["ann"].version == "v3"


def test_the_points_of_a_version_count_from_the_pick_that_put_it_on_the_way() -> None:
    loan = Workflow()
    loan.deploy("v1", AB)
    loan.deploy("v2", CD)
    loan.deploy("v3", AB, migration("v2", landing="Replay"))
    loan.point("late", "v2", source="v1")
    loan.spawn("ann", "v1")
    assert loan.where("ann")[:2] == ("v1", "a"), "v2 was left at 3, and the way to it began at 4"
    loan.look_again("ann")
    assert loan.where("ann")[:2] == ("v1", "a"), "and the record remembers when"
    assert way(loan, "ann") == [("v2", 4)]


def test_the_first_entry_on_the_way_counts() -> None:
    loan = Workflow()
    loan.deploy("v1", AB)
    loan.deploy("v2", CD)
    loan.spawn("ann", "v1")
    loan.point("one", "v2", source="v1")
    loan.point("two", "v2", source="v1")
    assert way(loan, "ann") == [("v2", 3)]


def test_each_stop_gives_one_pick_a_clock() -> None:
    loan = Workflow()
    loan.deploy("v1", AB)
    loan.spawn("ann", "v1", "GO")
    loan.deploy(
        "v2",
        CD,
        migration("v1", name="go", path=["GO"], landing="MappingOnly"),
        migration("v1", name="all", mapping={"b": "d"}),
    )
    assert loan.where("ann") == ("v1", "b", "NotMapped"), "the wildcard was not the pick"


def test_the_walk_goes_on_over_versions_that_it_puts_on_the_way() -> None:
    loan = Workflow()
    loan.deploy("v1", AB)
    loan.deploy("v2", CD, migration("v1"))
    loan.deploy("v3", CD, migration("v2"))
    loan.deploy("v4", CD, migration("v3", mapping={"a": "d"}))
    loan.spawn("ann", "v1")
    assert loan.where("ann") == ("v4", "d", "active")
    assert records(loan, "ann") == [("v4.from v3", 4, "migrated", "v1", "v4", None, True)]


def test_a_failed_pick_leaves_the_way_and_the_first_pick_of_a_later_evaluation() -> None:
    loan = Workflow()
    loan.deploy("v1", AB)
    loan.spawn("ann", "v1")
    loan.deploy("v2", CD, migration("v1", path=["GO"], landing="Same"))
    loan.deploy("v3", CD, migration("v1"))
    assert (first_pick(loan, "ann"), way(loan, "ann")) == ("v3.from v1", [("v3", 3)])
    loan.send("ann", "GO")
    assert first_pick(loan, "ann") == "v2.from v1"
    assert way(loan, "ann") == [("v3", 3), ("v2", 2)]
    assert [r[0] for r in records(loan, "ann")] == ["v2.from v1", "v3.from v1", "v2.from v1"]


def test_an_evaluation_that_picks_nothing_leaves_the_record() -> None:
    loan = Workflow()
    loan.deploy("v1", AB)
    loan.spawn("ann", "v1")
    loan.deploy("v2", CD, migration("v1"))
    before = loan.actors["ann"].stranding
    loan.close("v2.from v1")
    loan.send("ann", "GO")
    assert loan.actors["ann"].stranding == before
    assert len(records(loan, "ann")) == 1


def test_a_refinement_lets_those_land_whom_its_point_has_stranded() -> None:
    loan = Workflow()
    loan.deploy("v1", AB)
    loan.spawn("ann", "v1")
    loan.deploy("v2", CD, migration("v1", name="m"))
    loan.point("fix", "v2", refines="v2.m", mapping={"a": "c"})
    assert loan.verdicts == {"ann": "migrated"}
    assert loan.actors["ann"].position == 2, "a refinement has the clock of its point"
    assert records(loan, "ann")[-1] == ("fix", 2, "migrated", "v1", "v2", None, True)


def test_a_refinement_hides_lower_ones_for_everybody_whatever_its_rescues() -> None:
    loan = Workflow()
    loan.deploy("v1", AB)
    loan.deploy("v2", CD, migration("v1"))
    loan.deploy("v3", CD, migration("v2", name="m", mapping={"b": "c", "a": "c"}))
    loan.point("fix", "v3", refines="v3.m", mapping={"b": "c", "a": "c"}, rescues=False)
    loan.spawn("ann", "v1")
    assert loan.where("ann")[0] == "v1"


def test_a_stricter_point_on_the_way_that_does_not_rescue_hides_nobody() -> None:
    loan = Workflow()
    loan.deploy("v1", AB)
    loan.spawn("ann", "v1", "GO")
    loan.deploy("v2", CD, migration("v1"))
    loan.deploy(
        "v3",
        CD,
        migration("v2", name="strict", path=["GO"], mapping={"b": "c"}, rescues=False),
        migration("v2", name="all", mapping={"b": "d"}),
    )
    assert loan.where("ann") == ("v3", "d", "active")


def test_who_moved_and_stranded_then_is_stranded_by_the_registration() -> None:
    loan = Workflow()
    loan.deploy("v1", AB)
    loan.deploy("v2", AB)
    loan.deploy("v3", CD, migration("v2"))
    loan.spawn("ann", "v1")
    loan.point("cp", "v2", source="v1")
    assert loan.where("ann") == ("v2", "a", "active"), "the point of v2 is over for who lands now"
    loan.deploy("v4", CD)
    loan.deploy("v5", AB, migration("v1", name="m"))
    loan.point("on", "v4", source="v5")
    loan.spawn("bob", "v1")
    assert loan.where("bob")[0] == "v2"


def test_moved_and_stranded_counts_as_stranded_with_both_records() -> None:
    loan = Workflow()
    loan.deploy("v1", AB)
    loan.deploy("v2", AB)
    loan.deploy("v3", CD)
    loan.spawn("ann", "v1")
    loan.point("base", "v3", source="v1", path=["GO"])
    loan.point("later", "v3", source="v2")
    loan.point("fix", "v2", refines="base")
    loan.send("ann", "GO")
    assert loan.where("ann") == ("v2", "b", "StateRemoved")
    assert [(r[0], r[2]) for r in records(loan, "ann")] == [
        ("base", "stayed"),
        ("fix", "stayed"),
        ("fix", "migrated"),
        ("later", "stranded"),
    ]


def test_a_registration_that_moves_and_strands_answers_stranded() -> None:
    loan = Workflow()
    loan.deploy("v1", AB)
    loan.deploy("v2", AB)
    loan.deploy("v3", CD)
    loan.spawn("ann", "v1", "GO")
    loan.point("base", "v3", source="v1", path=["GO"], landing="MappingOnly")
    loan.point("later", "v3", source="v2")
    loan.point("fix", "v2", refines="base")
    assert loan.verdicts == {"ann": "stranded"}
    assert [(r[0], r[2], r[-1]) for r in records(loan, "ann")] == [
        ("base", "stranded", False),
        ("fix", "migrated", True),
        ("later", "stranded", False),
    ]


def _same_clock(**refinement: Any) -> Workflow:
    """v1 → x and w → x at one clock, and then v1 → w, which refines the first of them."""
    loan = Workflow()
    loan.deploy("v1", AB)
    loan.deploy("w", chart(a={}))
    loan.spawn("ann", "v1")
    loan.deploy(
        "x",
        chart(a={}, e={}),
        migration("v1", name="old", path=["GO"]),
        migration("w", name="on", mapping={"a": "e"}),
    )
    loan.point("fix", "w", refines="x.old", **refinement)
    return loan


def test_a_point_at_the_position_itself_goes_on_after_a_landing() -> None:
    loan = _same_clock(mapping={"a": "a", "b": "a"})
    loan.send("ann", "GO")
    assert loan.where("ann") == ("x", "e", "active")
    assert [r[:2] for r in records(loan, "ann")][-2:] == [("fix", 3), ("x.on", 3)]


def test_the_way_is_tried_at_the_clock_of_the_pick_that_put_it_there() -> None:
    loan = _same_clock(landing="MappingOnly")
    loan.point("cover", "x", refines="x.on", mapping={"a": "e", "b": "e"})
    loan.send("ann", "GO")
    assert loan.where("ann") == ("x", "e", "active")
    assert records(loan, "ann")[-1] == ("cover", 3, "migrated", "v1", "x", None, True)


def test_a_way_that_grows_is_recorded() -> None:
    loan = Workflow()
    loan.deploy("v1", AB)
    loan.spawn("ann", "v1")
    loan.deploy("v2", CD, migration("v1", landing="MappingOnly"))
    loan.deploy("v3", CD, migration("v1", path=["MORE"], landing="MappingOnly"))
    loan.send("ann", "MORE")
    assert way(loan, "ann") == [("v2", 2), ("v3", 3)]
    assert [(r[0], r[2]) for r in records(loan, "ann")] == [
        ("v2.from v1", "stranded"),
        ("v3.from v1", "stayed"),
        ("v2.from v1", "stranded"),
    ]


def test_done_ends_a_stranding_while_frozen_too() -> None:
    loan = Workflow()
    loan.deploy("v1", chart(a={"END": "z"}, z=FINAL))
    loan.spawn("ann", "v1")
    loan.deploy("v2", CD, migration("v1"))
    stranded = loan.actors["ann"]
    assert stranded.status == "needs_rescue"
    ended = advance(loan.registry, stranded, "END", routed=False).evaluation.cohort
    assert (ended.status, ended.stranding) == ("done", None)


def test_who_is_moved_by_an_old_point_that_was_due_and_strands_is_stranded() -> None:
    loan = Workflow()
    loan.deploy("v1", AB)
    due = spawn(loan.registry, "v1", routed=False).cohort
    loan.deploy("v2", AB, migration("v1"))
    loan.deploy("v3", CD, migration("v2"))
    result = loan.deploy("v4", CD, migration("v1", path=["NEVER"]))
    outcome = evaluate_registration(loan.registry, tuple(points_of(result).values()), due)
    assert outcome is not None
    assert (outcome.verdict, outcome.evaluation.cohort.version) == ("stranded", "v2")


def test_a_stranded_actor_that_the_registration_did_not_pick_stayed() -> None:
    loan = Workflow()
    loan.deploy("v1", AB)
    loan.spawn("ann", "v1")
    loan.deploy("v2", CD, migration("v1"))
    loan.deploy("v3", CD, migration("v1", path=["GO"]))
    assert loan.verdicts == {"ann": "stayed"}
    assert loan.where("ann") == ("v1", "a", "StateRemoved")
    assert [(r[0], r[2], r[5]) for r in records(loan, "ann")] == [
        ("v2.from v1", "stranded", "StateRemoved"),
        ("v3.from v1", "stayed", "AnchorNotMatched"),
    ]


def test_a_registration_records_a_strand_that_is_no_news() -> None:
    loan = Workflow()
    loan.deploy("v1", AB)
    loan.spawn("ann", "v1")
    loan.deploy("v2", CD, migration("v1"))
    loan.deploy("v3", CD, migration("v1"))
    loan.deploy("v4", CD, migration("v1"))
    assert [r[0] for r in records(loan, "ann")] == ["v2.from v1"] * 3
    loan.point("again", "v4", source="v1")
    assert loan.verdicts == {"ann": "stranded"}
    assert [r[0] for r in records(loan, "ann")] == ["v2.from v1"] * 4


def test_a_stay_that_finds_another_strand_is_recorded_as_both() -> None:
    loan = Workflow()
    loan.deploy("v1", AB)
    loan.spawn("ann", "v1")
    loan.deploy("v2", CD, migration("v1"))
    loan.deploy("v3", CD, migration("v1"))
    loan.close("v2.from v1")
    loan.deploy("v4", CD, migration("v1", path=["GO"]))
    assert loan.verdicts == {"ann": "stayed"}
    assert [(r[0], r[2]) for r in records(loan, "ann")][2:] == [
        ("v3.from v1", "stranded"),
        ("v4.from v1", "stayed"),
    ]


CONCERNED: list[Any] = [
    pytest.param({"source": "v1"}, {"ann", "bob"}, id="actors on a source"),
    pytest.param({"source": "v2"}, {"bob", "cid"}, id="and those stranded on the way to it"),
    pytest.param({"source": "v2", "rescues": False}, {"cid"}, id="unless it does not rescue"),
    pytest.param({"source": "v3"}, set(), id="nobody else"),
]


@pytest.mark.parametrize(("rules", "expected"), CONCERNED)
def test_a_registration_concerns(rules: dict[str, Any], expected: set[str]) -> None:
    loan = Workflow()
    loan.deploy("v1", AB)
    loan.spawn("ann", "v1")
    loan.spawn("bob", "v1", "GO")
    loan.deploy("v2", chart(c={"END": "z"}, z=FINAL), migration("v1", path=["GO"]))
    loan.spawn("cid", "v2")
    loan.spawn("dan", "v2", "END")
    loan.deploy("v3", CD)
    loan.deploy("v4", CD)
    loan.point("cp", "v4", path=["NEVER"], **rules)
    assert set(loan.verdicts) == expected


def test_of_several_migrations_the_first_by_name_speaks_for_those_who_stay() -> None:
    loan = Workflow()
    loan.deploy("v1", AB)
    loan.spawn("ann", "v1")
    loan.deploy(
        "v2",
        CD,
        migration("v1", name="y", path=["GO"]),
        migration("v1", name="x", path=["MORE"]),
    )
    assert records(loan, "ann") == [("v2.x", 2, "stayed", "v1", None, "AnchorNotMatched", False)]


def test_a_point_evaluated_once_picks_at_its_registration_and_never_again() -> None:
    loan = Workflow()
    loan.deploy("v1", AB)
    loan.spawn("ann", "v1", "GO")
    loan.spawn("bob", "v1")
    loan.deploy("v2", AB, migration("v1", path=["GO"], evaluation="Once"))
    assert loan.verdicts == {"ann": "migrated", "bob": "stayed"}
    loan.send("bob", "GO")
    assert loan.where("bob")[0] == "v1"


def test_a_decision_shows_what_it_was_read_from() -> None:
    loan = Workflow()
    loan.deploy("v1", FEE_1)
    loan.spawn("ann", "v1", "INFO", "PAY")
    loan.deploy("v2", FEE_2, migration("v1", name="paid", path=["INFO", "PAY"]))
    [decision] = loan.decisions["ann"]
    point = loan.registry.point("v2.paid")
    assert point is not None
    assert decision.to_json() == {
        "changePoint": "v2.paid",
        "clock": 2,
        "verdict": "migrated",
        "from": "v1",
        "to": "v2",
        "reason": None,
        "message": "",
        "rescued": False,
        "fingerprint": f"{loan.actors['ann'].history.fingerprint:016x}",
        "anchorHash": point.anchor.digest,
        "fromState": "docs",
        "toState": "income",
    }


def test_a_region_history_is_what_was_taken_there() -> None:
    loan = Workflow()
    work = parallel(l=compound(x={"GO": "y", "BOTH": "y"}, y={}), r=compound(x={"BOTH": "y"}, y={}))
    loan.deploy("v1", chart(work=work))
    cohort = loan.spawn("ann", "v1", "BOTH")
    assert [(region, lived.types()) for region, lived in cohort.regions] == [
        ("work.l", ("BOTH",)),
        ("work.r", ("BOTH",)),
    ]
    cohort = loan.spawn("bob", "v1", "GO")
    assert [(region, lived.types()) for region, lived in cohort.regions] == [("work.l", ("GO",))]


def test_regions_of_equal_history_are_told_apart() -> None:
    loan = Workflow()
    work = parallel(l=compound(x={"LEFT": "y"}, y={}), r=compound(x={"RIGHT": "y"}, y={}))
    loan.deploy("v1", chart(work=work))
    loan.spawn("ann", "v1", "LEFT", "RIGHT")
    loan.spawn("bob", "v1", "RIGHT", "LEFT")
    loan.deploy(
        "v2", chart(work=work), migration("v1", regions={"work.l": ["LEFT"]}, path=["RIGHT"])
    )
    assert loan.verdicts == {"ann": "stayed", "bob": "migrated"}
