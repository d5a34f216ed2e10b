"""The value that an author meant: names stay as written, numbers and booleans are what all read.

One definition goes to the core whatever tool will carry it; where the tools differ, `words` has
already said so, and the core's findings should be about the machine.
"""

from __future__ import annotations

import json
import math
from typing import Final

from statekeep.cli.text.tree import Node, Scalar, value_of
from statekeep.cli.yaml_words import FALSE, NULL, TRUE, go_number

_LONGEST_NUMBER: Final = 400


def meant(node: Node) -> object:
    return value_of(node, scalar_meant, lambda key: key.text)


def scalar_meant(node: Scalar) -> object:
    text = node.text
    if not node.plain:
        return text
    if text in TRUE or text in FALSE:
        return text in TRUE
    if text in NULL:
        return None
    return _number(text)


def _number(text: str) -> object:
    number = go_number(text[:_LONGEST_NUMBER])
    if number is None:
        return text
    try:
        exact = json.loads(text)
    except ValueError:
        return number
    return exact if not isinstance(exact, float) or math.isfinite(exact) else text
