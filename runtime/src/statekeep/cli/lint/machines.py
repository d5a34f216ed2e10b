"""What the core says about a machine, put back to the lines it is about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from statekeep.cli.lint.problem import Problem
from statekeep.cli.lint.reading import meant
from statekeep.cli.text.tree import Mark, Node, locate
from statekeep.core.compile import compile_machine
from statekeep.core.findings import DefinitionError, Finding

_ON_TWICE = {"true": "on", "on": "true"}


@dataclass(frozen=True, slots=True)
class Given:
    """A machine as it stands in a file: its tree, its pointer there, and whose order it keeps."""

    root: Node
    pointer: str
    source: Literal["object", "string"]
    place: Callable[[Mark], Mark] = lambda mark: mark


def machine_problems(given: Given, guards: Literal["Ignore", "Deny"]) -> Iterator[Problem]:
    for finding in _findings(given, guards):
        mark = given.place(locate(given.root, finding.pointer, aliases=_ON_TWICE.get))
        severity: Literal["error", "warning"] = (
            "error" if finding.severity == "error" else "warning"
        )
        pointer = given.pointer + finding.pointer
        yield Problem(severity, finding.code, finding.message, mark, pointer)


def _findings(given: Given, guards: Literal["Ignore", "Deny"]) -> tuple[Finding, ...]:
    try:
        machine = compile_machine(meant(given.root), guards=guards, source=given.source)
    except DefinitionError as error:
        return tuple(error.findings)
    return machine.warnings
