"""Keys written twice in one mapping: readers keep the last, refuse the file, or differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from statekeep.cli.lint.problem import Problem
from statekeep.cli.text.tree import Mapping, Mark, Node, Scalar, children, escape
from statekeep.cli.text.yaml_text import is_merge


def duplicate_problems(
    root: Node, pointer: str = "", place: Callable[[Mark], Mark] = lambda mark: mark
) -> Iterator[Problem]:
    """`place` puts the marks of an embedded text into its file."""
    stack = [(root, pointer)]
    while stack:
        node, pointer = stack.pop()
        if isinstance(node, Mapping):
            yield from _duplicates(node, pointer, place)
        stack += [(child, f"{pointer}/{escape(token)}") for token, _, child in children(node)]


def _duplicates(node: Mapping, pointer: str, place: Callable[[Mark], Mark]) -> Iterator[Problem]:
    seen: dict[str, Scalar] = {}
    for key, _ in node.pairs:
        if not isinstance(key, Scalar) or is_merge(key):
            continue
        first = seen.setdefault(key.text, key)
        if first is not key and first.plain == key.plain:
            message = (
                f"the key `{key.text}` stands here a second time, first in line "
                f"{place(first.mark).line}; one of the two is lost"
            )
            where = f"{pointer}/{escape(key.text)}"
            yield Problem("error", "DuplicateKey", message, place(key.mark), where)
