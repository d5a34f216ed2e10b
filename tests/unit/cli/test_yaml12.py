"""Scenario files are YAML 1.2: words stay words, and what would be lost is refused with a line."""

import pytest

from statekeep.cli import yaml12
from statekeep.cli.text.tree import Mark, TextError

SCENARIO = """\
name: fee paid or waived
steps:
- send: {to: alice, events: [on, NO, y, 1e3, "2"]}
- preview: &v2 {id: loan-v2, historyPath: [SUBMIT_INFO, PAY_FEE]}
  expect: {wouldMigrate: [alice], wouldStay: []}
- deploy: *v2
"""


def test_a_scenario_is_read_with_its_anchors() -> None:
    loaded = yaml12.load(SCENARIO)
    assert loaded is not None
    body = {"id": "loan-v2", "historyPath": ["SUBMIT_INFO", "PAY_FEE"]}
    assert loaded.value == {
        "name": "fee paid or waived",
        "steps": [
            {"send": {"to": "alice", "events": ["on", "NO", "y", 1000.0, "2"]}},
            {"preview": body, "expect": {"wouldMigrate": ["alice"], "wouldStay": []}},
            {"deploy": body},
        ],
    }
    assert loaded.mark("/steps/1/expect/wouldStay") == Mark(5, 35)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"), ("Yes", "Yes"), ("true", True), ("FALSE", False), ("tRue", "tRue"),
        ("null", None), ("~", None), ("nULL", "nULL"), ("010", 10), ("0o10", 8), ("0x1F", 31),
        ("1_000", "1_000"), ("1.5", 1.5), ("-.5", -0.5), ("1e3", 1000.0), ("12:30", "12:30"),
        ("2024-01-01", "2024-01-01"), ("0b11", "0b11"), ("+1", 1), ("'1'", "1"), ("!!str 1", "1"),
    ],
)  # fmt: skip
def test_the_core_schema_is_followed(text: str, value: object) -> None:
    loaded = yaml12.load(f"- {text}\n")
    assert loaded is not None
    assert loaded.value == [value]
    assert isinstance(loaded.value, list)
    assert type(loaded.value[0]) is type(value)


@pytest.mark.parametrize(
    ("text", "code", "mark"),
    [
        ("a: 1\nb: 2\na: 3\n", "DuplicateKey", Mark(3, 1)),
        ("a: {1: x}\n", "KeyNotString", Mark(1, 5)),
        ("a: {null: x}\n", "KeyNotString", Mark(1, 5)),
        ("? [a]\n: 1\n", "KeyNotString", Mark(1, 3)),
        ("- .inf\n", "NotJson", Mark(1, 3)),
        ("- 1e999\n", "NotJson", Mark(1, 3)),
        ("- !!binary aGk=\n", "UnsupportedTag", Mark(1, 3)),
        ("a: 1\n---\nb: 2\n", "ManyDocuments", Mark(3, 1)),
        ("a: [\n", "InvalidYAML", Mark(2, 1)),
    ],
)
def test_what_would_be_lost_or_guessed_is_refused_with_its_place(
    text: str, code: str, mark: Mark
) -> None:
    with pytest.raises(TextError) as caught:
        yaml12.load(text)
    assert (caught.value.code, caught.value.mark) == (code, mark)


def test_an_empty_file_has_no_document() -> None:
    assert yaml12.load("# nothing\n") is None


def test_several_documents_can_be_asked_for() -> None:
    assert [one.value for one in yaml12.load_all("a: 1\n---\nb: 2\n")] == [{"a": 1}, {"b": 2}]
