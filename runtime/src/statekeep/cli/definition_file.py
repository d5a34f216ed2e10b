"""The one machine of a file, for commands that need one: JSON, or a manifest with a definition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from statekeep.cli.exits import CommandError
from statekeep.cli.lint.files import objects_of, parse
from statekeep.cli.lint.machines import Given, machine_problems
from statekeep.cli.lint.manifests import Guards, guards_of, is_ours, machine_of, name_of
from statekeep.cli.lint.problem import Problem
from statekeep.cli.lint.reading import meant
from statekeep.cli.sources import read_text, shown_name
from statekeep.cli.text.tree import Document, Mapping, TextError
from statekeep.core.compile import compile_machine
from statekeep.core.findings import DefinitionError
from statekeep.core.machine import Machine


@dataclass(frozen=True, slots=True)
class _Found:
    name: str
    given: Given
    guards: Guards


def load_machine(file: str, guards: Guards | None) -> Machine:
    """Raises CommandError, with file, line and column, for whatever is in the way."""
    shown = shown_name(file)
    try:
        text = read_text(file)
        found = _found(shown, text)
    except OSError as error:
        raise CommandError(f"{shown}: {error.strerror or error}") from None
    except TextError as error:
        place = f"{shown}:{error.mark.line}:{error.mark.column}"
        raise CommandError(f"{place}: {error.message} [{error.code}]") from None
    return _compiled(shown, found, guards or found.guards)


def _compiled(shown: str, found: _Found, guards: Guards) -> Machine:
    given = found.given
    try:
        return compile_machine(meant(given.root), guards=guards, source=given.source)
    except DefinitionError:
        errors = [one for one in machine_problems(given, guards) if one.severity == "error"]
        told = "\n".join(_line(shown, problem) for problem in errors)
        raise CommandError(f"the definition is wrong\n{told}") from None


def _line(shown: str, problem: Problem) -> str:
    place = f"{shown}:{problem.mark.line}:{problem.mark.column}"
    return f"{place}: {problem.message} [{problem.code} {problem.pointer}]"


def _found(shown: str, text: str) -> _Found:
    parsed = parse(shown, text)
    if parsed.errors:
        raise parsed.errors[0]
    found = [one for document in parsed.documents for one in _machines(document, text)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise CommandError(
            f"{shown}: no definition in this file", hint="`statekeep lint` says more"
        )
    names = ", ".join(one.name for one in found)
    raise CommandError(f"{shown}: {len(found)} definitions ({names}); name a file with one")


def _machines(document: Document, text: str) -> Iterator[_Found]:
    for pointer, node in objects_of(document.root):
        if is_ours(node):
            given = machine_of(node, text, pointer)
            if given is not None:
                yield _Found(name_of(node), given, guards_of(node))
        elif node.get("kind") is None or document.syntax == "json":
            yield _Found("a machine", _bare(node, document), "Ignore")


def _bare(node: Mapping, document: Document) -> Given:
    """A machine, or the body of a deployment with one in it."""
    body = node.get("definition")
    source: Literal["object", "string"] = "string" if document.syntax == "json" else "object"
    if isinstance(body, Mapping) and node.get("states") is None:
        return Given(body, "/definition", source)
    return Given(node, "", source)
