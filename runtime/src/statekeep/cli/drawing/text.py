"""A picture for a terminal: a tree of states, with what leads out of each."""

from __future__ import annotations

from collections.abc import Iterator

from statekeep.cli.colours import Colours
from statekeep.cli.drawing.picture import Box, Picture
from statekeep.core.chart import Kind

_PLAIN = (Kind.ATOMIC, Kind.COMPOUND, Kind.SHALLOW, Kind.DEEP)


def lines(picture: Picture, colours: Colours) -> list[str]:
    """The whole tree."""
    root = picture.root
    head = colours.bold(picture.title) + _facts(picture, root, None, colours)
    return [head, *_rows(picture, root, "", colours), *_below(picture, root, "", colours)]


def _below(picture: Picture, box: Box, indent: str, colours: Colours) -> Iterator[str]:
    children = picture.below(box)
    for at, child in enumerate(children):
        last = at == len(children) - 1
        mark = "╰" if last else "├"
        start = "▶" if child.index == box.initial else "─"
        yield (
            f"{indent}{mark}─{start} {colours.bold(child.title)}"
            f"{_facts(picture, child, box, colours)}"
        )
        inner = indent + ("    " if last else "│   ")
        yield from _rows(picture, child, inner, colours)
        yield from _below(picture, child, inner, colours)


def _facts(picture: Picture, box: Box, parent: Box | None, colours: Colours) -> str:
    """What stands behind a name: its kind, whether one starts here, how many are here."""
    words = []
    if parent is not None and box.index == parent.initial:
        words.append("initial")
    if box.kind not in _PLAIN:
        words.append(box.kind.value)
    if box.defaults:
        words.append("else " + ", ".join(picture.boxes[index].title for index in box.defaults))
    told = f"  {colours.dim(', '.join(words))}" if words else ""
    return told + (f"  {colours.cyan(box.crowd)}" if box.crowd else "")


def _rows(picture: Picture, box: Box, indent: str, colours: Colours) -> Iterator[str]:
    lead = f"{indent}│   " if box.children else f"{indent}    "
    for arrow in picture.from_(box.index):
        target = picture.boxes[arrow.target]
        for word in arrow.words:
            yield f"{lead}{word} {colours.dim('→')} {target.title}"
    for note in box.notes:
        yield f"{lead}{colours.dim(note)}"
