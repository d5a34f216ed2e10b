"""The steps of a scenario, read from plain JSON values and checked before anything runs.

A step is an object with one verb and, on any verb, an `expect`. What a verb's body means is the
runtime's business; here only the frame is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from statekeep.cli.scenario.backend import Json, StepError

VERBS: Final = (
    "deploy", "preview", "changePoint", "close", "spawn", "send", "rescue", "freeze", "unfreeze",
)  # fmt: skip
MOST_ACTORS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `verb` is `expect` for a step that only looks."""

    verb: str
    body: object
    expect: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class BadStep:
    """A step that cannot be read: its error is its answer."""

    error: StepError
    expect: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """A name and steps; `where` says where each step stands, for people."""

    name: str
    steps: tuple[Step | BadStep, ...]
    where: tuple[str, ...] = field(default=())


def invalid(message: str) -> StepError:
    """A step that cannot be read."""
    return StepError("InvalidStep", message)


def read_scenario(value: object, default_name: str = "") -> Scenario:
    """A scenario from its JSON value. Raises StepError if it is none at all."""
    if not isinstance(value, Mapping):
        raise StepError("InvalidScenario", "a scenario is an object with 'name' and 'steps'")
    steps = value.get("steps")
    if not isinstance(steps, list):
        raise StepError("InvalidScenario", "'steps' must be a list of steps")
    unknown = sorted(str(key) for key in value if key not in ("name", "steps", "description"))
    if unknown:
        raise StepError("InvalidScenario", f"a scenario has no field '{unknown[0]}'")
    name = value.get("name", default_name)
    return Scenario(str(name), tuple(read_step(step) for step in steps))


def read_step(value: object) -> Step | BadStep:
    """One step from its JSON value."""
    if not isinstance(value, Mapping):
        return BadStep(invalid("a step is an object such as {deploy: …} or {expect: …}"))
    expect = value.get("expect")
    if expect is not None and not isinstance(expect, Mapping):
        return BadStep(invalid("'expect' must be an object"))
    verbs = [key for key in value if key != "expect"]
    if not verbs and expect is not None:
        return Step("expect", expect)
    if len(verbs) != 1 or verbs[0] not in VERBS:
        found = ", ".join(f"'{verb}'" for verb in verbs) or "nothing"
        message = f"a step has one of {', '.join(VERBS)} or only expect; found {found}"
        return BadStep(invalid(message), expect)
    return Step(verbs[0], value[verbs[0]], expect)


@dataclass(frozen=True, slots=True)
class Spawn:
    names: tuple[str, ...]
    version: str
    context: object


@dataclass(frozen=True, slots=True)
class Send:
    to: tuple[str, ...]
    events: tuple[Json, ...]


@dataclass(frozen=True, slots=True)
class Rescue:
    actor: str
    to: str
    state_value: object
    reason: str


def read_spawn(body: object) -> Spawn:
    fields = _fields(body, "spawn", ("as", "definitionId", "initialContext", "count"))
    name = _text(fields, "spawn", "as")
    return Spawn(
        names=_names(name, fields.get("count")),
        version=_text(fields, "spawn", "definitionId"),
        context=fields.get("initialContext"),
    )


def read_send(body: object) -> Send:
    fields = _fields(body, "send", ("to", "events"))
    to = fields.get("to")
    actors = [to] if isinstance(to, str) else to
    if not isinstance(actors, list) or not all(isinstance(name, str) for name in actors):
        raise invalid("'to' of a send must be the name of an actor, or a list of names")
    events = fields.get("events")
    if not isinstance(events, list):
        raise invalid("'events' of a send must be a list of event types")
    return Send(tuple(actors), tuple(_event(event) for event in events))


def read_rescue(body: object) -> Rescue:
    fields = _fields(body, "rescue", ("actor", "to", "stateValue", "reason"))
    reason = fields.get("reason", "")
    if not isinstance(reason, str):
        raise invalid("'reason' of a rescue must be a string")
    return Rescue(
        actor=_text(fields, "rescue", "actor"),
        to=_text(fields, "rescue", "to"),
        state_value=fields.get("stateValue", {}),
        reason=reason,
    )


def read_name(body: object, verb: str) -> str:
    """A verb whose body is a name."""
    if not isinstance(body, str) or not body:
        raise invalid(f"'{verb}' takes a name")
    return body


def read_freeze(body: object) -> tuple[str, str]:
    """A workflow and the reason."""
    if isinstance(body, str):
        return read_name(body, "freeze"), "frozen by a scenario"
    fields = _fields(body, "freeze", ("workflow", "reason"))
    return _text(fields, "freeze", "workflow"), str(fields.get("reason", ""))


def _event(value: object) -> Json:
    if isinstance(value, str):
        return {"type": value}
    if isinstance(value, Mapping) and isinstance(value.get("type"), str):
        unknown = [key for key in value if key not in ("type", "context", "data")]
        if not unknown:
            return dict(value)
    raise invalid("an event is its type, or {type, context, data}; quote what YAML reads otherwise")


def _names(name: str, wanted: object) -> tuple[str, ...]:
    if wanted is None:
        return (name,)
    if isinstance(wanted, bool) or not isinstance(wanted, int) or not 0 < wanted <= MOST_ACTORS:
        raise invalid(f"'count' must be a number from 1 to {MOST_ACTORS}")
    return tuple(f"{name}-{number}" for number in range(1, wanted + 1))


def _fields(body: object, verb: str, known: tuple[str, ...]) -> Mapping[str, object]:
    if not isinstance(body, Mapping):
        raise invalid(f"'{verb}' takes an object with {', '.join(known)}")
    unknown = sorted(str(key) for key in body if key not in known)
    if unknown:
        raise invalid(f"'{verb}' has no field '{unknown[0]}'; known are {', '.join(known)}")
    return body


def _text(fields: Mapping[str, object], verb: str, key: str) -> str:
    value = fields.get(key)
    if not isinstance(value, str) or not value:
        raise invalid(f"'{key}' of a {verb} must be a string")
    return value
