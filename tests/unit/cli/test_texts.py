"""JSON and YAML as trees: every key and value knows its place, and nothing runs away."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statekeep.cli.text.json_text import parse_json
from statekeep.cli.text.tree import (
    MAX_DEPTH,
    Mapping,
    Mark,
    Node,
    Scalar,
    TextError,
    locate,
    value_of,
)
from statekeep.cli.text.yaml_text import parse_yaml


def no_alias(_: str) -> None:
    return None


def plain_json(node: Scalar) -> object:
    return json.loads(node.text) if node.plain else node.text


def as_value(root: Node) -> object:
    return value_of(root, plain_json, lambda key: key.text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)  # fmt: skip


@given(JSON, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_json_is_read_as_python_reads_it(
    value: Any, indent: int | str | None, escaped: bool
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=escaped)
    assert as_value(parse_json(text).root) == json.loads(text)


def _not_json(name: str) -> object:
    raise ValueError(name)


@given(st.text(alphabet='{}[]",:0123456789.eE-+ntrufalse\\\n\t ', max_size=30))
def test_json_is_refused_where_python_refuses_it(text: str) -> None:
    try:
        expected = json.loads(text, parse_constant=_not_json)
    except ValueError:
        with pytest.raises(TextError):
            parse_json(text)
    else:
        assert as_value(parse_json(text).root) == expected


@pytest.mark.parametrize(
    ("text", "line", "column", "part"),
    [
        ('{"a": 1,}', 1, 9, "trailing comma"),
        ('{\n  "a": 1\n  "b": 2\n}', 3, 3, 'expected `,` or `}`, found `"`'),
        ("{a: 1}", 1, 2, "a key in double quotes, found `a`"),
        ('{"a" 1}', 1, 6, "expected `:`"),
        ('["abc', 1, 2, "closing quote"),
        ("[nan]", 1, 2, "found `nan`"),
        ("[1] x", 1, 5, "more text follows"),
        ("", 1, 1, "the end of the text"),
        ("// note\n{}", 1, 1, "a comment"),
        ('{"a": "\\ud800"}', 1, 7, "surrogate"),
        ("[" * (MAX_DEPTH + 1), 1, MAX_DEPTH + 1, "nested deeper"),
    ],
)
def test_broken_json_says_where_and_why(text: str, line: int, column: int, part: str) -> None:
    with pytest.raises(TextError) as caught:
        parse_json(text)
    assert caught.value.mark == Mark(line, column)
    assert part in caught.value.message


def test_a_pointer_finds_its_key_or_item_or_the_last_that_is_there() -> None:
    root = parse_json('{\n "a~b/c": [1,\n  {"x": 2}]\n}').root
    assert locate(root, "/a~0b~1c", aliases=no_alias) == Mark(2, 2)
    assert locate(root, "/a~0b~1c/1/x", aliases=no_alias) == Mark(3, 4)
    assert locate(root, "/a~0b~1c/1/y/z", aliases=no_alias) == Mark(3, 3)
    assert locate(root, "/nothing", aliases=no_alias) == Mark(1, 1)
    assert locate(root, "/on", aliases=lambda _: "a~b/c") == Mark(2, 2)


def yaml_value(text: str) -> object:
    (document,) = parse_yaml(text).documents
    return value_of(document.root, lambda node: node.text, lambda key: key.text)


def test_anchors_aliases_and_merge_keys_are_written_out() -> None:
    text = "a: &a {x: 1, y: 2}\nb: *a\nc: {<<: *a, y: 3}\nd: {<<: [{z: 1}, *a], x: 0}\n"
    assert yaml_value(text) == {
        "a": {"x": "1", "y": "2"},
        "b": {"x": "1", "y": "2"},
        "c": {"x": "1", "y": "3"},
        "d": {"z": "1", "y": "2", "x": "0"},
    }


def test_plain_and_quoted_scalars_are_told_apart() -> None:
    (document,) = parse_yaml("[on, 'on', \"on\", !!str on]\n").documents
    root = document.root
    assert not isinstance(root, Mapping | Scalar)
    assert [node.plain for node in root.items if isinstance(node, Scalar)] == [
        True, False, False, False,
    ]  # fmt: skip


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 30)
)


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("a:\n\tb: 1\n", "Tab", 2),
        ("a: [1\nb: 2\n", "InvalidYAML", 2),
        ("a: *b\n", "InvalidAlias", 1),
        ("a: &a [1, *a]\n", "InvalidAlias", 1),
        (BOMB, "TooLarge", 6),
        ("[" * 2000, "TooDeep", 1),
        ("a:\n  <<: 5\n", "InvalidMerge", 2),
        ("a: \x01\n", "InvalidYAML", 1),
    ],
)
def test_broken_yaml_says_where_and_why(text: str, code: str, line: int) -> None:
    (error,) = parse_yaml(text).errors
    assert (error.code, error.mark.line) == (code, line)


def test_reading_goes_on_at_the_next_document() -> None:
    parsed = parse_yaml("a: 1\n---\nb: [\n---\nc: 2\n---\n\td: 3\n---\ne: 4\n")
    assert [error.mark.line for error in parsed.errors] == [4, 7]
    roots = [document.root.mark.line for document in parsed.documents]
    assert roots == [1, 5, 9]


@given(st.text(alphabet="ab:{}[]-&*!|>'\"#,?\t\n <", max_size=40))
def test_no_text_breaks_the_yaml_reader(text: str) -> None:
    parsed = parse_yaml(text)
    assert all(document.root.mark.line >= 1 for document in parsed.documents)
    assert all(error.message for error in parsed.errors)
