"""Landings: the mapping, the rules, what is brought along, and every reason for none."""

from __future__ import annotations

from typing import Any

import pytest

from support.routed import FINAL, Workflow, chart, compound, migration, nest, parallel

A = {"on": {"GO": "b"}}
WORK = compound(coding={"NEXT": "reviewed"}, reviewed={})
BOTH = parallel(
    code=compound(wip={"DONE": "ready"}, ready={}), test=compound(todo={"RUN": "run"}, run={})
)


def landed(
    source: dict[str, Any], events: list[str], target: dict[str, Any], **rules: Any
) -> tuple[object, str]:
    """Where an actor of `source` is after `events` and a migration to `target`."""
    workflow = Workflow()
    workflow.deploy("v1", source)
    workflow.spawn("ann", "v1", *events)
    workflow.deploy("v2", target, migration("v1", **{"landing": "MappingOnly", **rules}))
    version, value, status = workflow.where("ann")
    assert (version == "v2") == (status in {"active", "done"})
    return value, status


AB = chart(a={"GO": "b"}, b={"END": "z"}, z=FINAL)
IN_WORK = chart(a={"GO": "work"}, work=WORK, z=FINAL)
IN_BOTH = chart(a={"GO": "both"}, both=BOTH)

MAPPINGS = [
    pytest.param(AB, [], AB, {"a": "b"}, ("b", "active"), id="a leaf enters its target"),
    pytest.param(
        AB, [], AB, {"b": "a"}, ("a", "NotMapped"), id="a mapping of other leaves covers nothing"
    ),
    pytest.param(
        AB, [], IN_WORK, {"a": "work"}, ({"work": "coding"}, "active"), id="completed by initial"
    ),
    pytest.param(AB, [], AB, {"a": "z"}, ("z", "done"), id="a landing may end the actor"),
    pytest.param(
        IN_WORK,
        ["GO", "NEXT"],
        chart(a={}, other=compound(x={}, reviewed={})),
        {"work": "other"},
        ({"other": "reviewed"}, "active"),
        id="an ancestor key carries the rest of the way along",
    ),
    pytest.param(
        IN_WORK,
        ["GO", "NEXT"],
        chart(a={}, other=compound(x={}, y={})),
        {"work": "other"},
        ({"other": "x"}, "active"),
        id="where the rest is not there the target is entered",
    ),
    pytest.param(
        IN_WORK,
        ["GO", "NEXT"],
        chart(a={}, other=compound(x={}, reviewed=compound(p={}))),
        {"work": "other"},
        ({"other": "x"}, "active"),
        id="where the rest is of another kind the target is entered",
    ),
    pytest.param(
        chart(a={"GO": "work"}, work=compound(code=compound(wip={"NEXT": "ready"}, ready={}))),
        ["GO", "NEXT"],
        chart(a={}, other=parallel(code=compound(wip={}, ready={}), test={})),
        {"work": "other"},
        ({"other": {"code": "wip", "test": {}}}, "active"),
        id="a target of another kind than the key's is entered",
    ),
    pytest.param(
        IN_WORK,
        ["GO", "NEXT"],
        chart(a={}, other=parallel(x={}, reviewed={})),
        {"work": ["other.x", "other.reviewed"]},
        ({"other": {"x": {}, "reviewed": {}}}, "active"),
        id="several targets are entered together",
    ),
    pytest.param(
        IN_WORK,
        ["GO", "NEXT"],
        IN_WORK,
        {"work": ["work", "work"]},
        ({"work": "reviewed"}, "active"),
        id="a target named twice is one target",
    ),
    pytest.param(
        IN_WORK,
        ["GO", "NEXT"],
        IN_WORK,
        {"work": "a", "work.reviewed": "work.coding"},
        ({"work": "coding"}, "active"),
        id="the longest key wins",
    ),
    pytest.param(
        IN_BOTH,
        ["GO", "DONE"],
        IN_BOTH,
        {"both.test": "both.test.run"},
        ({"both": {"code": "ready", "test": "run"}}, "active"),
        id="an uncovered leaf keeps its place",
    ),
    pytest.param(
        IN_BOTH,
        ["GO", "DONE"],
        IN_BOTH,
        {"both": "both"},
        ({"both": {"code": "ready", "test": "todo"}}, "active"),
        id="every leaf below an ancestor key is carried",
    ),
    pytest.param(
        IN_BOTH,
        ["GO", "DONE"],
        chart(a={}, both=parallel(code=compound(wip={}, ready={}), test={}, more=compound(m={}))),
        {"both": "both"},
        ({"both": {"code": "ready", "test": {}, "more": "m"}}, "active"),
        id="a target that is an ancestor of another is dropped",
    ),
    pytest.param(
        IN_BOTH,
        ["GO", "DONE"],
        IN_BOTH,
        {"both.test": "both"},
        ({"both": {"code": "ready", "test": "todo"}}, "active"),
        id="a target that is an ancestor of a leaf that stays is dropped",
    ),
    pytest.param(
        IN_BOTH,
        ["GO"],
        chart(a={}, one={}),
        {"both.code": "one", "both.test": "one"},
        ("one", "active"),
        id="targets are a set",
    ),
    pytest.param(
        IN_BOTH,
        ["GO"],
        chart(a={}, both=parallel(code={}, test=compound(todo={}, run={}))),
        {"both.test": "both.test.run"},
        ({"both": {"code": "wip", "test": "todo"}}, "MappingIncomplete"),
        id="an uncovered leaf whose way changed its kind",
    ),
    pytest.param(
        IN_BOTH,
        ["GO"],
        {"type": "parallel", **nest(a={}, both=BOTH)},
        {"both.test": "both.test.run"},
        ({"both": {"code": "wip", "test": "todo"}}, "MappingIncomplete"),
        id="an uncovered leaf under a root of another kind",
    ),
    pytest.param(
        IN_BOTH,
        ["GO"],
        chart(a={}, both=BOTH, z={}),
        {"both.test": "z"},
        ({"both": {"code": "wip", "test": "todo"}}, "MappingConflict"),
        id="a target beside the leaf that stays",
    ),
    pytest.param(
        AB,
        [],
        AB,
        {"a": ["a", "b"]},
        ("a", "MappingConflict"),
        id="two children of one compound state",
    ),
    pytest.param(
        IN_BOTH,
        ["GO"],
        chart(a={}, both=BOTH, z={}),
        {"both.test": ["z", "a"]},
        ({"both": {"code": "wip", "test": "todo"}}, "MappingConflict"),
        id="a conflict between the targets of one key",
    ),
    pytest.param(
        AB,
        [],
        chart(a={}, x={"always": "y"}, y={}),
        {"a": "x"},
        ("y", "active"),
        id="nobody rests where the target cannot rest",
    ),
    pytest.param(
        AB,
        [],
        chart(a={}, x={"always": "y"}, y={"always": "x"}),
        {"a": "x"},
        ("a", "LandingNotStable"),
        id="an endless landing",
    ),
    pytest.param(
        AB,
        [],
        chart(a={}, x={**compound(p={}, q=FINAL), "onDone": "y"}, y={}),
        {"a": "x.q"},
        ("y", "active"),
        id="done is raised where a state becomes complete",
    ),
]


@pytest.mark.parametrize(("source", "events", "target", "mapping", "expected"), MAPPINGS)
def test_a_mapping(
    source: dict[str, Any],
    events: list[str],
    target: dict[str, Any],
    mapping: dict[str, Any],
    expected: tuple[object, str],
) -> None:
    assert landed(source, events, target, mapping=mapping) == expected


def test_where_a_mapping_speaks_the_rule_is_not_asked() -> None:
    moved = landed(IN_BOTH, ["GO"], IN_BOTH, mapping={"both.test": "a"}, landing="Same")
    assert moved[1] == "MappingConflict"


def test_where_it_does_not_speak_the_rule_is_asked() -> None:
    assert landed(AB, [], AB, mapping={"b": "a"}, landing="Same") == ("a", "active")


KEPT = [
    pytest.param(AB, [], chart(z={}, b={}, a={}), ("a", "active"), id="the same path"),
    pytest.param(AB, [], chart(b={}), ("a", "StateRemoved"), id="no such path"),
    pytest.param(
        AB, [], chart(x=compound(a={})), ("a", "StateMoved"), id="one state elsewhere has the key"
    ),
    pytest.param(
        AB,
        [],
        chart(x=compound(a={}), y=compound(a={})),
        ("a", "StateRemoved"),
        id="two states elsewhere have the key",
    ),
    pytest.param(
        AB,
        [],
        chart(x=compound(p={}, a={"type": "history"})),
        ("a", "StateRemoved"),
        id="a history state elsewhere has the key",
    ),
    pytest.param(
        IN_WORK,
        ["GO"],
        chart(x=compound(p={}, work={"type": "history"}), coding={}),
        ({"work": "coding"}, "StateMoved"),
        id="the leaf's own key counts, also where its parent is gone",
    ),
    pytest.param(
        IN_WORK,
        ["GO"],
        chart(a={}, work=compound(p={}, coding={"type": "history"})),
        ({"work": "coding"}, "StateRemoved"),
        id="a history state in its place is not there",
    ),
    pytest.param(AB, [], chart(a=WORK), ("a", "StateBecameCompound"), id="now compound"),
    pytest.param(AB, [], chart(b={}, a=BOTH), ("a", "StateBecameParallel"), id="now parallel"),
    pytest.param(AB, [], chart(b={}, a=FINAL), ("a", "StateBecameFinal"), id="now final"),
    pytest.param(
        IN_WORK,
        ["GO"],
        chart(a={}, work={}),
        ({"work": "coding"}, "StateBecameAtomic"),
        id="its parent is now atomic",
    ),
    pytest.param(
        IN_WORK,
        ["GO"],
        chart(a={}, work=FINAL),
        ({"work": "coding"}, "StateBecameFinal"),
        id="its parent is now final",
    ),
    pytest.param(
        chart(a={}), [], {"type": "parallel", **nest(a={})}, ("a", "StateBecameParallel"), id="root"
    ),
    pytest.param(
        IN_WORK,
        ["GO"],
        chart(a={}, work=compound(x=compound(coding={}))),
        ({"work": "coding"}, "StateMoved"),
        id="moved below its own parent",
    ),
    pytest.param(
        IN_BOTH,
        ["GO"],
        chart(a={}, both=parallel(code={}, test=compound(x={}))),
        ({"both": {"code": "wip", "test": "todo"}}, "StateBecameAtomic"),
        id="the first leaf in document order says why",
    ),
    pytest.param(
        IN_BOTH,
        ["GO"],
        chart(a={}, both=parallel(more={}, **BOTH["states"])),
        ({"both": {"code": "wip", "test": "todo"}}, "RegionMissing"),
        id="a region more",
    ),
    pytest.param(
        IN_BOTH,
        ["GO"],
        chart(a={}, both=parallel(**BOTH["states"], h={"type": "history"})),
        ({"both": {"code": "wip", "test": "todo"}}, "active"),
        id="a history state is no region",
    ),
    pytest.param(
        IN_BOTH,
        ["GO"],
        chart(a={}, both=parallel(code=BOTH["states"]["code"])),
        ({"both": {"code": "wip", "test": "todo"}}, "StateRemoved"),
        id="a region less",
    ),
    pytest.param(
        IN_WORK,
        ["GO"],
        chart(a={}, other=BOTH, work=WORK),
        ({"work": "coding"}, "active"),
        id="regions of a parallel state that is not active do not count",
    ),
    pytest.param(
        chart(a={}),
        [],
        chart(a={"always": "b"}, b={"always": "a"}),
        ("a", "LandingNotStable"),
        id="endless",
    ),
]


@pytest.mark.parametrize(("source", "events", "target", "expected"), KEPT)
def test_the_same_place(
    source: dict[str, Any],
    events: list[str],
    target: dict[str, Any],
    expected: tuple[object, str],
) -> None:
    if expected[1] == "LandingNotStable":
        target = {**target, "initial": "c", "states": {**target["states"], "c": {}}}
    assert landed(source, events, target, landing="Same") == expected


def test_the_message_of_a_moved_state_names_its_place() -> None:
    workflow = Workflow()
    workflow.deploy("v1", AB)
    workflow.spawn("ann", "v1")
    workflow.deploy("v2", chart(x=compound(a={})), migration("v1"))
    stranding = workflow.actors["ann"].stranding
    assert stranding is not None
    assert stranding.message == "a is x.a in the target. If that is meant, map a to x.a."


LOOP = chart(a={"GO": "b"}, b={"BACK": "a", "GO": "b"})
REPLAYS = [
    pytest.param(
        LOOP,
        ["GO"],
        chart(a={"GO": "checked"}, checked={}, b={}),
        ("checked", "active"),
        id="lands where the history leads in the target",
    ),
    pytest.param(
        LOOP,
        ["GO", "BACK", "GO"],
        chart(a={"GO": "b"}, b={}),
        ("b", "HistoryNotAccepted"),
        id="stops where the target does not accept an event",
    ),
    pytest.param(
        LOOP,
        ["GO", "BACK"],
        chart(a={"GO": "b"}, b=FINAL),
        ("a", "HistoryNotAccepted"),
        id="a target that is done accepts nothing",
    ),
    pytest.param(
        LOOP,
        ["GO"],
        chart(a={"GO": "b"}, b=FINAL),
        ("b", "done"),
        id="may end the actor",
    ),
    pytest.param(
        LOOP,
        ["GO"],
        chart(a={"GO": "x"}, x={"always": "y"}, y={"always": "x"}),
        ("b", "LandingNotStable"),
        id="is endless",
    ),
    pytest.param(
        LOOP, [], chart(x={}), ("x", "active"), id="an empty history leads to the initial state"
    ),
]


@pytest.mark.parametrize(("source", "events", "target", "expected"), REPLAYS)
def test_a_replay(
    source: dict[str, Any],
    events: list[str],
    target: dict[str, Any],
    expected: tuple[object, str],
) -> None:
    assert landed(source, events, target, landing="Replay") == expected


def test_a_replay_names_the_event_that_was_not_accepted() -> None:
    workflow = Workflow()
    workflow.deploy("v1", LOOP)
    workflow.spawn("ann", "v1", "GO", "BACK", "GO")
    workflow.deploy("v2", chart(a={"GO": "b"}, b={}), migration("v1", landing="Replay"))
    stranding = workflow.actors["ann"].stranding
    assert stranding is not None
    assert "v2 does not accept event 1 of the history, BACK." in stranding.message


def test_a_replay_does_not_undo_what_a_mapping_has_decided() -> None:
    workflow = Workflow()
    workflow.deploy("v1", AB)
    workflow.spawn("ann", "v1")
    workflow.deploy("v2", AB, migration("v1", mapping={"a": "b"}))
    assert workflow.where("ann") == ("v2", "b", "active")
    workflow.deploy("v3", AB, migration("v2", landing="Replay"))
    assert workflow.where("ann") == ("v2", "b", "HistoryDoesNotExplainState")


def test_a_replay_does_not_explain_events_that_its_own_version_refuses() -> None:
    workflow = Workflow()
    workflow.deploy("v1", AB)
    workflow.spawn("ann", "v1", "GO")
    workflow.deploy("v2", chart(b={"END": "z"}, z=FINAL), migration("v1", landing="Same"))
    assert workflow.where("ann") == ("v2", "b", "active")
    workflow.deploy("v3", AB, migration("v2", landing="Replay"))
    assert workflow.where("ann") == ("v2", "b", "HistoryDoesNotExplainState")


def test_an_endless_walk_through_the_own_version_strands() -> None:
    workflow = Workflow()
    workflow.deploy("v1", AB)
    workflow.spawn("ann", "v1", "GO")
    endless = chart(a={"GO": "x"}, x={"always": "y"}, y={"always": "x"}, b={})
    workflow.deploy("v2", endless, migration("v1", mapping={"b": "b"}))
    assert workflow.where("ann") == ("v2", "b", "active")
    workflow.deploy("v3", AB, migration("v2", landing="Replay"))
    assert workflow.where("ann") == ("v2", "b", "LandingNotStable")


HISTORY = chart(
    work={
        **compound(a={"NEXT": "b"}, b={}, back={"type": "history", "history": "shallow"}),
        "on": {"PAUSE": "paused"},
    },
    paused={"RESUME": "work.back"},
)


def _paused(kind: str = "shallow", **children: Any) -> dict[str, Any]:
    back = {"type": "history", "history": kind}
    work = {**compound(**children, back=back), "on": {"PAUSE": "paused"}}
    return chart(work=work, paused={"RESUME": "work.back"})


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        pytest.param(HISTORY, {"work": "b"}, id="everything is there"),
        pytest.param(_paused(c={}, a={}, b={}), {"work": "b"}, id="with another default"),
        pytest.param(_paused(c={}, a={}), {"work": "c"}, id="what it recorded is gone"),
        pytest.param(
            _paused(c={}, b=FINAL), {"work": "c"}, id="what it recorded is of another kind"
        ),
        pytest.param(_paused("deep", c={}, b={}), {"work": "c"}, id="shallow became deep"),
    ],
)
def test_recorded_history_is_kept_where_all_of_it_has_a_twin(
    target: dict[str, Any], expected: object
) -> None:
    workflow = Workflow()
    workflow.deploy("v1", HISTORY)
    workflow.spawn("ann", "v1", "NEXT", "PAUSE")
    workflow.deploy("v2", target, migration("v1", landing="Same"))
    workflow.send("ann", "RESUME")
    assert workflow.where("ann") == ("v2", expected, "active")


def test_a_record_that_the_target_could_not_be_in_is_forgotten() -> None:
    def paused(both: dict[str, Any]) -> dict[str, Any]:
        work = compound(both=both, back={"type": "history", "history": "deep"})
        return chart(work={**work, "on": {"PAUSE": "paused"}}, paused={"RESUME": "work.back"})

    workflow = Workflow()
    workflow.deploy("v1", paused(BOTH))
    workflow.spawn("ann", "v1", "DONE", "RUN", "PAUSE")
    workflow.deploy("v2", paused(compound(**BOTH["states"])), migration("v1", landing="Same"))
    workflow.send("ann", "RESUME")
    assert workflow.where("ann") == ("v2", {"work": {"both": {"code": "wip"}}}, "active")


def test_recorded_history_counts_for_what_a_history_explains() -> None:
    workflow = Workflow()
    workflow.deploy("v1", HISTORY)
    workflow.spawn("ann", "v1", "NEXT", "PAUSE")
    workflow.deploy("v2", _paused(c={"NEXT": "a"}, a={}, b={}), migration("v1", landing="Same"))
    workflow.deploy("v3", HISTORY, migration("v2", landing="Replay"))
    assert workflow.where("ann") == ("v2", "paused", "HistoryDoesNotExplainState")


DONE_BEFORE = chart(
    work={**compound(a={"NEXT": "b"}, b=FINAL), "on": {"GO": "c"}},
    c={},
)


def test_no_done_is_raised_for_what_was_complete_already() -> None:
    workflow = Workflow()
    workflow.deploy("v1", DONE_BEFORE)
    workflow.spawn("ann", "v1", "NEXT")
    target = chart(work={**compound(a={}, b=FINAL), "onDone": "c"}, c={})
    workflow.deploy("v2", target, migration("v1", landing="Same"))
    assert workflow.where("ann") == ("v2", {"work": "b"}, "active")


def test_done_is_raised_for_what_stood_elsewhere() -> None:
    workflow = Workflow()
    workflow.deploy("v1", DONE_BEFORE)
    workflow.spawn("ann", "v1", "NEXT")
    target = chart(job={**compound(a={}, b=FINAL), "onDone": "c"}, c={})
    workflow.deploy("v2", target, migration("v1", mapping={"work": "job"}))
    assert workflow.where("ann") == ("v2", "c", "active")


def test_what_was_not_active_was_not_complete() -> None:
    ended = {"type": "parallel", "states": {"l": FINAL, "r": FINAL}}
    workflow = Workflow()
    workflow.deploy("v1", chart(a={"GO": "both"}, both=ended))
    workflow.spawn("ann", "v1")
    target = chart(both={**ended, "onDone": "c"}, c={})
    workflow.deploy("v2", target, migration("v1", mapping={"a": "both"}))
    assert workflow.where("ann") == ("v2", "c", "active")


def test_region_histories_after_a_replay_are_those_of_the_walk() -> None:
    workflow = Workflow()
    workflow.deploy("v1", IN_BOTH)
    workflow.spawn("ann", "v1", "GO", "DONE", "RUN")
    swapped = parallel(
        code=compound(wip={"RUN": "ready"}, ready={}), test=compound(todo={"DONE": "run"}, run={})
    )
    workflow.deploy("v2", chart(a={"GO": "both"}, both=swapped), migration("v1", landing="Replay"))
    regions = {region: lived.types() for region, lived in workflow.actors["ann"].regions}
    assert regions == {"both.code": ("RUN",), "both.test": ("DONE",)}


def test_after_other_landings_a_region_keeps_its_history_where_it_still_is_one() -> None:
    workflow = Workflow()
    workflow.deploy("v1", IN_BOTH)
    workflow.spawn("ann", "v1", "GO", "DONE", "RUN")
    target = chart(a={"GO": "both"}, both=parallel(code={"MORE": "code"}, other={}))
    workflow.deploy(
        "v2", target, migration("v1", mapping={"both.code": "both", "both.test": "both"})
    )
    workflow.send("ann", "MORE")
    regions = {region: lived.types() for region, lived in workflow.actors["ann"].regions}
    assert regions == {"both.code": ("DONE", "MORE")}


def test_a_state_that_is_no_region_any_more_has_no_history() -> None:
    workflow = Workflow()
    workflow.deploy("v1", IN_BOTH)
    workflow.spawn("ann", "v1", "GO", "DONE")
    flat = chart(a={}, both=compound(code={}, test={}))
    workflow.deploy(
        "v2", flat, migration("v1", mapping={"both.code": "both.code", "both.test": "both.code"})
    )
    assert workflow.where("ann") == ("v2", {"both": "code"}, "active")
    assert workflow.actors["ann"].regions == ()
