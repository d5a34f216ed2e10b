"""YAML as written: PyYAML's events, composed into a tree without reading any meaning into words.

Anchors, aliases and merge keys are resolved; an alias to something that is still open and a bomb
of aliases are refused, at the alias. Iterative, and bounded by the size with aliases written out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import yaml

from statekeep.cli.text.tree import (
    MAX_DEPTH,
    MAX_NODES,
    Document,
    Mapping,
    Mark,
    Node,
    Scalar,
    Sequence,
    Style,
    TextError,
)

_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NEXT_DOCUMENT: Final = re.compile(r"^---(?=\s|$)", re.MULTILINE)
_STYLES: Final[dict[str | None, Style]] = {"|": "literal", ">": "folded", "'": "quoted"}
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Parsed:
    """The documents that could be read, and why the others could not."""

    documents: tuple[Document, ...]
    errors: tuple[TextError, ...]


def parse_yaml(text: str) -> Parsed:
    """Every document of ``text``; after a broken one reading goes on at the next ``---``."""
    documents: list[Document] = []
    errors: list[TextError] = []
    start = 0
    while start < len(text):
        skipped = text.count("\n", 0, start)
        try:
            for root in _compose(text[start:], skipped):
                documents.append(Document(root, "yaml", len(documents)))
        except TextError as error:
            errors.append(error)
            after = max(start + 1, _offset_of(text, error.mark.line))
            follower = _NEXT_DOCUMENT.search(text, after)
            if follower is not None:
                start = follower.start()
                continue
        break
    return Parsed(tuple(documents), tuple(errors))


def parse_yaml_document(text: str) -> Document | None:
    """The only document of ``text``, None when there is none; raises TextError."""
    roots = list(_compose(text, 0))
    if len(roots) > 1:
        raise TextError("ManyDocuments", "a second document; one is expected", roots[1].mark)
    return Document(roots[0], "yaml", 0) if roots else None


def _offset_of(text: str, line: int) -> int:
    offset = 0
    for _ in range(line - 1):
        found = text.find("\n", offset)
        if found < 0:
            return len(text)
        offset = found + 1
    return offset


def _compose(text: str, skipped: int) -> Iterable[Node]:
    try:
        composer = _Composer(skipped)
        for event in yaml.parse(text, Loader=_LOADER):
            root = composer.feed(event)
            if root is not None:
                yield root
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(error, text, skipped) from None
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        column = len(before) - (before.rfind("\n") + 1) + 1
        mark = Mark(skipped + before.count("\n") + 1, column)
        raise TextError("InvalidYAML", "a character that YAML does not allow", mark) from None


def _syntax_error(error: yaml.MarkedYAMLError, text: str, skipped: int) -> TextError:
    at = error.problem_mark or error.context_mark
    mark = Mark(skipped + at.line + 1, at.column + 1) if at else Mark(skipped + 1, 1)
    lines = text.split("\n")
    line = lines[at.line] if at and at.line < len(lines) else ""
    if at and "\t" in line[: at.column + 1] and not line[: at.column].strip():
        return TextError("Tab", "a tab in the indentation; YAML wants spaces there", mark)
    said = " ".join(part for part in (error.context, error.problem) if part)
    return TextError("InvalidYAML", f"not YAML: {said or 'cannot be read'}", mark)


class _Open:
    """A collection that is still being read."""

    __slots__ = ("anchor", "is_mapping", "mark", "nodes", "size")

    def __init__(self, *, is_mapping: bool, mark: Mark, anchor: str | None) -> None:
        self.is_mapping = is_mapping
        self.mark = mark
        self.anchor = anchor
        self.nodes: list[Node] = []
        self.size = 1


class _Composer:
    def __init__(self, skipped: int) -> None:
        self.skipped = skipped
        self._begin()

    def _begin(self) -> None:
        self.stack: list[_Open] = []
        self.anchors: dict[str, Node] = {}

    def feed(self, event: Any) -> Node | None:
        """Takes one event; the root when it ends the document's tree."""
        match event:
            case yaml.DocumentStartEvent():
                self._begin()
            case yaml.AliasEvent():
                return self._add(self._aliased(event), None, self._mark(event))
            case yaml.ScalarEvent():
                return self._add(self._scalar(event), event.anchor, self._mark(event))
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._open(event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                opened = self.stack.pop()
                return self._add(_close(opened), opened.anchor, opened.mark)
        return None

    def _mark(self, event: Any) -> Mark:
        at = event.start_mark
        return Mark(self.skipped + at.line + 1, at.column + 1)

    def _open(self, event: Any) -> None:
        mark = self._mark(event)
        if len(self.stack) >= MAX_DEPTH:
            raise TextError("TooDeep", f"nested deeper than {MAX_DEPTH} levels", mark)
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        self.stack.append(_Open(is_mapping=is_mapping, mark=mark, anchor=event.anchor))

    def _aliased(self, event: Any) -> Node:
        node = self.anchors.get(event.anchor)
        if node is not None:
            return node
        inside = any(opened.anchor == event.anchor for opened in self.stack)
        why = "stands inside what it names" if inside else "names no anchor above it"
        raise TextError("InvalidAlias", f"the alias *{event.anchor} {why}", self._mark(event))

    def _scalar(self, event: Any) -> Scalar:
        mark = self._mark(event)
        if _SURROGATE.search(event.value):
            message = "half of a surrogate pair, which is no character"
            raise TextError("LoneSurrogate", message, mark)
        plain = not event.style and event.tag is None
        style: Style = "plain" if plain else _STYLES.get(event.style, "quoted")
        return Scalar(event.value, style, mark, event.tag)

    def _add(self, node: Node, anchor: str | None, mark: Mark) -> Node | None:
        if anchor is not None:
            self.anchors[anchor] = node
        if not self.stack:
            return node
        top = self.stack[-1]
        top.nodes.append(node)
        top.size += node.size
        if top.size > MAX_NODES:
            message = f"more than {MAX_NODES} values, with its aliases written out"
            raise TextError("TooLarge", message, mark)
        return None


def _close(opened: _Open) -> Node:
    if not opened.is_mapping:
        return Sequence(tuple(opened.nodes), opened.mark, opened.size)
    pairs = tuple(zip(opened.nodes[::2], opened.nodes[1::2], strict=True))
    return Mapping(pairs, _merged(pairs), opened.mark, opened.size)


def is_merge(key: Node) -> bool:
    return isinstance(key, Scalar) and key.plain and key.text == "<<"


def _merged(pairs: tuple[tuple[Node, Node], ...]) -> tuple[tuple[Node, Node], ...]:
    """Own entries win over merged ones, earlier merges over later ones."""
    own = tuple(pair for pair in pairs if not is_merge(pair[0]))
    if len(own) == len(pairs):
        return pairs
    taken = {key.text for key, _ in own if isinstance(key, Scalar)}
    merged: list[tuple[Node, Node]] = []
    for key, value in pairs:
        if is_merge(key):
            for name, inner in _sources(key, value):
                if not isinstance(name, Scalar) or name.text not in taken:
                    taken |= {name.text} if isinstance(name, Scalar) else set()
                    merged.append((name, inner))
    return (*merged, *own)


def _sources(key: Node, value: Node) -> Iterable[tuple[Node, Node]]:
    for source in value.items if isinstance(value, Sequence) else (value,):
        if not isinstance(source, Mapping):
            message = "the merge key << wants a mapping or a list of mappings"
            raise TextError("InvalidMerge", message, key.mark)
        yield from source.entries
