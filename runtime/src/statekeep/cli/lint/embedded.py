"""JSON inside a YAML scalar (``definitionJSON: |``): its positions, mapped into the file.

Exact for literal blocks and for quoted or plain strings on one line without escapes; elsewhere
the string's own beginning is the place, and the message says where inside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from statekeep.cli.text.json_text import parse_json
from statekeep.cli.text.tree import Document, Mark, Scalar, TextError

_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Embedded:
    document: Document
    place: Callable[[Mark], Mark]
    exact: bool


def parse_embedded(node: Scalar, file_text: str) -> Embedded:
    """Raises TextError, its mark already one of the file."""
    place = _placer(node, _LINE_END.split(file_text))
    try:
        document = parse_json(node.text)
    except TextError as error:
        said = error.message if place else f"{error.message} ({_inside(error.mark)})"
        mark = place(error.mark) if place else node.mark
        raise TextError(error.code, f"definitionJSON: {said}", mark) from None
    return Embedded(document, place or (lambda _: node.mark), place is not None)


def _inside(mark: Mark) -> str:
    return f"line {mark.line}, column {mark.column} of the string"


def _placer(node: Scalar, lines: list[str]) -> Callable[[Mark], Mark] | None:
    if node.style == "literal":
        return _literal(node, lines)
    line = lines[node.mark.line - 1] if node.mark.line <= len(lines) else ""
    start = node.mark.column - (1 if node.plain else 0)
    if "\n" not in node.text and line.startswith(node.text, start):
        return lambda mark: Mark(node.mark.line, start + mark.column)
    return None


def _literal(node: Scalar, lines: list[str]) -> Callable[[Mark], Mark]:
    indents = [
        len(written) - len(said) if written.endswith(said) else 0
        for said, written in zip(node.text.split("\n"), lines[node.mark.line :], strict=False)
    ]

    def place(mark: Mark) -> Mark:
        indent = indents[mark.line - 1] if mark.line <= len(indents) else 0
        return Mark(node.mark.line + mark.line, indent + mark.column)

    return place
