"""Whatever a line of `test --jsonl` holds, it is answered, and no step ends the program."""

from __future__ import annotations

import copy
import json
from random import Random
from typing import Any

from statekeep.cli.scenario.memory_backend import ServiceBackend
from statekeep.cli.scenario.transcript import answer_line
from support.asyncs import run
from support.scenarios.generate import scenario

JUNK: list[Any] = [
    None, True, 0, -1, 1.5, 10**30, "", "\ud800", "x\0y", [], {}, [1], {"a": 1}, "a.b",
    {"$file": "nope"}, ["a", ["b"]], "é" * 300, {"": {}},
]  # fmt: skip
KEYS = ["extra", "", "states", "on", "id", "name", "workflow", "from", "to", "count"]


def places(value: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of everything inside a JSON value."""
    if isinstance(value, dict):
        inner = list(value.items())
    else:
        inner = list(enumerate(value)) if isinstance(value, list) else []
    found = [above] if above else []
    return found + [path for key, item in inner for path in places(item, (*above, key))]


def spoilt(value: Any, dice: Random) -> Any:
    """The value with some of it replaced by junk."""
    value = copy.deepcopy(value)
    for _ in range(dice.randint(1, 3)):
        *way, last = dice.choice(places(value))
        at = value
        for key in way:
            at = at[key]
        if isinstance(at, dict) and dice.random() < 0.3:
            last = dice.choice(KEYS)
        at[last] = copy.deepcopy(dice.choice(JUNK))
    return value


def test_a_spoilt_scenario_is_answered_with_codes() -> None:
    async def codes(seed: int) -> list[str]:
        line = json.dumps(spoilt(scenario(seed), Random(seed)))
        answer: dict[str, Any] = await answer_line(line.encode(), ServiceBackend.in_memory)
        json.dumps(answer)
        return [step["error"]["code"] for step in answer["steps"] if "error" in step]

    for seed in range(150):
        assert "Internal" not in run(codes(seed)), seed


def test_a_line_that_is_no_scenario_is_answered_by_its_error() -> None:
    lines = (b"", b"nonsense", b"[]", b"1", b"{}", b'{"steps": 1}', b"[" * 100_000, b"\xff")
    for line in lines:
        answer: dict[str, Any] = run(answer_line(line, ServiceBackend.in_memory))
        assert answer["error"]["code"] == "InvalidScenario", line
