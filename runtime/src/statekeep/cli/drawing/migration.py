"""A migration as a picture: the states of both versions, and what leads from one to the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from statekeep.cli.colours import Colours
from statekeep.cli.drawing.course import MOST, Course, Flow
from statekeep.cli.drawing.layout import CHAR, GAP, PAD
from statekeep.cli.drawing.mermaid import escaped
from statekeep.cli.drawing.svg import MARGIN, document, words
from statekeep.cli.output import Column, columns_of, printable, table

_HEIGHT = 40
_ACROSS = 170
_TOP = 78
_PARTIAL = f"The machine has more than {MOST:,} ways to be somewhere; these are of the first."


@dataclass(frozen=True, slots=True)
class Ends:
    """The boxes on both sides, and which flow joins which."""

    left: tuple[str, ...]
    right: tuple[tuple[str, str], ...]
    """Kind (`lands`, `stays`, `strands`) and text."""
    joins: tuple[tuple[int, int], ...]


def ends(course: Course) -> Ends:
    left = tuple(dict.fromkeys(flow.state for flow in course.flows))
    right = tuple(dict.fromkeys(_arrives(course, flow) for flow in course.flows))
    joins = tuple(
        (left.index(flow.state), right.index(_arrives(course, flow))) for flow in course.flows
    )
    return Ends(left, right, joins)


def _arrives(course: Course, flow: Flow) -> tuple[str, str]:
    if flow.verdict == "migrated":
        return "lands", printable(flow.lands or "")
    if flow.verdict == "stranded":
        return "strands", f"stranded: {flow.reason}"
    return "stays", f"stays on {printable(course.source)}"


def lines(
    course: Course, actors: Mapping[str, int], colours: Colours, width: int | None
) -> list[str]:
    """For a terminal: a row for each way to go on."""
    shown: set[str] = set()
    rows = []
    for flow in course.flows:
        known = {} if flow.state in shown else {"now": actors.get(flow.state)}
        shown.add(flow.state)
        lands = printable(flow.lands) if flow.lands else f"({flow.verdict}: {flow.reason})"
        rows.append({"state": flow.state, "lands": f"→ {lands}", **known})
    columns = [Column("IN", "state"), Column("GOES", "lands", _paint)]
    if actors:
        columns.insert(0, Column("NOW", "now", right=True))
    head = f"{printable(course.source)} → {printable(course.target)}: {printable(course.says)}"
    told = [colours.bold(head), "", *table(rows, columns, colours, width)]
    return told if course.complete else [*told, "", _PARTIAL]


def _paint(colours: Colours, text: str) -> str:
    if text.startswith("→ (stranded"):
        return colours.red(text)
    return colours.dim(text) if text.startswith("→ (") else colours.green(text)


def mermaid(course: Course, actors: Mapping[str, int]) -> list[str]:
    """A flowchart from left to right."""
    joined = ends(course)
    arrows = {"lands": "-->", "stays": "-.->", "strands": "--x"}
    told = ["flowchart LR", f'  subgraph a["{escaped(printable(course.source))}"]']
    told += [
        f'    a{at}["{escaped(_titled(state, actors))}"]' for at, state in enumerate(joined.left)
    ]
    told += ["  end", f'  subgraph b["{escaped(printable(course.target))}"]']
    told += _nodes(joined, lands=True)
    told += ["  end", *_nodes(joined, lands=False)]
    for left, right in joined.joins:
        told.append(f"  a{left} {arrows[joined.right[right][0]]} b{right}")
    return told


def _nodes(joined: Ends, *, lands: bool) -> list[str]:
    indent = "    " if lands else "  "
    return [
        f'{indent}b{at}["{escaped(text)}"]'
        for at, (kind, text) in enumerate(joined.right)
        if (kind == "lands") is lands
    ]


def _titled(state: str, actors: Mapping[str, int]) -> str:
    count = actors.get(state)
    return printable(state) + (f" ({count:,})" if count else "")


def svg(course: Course, actors: Mapping[str, int]) -> str:
    """Two columns of boxes, and a curve for each way to go on."""
    joined = ends(course)
    left = [_titled(state, actors) for state in joined.left]
    right = [text for _, text in joined.right]
    wide, far = _width([*left, course.source]), _width([*right, course.target])
    there = wide + _ACROSS
    parts = [
        words(0, 14, f"{course.source} → {course.target}", "t"),
        words(0, 36, course.says, "n"),
        words(PAD, 66, course.source, "t"),
        words(there + PAD, 66, course.target, "t"),
        *_curves(joined, wide, there),
        *(_box(0, at, wide, text, "") for at, text in enumerate(left)),
        *(
            _box(there, at, far, text, kind)
            for at, (kind, text) in enumerate(joined.right)
        ),
    ]  # fmt: skip
    rows = max(len(left), len(right))
    width = max(there + far, CHAR * columns_of(course.says)) + 2 * MARGIN
    height = _TOP + rows * (_HEIGHT + GAP) + MARGIN
    body = [f'<g transform="translate({MARGIN} {MARGIN})">', *parts, "</g>"]
    return document(width, height, f"{course.source} → {course.target}", body)


def _width(texts: list[str]) -> int:
    return CHAR * max(map(columns_of, texts), default=8) + 2 * PAD


def _y(at: int) -> int:
    return _TOP + at * (_HEIGHT + GAP)


def _box(x: int, at: int, width: int, text: str, kind: str) -> str:
    styles = {"strands": ("no", "r"), "stays": ("p", "n"), "lands": ("ok", ""), "": ("", "")}
    frame, written = styles[kind]
    rect = f'<rect x="{x}" y="{_y(at)}" width="{width}" height="{_HEIGHT}" rx="8" class="{frame}"/>'
    return rect + words(x + PAD, _y(at) + 25, text, written)


def _curves(joined: Ends, start: int, end: int) -> Iterator[str]:
    middle = (start + end) // 2
    styles = {"strands": "no", "stays": "p", "lands": "ok"}
    for left, right in joined.joins:
        y, goal = _y(left) + _HEIGHT // 2, _y(right) + _HEIGHT // 2
        course = f"M{start} {y}C{middle} {y} {middle} {goal} {end} {goal}"
        style = styles[joined.right[right][0]]
        yield f'<path d="{course}" class="{style}" marker-end="url(#a)"/>'
