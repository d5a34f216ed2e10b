"""A machine as boxes and arrows: what every format draws, with what to write beside it.

Knows nothing of any format. Boxes and arrows stand in document order, so a picture is the same
whenever it is drawn.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from statekeep.cli.output import printable
from statekeep.cli.people import counted, leaves_of
from statekeep.core.chart import Kind, Node, Transition
from statekeep.core.machine import Machine
from statekeep.core.paths import join_path

_DONE = "xstate.done.state."
_AFTER = "xstate.after."
_HISTORY = {Kind.SHALLOW: "H", Kind.DEEP: "H*"}


@dataclass(frozen=True, slots=True)
class Arrow:
    """Transitions from one box to another, by the words of all of them."""

    source: int
    target: int
    words: tuple[str, ...]

    @property
    def label(self) -> str:
        return ", ".join(self.words)


@dataclass(frozen=True, slots=True)
class Box:
    """A state."""

    index: int
    name: str
    kind: Kind
    children: tuple[int, ...]
    initial: int | None
    """The child it starts in."""
    defaults: tuple[int, ...]
    """Of a history state: where it leads while nothing is recorded."""
    notes: tuple[str, ...]
    """Events that it takes without going anywhere, or forbids."""
    actors: int | None = None

    @property
    def is_history(self) -> bool:
        return self.kind in _HISTORY

    @property
    def title(self) -> str:
        return f"{_HISTORY[self.kind]} {self.name}" if self.is_history else self.name

    @property
    def crowd(self) -> str:
        """How many actors are here, where that is known and not nobody."""
        return counted(self.actors, "actor") if self.actors else ""


@dataclass(frozen=True, slots=True)
class Picture:
    """All boxes in document order, the root first, and the arrows between them."""

    title: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]

    @property
    def root(self) -> Box:
        return self.boxes[0]

    def below(self, box: Box) -> tuple[Box, ...]:
        return tuple(self.boxes[index] for index in box.children)

    def from_(self, index: int) -> tuple[Arrow, ...]:
        return tuple(arrow for arrow in self.arrows if arrow.source == index)


def picture(machine: Machine, title: str, actors: Mapping[str, int] | None = None) -> Picture:
    """`actors` counts by the dotted path of a leaf."""
    counts = actors or {}
    boxes = tuple(_box(machine, node, counts.get(join_path(node.path))) for node in machine.nodes)
    return Picture(printable(title), boxes, _arrows(machine))


def crowded(by_value: Mapping[str, int]) -> dict[str, int]:
    """From counts by state value to counts by leaf: in regions, everybody is in several."""
    counts: dict[str, int] = {}
    for text, count in by_value.items():
        for leaf in leaves_of(json.loads(text) if text.startswith("{") else text):
            counts[leaf] = counts.get(leaf, 0) + count
    return counts


def _box(machine: Machine, node: Node, actors: int | None) -> Box:
    own = [t for t in machine.transitions if t.source == node.index and not t.targets]
    name = printable(node.key if node.path else node.key or "machine")
    return Box(
        node.index, name, node.kind, node.children, node.initial, node.default,
        tuple(_note(t) for t in own), actors,
    )  # fmt: skip


def _note(transition: Transition) -> str:
    what = "stays" if transition.acts else "forbidden"
    return f"{word_of(transition)}: {what}"


def _arrows(machine: Machine) -> tuple[Arrow, ...]:
    found: dict[tuple[int, int], list[str]] = {}
    for transition in machine.transitions:
        for target in transition.targets or ():
            words = found.setdefault((transition.source, target), [])
            if word_of(transition) not in words:
                words.append(word_of(transition))
    return tuple(Arrow(source, target, tuple(words)) for (source, target), words in found.items())


def word_of(transition: Transition) -> str:
    """An event as people call it; the interpreter's own by what they are."""
    guard = " [guard]" if transition.guarded else ""
    descriptor = transition.descriptor
    if not descriptor:
        return f"always{guard}"
    if descriptor.startswith(_DONE):
        return f"done{guard}"
    if descriptor.startswith(_AFTER):
        return f"after {printable(descriptor[len(_AFTER) :].partition('.')[0])}{guard}"
    return printable(descriptor) + guard
