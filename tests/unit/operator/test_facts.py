"""Reading objects: durations, deadlines, and whose a ChangePoint is."""

from datetime import UTC, datetime, timedelta

import pytest

from statekeep_operator.facts import due, duration, owner_of
from support.wishes import wd

NOON = "2026-11-21T12:00:00Z"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("90s", timedelta(seconds=90)),
        ("10m", timedelta(minutes=10)),
        ("1h30m", timedelta(minutes=90)),
        ("0s", timedelta()),
    ],
)
def test_durations(written: str, expected: timedelta) -> None:
    assert duration(written) == expected


def test_a_deadline_counts_from_where_the_waiting_began() -> None:
    status = {"waitingSince": NOON, "observedGeneration": 1}
    waiting = wd("v2", gate={"deadline": "10m"}, status=status)
    assert due(waiting) == datetime(2026, 11, 21, 12, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("gate", "status", "generation"),
    [
        ({}, {"waitingSince": NOON, "observedGeneration": 1}, 1),
        ({"deadline": "10m"}, {"observedGeneration": 1}, 1),
        ({"deadline": "10m"}, {"waitingSince": NOON, "observedGeneration": 1}, 2),
    ],
    ids=["no deadline", "does not wait", "a new generation"],
)
def test_otherwise_nothing_is_due(
    gate: dict[str, str], status: dict[str, object], generation: int
) -> None:
    assert due(wd("v2", gate=gate, status=status, generation=generation)) is None


@pytest.mark.parametrize(
    ("kind", "owners", "expected"),
    [
        ("ChangePoint", [{"kind": "WorkflowDefinition", "name": "v2", "controller": True}], "v2"),
        ("ChangePoint", [{"kind": "WorkflowDefinition", "name": "v2"}], None),
        ("ChangePoint", [{"kind": "ConfigMap", "name": "x", "controller": True}], None),
        ("ChangePoint", [], None),
        ("WorkflowDefinition", [], None),
    ],
)
def test_whose_a_change_point_is(
    kind: str, owners: list[dict[str, object]], expected: str | None
) -> None:
    assert owner_of({"kind": kind, "metadata": {"ownerReferences": owners}}) == expected
