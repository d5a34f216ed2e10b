"""The identity of a definition: one canonical form and one SHA-256.

The canonical form is JSON without whitespace and with sorted keys, and beside it the keys of every
`states` in their order, because that order is document order.  Everything that is carried along
counts, `meta` and `description` too; so does the guard policy, and nothing else outside the
definition.  Nobody else hashes definitions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from statekeep.core.chart import Guards

FORMAT = "statekeep/machine/1"

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)
_FLOAT = re.compile(r"[:,\[]-?[0-9]+[.eE]")
"""What every float in the text looks like; a string that does costs only time."""


def digest_of(canonical: str, order: Iterable[Iterable[str]], guards: Guards) -> str:
    """`sha256:…` of a definition, by its canonical text.

    `order` has, for each state in document order, the keys of its children: none is empty, and
    none contains NUL, which separates them.
    """
    keys = "\0\0".join(["\0".join(below) for below in order])
    return "sha256:" + sha256(f"{FORMAT}\n{guards}\n{keys}\n{canonical}".encode()).hexdigest()


def plain_text(definition: Any) -> str:
    """JSON with sorted keys. Raises what json raises where the value is no JSON."""
    return _ENCODER.encode(definition)


def canonical_text(definition: Any) -> str:
    """The plain text, but a number that is an integer is written as one: 1.0 is 1."""
    text = plain_text(definition)
    if not _FLOAT.search(text):
        return text
    return _ENCODER.encode(_integers(definition))


def _integers(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _integers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_integers(item) for item in value]
    return value
