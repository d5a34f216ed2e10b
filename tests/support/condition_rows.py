"""One object for each thing that conditions can say, with the status that the operator writes.

The rows come from the operator's own table of reasons and from the runtime's table of refusals, and
the statuses from the operator's own modules: a new code is a new row by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from statekeep.core.refusals import Code
from statekeep_operator import reasons
from statekeep_operator.facts import Point, Runtime, Stranded, Version, Wish, wish_from
from statekeep_operator.models import ChangePointStatus, WorkflowDefinitionStatus
from statekeep_operator.plan import Obstacle
from statekeep_operator.status import Look, Preview, status_of, while_away
from support.cluster import Manifest, change_point, definition

Verdict = Literal["Current", "InProgress", "Failed"]
KINDS = ("WorkflowDefinition", "ChangePoint")
NOW = "2026-11-21T12:00:00Z"
HASH = f"sha256:{'0' * 64}"
BY_HAND = frozenset({Code.ACTOR_DONE, Code.ILLEGAL_STATE, Code.LANDING_NOT_STABLE})
"""Refusals of a rescue of one actor: no object asks for one."""
NEWER = "CodeOfANewerRuntime"
REFUSED = sorted({code.value for code in Code} - {code.value for code in BY_HAND})
REASONS = tuple(sorted({*reasons.RECONCILING, *REFUSED, reasons.DEADLINE_EXCEEDED, NEWER}))
PERSONS_TURN = frozenset(
    {
        reasons.SUSPENDED,
        reasons.FROZEN,
        reasons.TOO_MANY_STRANDED,
        reasons.PLAN_DRIFTED,
        reasons.REGISTRY_REPLACED,
    }
)
"""What is waited for, but not for time: Argo CD has a word of its own for it."""
_AWAY = frozenset({reasons.RUNTIME_UNAVAILABLE, reasons.RUNTIME_TOO_OLD})
_PREVIEWED = frozenset({*reasons.GATED, reasons.SUSPENDED, reasons.DEADLINE_EXCEEDED})


@dataclass(frozen=True, slots=True)
class Row:
    """An object as the API server holds it, and how tools should take it."""

    name: str
    object: Manifest
    verdict: Verdict

    @property
    def kind(self) -> str:
        return str(self.object["kind"])

    @property
    def health(self) -> str:
        """What Argo CD should call it."""
        if self.verdict == "InProgress":
            return "Suspended" if self.name in PERSONS_TURN else "Progressing"
        return {"Current": "Healthy", "Failed": "Degraded"}[self.verdict]


def rows() -> list[Row]:
    """Every row of both kinds, by kind and name."""
    return [row for kind in KINDS for row in sorted(_of(kind), key=lambda row: row.name)]


def _of(kind: str) -> Iterator[Row]:
    yield Row("new", _object(kind, {"observedGeneration": -1}), "InProgress")
    ready = status_of(_ready(kind))
    yield Row("ready", _object(kind, ready), "Current")
    yield Row("ready-and-suspended", _object(kind, ready, suspend=True), "Current")
    yield Row("ready-and-stranded", _object(kind, status_of(_stranded(kind))), "Current")
    yield Row("ready-in-the-last-generation", _object(kind, ready, generation=2), "InProgress")
    for reason in REASONS:
        stalled = reasons.class_of(reason) == "Stalled"
        yield Row(
            reason, _object(kind, _blocked(kind, reason)), "Failed" if stalled else "InProgress"
        )


def _object(kind: str, status: Mapping[str, Any], *, generation: int = 1, **spec: Any) -> Manifest:
    written = _manifest(kind)
    meta = {**written["metadata"], "generation": generation, "uid": "8c1f"}
    found = {**written, "metadata": meta, "spec": {**written["spec"], **spec}}
    model = WorkflowDefinitionStatus if kind == "WorkflowDefinition" else ChangePointStatus
    model.model_validate(status)
    return {**found, "status": dict(status)}


def _manifest(kind: str) -> Manifest:
    if kind == "WorkflowDefinition":
        paid = {"name": "paid", "from": "claim-v1", "historyPath": ["SUBMIT"]}
        return definition("claim-v2", "claim", migrations=[paid])
    return change_point("paid-fee", from_="claim-v1", to="claim-v2", historyPath=["SUBMIT"])


def _wish(kind: str) -> Wish:
    return wish_from(_object(kind, {"observedGeneration": -1}))


def _runtime(kind: str, *, applied: bool) -> Runtime:
    """The version is registered, and what leads to it only where it is applied."""
    point = "claim-v2.paid" if kind == "WorkflowDefinition" else "paid-fee"
    done = Point(3, "claim-v1", "claim-v2", plan_hash=HASH, migrated=240, stayed=12)
    return Runtime(
        registry="3b0c",
        clock=3,
        versions={"claim-v2": Version(2, HASH, {"active": 240})},
        points={point: done} if applied else {},
    )


def _ready(kind: str) -> Look:
    return Look(_wish(kind), _runtime(kind, applied=True), NOW)


def _stranded(kind: str) -> Look:
    look = _ready(kind)
    (point,) = look.runtime.points
    twelve = Stranded(point, "claim-v1", "review", "StateRemoved", 12)
    return replace(look, runtime=replace(look.runtime, stranded=(twelve,)))


def _blocked(kind: str, reason: str) -> Mapping[str, Any]:
    obstacle = Obstacle(reason, "what is wrong, where, and the way out")
    if reason in _AWAY:
        return while_away(_wish(kind), obstacle, NOW)
    twelve = Stranded("", "claim-v1", "review", "StateRemoved", 12)
    preview = Preview(HASH, 240, 0, 12, (twelve,)) if reason in _PREVIEWED else None
    runtime = _runtime(kind, applied=False)
    return status_of(Look(_wish(kind), runtime, NOW, obstacle=obstacle, preview=preview))
