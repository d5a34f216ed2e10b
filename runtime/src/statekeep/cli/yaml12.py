"""YAML 1.2, core schema, for the files that only StateKeep reads: `on`, `yes` and `no` are words.

Refuses what would be lost or guessed: duplicate keys, keys that are no strings, tags, infinities,
numbers that JSON cannot hold. Anchors, aliases and merge keys work, within the bounds of `text`.
A JSON file is read just as well. ``$file`` is not resolved here.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

from statekeep.cli.text.tree import (
    Document,
    Mapping,
    Mark,
    Node,
    Scalar,
    Sequence,
    TextError,
    locate,
)
from statekeep.cli.text.yaml_text import is_merge, parse_yaml, parse_yaml_document

_WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("null", "Null", "NULL", "~", ""), None),
}
_INTEGER: Final = re.compile(r"[-+]?[0-9]+\Z")
_BASED: Final = re.compile(r"0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_ENDLESS: Final = re.compile(r"[-+]?\.(?:inf|Inf|INF)\Z|\.(?:nan|NaN|NAN)\Z")
_STRING_TAGS: Final = (None, "!", "tag:yaml.org,2002:str")
_MAX_DIGITS: Final = 400


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """A value and the tree it came from, so that a complaint about a part can name its line."""

    value: object
    root: Node

    def mark(self, pointer: str) -> Mark:
        return locate(self.root, pointer, aliases=lambda _: None)


def load(text: str) -> Loaded | None:
    """The only document of ``text``, None when it is empty; raises TextError."""
    document = parse_yaml_document(text)
    return None if document is None else read(document)


def load_all(text: str) -> tuple[Loaded, ...]:
    """Every document of ``text``; raises TextError."""
    parsed = parse_yaml(text)
    if parsed.errors:
        raise parsed.errors[0]
    return tuple(read(document) for document in parsed.documents)


def read(document: Document) -> Loaded:
    return Loaded(_value(document.root), document.root)


def scalar(node: Scalar) -> object:
    """What the core schema makes of one scalar."""
    if node.tag not in _STRING_TAGS:
        raise TextError("UnsupportedTag", f"the tag {node.tag} is not read here", node.mark)
    if not node.plain:
        return node.text
    if node.text in _WORDS:
        return _WORDS[node.text]
    return _number(node)


def _number(node: Scalar) -> object:
    text = node.text
    if _ENDLESS.match(text):
        raise TextError("NotJson", f"{text} has no form in JSON", node.mark)
    if len(text) > _MAX_DIGITS:
        return text
    if _INTEGER.match(text):
        return int(text)
    if _BASED.match(text):
        return int(text, 0)
    if _FLOAT.match(text) is None:
        return text
    number = float(text)
    if math.isinf(number):
        raise TextError("NotJson", f"{text} is larger than any number of JSON", node.mark)
    return number


def _value(node: Node) -> object:
    if isinstance(node, Scalar):
        return scalar(node)
    if isinstance(node, Sequence):
        return [_value(item) for item in node.items]
    _refuse_duplicates(node)
    return {_key(name): _value(inner) for name, inner in node.entries}


def _key(node: Node) -> str:
    if isinstance(node, Scalar):
        value = scalar(node)
        if isinstance(value, str):
            return value
    shown = f"`{node.text}` is" if isinstance(node, Scalar) else "a list or mapping is"
    message = f"{shown} no string, and a key must be one; write it in quotes"
    raise TextError("KeyNotString", message, node.mark)


def _refuse_duplicates(node: Mapping) -> None:
    seen: dict[str, Mark] = {}
    for name, _ in node.pairs:
        if is_merge(name) or not isinstance(name, Scalar):
            continue
        if name.text in seen:
            message = (
                f"the key `{name.text}` stands here twice, first in line {seen[name.text].line}"
            )
            raise TextError("DuplicateKey", message, name.mark)
        seen[name.text] = name.mark
