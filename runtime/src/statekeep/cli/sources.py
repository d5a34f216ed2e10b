"""Reading files for commands: text, or one sentence about why not."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from statekeep.cli.text.tree import Mark, TextError

LARGEST: Final = 32 * 1024 * 1024
STDIN: Final = "<stdin>"


def read_text(name: str) -> str:
    """The text of a file, `-` is stdin; raises OSError, or TextError for what is no text."""
    raw = sys.stdin.buffer.read(LARGEST + 1) if name == "-" else _read(Path(name))
    if len(raw) > LARGEST:
        raise TextError("TooLarge", f"more than {LARGEST} bytes are not read", Mark(1, 1))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        start = raw.rfind(b"\n", 0, error.start) + 1
        column = len(raw[start : error.start].decode("utf-8", "replace")) + 1
        raise TextError("NotText", "not UTF-8 text", Mark(line, column)) from None


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LARGEST + 1)


def shown_name(name: str) -> str:
    return STDIN if name == "-" else name
