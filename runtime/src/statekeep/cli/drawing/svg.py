"""A picture as SVG: one file, no script, no font and no link to anywhere.

Invariant: every text of a machine goes through `text_of`, so nothing of it becomes markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from statekeep.cli.drawing.layout import CHAR, GAP, LINE, LONGEST, PAD, Layout, Place, laid_out
from statekeep.cli.drawing.picture import Arrow, Picture
from statekeep.cli.output import columns_of, shortened
from statekeep.core.chart import Kind

STYLE = (
    "text{font:13px ui-monospace,Menlo,Consolas,monospace;fill:#1f2328}"
    ".t{font-weight:600}.n{fill:#59636e}.w{fill:#0550ae}"
    ".c{fill:#8250df}.g{fill:#1a7f37}.r{fill:#cf222e}"
    "rect{fill:#fff;stroke:#59636e}.o{fill:#f6f8fa}.p{stroke-dasharray:5 4}"
    ".i{fill:none}path{fill:none;stroke:#59636e}.ok{stroke:#1a7f37}.no{stroke:#cf222e}"
    "circle{fill:#1f2328}"
)
MARKER = (
    '<marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8"'
    ' orient="auto"><path d="M0 0L8 4L0 8z" style="fill:#59636e;stroke:none"/></marker>'
)
MARGIN = 12
_ILLEGAL = re.compile("[\x00-\x1f\ud800-\udfff\ufffe\uffff]")


def text_of(text: str) -> str:
    """Escaped, and without what XML cannot hold."""
    return escape(_ILLEGAL.sub("\ufffd", text), quote=True)


def document(width: int, height: int, title: str, parts: list[str]) -> str:
    """A whole SVG file."""
    inner = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}">\n<title>{text_of(title)}</title>\n'
        f"<style>{STYLE}</style>\n<defs>{MARKER}</defs>\n"
        f'<rect width="{width}" height="{height}" style="stroke:none"/>\n{inner}\n</svg>\n'
    )


def words(x: int, y: int, text: str, kind: str = "") -> str:
    styled = f' class="{kind}"' if kind else ""
    return f'<text x="{x}" y="{y}"{styled} xml:space="preserve">{text_of(text)}</text>'


def render(picture: Picture) -> str:
    """The picture of a machine."""
    layout = laid_out(picture)
    root = layout.places[0]
    parts = [f'<g transform="translate({MARGIN} {MARGIN})">', *_boxes(layout), *_arrows(layout)]
    width, height = root.width + 2 * MARGIN, root.height + 2 * MARGIN
    return document(width, height, picture.title, [*parts, "</g>"])


def _boxes(layout: Layout) -> Iterator[str]:
    for index, place in layout.places.items():
        yield from _box(place, index == 0, layout.picture.title)
    for place in layout.places.values():
        if place.box.initial is not None:
            yield from _start(layout.places[place.box.initial])


def _box(place: Place, outermost: bool, title: str) -> Iterator[str]:
    box, x, y = place.box, place.x, place.y
    rounded = 14 if box.is_history else 8
    kind = " ".join(name for name, on in (("o", box.children), ("p", _is_dashed(box.kind))) if on)
    yield _rect(x, y, place.width, place.height, rounded, kind)
    if box.kind is Kind.FINAL:
        yield _rect(x + 3, y + 3, place.width - 6, place.height - 6, 6, "i")
    yield words(x + PAD, y + PAD + 8, title if outermost else box.title, "t")
    if box.crowd:
        yield words(x + PAD + CHAR * (columns_of(box.title) + 2), y + PAD + 8, box.crowd, "c")
    for at, note in enumerate(box.notes):
        yield words(x + PAD, y + PAD + 8 + LINE * (at + 1), note, "n")


def _is_dashed(kind: Kind) -> bool:
    return kind in (Kind.PARALLEL, Kind.SHALLOW, Kind.DEEP)


def _rect(x: int, y: int, width: int, height: int, rounded: int, kind: str) -> str:
    styled = f' class="{kind}"' if kind else ""
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{rounded}"{styled}/>'


def _start(child: Place) -> Iterator[str]:
    """The dot in front of the child in which a state starts."""
    x, y = child.x - 18, child.y + PAD + 4
    yield f'<circle cx="{x}" cy="{y}" r="4"/>'
    yield path(f"M{x + 4} {y}H{child.x}")


def path(course: str, kind: str = "") -> str:
    styled = f' class="{kind}"' if kind else ""
    return f'<path d="{course}"{styled} marker-end="url(#a)"/>'


def _arrows(layout: Layout) -> Iterator[str]:
    for arrow in layout.straight:
        yield from _straight(layout, arrow)
    for arrow in layout.home:
        yield from _by_lane(layout, arrow)
    for place in layout.places.values():
        yield from _defaults(layout, place)


def _straight(layout: Layout, arrow: Arrow) -> Iterator[str]:
    above, below = layout.places[arrow.source], layout.places[arrow.target]
    x = above.x + min(above.width, below.width) // 2
    yield path(f"M{x} {above.y + above.height}V{below.y}")
    yield _label(arrow, x + 8, above.y + above.height + GAP + 2)


def _by_lane(layout: Layout, arrow: Arrow) -> Iterator[str]:
    source, target = layout.places[arrow.source], layout.places[arrow.target]
    lane, start, end = layout.lane_x(arrow), source.exit_y(arrow), target.entry_y(arrow)
    right, left = source.x + source.width, target.x + target.width
    if layout.home[arrow] == arrow.source:  # from a box inwards: its end stands inside as well
        right = lane - CHAR * min(columns_of(arrow.label), LONGEST) - PAD
        yield f'<circle cx="{right}" cy="{start}" r="3"/>'
    yield path(f"M{right} {start}H{lane}V{end}H{left}")
    yield _label(arrow, right + 6, start - 4)


def _label(arrow: Arrow, x: int, y: int) -> str:
    shown = shortened(arrow.label, LONGEST)
    if shown == arrow.label:
        return words(x, y, shown, "w")
    tip = f"<title>{text_of(arrow.label)}</title>"
    return f'<text x="{x}" y="{y}" class="w">{text_of(shown)}{tip}</text>'


def _defaults(layout: Layout, place: Place) -> Iterator[str]:
    """Where a history state leads while nothing is recorded: on the left, dashed."""
    for index in place.box.defaults:
        target = layout.places[index]
        x, y = place.x, place.y + place.height // 2
        yield path(f"M{x} {y}H{x - 10}V{target.y + target.height - 8}H{target.x}", "p")
