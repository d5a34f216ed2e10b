"""Steps and compilations a second, beside XState's in the same run.

Prints rates and ratios; the budget is twice XState's pure `transition` and half its
`createMachine`.  Nothing is remembered between steps but what the core always keeps.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from statekeep.core.compile import compile_machine
from statekeep.core.step import initial, step

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

MACHINES = {
    "loan": {"definition": LOAN, "events": LOAN_EVENTS},
    "order (parallel)": {"definition": ORDER, "events": ORDER_EVENTS},
}
SECONDS = 1.5
BUDGET = {"step": 2.0, "compile": 0.5}


def rate(work: Callable[[], int]) -> float:
    """How much of `work` is done in a second."""
    for _ in range(200):
        work()
    start, count, spent = time.perf_counter(), 0, 0.0
    while spent < SECONDS:
        for _ in range(20):
            count += work()
        spent = time.perf_counter() - start
    return count / spent


def ours() -> dict[str, dict[str, float]]:
    figures: dict[str, dict[str, float]] = {"step": {}, "compile": {}}
    for name, case in MACHINES.items():
        definition: Any = case["definition"]
        events: Any = case["events"]
        machine = compile_machine(definition)

        def walk(machine: Any = machine, events: Any = events) -> int:
            configuration = initial(machine)
            for event in events:
                configuration = step(machine, configuration, event).configuration
            return len(events)

        def build(definition: Any = definition) -> int:
            compile_machine(definition)
            return 1

        figures["step"][name] = rate(walk)
        figures["compile"][name] = rate(build)
    return figures


def theirs() -> dict[str, dict[str, float]] | None:
    folder = Path(__file__).parent
    installed = folder.parent / "tests" / "conformance" / "xstate" / "node_modules" / "xstate"
    if shutil.which("node") is None or not installed.is_dir():
        return None
    done = subprocess.run(
        ["node", str(folder / "core_xstate.mjs")],
        input=json.dumps({"machines": MACHINES, "seconds": SECONDS}),
        capture_output=True,
        text=True,
        check=True,
        env={"NODE_ENV": "production", "PATH": "/usr/local/bin:/usr/bin:/bin"},
    )
    found: dict[str, dict[str, float]] = json.loads(done.stdout)
    return found


def main() -> int:
    mine, xstate = ours(), theirs()
    if xstate is None:
        print("core: node or xstate is missing (make conformance-setup), so there is no ratio")
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
