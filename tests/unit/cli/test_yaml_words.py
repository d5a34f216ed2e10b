"""What plain YAML words become on the way to the API server, by every tool that was tried.

The table is what reached a real API server (A-F: kubectl, kubectl --server-side, kubectl -k, Flux,
Argo CD folders, Argo CD with kustomize) or came out of PyYAML (G). None: not tried.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from statekeep.cli.yaml_words import kubectl, kustomize, pyyaml

GOLDEN = Path(__file__).parents[2] / "golden" / "yaml_words.jsonl"

REFUSED, DROPPED = "refused", "dropped"

# One row a word: (key, value) for each of A B C D E F G.
BOOLEAN_11 = {
    "on": ("on", "true"), "On": ("On", "true"), "ON": ("ON", "true"),
    "off": ("off", "false"), "OFF": ("OFF", "false"),
    "yes": ("yes", "true"), "Yes": ("Yes", "true"), "YES": ("YES", "true"),
    "no": ("no", "false"), "NO": ("NO", "false"),
}  # fmt: skip
LETTERS = {"y": "true", "Y": "true", "n": "false", "N": "false"}
NUMBERS = {
    "1000": ("1000", "1000"), "1.0": ("1", "1.0"), "1e3": ("1000", '"1e3"'), "010": ("8", "8"),
    "0o10": ("8", '"0o10"'), "1_000": ("1000", "1000"), "0x10": ("16", "16"),
}  # fmt: skip


def _rows() -> dict[str, list[tuple[str, str] | None]]:
    rows: dict[str, list[tuple[str, str] | None]] = {}
    for word, (text, truth) in BOOLEAN_11.items():
        eleven, twelve = (f'"{truth}"', truth), (f'"{text}"', f'"{text}"')
        rows[word] = [eleven, eleven, twelve, twelve, eleven, twelve, eleven]
    for word, truth in LETTERS.items():
        eleven, twelve = (f'"{truth}"', truth), (f'"{word}"', f'"{word}"')
        rows[word] = [eleven, eleven, twelve, twelve, eleven, twelve, twelve]
    for word, (go, python) in NUMBERS.items():
        plain, refused = (f'"{go}"', go), (REFUSED, go)
        key = python if python.startswith('"') else f'"{python}"'
        flux = refused if word == "1000" else None
        kustomized = refused if word == "1000" else None
        rows[word] = [plain, plain, refused, flux, plain, kustomized, (key, python)]
    true, refused_true = ('"true"', "true"), (REFUSED, "true")
    rows["true"] = [true, true, refused_true, refused_true, true, refused_true, true]
    rows["True"] = [true, true, refused_true, None, true, None, true]
    gone, kept = (REFUSED, DROPPED), (REFUSED, "null")
    rows["null"] = [gone, kept, gone, kept, gone, gone, ('"null"', "null")]
    rows["~"] = [gone, kept, gone, None, None, None, ('"null"', "null")]
    clock = ('"12:30"', '"12:30"')
    rows["12:30"] = [clock, clock, clock, clock, clock, clock, ('"750"', "750")]
    day, stamp = ('"2024-01-01"', '"2024-01-01"'), (REFUSED, '"2024-01-01T00:00:00Z"')
    rows["2024-01-01"] = [day, day, stamp, stamp, day, stamp, (REFUSED, '"2024-01-01"')]
    inf, never = ('".inf"', REFUSED), (REFUSED, REFUSED)
    rows[".inf"] = [inf, inf, never, never, inf, never, ('"Infinity"', "Infinity")]
    return rows


# Which reader a column's tools have, and whether nulls survive the way.
COLUMNS = {
    "A": (kubectl, True), "B": (kubectl, False), "C": (kustomize, True), "D": (kustomize, False),
    "E": (kubectl, True), "F": (kustomize, True), "G": (pyyaml, False),
}  # fmt: skip

CASES = [
    pytest.param(word, column, expected, id=f"{word}-{column}")
    for word, row in _rows().items()
    for column, expected in zip(COLUMNS, row, strict=True)
    if expected is not None
]


@pytest.mark.parametrize(("word", "column", "expected"), CASES)
def test_a_plain_word_reaches_the_api_server_as_it_was_seen_to(
    word: str, column: str, expected: tuple[str, str]
) -> None:
    reader, drops_null = COLUMNS[column]
    read = reader(word)
    value = DROPPED if drops_null and read.value == "null" else read.value
    assert (read.key or REFUSED, value or REFUSED) == expected


def test_the_table_has_every_plain_word_that_was_tried() -> None:
    assert len(_rows()) == 28
    assert len(CASES) == 28 * 7 - 6 * 2 - 2 - 3


GO = [json.loads(line) for line in GOLDEN.read_text(encoding="utf-8").splitlines()]


def _unwrapped(text: str | None) -> object:
    return REFUSED if text is None else json.loads(text)


@pytest.mark.parametrize("name", ["kubectl", "kustomize"])
@pytest.mark.parametrize("row", GO, ids=[row["written"] for row in GO])
def test_the_go_readers_answer_as_recorded(row: dict[str, Any], name: str) -> None:
    """Recorded from sigs.k8s.io/yaml v1.6.0 and go.yaml.in/yaml/v3 v3.0.4."""
    key, value = row[name]
    read = {"kubectl": kubectl, "kustomize": kustomize}[name](row["written"])
    assert read.key == (None if key is None else json.dumps(key))
    assert _unwrapped(read.value) == _unwrapped(value)


@given(st.from_regex(r"[-+.0-9a-fxoyYnN:_TZ]{1,12}", fullmatch=True))
def test_pyyaml_answers_as_pyyaml_does(text: str) -> None:
    try:
        document = yaml.safe_load(f"- {text}\n")
    except (yaml.YAMLError, ValueError, OverflowError):
        return
    if not isinstance(document, list) or isinstance(document[0], dict | list):
        return
    (value,) = document
    said = pyyaml(text).value
    assert said is not None
    if isinstance(value, str | bool | int | float | None):
        assert said == json.dumps(value)


@given(st.text(min_size=1, max_size=12))
def test_no_text_breaks_a_reader(text: str) -> None:
    for reader in (kubectl, kustomize, pyyaml):
        read = reader(text)
        assert read.value is None or json.loads(read.value) is not ...
