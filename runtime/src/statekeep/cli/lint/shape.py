"""The fields of our two kinds: known keys, types, closed sets. The machine itself is the core's.

The CRD schemas say the same to the API server; here an author hears it before, with a line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from collections.abc import Mapping as Dict
from typing import Final

from statekeep.cli.lint.problem import Problem, error_at
from statekeep.cli.lint.reading import scalar_meant
from statekeep.cli.nearest import did_you_mean
from statekeep.cli.text.tree import Mapping, Node, Scalar, Sequence, escape
from statekeep.cli.yaml_words import FALSE_TO_KUBECTL, TRUE_TO_KUBECTL

Check = Callable[[Node, str], Iterator[Problem]]


def _wrong(node: Node, pointer: str, expected: str) -> Iterator[Problem]:
    found = {Sequence: "a list", Mapping: "an object"}.get(type(node), "")
    if isinstance(node, Scalar):
        found = f"`{node.text}`"
    yield error_at(node, "WrongType", f"expected {expected}, found {found}", pointer)


def string(node: Node, pointer: str) -> Iterator[Problem]:
    if not isinstance(node, Scalar):
        yield from _wrong(node, pointer, "a string")
        return
    value = scalar_meant(node)
    if not isinstance(value, str):
        what = "null" if value is None else f"no string: write {_quoted(node.text)}"
        yield error_at(node, "WrongType", f"`{node.text}` is {what}", pointer)


def _quoted(text: str) -> str:
    return '"' + text + '"'


def flag(node: Node, pointer: str) -> Iterator[Problem]:
    word = isinstance(node, Scalar) and node.plain and node.text
    if isinstance(node, Scalar) and isinstance(scalar_meant(node), bool):
        return
    if word in TRUE_TO_KUBECTL or word in FALSE_TO_KUBECTL:
        return
    yield from _wrong(node, pointer, "true or false")


def whole(node: Node, pointer: str) -> Iterator[Problem]:
    value = scalar_meant(node) if isinstance(node, Scalar) else None
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        yield from _wrong(node, pointer, "a whole number, 0 or more")


def count_or_share(node: Node, pointer: str) -> Iterator[Problem]:
    text = node.text if isinstance(node, Scalar) else ""
    share = text.removesuffix("%")
    if not share.isascii() or not share.isdigit():
        yield from _wrong(node, pointer, 'a count or a percentage such as "5%"')


def anything(_node: Node, _pointer: str) -> Iterator[Problem]:
    yield from ()


def one_of(*words: str) -> Check:
    def check(node: Node, pointer: str) -> Iterator[Problem]:
        if not isinstance(node, Scalar):
            yield from _wrong(node, pointer, f"one of {', '.join(words)}")
        elif node.text not in words:
            hint = did_you_mean(node.text, words)
            message = f"`{node.text}` is none of {', '.join(words)}{hint}"
            yield error_at(node, "UnknownWord", message, pointer)

    return check


def matching(pattern: str, longest: int, expected: str) -> Check:
    """A string of that form, at most `longest` characters."""
    whole_text = re.compile(pattern, re.ASCII)

    def check(node: Node, pointer: str) -> Iterator[Problem]:
        wrong = list(string(node, pointer))
        yield from wrong
        if wrong or not isinstance(node, Scalar):
            return
        if len(node.text) > longest or whole_text.fullmatch(node.text) is None:
            yield from _wrong(node, pointer, f"{expected}, at most {longest} characters")

    return check


def list_of(item: Check, most: int) -> Check:
    def check(node: Node, pointer: str) -> Iterator[Problem]:
        if not isinstance(node, Sequence):
            yield from _wrong(node, pointer, "a list")
            return
        if len(node.items) > most:
            yield error_at(node, "TooMany", f"{len(node.items)} items, at most {most}", pointer)
        for at, one in enumerate(node.items):
            yield from item(one, f"{pointer}/{at}")

    return check


def map_of(value: Check, most: int) -> Check:
    def check(node: Node, pointer: str) -> Iterator[Problem]:
        if not isinstance(node, Mapping):
            yield from _wrong(node, pointer, "an object")
            return
        if len(node.entries) > most:
            yield error_at(node, "TooMany", f"{len(node.entries)} keys, at most {most}", pointer)
        for key, inner in node.entries:
            if isinstance(key, Scalar):
                yield from value(inner, f"{pointer}/{escape(key.text)}")

    return check


def target(node: Node, pointer: str) -> Iterator[Problem]:
    """A target path or a list of at least one."""
    if isinstance(node, Sequence):
        if not node.items:
            yield error_at(node, "WrongType", "a mapping needs at least one target", pointer)
        yield from list_of(string, 128)(node, pointer)
    else:
        yield from string(node, pointer)


def fields(known: Dict[str, Check], required: tuple[str, ...] = ()) -> Check:
    def check(node: Node, pointer: str) -> Iterator[Problem]:
        if not isinstance(node, Mapping):
            yield from _wrong(node, pointer, "an object")
            return
        for name in required:
            if node.get(name) is None:
                yield error_at(node, "Missing", f"`{name}` is missing here", pointer)
        for key, value in node.entries:
            if isinstance(key, Scalar) and key.text in known:
                yield from known[key.text](value, f"{pointer}/{key.text}")
            elif isinstance(key, Scalar):
                message = f"unknown field `{key.text}`{did_you_mean(key.text, known)}"
                yield error_at(key, "UnknownField", message, f"{pointer}/{escape(key.text)}")

    return check


_NAME: Final = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
NAME: Final = matching(_NAME, 63, "lower-case letters, digits and dashes")
_POINT_NAME: Final = matching("[a-z0-9]([-.a-z0-9]*[a-z0-9])?", 127, "a change-point's name")
_HASH: Final = matching("sha256:[0-9a-f]{64}", 71, "the planHash of a preview")
_DEADLINE: Final = matching("([0-9]{1,6}(s|m|h))+", 16, "a time such as `10m`")
_EVENTS: Final = list_of(matching("(?s:.+)", 256, "an event type"), 64)

_ANCHOR: Final[Dict[str, Check]] = {
    "historyPath": _EVENTS,
    "regions": map_of(_EVENTS, 16),
    "stateMapping": map_of(target, 128),
    "landing": one_of("Replay", "Same", "MappingOnly"),
    "rescues": flag,
    "evaluation": one_of("Continuous", "Once"),
    "whileStranded": one_of("Continue", "Block", "Buffer"),
}
_ACCEPTED: Final = fields(
    {"version": NAME, "state": string, "reason": string, "max": whole},
    ("version", "state", "reason"),
)
_GATE: Final = fields(
    {
        "maxStranded": count_or_share,
        "expectPlan": _HASH,
        "accept": list_of(_ACCEPTED, 64),
        "deadline": _DEADLINE,
    }
)
_LIFE: Final[Dict[str, Check]] = {"gate": _GATE, "clock": whole, "suspend": flag}
_MIGRATION: Final = fields({"name": NAME, "from": NAME, **_ANCHOR}, ("name", "from"))

SPECS: Final[Dict[str, Check]] = {
    "WorkflowDefinition": fields(
        {
            "workflow": NAME,
            "definition": anything,
            "definitionJSON": anything,
            "guards": one_of("Ignore", "Deny"),
            "journal": one_of("Types", "Full"),
            "migrations": list_of(_MIGRATION, 16),
            "close": list_of(string, 16),
            **_LIFE,
        },
        ("workflow",),
    ),
    "ChangePoint": fields(
        {"from": NAME, "to": NAME, "refines": _POINT_NAME, "closed": flag, **_ANCHOR, **_LIFE},
        ("to",),
    ),
}
