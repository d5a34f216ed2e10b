"""How large a definition may be, and that it is JSON at all.

Owns the documented bounds and the one look at the raw value.  Everything after it may rely on it:
only JSON types, no cycles, no text that cannot be written as UTF-8, bounded depth and size.  The
sweep does not recurse, and it builds a pointer only where it has something to say: the pointers of
a hostile definition may be far larger than the definition.
"""

from __future__ import annotations

import json
from typing import Any

from statekeep.core.findings import Report
from statekeep.core.pointers import pointer_to

MAX_TEXT = 1 << 20
"""Characters of one definition, keys and strings together; a custom resource may hold 128 KiB."""
MAX_VALUES = 100_000
"""JSON values in one definition, `meta` included."""
MAX_JSON_DEPTH = 300
MAX_STATES = 4_096
MAX_DEPTH = 128
"""States above each other, the root included."""
MAX_TRANSITIONS = 16_384
MAX_TARGETS = 256
"""States named by one transition."""
MAX_KEY = 256
"""Characters of a state's key."""
MAX_NAME = 2_048
"""Characters of an id, a target, an event descriptor, or the dotted path of a state."""
MAX_INTEGER_BITS = 13_000
"""Integers that Python writes in decimal at all."""
MAX_ERRORS = 1_000
"""After so many errors the rest is not looked at."""

Link = tuple[Any, object] | None

QUICK_TEXT = 100_000
"""Up to here a text cannot hold more than MAX_VALUES values."""


def _float(text: str) -> float:
    raise ValueError(text)


_WITHOUT_FLOATS = json.JSONDecoder(parse_float=_float)


def is_plain(definition: object, text: str) -> bool:
    """Whether the plain text of the definition shows at once that a sweep would find nothing.

    And that the text is canonical: there is no number in it that has another form.
    """
    if (
        len(text) >= QUICK_TEXT
        or text.count("{") + text.count("[") >= MAX_JSON_DEPTH
        or "\\ud" in text
        or "\\u0000" in text
    ):
        return False
    try:
        return bool(_WITHOUT_FLOATS.decode(text) == definition)
    except ValueError:
        return False


def sweep(definition: object, report: Report) -> bool:
    """Report what is not JSON or out of bounds; False where nothing more can be read safely."""
    stack: list[tuple[Link, Any, int]] = [(None, definition, 0)]
    values = characters = 0
    while stack:
        link, value, depth = stack.pop()
        values += 1
        if isinstance(value, str):
            characters += len(value)
            _check_text(link, value, report)
        elif isinstance(value, dict | list):
            values_below = values + len(stack) + len(value)
            if values_below > MAX_VALUES:
                return _stop(report, link, "TooLarge", f"more than {MAX_VALUES} JSON values")
            if depth >= MAX_JSON_DEPTH:
                return _stop(report, link, "TooDeep", f"nested deeper than {MAX_JSON_DEPTH} levels")
            if isinstance(value, list):
                stack.extend([((link, index), item, depth + 1) for index, item in enumerate(value)])
                continue
            for key, item in value.items():
                if not isinstance(key, str):
                    return _stop(report, link, "NotJson", f"the key {key!r} is no string; quote it")
                here = (link, key)
                characters += len(key)
                _check_text(here, key, report)
                stack.append((here, item, depth + 1))
        elif not _is_scalar(value):
            return _stop(report, link, "NotJson", f"{_name(value)} is no JSON value")
        if characters > MAX_TEXT:
            return _stop(report, link, "TooLarge", f"more than {MAX_TEXT} characters")
        if len(report.errors) > MAX_ERRORS:
            return False
    return True


def _stop(report: Report, link: Link, code: str, message: str) -> bool:
    report.error(_pointer(link), code, f"{message}; a definition of that kind is not read further")
    return False


def _is_scalar(value: object) -> bool:
    if value is None or isinstance(value, bool):
        return True
    if isinstance(value, int):
        return value.bit_length() <= MAX_INTEGER_BITS
    return isinstance(value, float) and value - value == 0


def _name(value: object) -> str:
    kind = type(value).__name__
    return f"the {kind} {value!r}" if isinstance(value, float) else f"a value of type {kind}"


def _check_text(link: Link, text: str, report: Report) -> None:
    if "\0" in text:
        report.error(_pointer(link), "NulCharacter", "contains the character NUL; remove it")
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError:
        report.error(
            _pointer(link),
            "LoneSurrogate",
            "contains half of a surrogate pair, which is no character; write the whole pair",
        )


def _pointer(link: Link) -> str:
    keys: list[object] = []
    while link is not None:
        link, key = link
        keys.append(key)
    pointer = ""
    for key in reversed(keys):
        pointer = pointer_to(pointer, key)
        if len(pointer) > MAX_NAME:
            break
    return pointer
