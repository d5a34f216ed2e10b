"""What a scenario expects, compared with what happened.

An expectation names what it cares about: objects are compared by the keys that it gives, lists and
everything else as a whole. Lists of actors' names have no order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from statekeep.cli.scenario.backend import ActorState, StepError
from statekeep.cli.scenario.run import Result, Run

NAME_LISTS = ("wouldMigrate", "wouldStay", "wouldStrand")
ABSENT = "(nothing)"


@dataclass(frozen=True, slots=True)
class Miss:
    """One thing that is not as expected."""

    what: str
    expected: object
    found: object
    why: tuple[str, ...] = ()

    def sentence(self) -> str:
        return f"{self.what}: expected {self.expected!r}, found {self.found!r}"


def misses_of_step(result: Result, expect: Mapping[str, object] | None) -> list[Miss]:
    """How a step's answer differs from what it expects; an error must be expected."""
    expected_error = None if expect is None else expect.get("error")
    if result.error is not None:
        if expected_error == result.error.code:
            return []
        found = f"{result.error.code}: {result.error.message}"
        return [Miss("error", expected_error or ABSENT, found)]
    if expected_error is not None:
        return [Miss("error", expected_error, ABSENT)]
    return _differences("", expect or {}, result.answer)


async def misses_of_actors(run: Run, expect: object) -> list[Miss]:
    """How actors differ from what a step expects of them."""
    found: list[Miss] = []
    for name, wanted in expect.items() if isinstance(expect, Mapping) else ():
        try:
            state = await run.actor(str(name))
        except StepError as error:
            found.append(Miss(str(name), wanted, error.message))
            continue
        if not isinstance(wanted, Mapping):
            found.append(Miss(str(name), wanted, "an actor: give {version, stateValue, status}"))
            continue
        missed = _differences(f"{name}.", wanted, _seen(state))
        found += [Miss(m.what, m.expected, m.found, _why(state)) for m in missed]
    return found


def _seen(state: ActorState) -> dict[str, object]:
    return {**state.to_json(), "context": state.context, "message": state.message}


def _differences(
    prefix: str, expected: Mapping[str, object], found: Mapping[str, object]
) -> list[Miss]:
    missed: list[Miss] = []
    for key, wanted in expected.items():
        here = found.get(key, ABSENT)
        if not _fits(_sorted(key, wanted), _sorted(key, here), whole=key == "stateValue"):
            missed.append(Miss(f"{prefix}{key}", wanted, here))
    return missed


def _fits(wanted: object, found: object, *, whole: bool) -> bool:
    if isinstance(wanted, Mapping) and isinstance(found, Mapping) and not whole:
        return all(
            key in found and _fits(value, found[key], whole=False) for key, value in wanted.items()
        )
    if isinstance(wanted, list) and isinstance(found, list) and not whole:
        return len(wanted) == len(found) and all(
            _fits(one, other, whole=False) for one, other in zip(wanted, found, strict=True)
        )
    return type(wanted) is type(found) and wanted == found


def _sorted(key: str, value: object) -> object:
    if key in NAME_LISTS and isinstance(value, list):
        return sorted(value, key=str)
    return value


def _why(state: ActorState) -> tuple[str, ...]:
    """What was decided about the actor, for whoever asks why."""
    lines = [f"history: {', '.join(state.history) or '(empty)'}"]
    for decision in state.decisions:
        to = f" → {decision['to']}" if decision["to"] else ""
        reason = f" ({decision['reason']})" if decision["reason"] else ""
        lines.append(
            f"{decision['verdict']} at {decision['changePoint'] or 'a rescue by hand'}:"
            f" {decision['from']}{to}{reason}"
        )
    if state.message:
        lines.append(f"{state.reason}: {state.message}")
    return tuple(lines)
