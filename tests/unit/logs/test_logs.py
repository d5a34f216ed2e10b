"""Each line is one JSON object, and no line quotes what something failed on."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from statekeep import logs


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    written = io.StringIO()
    logs.configure("info", written)
    yield written
    root.handlers[:] = before
    root.setLevel(level)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_has_time_level_logger_message_and_fields(stream: io.StringIO) -> None:
    logging.getLogger("statekeep.web").warning("a key is missing", extra={"key_id": "k1\nx"})
    (line,) = lines(stream)
    assert line.pop("ts").endswith("+00:00")
    assert line == {
        "level": "warning",
        "logger": "statekeep.web",
        "msg": "a key is missing",
        "key_id": "k1\nx",
    }


def test_an_exception_is_told_without_its_message(stream: io.StringIO) -> None:
    try:
        try:
            raise KeyError("secret context")
        except KeyError as error:
            raise ValueError("another secret") from error
    except ValueError:
        logging.getLogger("x").exception("request failed")
    (line,) = lines(stream)
    assert line["error"]["type"] == "ValueError"
    assert line["error"]["cause"]["type"] == "KeyError"
    assert "test_an_exception_is_told" in line["error"]["frames"][-1]
    assert "secret" not in stream.getvalue()


def test_levels_below_the_chosen_one_are_silent(stream: io.StringIO) -> None:
    logging.getLogger("x").debug("nothing")
    assert lines(stream) == []
