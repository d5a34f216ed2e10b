"""Listings as a table that fits the terminal, as JSON or as YAML; one place for all commands.

JSON and YAML are for programs: stable keys, a listing under ``items``, nothing shortened. Tables
are for people: cut to the terminal's width (never when piped), and no control character of the
data reaches the terminal.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TextIO

from statekeep.cli.colours import Colours

FORMATS: Final = ("table", "json", "yaml")

Row = Mapping[str, Any]
Paint = Callable[[Colours, str], str]

_GAP: Final = "  "
_NARROWEST: Final = 8
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its title, the key of its cell in a row, and how to paint a cell's text."""

    title: str
    key: str
    paint: Paint | None = None
    right: bool = False


def add_output_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-o",
        "--output",
        choices=FORMATS,
        default="table",
        metavar="FORMAT",
        help="table (default), json or yaml",
    )


def print_listing(
    rows: Sequence[Row], columns: Sequence[Column], form: str, stream: TextIO | None = None
) -> None:
    """Many things: a table, or ``{"items": [...]}``."""
    out = stream or sys.stdout
    if form == "table":
        print("\n".join(table(rows, columns, Colours.of(out), width_of(out))), file=out)
    else:
        print_value({"items": [dict(row) for row in rows]}, form, out)


def print_value(value: object, form: str, stream: TextIO | None = None) -> None:
    """One thing for a program, JSON or YAML."""
    out = stream or sys.stdout
    if form == "yaml":
        from statekeep.cli.yaml_out import to_yaml  # noqa: PLC0415 - YAML costs 20 ms to import

        print(to_yaml(value), end="", file=out)
    else:
        print(json.dumps(value, indent=2, ensure_ascii=False), file=out)


def width_of(stream: TextIO) -> int | None:
    """The terminal's width; None where nothing must be cut."""
    return shutil.get_terminal_size().columns if stream.isatty() else None


def table(
    rows: Sequence[Row], columns: Sequence[Column], colours: Colours, width: int | None
) -> list[str]:
    """Header and rows, columns aligned, no trailing blanks."""
    cells = [[printable(row.get(column.key)) for column in columns] for row in rows]
    titles = [column.title for column in columns]
    widths = [max(map(columns_of, texts)) for texts in zip(titles, *cells, strict=True)]
    if width is not None:
        widths = _fitted(widths, width - len(_GAP) * (len(widths) - 1))
    lines = [colours.bold(_line(titles, widths, columns, None))]
    lines += [_line(texts, widths, columns, colours) for texts in cells]
    return lines


def _line(
    texts: Sequence[str], widths: Sequence[int], columns: Sequence[Column], colours: Colours | None
) -> str:
    parts = []
    for text, width, column in zip(texts, widths, columns, strict=True):
        shown = shortened(text, width)
        blanks = " " * (width - columns_of(shown))
        painted = column.paint(colours, shown) if colours and column.paint else shown
        parts.append(blanks + painted if column.right else painted + blanks)
    return _GAP.join(parts).rstrip()


def _fitted(widths: list[int], room: int) -> list[int]:
    """Takes from the widest column until the line fits or all are narrow."""
    fitted = list(widths)
    while sum(fitted) > room:
        widest = max(range(len(fitted)), key=fitted.__getitem__)
        if fitted[widest] <= _NARROWEST:
            break
        fitted[widest] -= 1
    return fitted


def printable(value: object) -> str:
    """A cell's text: words as they are, structures as JSON, control characters escaped."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def columns_of(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(
        2 if unicodedata.east_asian_width(char) in "WF" else 0 if unicodedata.combining(char) else 1
        for char in text
    )


def shortened(text: str, width: int) -> str:
    if columns_of(text) <= width:
        return text
    kept = text
    while columns_of(kept) > width - 1:
        kept = kept[:-1]
    return kept + "…"
