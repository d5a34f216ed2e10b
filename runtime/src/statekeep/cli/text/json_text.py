"""JSON with positions, strictly by RFC 8259 and never recursive.

Python's own decoder knows no lines, takes NaN and swallows duplicate keys; here every key and value
has its place. Duplicates are kept: it is the caller who reports or refuses them.
"""

from __future__ import annotations

import re
from json.decoder import scanstring  # type: ignore[attr-defined]  # has no stub
from typing import Final, Literal

from statekeep.cli.text.tree import (
    MAX_DEPTH,
    MAX_NODES,
    Document,
    Mapping,
    Mark,
    Node,
    Scalar,
    Sequence,
    TextError,
)

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_WORD: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class _Lines:
    """Offsets to marks; `first` is where the text stands inside a larger file."""

    def __init__(self, text: str) -> None:
        self.starts = [0, *(found.end() for found in re.finditer(r"\r\n|\n|\r", text))]
        self.at = 0

    def mark(self, offset: int) -> Mark:
        """Amortised constant: offsets are asked for in rising order, errors aside."""
        if offset < self.starts[self.at]:
            self.at = 0
        while self.at + 1 < len(self.starts) and self.starts[self.at + 1] <= offset:
            self.at += 1
        return Mark(self.at + 1, offset - self.starts[self.at] + 1)


class _Open:
    """A container that is still being read."""

    __slots__ = ("close", "items", "key", "offset", "pairs", "size")

    def __init__(self, close: Literal["}", "]"], offset: int) -> None:
        self.close = close
        self.offset = offset
        self.items: list[Node] = []
        self.pairs: list[tuple[Node, Node]] = []
        self.key: Scalar | None = None
        self.size = 1


def parse_json(text: str) -> Document:
    """The one document in ``text``; raises TextError."""
    return Document(_Parser(text).document(), "json", 0)


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = _Lines(text)
        self.offset = 0
        self.nodes = 0
        self.stack: list[_Open] = []

    def document(self) -> Node:
        self._space()
        while True:
            node = self._value()
            while node is not None and self.stack:
                node = self._attach(node)
            if node is not None:
                break
        self._space()
        if self.offset < len(self.text):
            raise self._error("more text follows where the JSON value has ended")
        return node

    def _value(self) -> Node | None:
        """A scalar or an empty container; None when a container was opened instead."""
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self._error(f"more than {MAX_NODES} values", "TooLarge")
        char = self.text[self.offset : self.offset + 1]
        if char == '"':
            return self._string()
        if char in ("{", "["):
            return self._enter("}" if char == "{" else "]")
        return self._bare(char)

    def _enter(self, close: Literal["}", "]"]) -> Node | None:
        if len(self.stack) >= MAX_DEPTH:
            raise self._error(f"nested deeper than {MAX_DEPTH} levels", "TooDeep")
        opened = _Open(close, self.offset)
        self.offset += 1
        self._space()
        if self._take(close):
            return self._closed(opened)
        self.stack.append(opened)
        if close == "}":
            self._key(opened)
        return None

    def _attach(self, node: Node) -> Node | None:
        """Puts a finished value into its container; the container if that ends it."""
        top = self.stack[-1]
        top.size += node.size
        if top.key is not None:
            top.pairs.append((top.key, node))
        else:
            top.items.append(node)
        self._space()
        if self._take(top.close):
            self.stack.pop()
            return self._closed(top)
        if not self._take(","):
            raise self._error(f"expected `,` or `{top.close}`, found {self._found()}")
        self._space()
        if self._here(top.close):
            raise self._error(f"a comma before `{top.close}`; JSON has no trailing commas")
        if top.close == "}":
            self._key(top)
        return None

    def _closed(self, opened: _Open) -> Node:
        mark = self.lines.mark(opened.offset)
        if opened.close == "]":
            return Sequence(tuple(opened.items), mark, opened.size)
        pairs = tuple(opened.pairs)
        return Mapping(pairs, pairs, mark, opened.size)

    def _key(self, opened: _Open) -> None:
        if not self._here('"'):
            raise self._error(f"expected a key in double quotes, found {self._found()}")
        opened.key = self._string()
        self._space()
        if not self._take(":"):
            raise self._error(f"expected `:` after the key, found {self._found()}")
        self._space()

    def _string(self) -> Scalar:
        start = self.offset
        try:
            value, self.offset = scanstring(self.text, start + 1, True)
        except ValueError as error:
            self.offset = getattr(error, "pos", start)
            raise self._error(_string_problem(str(error))) from None
        if _SURROGATE.search(value):
            self.offset = start
            raise self._error("half of a surrogate pair, which is no character", "LoneSurrogate")
        return Scalar(value, "quoted", self.lines.mark(start))

    def _bare(self, char: str) -> Scalar:
        start = self.offset
        found = _NUMBER.match(self.text, start) if char in "-0123456789" else None
        word = found or _WORD.match(self.text, start)
        text = word.group() if word else ""
        if found is None and text not in ("true", "false", "null"):
            raise self._error(f"expected a value, found {self._found()}")
        self.offset += len(text)
        return Scalar(text, "plain", self.lines.mark(start))

    def _space(self) -> None:
        found = _SPACE.match(self.text, self.offset)
        if found is not None:
            self.offset = found.end()

    def _here(self, char: str) -> bool:
        return self.text.startswith(char, self.offset)

    def _take(self, char: str) -> bool:
        if not self._here(char):
            return False
        self.offset += 1
        return True

    def _found(self) -> str:
        if self.offset >= len(self.text):
            return "the end of the text"
        if self.text.startswith(("//", "/*", "#"), self.offset):
            return "a comment, which JSON does not have"
        word = _WORD.match(self.text, self.offset)
        return f"`{word.group()[:40] if word else self.text[self.offset]}`"

    def _error(self, message: str, code: str = "InvalidJSON") -> TextError:
        return TextError(code, message, self.lines.mark(min(self.offset, len(self.text))))


def _string_problem(said: str) -> str:
    if said.startswith("Unterminated"):
        return "a string without its closing quote"
    if said.startswith("Invalid control character"):
        return "a control character or line break inside a string; write it as an escape"
    return "an escape in a string that JSON does not know"
