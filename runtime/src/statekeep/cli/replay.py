"""Events through a definition, without a server: one case to one answer, and a stream of them.

Pure but for the two streams it is given. A case that cannot be read is an answer with an error
and never the end of the stream; nothing is kept from one case to the next.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Final, Literal, NoReturn

from statekeep.core.compile import compile_machine
from statekeep.core.configuration import Configuration, value
from statekeep.core.errors import IllegalTargets, NotStable
from statekeep.core.findings import DefinitionError
from statekeep.core.machine import Machine
from statekeep.core.step import initial, step

LONGEST_LINE: Final = 16 * 1024 * 1024

Guards = Literal["Ignore", "Deny"]
StateValue = Any


@dataclass(frozen=True, slots=True)
class Complaint:
    code: str
    pointer: str
    message: str


@dataclass(frozen=True, slots=True)
class Case:
    definition: object
    events: tuple[str, ...]
    guards: Guards


@dataclass(frozen=True, slots=True)
class Replayed:
    """States and statuses from the initial one on; `accepted` has one item an event."""

    states: tuple[StateValue, ...] = ()
    status: tuple[str, ...] = ()
    accepted: tuple[bool, ...] = ()
    error: Complaint | None = None

    def as_json(self) -> dict[str, object]:
        error = self.error
        return {
            "states": list(self.states),
            "status": list(self.status),
            "accepted": list(self.accepted),
            "error": None
            if error is None
            else {"code": error.code, "pointer": error.pointer, "message": error.message},
        }


class BadCase(Exception):
    """What was given is no case; nothing was run."""

    def __init__(self, code: str, pointer: str, message: str) -> None:
        super().__init__(message)
        self.complaint = Complaint(code, pointer, message)


def replay(case: Case) -> Replayed:
    """Runs one case as XState would; what goes wrong ends it and keeps what was reached before.

    `tolerant`: XState takes targets that exclude each other until they are taken, so machines
    that carry them are run here, though never registered.
    """
    try:
        machine = compile_machine(
            case.definition, guards=case.guards, source="string", tolerant=True
        )
    except DefinitionError as error:
        return Replayed(error=_first(error))
    return walk(machine, case.events)


def walk(machine: Machine, events: tuple[str, ...]) -> Replayed:
    """From the initial configuration through `events`."""
    try:
        configuration = initial(machine)
    except (NotStable, IllegalTargets) as error:
        return Replayed(error=_stopped(error, ""))
    states = [value(machine, configuration)]
    status = [_status(configuration)]
    accepted: list[bool] = []
    complaint = None
    for at, event in enumerate(events):
        try:
            stepped = step(machine, configuration, event)
        except (NotStable, IllegalTargets) as error:
            complaint = _stopped(error, f"/events/{at}")
            break
        configuration = stepped.configuration
        accepted.append(stepped.accepted)
        states.append(value(machine, configuration) if stepped.accepted else states[-1])
        status.append(_status(configuration))
    return Replayed(tuple(states), tuple(status), tuple(accepted), complaint)


def _stopped(error: NotStable | IllegalTargets, event: str) -> Complaint:
    """Illegal targets are a place in the definition; an endless macrostep is an event's."""
    pointer = error.pointer if isinstance(error, IllegalTargets) else event
    return Complaint(error.code, pointer, str(error))


def _status(configuration: Configuration) -> str:
    return "done" if configuration.done else "active"


def _first(error: DefinitionError) -> Complaint:
    found = next(one for one in error.findings if one.severity == "error")
    return Complaint(found.code, found.pointer, found.message)


def replay_lines(source: BinaryIO, answer: Callable[[str], None]) -> None:
    """One answer a line, each before the next line is waited for."""
    for line in _lines(source):
        try:
            replayed = replay(parse_case(line))
        except BadCase as bad:
            replayed = Replayed(error=bad.complaint)
        except Exception as fault:  # noqa: BLE001 - the boundary: other lines still want answers
            message = f"a fault of StateKeep's own: {type(fault).__name__}: {fault}"
            replayed = Replayed(error=Complaint("InternalError", "", message))
        answer(json.dumps(replayed.as_json(), separators=(",", ":")))


def _lines(source: BinaryIO) -> Iterator[bytes]:
    """Lines without their ends; of one that is too long no more than shows it."""
    while line := source.readline(LONGEST_LINE + 1):
        ended = line.endswith(b"\n")
        while not ended and len(rest := source.readline(LONGEST_LINE)) > 0:
            ended = rest.endswith(b"\n")
        yield line.rstrip(b"\r\n")


def parse_case(line: bytes) -> Case:
    """Raises BadCase."""
    if len(line) > LONGEST_LINE:
        _refuse("TooLarge", "", f"a line of more than {LONGEST_LINE} bytes")
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _refuse("InvalidJSON", "", f"no UTF-8 text at byte {error.start}")
    given = parse_json_text(text, "")
    if not isinstance(given, dict):
        _refuse("WrongShape", "", 'expected an object {"definition", "events", "guards"?}')
    return Case(_definition(given), _events(given), _guards(given))


def parse_json_text(text: str, pointer: str) -> object:
    try:
        return json.loads(text, parse_constant=_no_constant)
    except RecursionError:
        _refuse("TooDeep", pointer, "nested too deeply to be read")
    except ValueError as error:
        _refuse("InvalidJSON", pointer, f"no JSON: {error}")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _definition(given: dict[str, Any]) -> object:
    if "definition" not in given:
        _refuse("WrongShape", "/definition", "`definition` is missing")
    definition = given["definition"]
    if isinstance(definition, str):
        return parse_json_text(definition, "/definition")
    return definition


def _events(given: dict[str, Any]) -> tuple[str, ...]:
    events = given.get("events")
    if not isinstance(events, list):
        _refuse("WrongShape", "/events", "`events` must be a list of event types")
    return tuple(_event(event, f"/events/{at}") for at, event in enumerate(events))


def _event(event: object, pointer: str) -> str:
    if isinstance(event, dict):
        event, pointer = event.get("type"), f"{pointer}/type"
    if not isinstance(event, str):
        _refuse("WrongShape", pointer, 'an event is its type, or an object {"type": …}')
    if not event.isascii():
        try:
            event.encode()
        except UnicodeEncodeError:
            _refuse("LoneSurrogate", pointer, "half of a surrogate pair, which is no character")
    return event


def _guards(given: dict[str, Any]) -> Guards:
    guards = given.get("guards", "Ignore")
    if guards not in ("Ignore", "Deny"):
        _refuse("WrongShape", "/guards", "`guards` is Ignore or Deny")
    return "Deny" if guards == "Deny" else "Ignore"


def _refuse(code: str, pointer: str, message: str) -> NoReturn:
    raise BadCase(code, pointer, message)
