"""Diagrams: the same every time, nothing of a machine becomes markup, boxes stand in boxes."""

import contextlib
import json
import re
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest

from statekeep.cli.colours import Colours
from statekeep.cli.drawing import mermaid, svg, text
from statekeep.cli.drawing.layout import Place, laid_out
from statekeep.cli.drawing.picture import picture
from statekeep.core.compile import compile_machine
from statekeep.core.findings import DefinitionError
from statekeep.core.machine import Machine
from support import golden
from support.command_line import spoken, statekeep
from support.machines import random_case

EXAMPLES = Path(__file__).parents[3] / "examples"
LOAN = EXAMPLES / "loan" / "manifests"
BUILD = EXAMPLES / "chaos" / "manifests"
ORDER = {
    "id": "order",
    "initial": "open",
    "on": {"CANCEL": ".cancelled"},
    "states": {
        "open": {
            "initial": "draft",
            "states": {
                "draft": {"on": {"PLACE": "placed", "NOTE": {"actions": "note"}}},
                "placed": {"on": {"EDIT": "draft", "PLACE": {}}},
                "last": {"type": "history", "target": "draft"},
            },
            "on": {"PACK": "work", "HOLD": "held"},
        },
        "held": {"on": {"RESUME": "open.last"}, "after": {"1000": "cancelled"}},
        "work": {
            "type": "parallel",
            "states": {
                "pick": {
                    "initial": "todo",
                    "states": {"todo": {"on": {"PICKED": "done"}}, "done": {"type": "final"}},
                },
                "label": {
                    "initial": "todo",
                    "states": {"todo": {"on": {"PRINTED": "done"}}, "done": {"type": "final"}},
                },
            },
            "onDone": "shipped",
        },
        "shipped": {"type": "final"},
        "cancelled": {"type": "final"},
    },
}
HOSTILE = '<script>alert("1")</script>\n--> x; %% {}[*] \x1b[2J '
FORMATS = ("text", "mermaid", "svg")


@pytest.fixture
def order(tmp_path: Path) -> str:
    (tmp_path / "order.json").write_text(json.dumps(ORDER))
    return str(tmp_path / "order.json")


@pytest.mark.parametrize("form", FORMATS)
def test_a_machine_is_drawn_as_it_was(order: str, form: str) -> None:
    golden.compare(f"diagrams/order.{form}", spoken("diagram", order, "--format", form))


@pytest.mark.parametrize("form", FORMATS)
def test_a_migration_is_drawn_as_it_was(form: str) -> None:
    ends = ("--from", str(LOAN / "loan-v1.yaml"), "--to", str(LOAN / "loan-v2.yaml"))
    golden.compare(f"diagrams/loan.{form}", spoken("diagram", *ends, "--format", form))


def test_a_migration_shows_who_goes_where_and_who_strands() -> None:
    ends = ("--from", str(BUILD / "build-v1.yaml"), "--to", str(BUILD / "build-v2.yaml"))
    rows = [line.split(maxsplit=1) for line in spoken("diagram", *ends).splitlines()[3:]]
    assert rows == [
        ["queued", "→ queued"],
        ["running", "→ running"],
        ["failed", "→ (stranded: StateRemoved)"],
        ["passed", "→ passed"],
    ]
    mapped = spoken("diagram", *ends, "--map", "failed=error")
    assert ["failed", "→ error"] in [line.split(maxsplit=1) for line in mapped.splitlines()]


def test_a_mapping_for_those_on_the_way_is_not_drawn() -> None:
    ends = ("--from", str(BUILD / "build-v2.yaml"), "--to", str(BUILD / "build-v3.yaml"))
    assert "failed" not in spoken("diagram", *ends)


def test_no_name_becomes_markup(tmp_path: Path) -> None:
    machine = {
        "initial": HOSTILE,
        "states": {HOSTILE: {"on": {HOSTILE: "b"}}, "b": {"on": {"X": {}, HOSTILE: {}}}},
    }
    file = tmp_path / "hostile.json"
    file.write_text(json.dumps(machine))
    for ends in ((str(file),), (str(file), "--from", str(file.rename(tmp_path / "h.json")))):
        file.write_text(json.dumps(machine))
        drawn = {form: spoken("diagram", *ends, "--format", form) for form in FORMATS}
        found = {one.tag.partition("}")[2] for one in ElementTree.fromstring(drawn["svg"]).iter()}
        assert found <= {
            "svg", "title", "style", "defs", "marker", "path", "rect", "g", "text", "circle",
        }  # fmt: skip
        assert "\x1b" not in "".join(drawn.values())
        for line in drawn["mermaid"].splitlines():
            assert "<" not in line.replace("stateDiagram", "")
            assert line.count('"') in (0, 2)
            assert not re.search(r"script>|\bx;", line)


def machines() -> list[Machine]:
    """Random ones, those left out that never come to rest."""
    found = []
    for seed in range(60):
        with contextlib.suppress(DefinitionError):
            found.append(compile_machine(random_case(seed)["definition"]))
    return found


@pytest.mark.parametrize("machine", machines())
def test_boxes_stand_in_their_parents_and_beside_each_other(machine: Machine) -> None:
    drawn = picture(machine, "machine")
    layout = laid_out(drawn)
    for box in drawn.boxes:
        outer, inner = layout.places[box.index], [layout.places[i] for i in box.children]
        assert all(_holds(outer, place) for place in inner)
        assert not any(_overlap(a, b) for a, b in combinations(inner, 2))
    for arrow in layout.home:
        home = layout.places[layout.home[arrow]]
        assert home.x < layout.lane_x(arrow) < home.x + home.width
    ElementTree.fromstring(svg.render(drawn))
    assert len(text.lines(drawn, Colours())) >= len(drawn.boxes)
    assert mermaid.lines(drawn)[0] == "stateDiagram-v2"


def _holds(outer: Place, inner: Place) -> bool:
    across = outer.x <= inner.x and inner.x + inner.width <= outer.x + outer.width
    return across and outer.y < inner.y and inner.y + inner.height <= outer.y + outer.height


def _overlap(one: Place, other: Place) -> bool:
    across = one.x < other.x + other.width and other.x < one.x + one.width
    return across and one.y < other.y + other.height and other.y < one.y + one.height


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "name one file or version to draw"),
        (("a.json", "--to", "b.json"), "name one file or version to draw"),
        (("gone.json",), "gone.json: No such file"),
        ((str(LOAN / "loan-v1.yaml"), "--from", str(LOAN / "loan-v2.yaml"), "--map", "x=y"),
         "would be refused"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_said(arguments: tuple[str, ...], says: str) -> None:
    ended = statekeep("diagram", *arguments)
    assert (ended.code, says in ended.err) == (2, True), ended.err
