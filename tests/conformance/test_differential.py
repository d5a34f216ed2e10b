"""A short differential run; `make conformance` is the long one."""

from __future__ import annotations

import pytest

from support.differential import answered
from support.xstate import disagreement, missing


def test_fresh_random_machines_do_what_xstate_does() -> None:
    lacking = missing()
    if lacking is not None:
        pytest.skip(f"NOT COMPARED WITH XSTATE: {lacking}")
    wrong = {
        case["name"]: found
        for case, theirs in answered(first=7_000_000, count=150)
        if (found := disagreement(case, theirs)) is not None
    }
    assert wrong == {}
