"""Statuses: what people read, and when it is worth a write."""

from dataclasses import replace
from typing import Any

import pytest

from statekeep_operator import reasons
from statekeep_operator.conditions import ORDER
from statekeep_operator.facts import Counts, Point, Runtime, Version, Wish
from statekeep_operator.plan import Obstacle
from statekeep_operator.status import (
    Look,
    Preview,
    Status,
    differs_in_numbers_only,
    merge_patch,
    status_of,
    while_away,
)
from support.wishes import cp, runtime, stranded, wd

NOON, LATER = "2026-11-21T12:00:00Z", "2026-11-21T12:05:00Z"
V2 = wd("v2", "all: v1")
MOVED = runtime("v1", "v2", points=("v2.all v1 v2",))
GATED = Obstacle(reasons.TOO_MANY_STRANDED, "5 would strand, 0 may")
SEEN = Preview("sha256:" + "a" * 64, 25, 0, 5, (stranded("", "failed", 5),))


def look(wish: Wish, of: Runtime, obstacle: Obstacle | None = None, **more: Any) -> Status:
    return status_of(Look(wish, of, more.pop("now", NOON), obstacle, **more))


def conditions(status: Status) -> dict[str, tuple[str, str]]:
    return {c["type"]: (c["status"], c["reason"]) for c in status["conditions"]}


def again(wish: Wish, status: Status) -> Wish:
    return Wish(wish.key, wish.uid, wish.generation, wish.spec, status, wish.annotations)


def test_who_is_done_is_ready() -> None:
    status = look(V2, MOVED)
    assert conditions(status) == {
        "Ready": ("True", "Ready"),
        "Registered": ("True", "Registered"),
        "Applied": ("True", "Applied"),
        "Stranded": ("False", "NoneStranded"),
    }
    assert status["migrations"] == [
        {"name": "all", "clock": 3, "migrated": 25, "stayed": 0, "stranded": 5}
    ]
    assert (status["clock"], status["registry"], status["stranded"]) == (2, "registry-1", 0)


def test_a_shut_gate_is_waited_for_and_its_preview_can_be_pasted() -> None:
    status = look(V2, runtime("v1", "v2"), GATED, preview=SEEN)
    assert conditions(status) == {
        "Ready": ("False", "TooManyStranded"),
        "Reconciling": ("True", "TooManyStranded"),
        "Registered": ("True", "Registered"),
        "Previewed": ("False", "AwaitingApproval"),
        "Applied": ("False", "TooManyStranded"),
        "Stranded": ("False", "NoneStranded"),
    }
    assert status["waitingSince"] == NOON
    assert status["preview"]["accept"] == [
        {"version": "v1", "state": "failed", "reason": "StateRemoved", "max": 5}
    ]


def test_the_waiting_goes_on_from_where_it_began_and_begins_anew_with_a_new_generation() -> None:
    first = again(V2, look(V2, runtime("v1", "v2"), GATED))
    assert look(first, runtime("v1", "v2"), GATED, now=LATER)["waitingSince"] == NOON
    changed = Wish(V2.key, V2.uid, 2, V2.spec, first.status)
    assert look(changed, runtime("v1", "v2"), GATED, now=LATER)["waitingSince"] == LATER


@pytest.mark.parametrize("code", sorted(reasons.RECONCILING))
def test_what_time_can_cure_is_reconciling(code: str) -> None:
    told = conditions(look(V2, runtime("v1", "v2"), Obstacle(code, "because")))
    assert (told["Ready"], told["Reconciling"]) == (("False", code), ("True", code))
    assert "Stalled" not in told


@pytest.mark.parametrize(
    "code",
    [
        "InvalidDefinition", "UnknownRegion", "WorkflowMismatch", "BackwardMigration",
        "AmbiguousAnchors", "AnchorNotAccepted", "RefinementChangesPoint", "MappingUnknownSource",
        "MappingUnknownTarget", "MappingHistoryTarget", "DefinitionExists", "ChangePointExists",
        "DeadlineExceeded", "ACodeOfANewerRuntime",
    ],
)  # fmt: skip
def test_what_needs_a_new_generation_is_stalled(code: str) -> None:
    told = conditions(look(V2, runtime("v1", "v2"), Obstacle(code, "because")))
    assert (told["Ready"], told["Stalled"]) == (("False", code), ("True", code))
    assert "Reconciling" not in told


def test_not_ready_never_stands_alone() -> None:
    told = conditions(look(V2, runtime("v1", "v2")))
    assert told["Ready"] == ("False", "Progressing")
    assert told["Reconciling"] == ("True", "Progressing")


def test_conditions_stand_in_one_order() -> None:
    status = look(V2, runtime("v1", "v2"), GATED, preview=SEEN)
    kinds = [c["type"] for c in status["conditions"]]
    assert kinds == [kind for kind in ORDER if kind in kinds]


def test_the_same_facts_again_change_nothing() -> None:
    for of, obstacle, preview in ((MOVED, None, None), (runtime("v1", "v2"), GATED, SEEN)):
        status = look(V2, of, obstacle, preview=preview)
        repeated = look(again(V2, status), of, obstacle, preview=preview, now=LATER)
        assert merge_patch(status, repeated) == {}


def test_a_transition_has_its_time() -> None:
    waiting = again(V2, look(V2, runtime("v1", "v2"), GATED))
    times = {
        c["type"]: c["lastTransitionTime"] for c in look(waiting, MOVED, now=LATER)["conditions"]
    }
    assert times == {"Ready": LATER, "Registered": NOON, "Applied": LATER, "Stranded": NOON}


def test_only_those_stranded_by_this_object_are_counted() -> None:
    kinds = (stranded("v2.all", "failed", 5), stranded("other", "failed", 7))
    status = look(V2, runtime("v1", "v2", points=("v2.all v1 v2",), stranded=kinds))
    assert status["stranded"] == 5
    assert conditions(status)["Stranded"] == ("True", "ActorsStranded")


def test_the_most_frequent_twenty_kinds_are_listed_and_the_rest_is_summed() -> None:
    kinds = tuple(stranded("v2.all", f"state-{n:02}", n) for n in range(1, 31))
    status = look(V2, runtime("v1", "v2", points=("v2.all v1 v2",), stranded=kinds))
    listed = status["strandedBy"]
    assert [kind["count"] for kind in listed[:20]] == list(range(30, 10, -1))
    assert listed[20] == {"version": "*", "state": "*", "reason": "Other", "count": 55}
    assert status["stranded"] == 465


def test_numbers_alone_are_no_hurry() -> None:
    def counted(active: int, *kinds: Any) -> Status:
        known = runtime("v1", "v2", points=("v2.all v1 v2",), stranded=kinds)
        version = Version(2, known.versions["v2"].digest, {"active": active})
        versions = {**known.versions, "v2": version}
        return look(V2, Runtime(known.registry, 3, 3, None, versions, known.points, kinds))

    few, more = counted(25), counted(30)
    assert differs_in_numbers_only(few, more)
    one, two = counted(25, stranded("v2.all", "a", 1)), counted(25, stranded("v2.all", "a", 2))
    assert differs_in_numbers_only(one, two)
    assert not differs_in_numbers_only(few, one), "somebody strands"
    other = counted(25, stranded("v2.all", "a", 1, "StateMoved"))
    assert not differs_in_numbers_only(one, other), "a new reason"


def test_while_the_runtime_is_away_what_was_known_stays() -> None:
    kinds = (stranded("v2.all", "failed", 5),)
    known = look(V2, runtime("v1", "v2", points=("v2.all v1 v2",), stranded=kinds))
    away = Obstacle(reasons.RUNTIME_UNAVAILABLE, "no answer")
    status = while_away(again(V2, known), away, LATER)
    assert conditions(status)["Ready"] == ("False", "RuntimeUnavailable")
    assert conditions(status)["Applied"] == ("True", "Applied")
    assert (status["stranded"], status["migrations"]) == (5, known["migrations"])


def test_a_replaced_registry_does_not_take_the_place_of_the_known_one() -> None:
    known = again(V2, look(V2, MOVED))
    replaced = Obstacle(reasons.REGISTRY_REPLACED, "another")
    status = look(known, runtime(registry="registry-2"), replaced)
    assert status["registry"] == "registry-1"


def test_a_change_point_tells_its_clock_and_what_it_did() -> None:
    status = look(cp("fix", "v1", "v2"), runtime("v1", "v2", points=("fix v1 v2",)))
    assert (status["clock"], status["refinement"]) == (3, 0)
    assert status["result"] == {"migrated": 25, "stayed": 0, "stranded": 5}


def test_each_of_several_migrations_tells_its_own_part_and_the_sum_stands_in_the_message() -> None:
    both = runtime("v1", "v2")
    of: dict[str, Any] = {
        "clock": 3,
        "source": "v1",
        "target": "v2",
        "migrated": 5,
        "stayed": 1,
        "stranded": 2,
    }
    points = {
        "v2.paid": Point(**of, own=Counts(5, 1, 0)),
        "v2.waived": Point(**of, own=Counts(0, 1, 2)),
    }
    status = look(wd("v2", "paid: v1 PAY", "waived: v1 WAIVE"), replace(both, points=points))
    counts = ("name", "migrated", "stayed", "stranded")
    told = [tuple(migration[count] for count in counts) for migration in status["migrations"]]
    assert told == [("paid", 5, 1, 0), ("waived", 0, 1, 2)]
    applied = next(c for c in status["conditions"] if c["type"] == "Applied")
    assert applied["message"] == "2 migrations are applied: 5 migrated, 1 stayed, 2 stranded"


@pytest.mark.parametrize(
    ("before", "after", "patch"),
    [
        ({}, {"a": 1}, {"a": 1}),
        ({"a": 1}, {}, {"a": None}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1}}, {"a": {"c": None}}),
        ({"a": [1]}, {"a": [1, 2]}, {"a": [1, 2]}),
        ({"a": 0}, {"a": 0}, {}),
    ],
)
def test_a_merge_patch_turns_one_into_the_other(
    before: Status, after: Status, patch: Status
) -> None:
    assert merge_patch(before, after) == patch
