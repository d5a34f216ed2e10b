"""Problems as text for people, as JSON for programs, as annotations for GitHub."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Final

from statekeep.cli.colours import Colours
from statekeep.cli.lint.problem import Located

FORMATS: Final = ("text", "json", "github")


def as_text(found: Iterable[Located], colours: Colours) -> Iterable[str]:
    for one in found:
        problem = one.problem
        place = f"{one.file}:{problem.mark.line}:{problem.mark.column}"
        paint = colours.red if problem.severity == "error" else colours.yellow
        pointer = f" {problem.pointer}" if problem.pointer else ""
        tail = colours.dim(f"[{problem.code}{pointer}]")
        yield f"{colours.bold(place)}: {paint(problem.severity)}: {problem.message} {tail}"


def as_json(found: Sequence[Located], files: int) -> str:
    errors = sum(one.problem.severity == "error" for one in found)
    body = {
        "files": files,
        "errors": errors,
        "warnings": len(found) - errors,
        "findings": [_item(one) for one in found],
    }
    return json.dumps(body, indent=2, ensure_ascii=False)


def _item(one: Located) -> dict[str, object]:
    problem = one.problem
    return {
        "file": one.file,
        "line": problem.mark.line,
        "column": problem.mark.column,
        "severity": problem.severity,
        "code": problem.code,
        "pointer": problem.pointer,
        "object": one.object,
        "message": problem.message,
        "write": problem.write,
    }


def as_github(found: Iterable[Located]) -> Iterable[str]:
    """Workflow commands; see GitHub's documentation of ``::error``."""
    for one in found:
        problem = one.problem
        where = (
            f"file={_property(one.file)},line={problem.mark.line},col={problem.mark.column},"
            f"title={_property(problem.code)}"
        )
        yield f"::{problem.severity} {where}::{_data(problem.message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def summary(found: Sequence[Located], files: int) -> str:
    errors = sum(one.problem.severity == "error" for one in found)
    counted = (_count(errors, "error"), _count(len(found) - errors, "warning"))
    return f"{counted[0]}, {counted[1]} in {_count(files, 'file')}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
