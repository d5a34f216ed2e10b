"""Short ways to write the steps of a scenario."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Step = dict[str, Any]


@dataclass(frozen=True)
class Corner:
    """`sentence` is what the text says; `actors` what therefore holds at the end."""

    sentence: str
    steps: list[Step]
    actors: dict[str, dict[str, Any]] = field(default_factory=dict)
    failing: tuple[int, ...] = ()

    def may_fail(self, index: int) -> bool:
        """Steps that are answered by an error whose code the text does not name."""
        return index in self.failing


def chart(initial: str | None = None, **states: str | dict[str, Any]) -> dict[str, Any]:
    """`chart("a", a="GO>b STOP>c", b="", c=final())`; without an initial state it is parallel."""
    out: dict[str, Any] = {"states": {key: _state(value) for key, value in states.items()}}
    return {**out, "initial": initial} if initial else {**out, "type": "parallel"}


def _state(value: str | dict[str, Any]) -> dict[str, Any]:
    return on(value) if isinstance(value, str) else value


def on(moves: str) -> dict[str, Any]:
    """`"GO>b STOP>c"` as an atomic state with these transitions."""
    pairs = [move.split(">") for move in moves.split()]
    return {"on": {pair[0]: pair[1] for pair in pairs}} if pairs else {}


def final() -> dict[str, Any]:
    return {"type": "final"}


def sub(moves: str, inner: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A state with an inner chart and transitions of its own."""
    return {**on(moves), **inner, **more}


def deploy(name: str, machine: dict[str, Any], parent: str | None = None, **body: Any) -> Step:
    expect = body.pop("expect", None)
    whole = {"id": name, "definition": {"id": "flow", **machine}, **body}
    if parent is not None:
        whole["parentId"] = parent
    return _step("deploy", whole, expect)


def migration(name: str, source: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, "from": source, **fields}


def point(name: str, source: str, target: str, **body: Any) -> Step:
    expect = body.pop("expect", None)
    return _step("changePoint", {"name": name, "from": source, "to": target, **body}, expect)


def refine(name: str, refines: str, target: str, **body: Any) -> Step:
    expect = body.pop("expect", None)
    return _step("changePoint", {"name": name, "refines": refines, "to": target, **body}, expect)


def preview(step: Step, **expect: Any) -> Step:
    return _step("preview", step["deploy"], expect)


def close(name: str, expect: dict[str, Any] | None = None) -> Step:
    return _step("close", name, expect)


def spawn(name: str, version: str, expect: dict[str, Any] | None = None) -> Step:
    return _step("spawn", {"as": name, "definitionId": version}, expect)


def send(name: str, *events: str, expect: dict[str, Any] | None = None) -> Step:
    return _step("send", {"to": name, "events": list(events)}, expect)


def rescue(actor: str, to: str, value: Any, expect: dict[str, Any] | None = None) -> Step:
    body = {"actor": actor, "to": to, "stateValue": value, "reason": "by hand"}
    return _step("rescue", body, expect)


def _step(action: str, body: Any, expect: dict[str, Any] | None) -> Step:
    return {action: body, "expect": expect} if expect is not None else {action: body}


def counts(migrated: int, stayed: int, stranded: int) -> dict[str, int]:
    return {"migrated": migrated, "stayed": stayed, "stranded": stranded}


def error(code: str) -> dict[str, str]:
    return {"error": code}


def at(version: str, value: Any, status: str = "active", **more: Any) -> dict[str, Any]:
    return {"version": version, "stateValue": value, "status": status, **more}


def stuck(version: str, value: Any, reason: str) -> dict[str, Any]:
    return at(version, value, "needs_rescue", reason=reason)
