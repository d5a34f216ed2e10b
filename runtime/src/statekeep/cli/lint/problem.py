"""One thing that is wrong in a file, with its place: what every check of the linter answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from statekeep.cli.text.tree import Mark, Node, TextError

_WORD_CODES: Final = ("YamlWord", "YamlNumber", "YamlTime")

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """`write` is the text to put there instead, where there is exactly one."""

    severity: Severity
    code: str
    message: str
    mark: Mark
    pointer: str = ""
    write: str | None = None


@dataclass(frozen=True, slots=True)
class Located:
    """A problem in its file and, for a manifest, its object (`WorkflowDefinition/loan-v2`)."""

    file: str
    problem: Problem
    object: str | None = None

    @property
    def order(self) -> tuple[Mark, str, str, str]:
        problem = self.problem
        return problem.mark, problem.severity, problem.code, problem.pointer


def error_at(node: Node, code: str, message: str, pointer: str) -> Problem:
    return Problem("error", code, message, node.mark, pointer)


def unreadable(error: TextError) -> Problem:
    return Problem("error", error.code, error.message, error.mark)


def in_order(found: Iterable[Located]) -> list[Located]:
    """By place, each said once: an alias shows one text at several pointers."""
    kept: dict[tuple[object, ...], Located] = {}
    for one in sorted(_without_echoes(list(found)), key=lambda located: located.order):
        problem = one.problem
        kept.setdefault((one.file, problem.mark, problem.code, problem.message), one)
    return list(kept.values())


def _without_echoes(found: list[Located]) -> Iterator[Located]:
    """A word that changes its type is not also a wrong type, a refused null not also a warning."""
    words: set[tuple[str | None, str]] = set()
    others: set[tuple[str | None, str]] = set()
    for one in found:
        if one.problem.severity == "error":
            here = words if one.problem.code in _WORD_CODES else others
            here.add((one.object, one.problem.pointer))
    for one in found:
        at = (one.object, one.problem.pointer)
        echo = (one.problem.code == "WrongType" and at in words) or (
            one.problem.code == "YamlNull" and at in others
        )
        if not echo:
            yield one
