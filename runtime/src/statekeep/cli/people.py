"""What the commands for people share: how a state value, a moment and a row of an answer read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from statekeep.cli.exits import CommandError
from statekeep.cli.output import printable
from statekeep.core.paths import join_path

if TYPE_CHECKING:
    from pydantic import BaseModel


def state_text(value: object) -> str:
    """A state value as people read it: the name of a state, or compact JSON."""
    if isinstance(value, str):
        return printable(value)
    return printable(json.dumps(value, ensure_ascii=False, separators=(", ", ": ")))


def leaves_of(value: object, above: tuple[str, ...] = ()) -> list[str]:
    """The dotted paths of the leaves of a state value."""
    if isinstance(value, str):
        return [join_path((*above, value))]
    if not isinstance(value, dict) or not value:
        return [join_path(above)] if above else []
    return [leaf for key, below in value.items() for leaf in leaves_of(below, (*above, key))]


def plain(answer: BaseModel) -> dict[str, Any]:
    """An answer as JSON, under the names of the HTTP API."""
    dumped: dict[str, Any] = answer.model_dump(by_alias=True, mode="json")
    return dumped


def rows_of(answers: Iterable[BaseModel]) -> list[dict[str, Any]]:
    """Many answers as rows of a listing."""
    return [plain(answer) for answer in answers]


def with_states(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same rows for a table, where a state value is one cell."""
    return [{**row, "stateValue": state_text(row.get("stateValue"))} for row in rows]


def moment(at: float | None) -> str:
    """A moment in UTC, to the second."""
    if at is None:
        return "-"
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 actor`, `12 actors`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def wrapped(text: str, width: int = 80, hang: int = 0) -> list[str]:
    """A long sentence in lines, those that follow as far in as the first, or further by `hang`."""
    import textwrap  # noqa: PLC0415

    indent = " " * (len(text) - len(text.lstrip()) + hang)
    return textwrap.wrap(
        text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def fitted(lines: Iterable[str], width: int | None) -> list[str]:
    """Sentences for a terminal of this width; None leaves them whole, for a file or a pipe.

    What is to be copied (flags, hashes) and what is painted stays in one line.
    """
    if width is None:
        return list(lines)
    told: list[str] = []
    for line in lines:
        is_long = len(line) > width and "\x1b" not in line and not line.startswith("  --")
        told += wrapped(line, width, hang=2) if is_long else [line]
    return told


def json_object(text: str | None, option: str) -> dict[str, Any] | None:
    """The object that an option's value is, as JSON."""
    value = json_value(text, option)
    if value is not None and not isinstance(value, dict):
        raise CommandError(f"{option}: a JSON object is expected, such as '{{\"amount\": 100}}'")
    return value


def json_value(text: str | None, option: str) -> Any:
    """The value that an option's text is, as JSON."""
    if text is None:
        return None
    try:
        return json.loads(text)
    except ValueError as error:
        raise CommandError(f"{option}: no JSON: {error}") from None
