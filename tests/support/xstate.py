"""XState, asked through node: the other side of the differential tests."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from statekeep.core.compile import compile_machine
from statekeep.core.configuration import Configuration, value
from statekeep.core.errors import NotStable
from statekeep.core.findings import DefinitionError
from statekeep.core.machine import Machine
from statekeep.core.step import initial, step
from support.parts.node import node_path

FOLDER = Path(__file__).parents[1] / "conformance" / "xstate"


def missing() -> str | None:
    """What keeps us from asking XState, or None."""
    if not (FOLDER / "node_modules" / "xstate").is_dir():
        return "xstate is not installed: `make conformance-xstate` does it"
    return None


def ask(cases: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """XState's answers, one for each case."""
    lines = "\n".join(json.dumps(case) for case in cases)
    done = subprocess.run(
        [str(node_path()), str(FOLDER / "driver.mjs")],
        input=lines,
        capture_output=True,
        text=True,
        check=True,
        env={"NODE_ENV": "production", "PATH": os.environ["PATH"]},
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def our_answer(case: dict[str, Any]) -> dict[str, Any]:
    """What the core says to the same case, in the same words."""
    answer: dict[str, Any] = {
        "states": [],
        "status": [],
        "accepted": [],
        "regions": [],
        "history": [],
        "error": None,
    }
    try:
        machine = compile_machine(case["definition"], guards=case["guards"])
        configuration = initial(machine)
        _note(answer, machine, configuration)
        for event in case["events"]:
            taken = step(machine, configuration, event)
            configuration = taken.configuration
            answer["accepted"].append(taken.accepted)
            answer["regions"].append(list(taken.regions))
            _note(answer, machine, configuration)
    except (DefinitionError, NotStable) as fault:
        answer["error"] = f"{fault.code}: {fault}"
    return answer


def _note(answer: dict[str, Any], machine: Machine, configuration: Configuration) -> None:
    answer["states"].append(value(machine, configuration))
    answer["status"].append("done" if configuration.done else "active")
    answer["history"].append(
        {
            machine.nodes[history].id: sorted(machine.nodes[kept].id for kept in record)
            for history, record in configuration.recorded
        }
    )


def is_beyond_comparison(case: dict[str, Any]) -> bool:
    """A final state from which a history state is targeted that can stand for it.

    XState enters such a state again without having left it, and says again that it is done.
    """
    try:
        machine = compile_machine(case["definition"], guards=case["guards"])
    except DefinitionError:
        return False
    nodes, final = machine.nodes, machine.tables.final_mask
    return any(
        nodes[target].is_history
        and (nodes[target].parent or 0) < transition.source < nodes[nodes[target].parent or 0].end
        for transition in machine.transitions
        if final >> transition.source & 1 and not transition.reenter
        for target in transition.targets or ()
    )


def disagreement(case: dict[str, Any], theirs: dict[str, Any]) -> str | None:
    """What differs, in a few words; None where both say the same, as far as XState can be asked.

    XState leaves its own rules in a few corners (docs/xstate-compatibility.md): from the first
    inconsistent set of states on it is not asked any more, and in one corner not at all.
    """
    found = _difference(case, theirs)
    return None if found is not None and is_beyond_comparison(case) else found


def _difference(case: dict[str, Any], theirs: dict[str, Any]) -> str | None:
    ours = our_answer(case)
    error = theirs["error"]
    if error is None or error == "inconsistent":
        if ours["error"] is not None and error is None:
            return f"we say {ours['error']}"
    elif error.startswith("Infinite loop"):
        if not (ours["error"] or "").startswith(("NotStable", "InvalidDefinition")):
            return f"they say {error}, we {ours['error']}"
    else:
        return None if ours["error"] else f"they say {error}, we nothing"
    for name in ("states", "status", "history"):
        count = min(len(theirs[name]), len(ours[name]))
        for index in range(count):
            if ours[name][index] != theirs[name][index]:
                return f"{name}[{index}]: {ours[name][index]} and not {theirs[name][index]}"
    for name in ("accepted", "regions"):
        count = max(0, min(len(theirs["states"]) - 1, len(ours[name])))
        if ours[name][:count] != theirs[name][:count]:
            return f"{name}: {ours[name][:count]} and not {theirs[name][:count]}"
    return None
