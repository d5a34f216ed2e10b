"""A picture as a Mermaid state diagram, as GitHub, GitLab and many editors draw it.

Invariant: no text of a machine reaches Mermaid unescaped; states have ids of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from statekeep.cli.drawing.picture import Box, Picture
from statekeep.core.chart import Kind

_SPECIAL = re.compile(r"[^0-9A-Za-z _.\-/+*,()=→]")


def escaped(text: str) -> str:
    """Mermaid's own entities, by number, for all that could mean something to it."""
    return _SPECIAL.sub(lambda found: f"#{ord(found.group())};", text)


def lines(picture: Picture) -> list[str]:
    return ["stateDiagram-v2", *_inside(picture, picture.root, "  "), *_arrows(picture)]


def _inside(picture: Picture, box: Box, indent: str) -> Iterator[str]:
    """The children of a box. Mermaid's own `--` between regions fails on many legal machines."""
    for child in picture.below(box):
        yield from _state(picture, child, indent)
    if box.initial is not None:
        yield f"{indent}[*] --> {_id(box.initial)}"
    yield from (
        f"{indent}{_id(child.index)} --> [*]"
        for child in picture.below(box)
        if child.kind is Kind.FINAL
    )


def _state(picture: Picture, box: Box, indent: str) -> Iterator[str]:
    facts = ["parallel"] if box.kind is Kind.PARALLEL else []
    facts += [box.crowd] if box.crowd else []
    title = box.title + (f" ({', '.join(facts)})" if facts else "")
    head = f'{indent}state "{escaped(title)}" as {_id(box.index)}'
    if not box.children:
        yield head
        return
    yield f"{head} {{"
    yield from _inside(picture, box, indent + "  ")
    yield f"{indent}}}"


def _arrows(picture: Picture) -> Iterator[str]:
    for arrow in picture.arrows:
        if arrow.source and arrow.target:
            yield f"  {_id(arrow.source)} --> {_id(arrow.target)} : {escaped(arrow.label)}"
    for box in picture.boxes:
        yield from (f"  {_id(box.index)} --> {_id(index)} : else" for index in box.defaults)
    yield from _notes(picture)


def _notes(picture: Picture) -> Iterator[str]:
    """What has no arrow: events that lead nowhere, and those of the whole machine."""
    for box in picture.boxes[1:]:
        if box.notes:
            yield f"  note right of {_id(box.index)} : {escaped(', '.join(box.notes))}"
    of_all = [*picture.root.notes]
    of_all += [f"{arrow.label} → {picture.boxes[arrow.target].title}" for arrow in picture.from_(0)]
    if of_all and picture.root.children:
        first = picture.root.children[0]
        yield f"  note right of {_id(first)} : everywhere, {escaped(', '.join(of_all))}"


def _id(index: int) -> str:
    return f"s{index}"
