"""Steps and compilations a second, beside XState's in the same run.

Prints rates and ratios; the budget is twice XState's pure `transition` and half its
`createMachine`.  The core keeps no memo of steps, so every step is worked out anew.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from statekeep.core.compile import compile_machine
from statekeep.core.machine import Machine
from statekeep.core.step import initial, step
from support.parts.node import node_path

FOLDER = Path(__file__).parent

LOAN: dict[str, Any] = {
    "id": "loan",
    "initial": "submitted",
    "states": {
        "submitted": {"on": {"SUBMIT_INFO": "awaiting_fee", "WITHDRAW": "withdrawn"}},
        "awaiting_fee": {
            "on": {
                "PAY_FEE": "awaiting_docs",
                "WAIVE_FEE": "awaiting_docs",
                "WITHDRAW": "withdrawn",
            }
        },
        "awaiting_docs": {"on": {"UPLOAD": "in_review", "WITHDRAW": "withdrawn"}},
        "in_review": {
            "initial": "queued",
            "states": {
                "queued": {"on": {"PICK": "reading"}},
                "reading": {"on": {"ASK": "waiting", "READ": "read"}},
                "waiting": {"on": {"ANSWER": "reading"}},
                "read": {"type": "final"},
            },
            "onDone": "decision",
            "on": {"WITHDRAW": "withdrawn"},
        },
        "decision": {"on": {"APPROVE": "approved", "REJECT": "rejected"}},
        "approved": {"on": {"PAY_OUT": "paid_out"}},
        "paid_out": {"type": "final"},
        "rejected": {"type": "final"},
        "withdrawn": {"type": "final"},
    },
}
LOAN_EVENTS = [
    "SUBMIT_INFO",
    "PAY_FEE",
    "UPLOAD",
    "PICK",
    "ASK",
    "ANSWER",
    "LATE",
    "READ",
    "APPROVE",
    "PAY_OUT",
]

ORDER: dict[str, Any] = {
    "id": "order",
    "initial": "work",
    "states": {
        "work": {
            "type": "parallel",
            "states": {
                region: {
                    "initial": "open",
                    "states": {
                        "open": {"on": {f"{region}.start": "busy"}},
                        "busy": {"on": {f"{region}.done": "closed", "pause": "paused"}},
                        "paused": {"on": {"resume": "busy"}},
                        "closed": {"type": "final"},
                    },
                }
                for region in ("payment", "packing", "shipping")
            },
            "onDone": "complete",
            "on": {"cancel": "cancelled"},
        },
        "complete": {"type": "final"},
        "cancelled": {"type": "final"},
    },
}
ORDER_EVENTS = [
    "payment.start",
    "packing.start",
    "pause",
    "resume",
    "shipping.start",
    "unknown",
    "packing.done",
    "payment.done",
    "shipping.done",
]

MACHINES: dict[str, dict[str, Any]] = {
    "loan": {"definition": LOAN, "events": LOAN_EVENTS},
    "order (parallel)": {"definition": ORDER, "events": ORDER_EVENTS},
}
ROUNDS = 5
SECONDS = 0.5
SLICE = 0.02
BUDGET = {"step": 2.0, "compile": 0.5}

Figures = dict[str, dict[str, float]]


def rate(work: Callable[[], int]) -> float:
    """How much of `work` is done in a second: the best of many short slices, as on their side."""
    best = 0.0
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        start, count, spent = time.perf_counter(), 0, 0.0
        while spent < SLICE:
            count += work()
            spent = time.perf_counter() - start
        best = max(best, count / spent)
    return best


def ours() -> Figures:
    figures: Figures = {"step": {}, "compile": {}}
    for name, case in MACHINES.items():
        machine = compile_machine(case["definition"])
        figures["step"][name] = rate(partial(_walk, machine, case["events"]))
        figures["compile"][name] = rate(partial(_build, case["definition"]))
    return figures


def _walk(machine: Machine, events: list[str]) -> int:
    configuration = initial(machine)
    for event in events:
        configuration = step(machine, configuration, event).configuration
    return len(events)


def _build(definition: object) -> int:
    compile_machine(definition)
    return 1


def theirs() -> Figures:
    done = subprocess.run(
        [str(node_path()), str(FOLDER / "core_xstate.mjs")],
        input=json.dumps({"machines": MACHINES, "seconds": SECONDS, "slice": SLICE * 1000}),
        capture_output=True,
        text=True,
        check=True,
        env={"NODE_ENV": "production", "PATH": os.environ["PATH"]},
    )
    found: Figures = json.loads(done.stdout)
    return found


def best(rounds: list[Figures]) -> Figures:
    """The best of the rounds; the two sides take turns."""
    return {
        kind: {name: max(figures[kind][name] for figures in rounds) for name in MACHINES}
        for kind in BUDGET
    }


def main() -> int:
    installed = FOLDER.parent / "tests" / "conformance" / "xstate" / "node_modules" / "xstate"
    beside = installed.is_dir()
    mine, xstate = [], []
    for _ in range(ROUNDS):
        mine.append(ours())
        if beside:
            xstate.append(theirs())
    if not beside:
        print("core: NO RATIO: xstate is missing (`make conformance-xstate` installs it)")
    return report(best(mine), best(xstate) if beside else None)


def report(mine: Figures, xstate: Figures | None) -> int:
    failed = False
    for kind, rates in mine.items():
        for name, figure in rates.items():
            line = f"{kind:8} {name:18} {figure:12,.0f}/s"
            if xstate is not None:
                ratio = figure / xstate[kind][name]
                met = ratio >= BUDGET[kind]
                failed |= not met
                line += f"   XState {xstate[kind][name]:12,.0f}/s   {ratio:5.2f} x"
                line += f"   budget {BUDGET[kind]} {'met' if met else 'MISSED'}"
            print(line)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
