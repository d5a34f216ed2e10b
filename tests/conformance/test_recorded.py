"""Generated machines with the answers XState gave, so that no node is needed to compare."""

from __future__ import annotations

import json
from pathlib import Path

from support.xstate import disagreement

RECORDED = Path(__file__).parents[1] / "golden" / "core" / "xstate.jsonl"


def test_every_recorded_machine_does_what_xstate_did() -> None:
    cases = [json.loads(line) for line in RECORDED.read_text(encoding="utf-8").splitlines()]
    assert len(cases) == 400
    wrong = {case["name"]: disagreement(case, case["answer"]) for case in cases}
    assert {name: found for name, found in wrong.items() if found is not None} == {}


def test_the_recorded_machines_use_what_is_hard() -> None:
    """A set without parallel states, history and internal events would prove little."""
    text = RECORDED.read_text(encoding="utf-8")
    for feature in ('"parallel"', '"deep"', '"always"', '"onDone"', '"reenter":true', '"go.*"'):
        assert text.count(feature) > 20, feature
    answers = [json.loads(line)["answer"] for line in text.splitlines()]
    assert sum(any(answer["history"]) for answer in answers) > 100
    assert sum("done" in answer["status"] for answer in answers) > 20
    assert sum(answer["error"] is not None for answer in answers) > 5
