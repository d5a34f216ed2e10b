"""What people are told by Events: only what has changed between two statuses. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from statekeep_operator import reasons

Conditions = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Transition:
    """One Event: its reason is that of the condition which changed."""

    type: Literal["Normal", "Warning"]
    reason: str
    message: str


def transitions(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Transition, ...]:
    """The Events of a change from one status to the next."""
    return tuple(_found(_by_type(before), _by_type(after)))


def _found(old: Conditions, new: Conditions) -> Iterator[Transition]:
    reached = [k for k in ("Registered", "Applied") if _became_true(k, old, new)]
    for kind in reached:
        yield Transition("Normal", new[kind]["reason"], new[kind]["message"])
    ready = new["Ready"]
    if _key(old.get("Ready")) != _key(ready):
        if ready["status"] == "False":
            yield Transition(_severity(ready["reason"]), ready["reason"], ready["message"])
        elif not reached:
            yield Transition("Normal", ready["reason"], ready["message"])
    stranded = new.get("Stranded")
    if stranded is not None and _key(old.get("Stranded")) != _key(stranded):
        if stranded["status"] == "True":
            yield Transition("Warning", stranded["reason"], stranded["message"])
        elif "Stranded" in old:
            yield Transition("Normal", stranded["reason"], stranded["message"])


def _severity(reason: str) -> Literal["Normal", "Warning"]:
    waiting = reasons.class_of(reason) == "Reconciling" and reason not in reasons.GATED
    return "Normal" if waiting else "Warning"


def _became_true(kind: str, old: Conditions, new: Conditions) -> bool:
    return kind in new and new[kind]["status"] == "True" and _status(old.get(kind)) != "True"


def _status(condition: Mapping[str, Any] | None) -> str | None:
    return condition["status"] if condition else None


def _key(condition: Mapping[str, Any] | None) -> tuple[str, str] | None:
    return (condition["status"], condition["reason"]) if condition else None


def _by_type(status: Mapping[str, Any]) -> Conditions:
    return {condition["type"]: condition for condition in status.get("conditions") or ()}
