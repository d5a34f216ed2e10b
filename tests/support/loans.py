"""Small workflows that the tests of the services share."""

from __future__ import annotations

import itertools


def chain(*states: str, **events: str) -> dict[str, object]:
    """A machine that goes from state to state; the last one is final where its name is `done`."""
    nodes: dict[str, object] = {}
    for here, following in itertools.pairwise(states):
        event = events.get(here, f"TO_{following.upper()}")
        nodes[here] = {"on": {event: following}}
    nodes[states[-1]] = {"type": "final"} if states[-1] == "done" else {}
    return {"initial": states[0], "states": nodes}


LOAN_V1 = {
    "initial": "submitted",
    "states": {
        "submitted": {"on": {"SUBMIT_INFO": "fee"}},
        "fee": {"on": {"PAY_FEE": "awaiting_docs", "WAIVE_FEE": "awaiting_docs"}},
        "awaiting_docs": {"on": {"DOCS": "done"}},
        "done": {"type": "final"},
    },
}
LOAN_V2 = {
    "initial": "submitted",
    "states": {
        "submitted": {"on": {"SUBMIT_INFO": "fee"}},
        "fee": {"on": {"PAY_FEE": "income_verify", "WAIVE_FEE": "awaiting_docs"}},
        "income_verify": {"on": {"VERIFIED": "awaiting_docs"}},
        "awaiting_docs": {"on": {"DOCS": "done"}},
        "done": {"type": "final"},
    },
}
LOAN_V3 = {
    "initial": "submitted",
    "states": {"submitted": {"on": {"SUBMIT_INFO": "checked"}}, "checked": {}},
}


def loan_v1() -> dict[str, object]:
    return {"id": "loan-v1", "workflow": "loan", "definition": LOAN_V1}


def loan_v2(**more: object) -> dict[str, object]:
    path = ["SUBMIT_INFO", "PAY_FEE"]
    return {
        "id": "loan-v2", "parentId": "loan-v1", "historyPath": path, "definition": LOAN_V2, **more
    }  # fmt: skip


def loan_v3(**more: object) -> dict[str, object]:
    """Nobody in `fee` or later finds a place here."""
    return {"id": "loan-v3", "parentId": "loan-v1", "definition": LOAN_V3, **more}
