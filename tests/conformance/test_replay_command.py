"""`statekeep replay --jsonl` answers the cases of our peers as XState does, line by line."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from statekeep.cli.replay import replay_lines

pytestmark = pytest.mark.conformance

SHARED = Path(os.environ.get("STATEKEEP_SHARED") or Path(__file__).parents[3] / "shared")
CASES = {"scion.jsonl": 76, "xstate.jsonl": 1146}


def agrees(case: dict[str, Any], answer: dict[str, Any]) -> bool:
    """What XState refuses has an error here; everything else is the same, without one."""
    expected = case["expected"]
    if expected["error"] is not None:
        return answer["error"] is not None
    same = (answer["states"], answer["status"]) == (expected["states"], expected["status"])
    return same and answer["error"] is None and len(answer["accepted"]) == len(case["events"])


@pytest.mark.parametrize("name", sorted(CASES))
def test_every_line_is_answered_as_xstate_answers(name: str) -> None:
    path = SHARED / "conformance" / name
    if not path.exists():
        pytest.skip(f"CONFORMANCE NOT CHECKED: {path} is not there (set STATEKEEP_SHARED)")
    text = path.read_bytes()
    said: list[str] = []
    replay_lines(io.BytesIO(text), said.append)
    cases = [json.loads(line) for line in text.splitlines()]
    answers = [json.loads(line) for line in said]
    assert len(cases) == len(answers) == CASES[name]
    pairs = zip(cases, answers, strict=True)
    assert [case["name"] for case, answer in pairs if not agrees(case, answer)] == []
