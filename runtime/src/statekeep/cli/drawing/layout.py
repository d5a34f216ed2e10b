"""Where boxes stand: children below each other, regions side by side, a gutter for arrows.

All sizes are whole numbers of a fixed font, so a picture is the same on every machine. Arrows
between neighbours go straight down; every other arrow leaves and enters on the right and has a lane
of its own in the gutter of the innermost box that holds both ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from statekeep.cli.drawing.picture import Arrow, Box, Picture
from statekeep.cli.output import columns_of
from statekeep.core.chart import Kind

CHAR = 8
LINE = 18
PAD = 16
GAP = 22
STEP = 40
"""Between two children: room for the word of a straight arrow."""
LANE = 14
START = 26
"""Left of the children, for the dot in front of the initial one."""
LONGEST = 34
"""Labels are cut after so many columns; the arrow's tooltip has all of it."""


@dataclass(slots=True)
class Place:
    """A box's rectangle, and what it needs inside."""

    box: Box
    x: int = 0
    y: int = 0
    width: int = 0
    height: int = 0
    exits: list[Arrow] = field(default_factory=list)
    entries: list[Arrow] = field(default_factory=list)
    lanes: list[Arrow] = field(default_factory=list)
    labels: int = 0
    """The width of the widest label in its gutter."""

    @property
    def header(self) -> int:
        """The height of the name, the notes and the ends of arrows on the right side."""
        ends = len(self.exits) + len(self.entries)
        return PAD + LINE * max(1 + len(self.box.notes), ends)

    @property
    def gutter(self) -> int:
        return self.labels + LANE * (len(self.lanes) + 1) if self.lanes else 0

    def exit_y(self, arrow: Arrow) -> int:
        return self.y + PAD + LINE * self.exits.index(arrow) + 4

    def entry_y(self, arrow: Arrow) -> int:
        return self.y + PAD + LINE * (len(self.exits) + self.entries.index(arrow)) + 4


@dataclass(slots=True)
class Layout:
    """All places, by index; which arrows go straight, and the lane of each other one."""

    picture: Picture
    places: dict[int, Place]
    straight: list[Arrow]
    home: dict[Arrow, int]
    """The innermost box that holds both ends of an arrow that goes by a lane."""

    def lane_x(self, arrow: Arrow) -> int:
        place = self.places[self.home[arrow]]
        at = place.lanes.index(arrow)
        return place.x + place.width - PAD // 2 - LANE * (len(place.lanes) - at - 1) - LANE // 2


def laid_out(picture: Picture) -> Layout:
    """Everything in its place, the outermost box at 0, 0."""
    layout = Layout(picture, {box.index: Place(box) for box in picture.boxes}, [], {})
    neighbours = set(_neighbours(picture))
    parents = {child: box.index for box in picture.boxes for child in box.children}
    for arrow in picture.arrows:
        if (arrow.source, arrow.target) in neighbours:
            layout.straight.append(arrow)
            continue
        _by_lane(layout, arrow, _common(parents, arrow))
    for place in layout.places.values():
        place.lanes.sort(key=lambda arrow: (abs(arrow.source - arrow.target), arrow.source))
    _size(layout, picture.root)
    _put(layout, picture.root, 0, 0)
    return layout


def _neighbours(picture: Picture) -> Iterator[tuple[int, int]]:
    """Pairs of children of one box of which the second stands just below the first."""
    for box in picture.boxes:
        if box.kind is not Kind.PARALLEL:
            yield from pairwise(box.children)


def _by_lane(layout: Layout, arrow: Arrow, home: int) -> None:
    layout.home[arrow] = home
    layout.places[arrow.source].exits.append(arrow)
    layout.places[arrow.target].entries.append(arrow)
    place = layout.places[home]
    place.lanes.append(arrow)
    place.labels = max(place.labels, CHAR * min(columns_of(arrow.label), LONGEST))


def _common(parents: dict[int, int], arrow: Arrow) -> int:
    """The innermost box around both ends; an arrow inwards stays outside its source."""
    above = set(_up(parents, arrow.source))
    return next(index for index in _up(parents, arrow.target) if index in above)


def _up(parents: dict[int, int], index: int) -> Iterator[int]:
    yield from _up_from(parents, parents.get(index, 0))


def _up_from(parents: dict[int, int], index: int) -> Iterator[int]:
    yield index
    while index in parents:
        index = parents[index]
        yield index


def _size(layout: Layout, box: Box) -> None:
    place = layout.places[box.index]
    title = columns_of(box.title) + (columns_of(box.crowd) + 2 if box.crowd else 0)
    words = max([title, *(columns_of(note) for note in box.notes)])
    place.width, place.height = CHAR * words + 2 * PAD, place.header + PAD // 2
    if not box.children:
        return
    for child in layout.picture.below(box):
        _size(layout, child)
    inner = [layout.places[index] for index in box.children]
    if box.kind is Kind.PARALLEL:
        across, down = sum(p.width for p in inner) + GAP * (len(inner) - 1), _tallest(inner)
    else:
        across, down = _widest(inner) + _beside(layout, box), _stack(inner)
    place.width = max(place.width, START + across + place.gutter + PAD)
    place.height = place.header + down + PAD


def _beside(layout: Layout, box: Box) -> int:
    """Room for the words of straight arrows, where they are wider than the boxes."""
    pairs = set(pairwise(box.children))
    words = [a.label for a in layout.straight if (a.source, a.target) in pairs]
    half = _widest([layout.places[index] for index in box.children]) // 2
    longest = max((CHAR * min(columns_of(word), LONGEST) for word in words), default=0)
    return max(0, longest + 10 - half)


def _tallest(places: list[Place]) -> int:
    return max(place.height for place in places)


def _widest(places: list[Place]) -> int:
    return max(place.width for place in places)


def _stack(places: list[Place]) -> int:
    return sum(place.height for place in places) + STEP * (len(places) - 1)


def _put(layout: Layout, box: Box, x: int, y: int) -> None:
    place = layout.places[box.index]
    place.x, place.y = x, y
    if not box.children:
        return
    inner = [layout.places[index] for index in box.children]
    left, top = x + START, y + place.header
    beside = box.kind is Kind.PARALLEL
    for child in inner:
        if beside:
            child.height = _tallest(inner)
        else:
            child.width = max(child.width, _widest(inner) if not child.box.children else 0)
        _put(layout, child.box, left, top)
        if beside:
            left += child.width + GAP
        else:
            top += child.height + STEP
