"""Text that is JSON, and text that only looks like it."""

from __future__ import annotations

import pytest

from statekeep.core.findings import DefinitionError
from statekeep.core.text import parse_definition


def test_json_is_read() -> None:
    assert parse_definition('{"a": [1, 2.5, true, null, "é\\u00e9"]}') == {
        "a": [1, 2.5, True, None, "éé"]
    }
    assert parse_definition(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


REFUSED: dict[str, tuple[str | bytes, list[tuple[str, str]]]] = {
    "nothing": ("", [("", "NotJson")]),
    "NaN": ('{"a": NaN}', [("", "NotJson")]),
    "Infinity": ('{"a": -Infinity}', [("", "NotJson")]),
    "a number too large": ('{"a": 1e999}', [("", "NotJson")]),
    "an integer too long": ('{"a": ' + "1" * 5000 + "}", [("", "NotJson")]),
    "a comment": ('{"a": 1} // x', [("", "NotJson")]),
    "bytes that are no text": (b"\xff{}", [("", "NotJson")]),
    "a key twice": ('{"a": {"on": {"E/1": 1, "E/1": 2}}}', [("/a/on/E~11", "DuplicateKey")]),
    "keys twice, in two places": (
        '[{"a": 1, "a": 2}, {"b": 1, "b": 2}]',
        [("/0/a", "DuplicateKey"), ("/1/b", "DuplicateKey")],
    ),
    "brackets without end": ("[" * 100_000, [("", "TooDeep")]),
    "deep nesting": ("[" * 400 + "]" * 400, [("", "TooDeep")]),
    "a text too long": ('"' + "x" * (1 << 20) + '"', [("", "TooLarge")]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refuses(name: str) -> None:
    text, expected = REFUSED[name]
    with pytest.raises(DefinitionError) as refused:
        parse_definition(text)
    assert [(f.pointer, f.code) for f in refused.value.findings] == expected


def test_brackets_inside_strings_nest_nothing() -> None:
    assert parse_definition('"' + "[" * 1000 + '\\"{"') == "[" * 1000 + '"{'
