"""Listings: tables that fit, colours only on terminals, JSON and YAML that lose nothing."""

import io
import json
import os
import pty
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from statekeep.cli import yaml12
from statekeep.cli.colours import Colours
from statekeep.cli.output import Column, columns_of, print_listing, shortened, table
from statekeep.cli.yaml_out import to_yaml, to_yaml_documents
from statekeep.cli.yaml_words import kubectl, kustomize

COLUMNS = (
    Column("ACTOR", "actor"),
    Column("STATE", "state"),
    Column("EVENTS", "events", right=True),
    Column("STATUS", "status", lambda colours, text: colours.red(text)),
)
ROWS = [
    {"actor": "alice", "state": {"work": "wip"}, "events": 12, "status": "active"},
    {"actor": "bob", "state": "awaiting_docs", "events": 3, "status": "needs_rescue"},
]


def test_columns_are_aligned_and_numbers_stand_right() -> None:
    assert table(ROWS, COLUMNS, Colours(), None) == [
        "ACTOR  STATE            EVENTS  STATUS",
        'alice  {"work": "wip"}      12  active',
        "bob    awaiting_docs         3  needs_rescue",
    ]


def test_a_table_without_rows_is_its_header() -> None:
    assert table([], COLUMNS, Colours(), 80) == ["ACTOR  STATE  EVENTS  STATUS"]


def test_wide_columns_give_way_to_a_narrow_terminal() -> None:
    lines = table(ROWS, COLUMNS, Colours(), 40)
    assert max(map(len, lines)) <= 40
    assert "…" in lines[1]


def test_colours_do_not_move_columns() -> None:
    painted = table(ROWS, COLUMNS, Colours(on=True), None)
    plain = table(ROWS, COLUMNS, Colours(), None)
    strip = [
        line.replace("\x1b[31m", "").replace("\x1b[1m", "").replace("\x1b[0m", "")
        for line in painted
    ]
    assert strip == plain
    assert painted != plain


def test_control_characters_do_not_reach_the_terminal() -> None:
    (_, line) = table([{"actor": "a\x1b[2Jb\nc"}], COLUMNS[:1], Colours(), None)
    assert line == "a\\u001b[2Jb\\u000ac"


@given(st.text(max_size=20), st.integers(1, 30))
def test_shortened_text_fits(text: str, width: int) -> None:
    assert columns_of(shortened(text, width)) <= max(width, 1)


def test_json_keeps_everything() -> None:
    out = io.StringIO()
    print_listing(ROWS, COLUMNS, "json", out)
    assert json.loads(out.getvalue()) == {"items": ROWS}


def test_yaml_keeps_everything() -> None:
    out = io.StringIO()
    print_listing(ROWS, COLUMNS, "yaml", out)
    assert yaml.safe_load(out.getvalue()) == {"items": ROWS}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_colours_only_on_a_terminal_and_never_with_no_color(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], expected: bool
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as terminal, os.fdopen(ours, "rb"):
        assert Colours.of(terminal).on is expected
    assert Colours.of(io.StringIO()).on is False


WORDS = st.sampled_from(
    ["on", "NO", "y", "true", "null", "~", "", "010", "1_000", "0o10", "1e3", "12:30", ".inf",
     "2024-01-01", "<<", "=", "- a", "a: b", "#", "*x", "&y", "{{ x }}", "loan-v2", " a", "a\n",
     "a\nb"]
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | WORDS | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(WORDS | st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)  # fmt: skip


@given(VALUES)
def test_written_yaml_is_read_back_by_pyyaml_and_by_our_loader(value: Any) -> None:
    text = to_yaml(value)
    assert yaml.safe_load(text) == value
    loaded = yaml12.load(text)
    assert (None if loaded is None else loaded.value) == value


@given(WORDS | st.text(max_size=8))
def test_written_words_are_read_alike_by_every_tool(word: str) -> None:
    line = to_yaml([word]).removeprefix("- ").rstrip("\n")
    if line[:1] not in "\"'|" or line[:1] == "":
        assert kubectl(word).value == kustomize(word).value == json.dumps(word)


def test_documents_are_separated() -> None:
    assert to_yaml_documents([{"a": 1}, {"on": "NO"}]) == 'a: 1\n---\n"on": "NO"\n'
