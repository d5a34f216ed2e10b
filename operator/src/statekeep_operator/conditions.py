"""The only writer of conditions: from what is known of an object to its list of conditions.

Follows kstatus. ``Ready`` is always there; ``Reconciling`` and ``Stalled`` only while true, and one
of them stands beside every ``Ready=False``, since alone it would be waited for until the time-out
and mean nothing to people. ``lastTransitionTime`` moves only with the status, so that writing the
same facts again changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from statekeep_operator import reasons

Condition = dict[str, Any]
ORDER = ("Ready", "Reconciling", "Stalled", "Registered", "Previewed", "Applied", "Stranded")
MESSAGE_LENGTH = 4096


@dataclass(frozen=True, slots=True)
class Fact:
    """One step of an object's life: true with what was reached, or not with why not."""

    status: Literal["True", "False", "Unknown"]
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an object stands; ``blocked`` is the one thing that keeps it from being ready."""

    registered: Fact
    blocked: Fact | None = None
    previewed: Fact | None = None
    applied: Fact | None = None
    stranded: int = 0
    stranded_by: tuple[str, ...] = field(default=())


def conditions(
    standing: Standing, *, generation: int, now: str, previous: Iterable[Mapping[str, Any]] = ()
) -> list[Condition]:
    """The conditions of an object, with the transition times of those whose status did not
    change."""
    before = {condition["type"]: condition for condition in previous}
    facts = _facts(standing)
    return [
        _condition(kind, facts[kind], generation, now, before.get(kind))
        for kind in ORDER
        if kind in facts
    ]


def _facts(standing: Standing) -> dict[str, Fact]:
    facts = {
        "Ready": _ready(standing),
        "Registered": standing.registered,
        "Stranded": _stranded(standing),
    }
    if standing.blocked is not None:
        kind = reasons.class_of(standing.blocked.reason)
        facts[kind] = Fact("True", standing.blocked.reason, standing.blocked.message)
    if standing.previewed is not None:
        facts["Previewed"] = standing.previewed
    if standing.applied is not None:
        facts["Applied"] = standing.applied
    return facts


def _ready(standing: Standing) -> Fact:
    if standing.blocked is not None:
        return Fact("False", standing.blocked.reason, standing.blocked.message)
    return Fact("True", reasons.READY, (standing.applied or standing.registered).message)


def _stranded(standing: Standing) -> Fact:
    if standing.stranded == 0:
        return Fact("False", reasons.NONE_STRANDED, "no actor is stranded by this object")
    kinds = "; ".join(standing.stranded_by)
    verb = "actor is" if standing.stranded == 1 else "actors are"
    return Fact("True", reasons.STRANDED, f"{standing.stranded} {verb} stranded: {kinds}")


def _condition(
    kind: str, fact: Fact, generation: int, now: str, before: Mapping[str, Any] | None
) -> Condition:
    unchanged = before is not None and before["status"] == fact.status
    return {
        "type": kind,
        "status": fact.status,
        "observedGeneration": generation,
        "lastTransitionTime": before["lastTransitionTime"] if before and unchanged else now,
        "reason": fact.reason,
        "message": fact.message[:MESSAGE_LENGTH],
    }
