"""JSON text to a value, strictly.

Python's parser accepts more than JSON (NaN, Infinity) and forgets what a definition must not lose
silently: of two members with one key it keeps the last.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from statekeep.core.findings import DefinitionError, Finding, printable
from statekeep.core.limits import MAX_JSON_DEPTH, MAX_TEXT
from statekeep.core.pointers import pointer_to


class _Doubled(dict[str, Any]):
    """An object in whose text a key stood twice."""

    repeated: tuple[str, ...] = ()


def parse_definition(text: str | bytes) -> object:
    """The JSON value of a text. Raises DefinitionError."""
    if len(text) > MAX_TEXT:
        _refuse("TooLarge", f"more than {MAX_TEXT} characters; split the machine")
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError as fault:
            _refuse("NotJson", f"not UTF-8 at byte {fault.start}")
    if _depth(text) > MAX_JSON_DEPTH:
        _refuse("TooDeep", f"nested deeper than {MAX_JSON_DEPTH} levels; flatten the machine")
    try:
        value: object = json.loads(
            text, object_pairs_hook=_pairs, parse_constant=_constant, parse_float=_float
        )
    except json.JSONDecodeError as fault:
        where = f"line {fault.lineno}, column {fault.colno}"
        _refuse("NotJson", f"not JSON: {fault.msg} at {where}")
    except ValueError as fault:
        _refuse("NotJson", f"not JSON: {fault}")
    repeated = _repeated(value)
    if repeated:
        raise DefinitionError(
            Finding(
                printable(pointer),
                "DuplicateKey",
                "the key stands here twice; one of them would be lost",
            )
            for pointer in repeated
        )
    return value


def _refuse(code: str, message: str) -> NoReturn:
    raise DefinitionError([Finding("", code, printable(message))])


def _depth(text: str) -> int:
    """The deepest nesting, counted before anything recurses."""
    depth = deepest = 0
    inside = escaped = False
    for character in text:
        if inside:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                inside = False
        elif character == '"':
            inside = True
        elif character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    doubled = _Doubled(found)
    keys = [key for key, _ in pairs]
    doubled.repeated = tuple(sorted({key for key in keys if keys.count(key) > 1}))
    return doubled


def _repeated(value: object) -> list[str]:
    pointers: list[str] = []
    waiting: list[tuple[str, object]] = [("", value)]
    while waiting:
        pointer, part = waiting.pop()
        if isinstance(part, _Doubled):
            pointers += [pointer_to(pointer, key) for key in part.repeated]
        if isinstance(part, dict):
            waiting += [(pointer_to(pointer, key), item) for key, item in part.items()]
        elif isinstance(part, list):
            waiting += [(f"{pointer}/{index}", item) for index, item in enumerate(part)]
    return pointers


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _float(text: str) -> float:
    number = float(text)
    if number - number != 0:
        raise ValueError(f"the number {text:.32} is too large")
    return number
