"""The checks of one object of ours: fields, machine, and what its fields say about each other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final, Literal

from statekeep.cli.lint.duplicates import duplicate_problems
from statekeep.cli.lint.embedded import parse_embedded
from statekeep.cli.lint.machines import Given, machine_problems
from statekeep.cli.lint.problem import Problem, error_at
from statekeep.cli.lint.reading import meant
from statekeep.cli.lint.shape import NAME, SPECS
from statekeep.cli.lint.words import word_problems
from statekeep.cli.text.tree import Mapping, Mark, Node, Scalar, Sequence, TextError

API: Final = "statekeep.dev/"
MACHINE_BYTES: Final = 128 * 1024
VERSION: Final = "statekeep.dev/v1alpha1"
Guards = Literal["Ignore", "Deny"]

_OF_THE_POINT: Final = ("from", "historyPath", "regions")


def is_ours(node: Node) -> bool:
    return isinstance(node, Mapping) and text_of(node.get("apiVersion")).startswith(API)


def text_of(node: Node | None) -> str:
    return node.text if isinstance(node, Scalar) else ""


def name_of(node: Mapping) -> str:
    metadata = node.get("metadata")
    name = text_of(metadata.get("name")) if isinstance(metadata, Mapping) else ""
    return f"{text_of(node.get('kind'))}/{name}"


def manifest_problems(
    node: Mapping, syntax: Literal["json", "yaml"], file_text: str, pointer: str = ""
) -> Iterator[Problem]:
    """Everything that this object alone proves wrong; `pointer` is where it stands in a list."""
    yield from duplicate_problems(node, pointer)
    if syntax == "yaml":
        yield from word_problems(node, "document", pointer)
    kind = node.get("kind")
    if text_of(kind) not in SPECS:
        message = f"no kind of ours: `{text_of(kind)}`; there are {' and '.join(SPECS)}"
        yield error_at(kind or node, "UnknownKind", message, f"{pointer}/kind")
        return
    yield from _envelope(node, pointer)
    spec = node.get("spec")
    if isinstance(spec, Mapping):
        where = f"{pointer}/spec"
        yield from SPECS[text_of(kind)](spec, where)
        if text_of(kind) == "WorkflowDefinition":
            yield from _definition(spec, where)
            yield from _machine(node, file_text, pointer)
            yield from _migrations(spec, where)
        else:
            yield from _change_point(spec, where)


def _envelope(node: Mapping, pointer: str) -> Iterator[Problem]:
    version = node.get("apiVersion")
    if version is not None and text_of(version) != VERSION:
        message = f"unknown version `{text_of(version)}`; there is {VERSION}"
        yield error_at(version, "UnknownVersion", message, f"{pointer}/apiVersion")
    if name_of(node).endswith("/"):
        message = "`metadata.name` is missing; it is the id that actors and migrations name"
        yield error_at(node, "Missing", message, f"{pointer}/metadata/name")
    elif text_of(node.get("kind")) == "WorkflowDefinition":
        yield from _name(node, f"{pointer}/metadata/name")
    if not isinstance(node.get("spec"), Mapping):
        spec = node.get("spec")
        yield error_at(spec or node, "Missing", "`spec` must be an object", f"{pointer}/spec")


def _name(node: Mapping, pointer: str) -> Iterator[Problem]:
    metadata = node.get("metadata")
    name = metadata.get("name") if isinstance(metadata, Mapping) else None
    if name is not None:
        yield from NAME(name, pointer)


def guards_of(node: Mapping) -> Guards:
    spec = node.get("spec")
    text = text_of(spec.get("guards")) if isinstance(spec, Mapping) else ""
    return "Deny" if text == "Deny" else "Ignore"


def machine_of(node: Mapping, file_text: str, pointer: str = "") -> Given | None:
    """The machine of a WorkflowDefinition, however it is given; raises TextError."""
    spec = node.get("spec")
    if not isinstance(spec, Mapping):
        return None
    given, text = spec.get("definition"), spec.get("definitionJSON")
    if isinstance(given, Mapping):
        return Given(given, f"{pointer}/spec/definition", "object")
    if isinstance(text, Scalar):
        embedded = parse_embedded(text, file_text)
        where = f"{pointer}/spec/definitionJSON"
        return Given(embedded.document.root, where, "string", embedded.place)
    return None


def _definition(spec: Mapping, pointer: str) -> Iterator[Problem]:
    given, text = spec.get("definition"), spec.get("definitionJSON")
    if (given is None) == (text is None):
        count = "neither" if given is None else "both"
        message = (
            f"{count} of `definition` (an object) and `definitionJSON` (a string) are here; "
            "give exactly one"
        )
        yield error_at(text or spec, "OneDefinition", message, pointer)
    if given is not None and not isinstance(given, Mapping):
        message = "the machine must be an object here; as a string it belongs in `definitionJSON`"
        yield error_at(given, "WrongType", message, f"{pointer}/definition")
    if text is not None and not (isinstance(text, Scalar) and text.text.lstrip()[:1] == "{"):
        message = "the machine as JSON in a string: write `definitionJSON: |` and the JSON below it"
        yield error_at(text, "WrongType", message, f"{pointer}/definitionJSON")


def _machine(node: Mapping, file_text: str, pointer: str) -> Iterator[Problem]:
    try:
        given = machine_of(node, file_text, pointer)
    except TextError as error:
        where = f"{pointer}/spec/definitionJSON"
        yield Problem("error", error.code, error.message, error.mark, where)
        return
    if given is None:
        return
    size = len(json.dumps(meant(given.root), ensure_ascii=False).encode())
    if size > MACHINE_BYTES:
        message = f"a machine of {size} bytes; a WorkflowDefinition holds {MACHINE_BYTES} at most"
        mark = given.place(given.root.mark)
        yield Problem("error", "TooLarge", message, mark, given.pointer)
    if given.source == "string":
        yield from duplicate_problems(given.root, given.pointer, given.place)
    yield from machine_problems(given, guards_of(node))


def _migrations(spec: Mapping, pointer: str) -> Iterator[Problem]:
    """Names are unique, and only what is there can be closed."""
    listed = spec.get("migrations")
    names: dict[str, Mark] = {}
    for at, one in enumerate(listed.items if isinstance(listed, Sequence) else ()):
        name = one.get("name") if isinstance(one, Mapping) else None
        if name is None:
            continue
        if text_of(name) in names:
            line = names[text_of(name)].line
            message = f"a second migration named `{text_of(name)}`, the first is in line {line}"
            yield error_at(name, "DuplicateName", message, f"{pointer}/migrations/{at}/name")
        names.setdefault(text_of(name), name.mark)
    closed = spec.get("close")
    for at, one in enumerate(closed.items if isinstance(closed, Sequence) else ()):
        if text_of(one) not in names:
            message = f"`close` names no migration of this object: `{text_of(one)}`"
            yield error_at(one, "UnknownMigration", message, f"{pointer}/close/{at}")


def _change_point(spec: Mapping, pointer: str) -> Iterator[Problem]:
    """A refinement takes its anchor from the point it refines; any other point has its source."""
    refines = spec.get("refines")
    if refines is None:
        if spec.get("from") is None:
            message = (
                "`from` is missing: the version whose actors move (or `refines`, for a hotfix)"
            )
            yield error_at(spec, "Missing", message, f"{pointer}/from")
        return
    for name in _OF_THE_POINT:
        node = spec.get(name)
        if node is not None:
            message = f"a refinement takes `{name}` from the point it refines; leave it out"
            yield error_at(node, "RefinementChangesPoint", message, f"{pointer}/{name}")
