"""Cursors: where a list goes on, as text that means nothing to who carries it.

A cursor names the last item given and not a count of them, so what is added or taken away
meanwhile neither hides nor repeats what stays.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from typing import TypeVar

from statekeep.web.problems import Refusal

T = TypeVar("T")
Key = list[str | int]


def encode(place: str | Key) -> str:
    """A cursor for a place."""
    text = json.dumps(place, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode("utf-8", "surrogatepass")).decode().rstrip("=")


def decode_text(cursor: str | None) -> str | None:
    """The place that a service named."""
    place = _decode(cursor)
    if place is not None and not isinstance(place, str):
        raise Refusal("InvalidCursor")
    return place


def page(
    items: Sequence[T], key: Callable[[T], Key], cursor: str | None, limit: int
) -> tuple[list[T], str | None]:
    """The items after a cursor, at most `limit`, and the cursor of the next ones.

    `items` are sorted by `key`, which no two of them share.
    """
    last = _decode(cursor)
    rest = items if last is None else _after(items, key, last)
    following = encode(key(rest[limit - 1])) if len(rest) > limit else None
    return list(rest[:limit]), following


def _decode(cursor: str | None) -> object:
    if cursor is None:
        return None
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        return json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except ValueError as error:
        raise Refusal("InvalidCursor") from error


def _after(items: Sequence[T], key: Callable[[T], Key], last: object) -> list[T]:
    """The items after a place, if it has the shape of the keys here."""
    if not isinstance(last, list):
        raise Refusal("InvalidCursor")
    shape = [type(part) for part in last]
    if items and shape != [type(part) for part in key(items[0])]:
        raise Refusal("InvalidCursor")
    return [item for item in items if key(item) > last]
