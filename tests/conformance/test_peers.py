"""The cases of our peers: SCION's suite and the machines of XState's own tests.

They are read from where they lie beside the checkout and are no part of it; without them this
module skips, and says so.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from statekeep.core.compile import compile_machine
from statekeep.core.configuration import value
from statekeep.core.findings import DefinitionError
from statekeep.core.step import initial, step

pytestmark = pytest.mark.conformance

SHARED = Path(os.environ.get("STATEKEEP_SHARED") or Path(__file__).parents[3] / "shared")
FOLDER = SHARED / "conformance"
EXPECTED_CASES = {"scion.jsonl": 76, "xstate.jsonl": 1146}


def run(case: dict[str, Any]) -> dict[str, Any]:
    """What we say to a case, in the words of `expected`."""
    try:
        machine = compile_machine(case["definition"], tolerant=True)
    except DefinitionError:
        return {"states": [], "status": [], "refused": True}
    configuration = initial(machine)
    seen = [configuration]
    for event in case["events"]:
        configuration = step(machine, configuration, event).configuration
        seen.append(configuration)
    return {
        "states": [value(machine, each) for each in seen],
        "status": ["done" if each.done else "active" for each in seen],
        "refused": False,
    }


@pytest.mark.parametrize("name", sorted(EXPECTED_CASES))
def test_every_case_ends_in_the_states_and_statuses_of_xstate(name: str) -> None:
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"CONFORMANCE NOT CHECKED: {path} is not there (set STATEKEEP_SHARED)")
    cases = [json.loads(line) for line in path.read_text().splitlines()]
    assert len(cases) == EXPECTED_CASES[name]
    disagreeing = []
    for case in cases:
        expected = case["expected"]
        wanted = {
            "states": expected["states"],
            "status": expected["status"],
            # What XState refuses only on the way in, we refuse before anything runs.
            "refused": expected["error"] is not None,
        }
        if run(case) != wanted:
            disagreeing.append(case["name"])
    assert disagreeing == []
