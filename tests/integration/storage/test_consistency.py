"""Concurrent histories of several replicas have a legal serial order, or the checker would say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace

import pytest

from support.asyncs import run
from support.consistency import load
from support.consistency.check import faults
from support.consistency.hunt import judged
from support.consistency.record import History, Operation

SEEDS = (
    5022, 5034, 5038, 5051, 5057, 5059, 5062, 5063, 5067, 5072, 5078, 5083, 5116, 5141, 5159, 5175,
    5200, 5202, 5211, 5217, 5218, 5232, 5243, 5259, 5285, 5293, 5304, 5397, 5447, 5463,
)  # fmt: skip
"""Scenarios with closings, brakes and rescues: what comes of them differs from run to run."""
SPOILT = range(15)


def test_random_histories_have_a_legal_serial_order(valkey_url: str) -> None:
    seen = Counter[str]()
    assert [fault for seed in SEEDS for fault in judged(valkey_url, seed, seen)] == []
    for kind in ("spawn", "send", "get", "rescue", "deploy", "changePoint", "close", "freeze"):
        assert seen[kind], f"no history had a {kind}: {seen}"
    assert seen["at once"] > seen["send"] / 3, "too little happens at once to show anything"


def _operations(history: History, kind: str) -> Iterator[tuple[str, Operation]]:
    for name, operations in history.actors.items():
        for operation in operations:
            if operation.kind == kind and operation.error is None:
                yield name, operation


def lose_an_event(history: History) -> bool:
    for final in history.final.values():
        if final["history"]:
            final["history"].pop()
            return True
    return False


def take_an_event_twice(history: History) -> bool:
    for final in history.final.values():
        if final["history"]:
            final["history"].append(final["history"][-1])
            final["length"] += 1
            final["revision"] += 1
            return True
    return False


def answer_from_the_past(history: History) -> bool:
    """A read that began after an accepted event was answered, and does not know of it."""
    for name, sent in _operations(history, "send"):
        for other, read in _operations(history, "get"):
            later = name == other and sent.end < read.begin
            if later and sent.told["accepted"] and read.told["revision"] == sent.told["revision"]:
                read.told["revision"] -= 1
                read.told["length"] -= 1
                return True
    return False


def deny_what_was_accepted(history: History) -> bool:
    for _, sent in _operations(history, "send"):
        if sent.told["accepted"]:
            sent.told["accepted"] = False
            return True
    return False


def refuse_without_a_reason(history: History) -> bool:
    for operation in history.registry:
        if operation.error is None:
            refused = replace(operation, error="BackwardMigration", told={})
            history.registry.append(refused)
            return operation.kind == "deploy"
    return False


def forget_a_decision(history: History) -> bool:
    for final in history.final.values():
        if final["decisions"]:
            final["decisions"].pop()
            return True
    return False


def count_one_more(history: History) -> bool:
    for number, change in enumerate(history.changes):
        if change.result.get("migrated"):
            more = {**change.result, "migrated": change.result["migrated"] + 1}
            history.changes[number] = replace(change, result=more)
            return True
    return False


def stay_behind(history: History) -> bool:
    """An actor that was migrated, and says at the end that it was not."""
    for final in history.final.values():
        moved = [d for d in final["decisions"] if d["verdict"] == "migrated" and d["changePoint"]]
        if moved and moved[-1]["to"] == final["version"] != moved[-1]["from"]:
            final["version"] = moved[-1]["from"]
            return True
    return False


@pytest.fixture(scope="module")
def histories(valkey_url: str) -> list[History]:
    return [run(load.run(valkey_url, seed)) for seed in SPOILT]


@pytest.mark.parametrize(
    "spoil",
    [
        lose_an_event,
        take_an_event_twice,
        answer_from_the_past,
        deny_what_was_accepted,
        refuse_without_a_reason,
        forget_a_decision,
        count_one_more,
        stay_behind,
    ],
)
def test_the_checker_notices(histories: list[History], spoil: Callable[[History], bool]) -> None:
    spoilt = [deepcopy(history) for history in histories]
    touched = [history for history in spoilt if spoil(history)]
    assert touched, "no history could be spoilt like this"
    assert all(faults(history) for history in touched[:3])
