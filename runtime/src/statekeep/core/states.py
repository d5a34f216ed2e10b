"""Reading the tree of states: kinds, ids, document order.

Owns `State`, which the passes of compilation fill in and nobody changes afterwards, and the checks
that look at one state alone.  Never resolves a name: that needs the whole tree.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from statekeep.core.chart import Kind
from statekeep.core.findings import Report
from statekeep.core.limits import MAX_DEPTH, MAX_KEY, MAX_NAME, MAX_STATES
from statekeep.core.pointers import pointer_to
from statekeep.core.shape import STATE_KEYS, check_keys, wrong_type

INTEGER_LIKE = re.compile(r"0|[1-9][0-9]{0,9}")
"""Keys that JavaScript lists first and in numerical order, whatever the order they are written."""

_TYPES = ("atomic", "compound", "parallel", "final", "history")
_KINDS = {name: Kind(name) for name in _TYPES if name != "history"}


@dataclass(slots=True)
class State:
    index: int
    key: str
    path: tuple[str, ...]
    pointer: str
    config: dict[str, Any]
    parent: int
    """-1 for the root."""
    kind: Kind
    id: str
    default_id: str
    is_history: bool
    by_key: dict[str, int]
    """The children by key, in document order."""
    children: tuple[int, ...] = ()
    end: int = 0
    initial: int | None = None
    default: tuple[int, ...] = ()

    @property
    def may_have_states(self) -> bool:
        return self.kind is Kind.COMPOUND or self.kind is Kind.PARALLEL


_CHILDLESS: dict[str, int] = {}
_ROOT: tuple[str, ...] = ()


def read_states(definition: dict[str, Any], report: Report) -> list[State]:
    """All states in document order; without recursion, as definitions come from anywhere."""
    machine_id = _text(definition, "id") or "(machine)"
    states: list[State] = []
    todo: list[tuple[str, Any, State | None]] = [(machine_id, definition, None)]
    while todo:
        key, config, above = todo.pop()
        pointer, path, default_id = "", _ROOT, machine_id
        if above is not None:
            pointer = pointer_to(f"{above.pointer}/states", key)
            path = (*above.path, key)
            default_id = f"{above.default_id}.{key}"
        if not isinstance(config, dict):
            report.error(pointer, "WrongType", wrong_type("a state", config, (dict,)))
            continue
        if len(states) == MAX_STATES:
            report.error("", "TooManyStates", f"more than {MAX_STATES} states; split the machine")
            break
        kind = _kind(config) if config else Kind.ATOMIC
        state = State(
            len(states),
            key,
            path,
            pointer,
            config,
            -1 if above is None else above.index,
            kind,
            _text(config, "id") or default_id,
            default_id,
            kind is Kind.SHALLOW or kind is Kind.DEEP,
            {} if config.get("states") else _CHILDLESS,
        )
        states.append(state)
        if above is not None:
            above.by_key[key] = state.index
        if config:
            _check_state(state, report)
            if config.get("states") and state.may_have_states and _may_go_deeper(state, report):
                todo += _children(state, report)
    for state in reversed(states):
        if state.by_key:
            state.children = tuple(state.by_key.values())
            state.end = states[state.children[-1]].end
        else:
            state.end = state.index + 1
    return states


def _kind(config: dict[str, Any]) -> Kind:
    """XState's rule: `type` if given, else what the other keys suggest."""
    given = config.get("type")
    if not given:
        if config.get("states"):
            return Kind.COMPOUND
        if not config.get("history"):
            return Kind.ATOMIC
    elif given != "history":
        return _KINDS.get(given, Kind.ATOMIC) if isinstance(given, str) else Kind.ATOMIC
    return Kind.DEEP if config.get("history") == "deep" else Kind.SHALLOW


def _check_state(state: State, report: Report) -> None:
    config, pointer = state.config, state.pointer
    check_keys(config, STATE_KEYS, pointer, "a state", report)
    if "type" in config:
        _check_type(config["type"], pointer, report)
    if "id" in config and len(state.id) > MAX_NAME:
        report.error(f"{pointer}/id", "NameTooLong", f"an id of more than {MAX_NAME} characters")
    if state.is_history and state.parent < 0:
        report.error(pointer, "HistoryAtRoot", "the machine itself cannot be a history state")
    if not state.may_have_states and config.get("states"):
        kind = "history" if state.is_history else state.kind.value
        report.error(
            f"{pointer}/states",
            "StatesNotAllowed",
            f"a state of type {kind} has no states below it; remove `states`, or its `type`",
        )
    if "tags" in config:
        _check_tags(config["tags"], pointer, report)


def _check_type(given: Any, pointer: str, report: Report) -> None:
    if given and isinstance(given, str) and given not in _TYPES:
        near = get_close_matches(given[:32], _TYPES, 1)
        advice = f"did you mean `{near[0]}`?" if near else f"it must be one of {', '.join(_TYPES)}"
        report.error(f"{pointer}/type", "UnknownType", f"no such type of state; {advice}")


def _check_tags(tags: Any, pointer: str, report: Report) -> None:
    wrong = [tag for tag in tags if not isinstance(tag, str)] if isinstance(tags, list) else []
    if wrong:
        report.error(f"{pointer}/tags", "WrongType", wrong_type("a tag", wrong[0], (str,)))


def _may_go_deeper(state: State, report: Report) -> bool:
    if len(state.path) + 1 >= MAX_DEPTH:
        report.error(state.pointer, "TooDeep", f"more than {MAX_DEPTH} states above each other")
        return False
    if len(state.default_id) > MAX_NAME:
        report.error(state.pointer, "NameTooLong", f"a path of more than {MAX_NAME} characters")
        return False
    return True


def _children(state: State, report: Report) -> list[tuple[str, Any, State | None]]:
    """The children to read, the first one last."""
    below = state.config["states"]
    if not isinstance(below, dict):
        return []
    return [
        (key, config, state)
        for key, config in reversed(below.items())
        if _is_good_key(key, state, report)
    ]


def _is_good_key(key: str, state: State, report: Report) -> bool:
    if key and len(key) <= MAX_KEY and not key[0].isdigit():
        return True
    pointer = pointer_to(f"{state.pointer}/states", key)
    if not key:
        report.error(pointer, "EmptyKey", "a state needs a name; an empty key cannot be a target")
    elif len(key) > MAX_KEY:
        report.error(pointer[:MAX_NAME], "NameTooLong", f"a key of more than {MAX_KEY} characters")
    elif INTEGER_LIKE.fullmatch(key):
        report.error(
            pointer,
            "IntegerLikeKey",
            f"the state `{key}` is named like a number: JavaScript lists such keys before all "
            f"others, so their order would not mean the same everywhere; name it `s{key}`, say",
        )
    else:
        return True
    return False


def _text(config: dict[str, Any], key: str) -> str:
    value = config.get(key)
    return value if isinstance(value, str) else ""
