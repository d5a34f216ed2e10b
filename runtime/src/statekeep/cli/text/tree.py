"""The tree of a JSON or YAML text: what stands where, before anyone decides what it means.

Scalars keep their text and whether they were written plain, because what a plain YAML scalar
means depends on the reader. Invariants: the tree is finite, at most MAX_DEPTH deep, at most
MAX_NODES large with every alias written out, and holds no lone surrogates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

MAX_DEPTH: Final = 320
MAX_NODES: Final = 500_000

Style = Literal["plain", "quoted", "literal", "folded"]


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in a file, counted from one, columns in characters."""

    line: int
    column: int


class TextError(Exception):
    """A text that cannot be read, with the place where reading it ended."""

    def __init__(self, code: str, message: str, mark: Mark) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.mark = mark

    def __str__(self) -> str:
        return f"line {self.mark.line}, column {self.mark.column}: {self.message}"


@dataclass(frozen=True, slots=True, eq=False)
class Scalar:
    text: str
    style: Style
    mark: Mark
    tag: str | None = None
    size: int = 1

    @property
    def plain(self) -> bool:
        return self.style == "plain"


@dataclass(frozen=True, slots=True, eq=False)
class Sequence:
    items: tuple[Node, ...]
    mark: Mark
    size: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Mapping:
    """`pairs` are as written; `entries` are what a reader sees, merge keys resolved."""

    pairs: tuple[tuple[Node, Node], ...]
    entries: tuple[tuple[Node, Node], ...]
    mark: Mark
    size: int = 1

    def get(self, key: str) -> Node | None:
        """The value under ``key``; the last one counts, as readers have it."""
        found = None
        for name, value in self.entries:
            if isinstance(name, Scalar) and name.text == key:
                found = value
        return found


Node = Scalar | Sequence | Mapping


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """One document of a file; `syntax` says whose rules its plain scalars follow."""

    root: Node
    syntax: Literal["json", "yaml"]
    index: int


def value_of(
    node: Node, scalar: Callable[[Scalar], object], key: Callable[[Scalar], str]
) -> object:
    """The plain value of a tree; `scalar` and `key` are one reader's opinion."""
    if isinstance(node, Scalar):
        return scalar(node)
    if isinstance(node, Sequence):
        return [value_of(item, scalar, key) for item in node.items]
    return {
        key(name) if isinstance(name, Scalar) else "": value_of(value, scalar, key)
        for name, value in node.entries
    }


def children(node: Node) -> Iterator[tuple[str, Node, Node]]:
    """Pointer token, the node to point at for it, and the child; aliases as often as they stand."""
    if isinstance(node, Sequence):
        for index, item in enumerate(node.items):
            yield str(index), item, item
    elif isinstance(node, Mapping):
        for name, value in node.entries:
            yield (name.text if isinstance(name, Scalar) else "?"), name, value


def escape(token: str) -> str:
    """A JSON pointer token."""
    return token.replace("~", "~0").replace("/", "~1")


def unescape(token: str) -> str:
    return token.replace("~1", "/").replace("~0", "~")


def locate(root: Node, pointer: str, *, aliases: Callable[[str], str | None]) -> Mark:
    """Where `pointer` points: at a key for a member, at the value for an item.

    `aliases` gives the second name of a key (``"true"`` for ``on``). A pointer that leads out of
    the tree, to something missing, is answered by the last node that is there.
    """
    node, mark = root, root.mark
    for raw in pointer.split("/")[1:]:
        token = unescape(raw)
        found = _child(node, token) or _child(node, aliases(token))
        if found is None:
            return mark
        mark, node = found[0].mark, found[1]
    return mark


def _child(node: Node, token: str | None) -> tuple[Node, Node] | None:
    last = None
    for name, place, child in children(node):
        if name == token:
            last = (place, child)
    return last
