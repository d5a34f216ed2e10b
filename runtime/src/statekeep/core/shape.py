"""Which keys a state, a transition and an invocation may have, and of which JSON type.

Tables, and the little code that reads them.  What is not listed here is an error: a misspelt
`intial` that is silently ignored costs its author a day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from statekeep.core.findings import Report
from statekeep.core.pointers import pointer_to

Types = tuple[type, ...]
ANY: Types = (str, bool, int, float, dict, list)

STATE_KEYS: Mapping[str, Types] = {
    "id": (str,),
    "type": (str,),
    "initial": (str, dict),
    "states": (dict,),
    "on": (dict, list),
    "always": (str, dict, list),
    "after": (dict, list),
    "onDone": (str, dict, list),
    "invoke": (str, dict, list),
    "entry": ANY,
    "exit": ANY,
    "history": (bool, str),
    "target": (str, list),
    "tags": (str, list),
    "meta": ANY,
    "description": (str,),
    "output": ANY,
    "route": (dict,),
    # Of the machine, so of the root alone in XState; harmless below it.
    "version": ANY,
    "context": ANY,
    "schemas": ANY,
    "types": ANY,
    "options": (dict,),
    "$schema": (str,),
    # XState v4.
    "key": (str,),
    "data": ANY,
    "activities": ANY,
    "onEntry": ANY,
    "onExit": ANY,
    "strict": (bool,),
    "delimiter": (str,),
    "schema": ANY,
    "tsTypes": ANY,
    "predictableActionArguments": (bool,),
    "preserveActionOrder": (bool,),
}

TRANSITION_KEYS: Mapping[str, Types] = {
    "target": (str, list),
    "guard": ANY,
    "actions": ANY,
    "reenter": (bool,),
    "description": (str,),
    "meta": ANY,
    # XState v4.
    "cond": ANY,
    "in": ANY,
    "internal": (bool,),
    "external": (bool,),
}

INITIAL_KEYS: Mapping[str, Types] = {
    "target": (str, list),
    "actions": ANY,
    "description": (str,),
    "meta": ANY,
}

_ELSEWHERE = {
    "parallel": 'write "type": "parallel"',
    "cond": "a guard belongs to a transition, not to a state",
    "guard": "a guard belongs to a transition, not to a state",
    "actions": "write `entry`, `exit`, or put the actions on a transition",
    "transitions": 'write the transitions under "on"',
    "events": 'write the transitions under "on"',
    "order": "the order of states is the order of their keys",
    "true": 'this is how YAML 1.1 reads a plain `on`; write "on" in quotes',
    "false": "this is how YAML 1.1 reads a plain `off`, `no` or `n`; quote it",
    "delay": 'a delay is a key of "after"',
    "event": 'an event is a key of "on"',
    "targets": 'write "target" with a list',
}

_NAMES = {str: "a string", bool: "true or false", dict: "an object", list: "a list"}

QUOTE = "quote it in YAML, or use definitionJSON"


def check_keys(
    config: Mapping[str, Any], known: Mapping[str, Types], pointer: str, what: str, report: Report
) -> None:
    """Report the keys that nothing knows and the values that are of the wrong type."""
    for key, value in config.items():
        types = known.get(key)
        if types is None:
            report.error(pointer_to(pointer, key), "UnknownKey", _unknown(key, known, what))
        elif value is not None and type(value) not in types:
            report.error(pointer_to(pointer, key), "WrongType", wrong_type(key, value, types))


def wrong_type(name: str, value: object, types: Iterable[type]) -> str:
    """What is wrong with a value of the wrong type, and what to write."""
    wanted = " or ".join(dict.fromkeys(_NAMES.get(kind, "a number") for kind in types))
    if isinstance(value, bool):
        return (
            f"`{name}` is the boolean {str(value).lower()} where {wanted} is expected; "
            f"if you wrote a word such as on, off, yes or no, {QUOTE}"
        )
    if isinstance(value, int | float):
        return f"`{name}` is the number {value!r} where {wanted} is expected; {QUOTE}"
    return f"`{name}` must be {wanted}, and is {_NAMES.get(type(value), 'null')}"


def _unknown(key: str, known: Mapping[str, Types], what: str) -> str:
    shown = key if len(key) <= 64 else f"{key[:64]}…"
    advice = _ELSEWHERE.get(key)
    if advice is None:
        near = get_close_matches(key[:64], known, 1)
        advice = f"did you mean `{near[0]}`?" if near else "remove it, or put it into `meta`"
    return f"{what} has no key `{shown}`; {advice}"
