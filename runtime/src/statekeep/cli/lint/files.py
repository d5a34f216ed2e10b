"""A file's text to its problems: which syntax, which documents, what each of them is.

The one way in is `lint_text`; it opens nothing. What it cannot read it says so, a Helm template
first of all: that is no YAML before it is rendered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from statekeep.cli import yaml12
from statekeep.cli.lint.duplicates import duplicate_problems
from statekeep.cli.lint.machines import Given, machine_problems
from statekeep.cli.lint.manifests import is_ours, manifest_problems, name_of, text_of
from statekeep.cli.lint.problem import Located, Problem, in_order, unreadable
from statekeep.cli.lint.together import Placed
from statekeep.cli.lint.words import word_problems
from statekeep.cli.text.json_text import parse_json
from statekeep.cli.text.tree import (
    Document,
    Mapping,
    Mark,
    Node,
    Scalar,
    Sequence,
    TextError,
    children,
)
from statekeep.cli.text.yaml_text import Parsed, parse_yaml

_TEMPLATE: Final = re.compile(
    r"\{\{-?\s*(?:/\*|[.$(\"]|(?:if|else|end|range|with|include|template|define|block|tpl|toYaml"
    r"|toJson|quote|printf|default|required|lookup|fail|nindent|indent|not|and|or|eq)\b)"
)
_MACHINE_KEYS: Final = frozenset(("states", "initial", "on", "true", "always", "type", "after"))
_PIPELINE: Final = "jobs"
"""The key by which a workflow of GitHub Actions is known; its `on` makes it no machine."""
_HELM: Final = (
    "a Helm template is no YAML before it is rendered; nothing in this file was checked: "
    "`helm template CHART | statekeep lint -`"
)


@dataclass(frozen=True, slots=True)
class Linted:
    """What was found in one file; `ours` counts the definitions, objects and scenarios in it."""

    found: list[Located]
    ours: int
    objects: tuple[Placed, ...] = ()


def lint_text(file: str, text: str, guards: Literal["Ignore", "Deny"]) -> Linted:
    parsed = parse(file, text)
    template = _template(text, parsed)
    if template is not None:
        problem = Problem("error", "HelmTemplate", _HELM, template)
        return Linted([Located(file, problem)], 0)
    found = [Located(file, unreadable(error)) for error in parsed.errors]
    ours = 0
    for document in parsed.documents:
        for part in _parts(document, text, guards):
            ours += 1
            found += [Located(file, problem, part.name) for problem in part.problems]
    return Linted(in_order(found), ours, tuple(_placed(file, text, parsed)))


def _placed(file: str, text: str, parsed: Parsed) -> Iterator[Placed]:
    for document in parsed.documents:
        for pointer, node in objects_of(document.root):
            if is_ours(node):
                yield Placed(file, text, node, pointer)


def parse(file: str, text: str) -> Parsed:
    """By the name; without one JSON is what begins as JSON and is it."""
    lower = file.lower()
    looks_like_json = text.lstrip()[:1] in ("{", "[") and not _TEMPLATE.match(text.lstrip())
    if not lower.endswith(".json") and (lower.endswith((".yaml", ".yml")) or not looks_like_json):
        return parse_yaml(text)
    try:
        return Parsed((parse_json(text),), ())
    except TextError as error:
        return Parsed((), (error,))


def _template(text: str, parsed: Parsed) -> Mark | None:
    """Where a template shows itself: in a scalar, or anywhere in what is no YAML."""
    if "{{" not in text:
        return None
    if parsed.errors:
        found = _TEMPLATE.search(text)
        if found is None:
            return None
        before = text[: found.start()]
        return Mark(before.count("\n") + 1, found.start() - (before.rfind("\n") + 1) + 1)
    return next((mark for document in parsed.documents for mark in _braces(document.root)), None)


def _braces(root: Node) -> Iterator[Mark]:
    """Scalars with a template in them, and `{{ x }}` read as a mapping that is a key."""
    stack: list[Node] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, Scalar):
            if _TEMPLATE.search(node.text):
                yield node.mark
        elif isinstance(node, Mapping):
            for key, value in node.pairs:
                if isinstance(key, Mapping):
                    yield key.mark
                stack += [key, value]
        else:
            stack += node.items


@dataclass(frozen=True, slots=True)
class _Part:
    name: str | None
    problems: Iterator[Problem]


def _parts(document: Document, text: str, guards: Literal["Ignore", "Deny"]) -> Iterator[_Part]:
    for pointer, node in objects_of(document.root):
        if is_ours(node):
            problems = manifest_problems(node, document.syntax, text, pointer)
            yield _Part(name_of(node), problems)
        elif node.get("kind") is None or node.get("states") is not None:
            yield from _bare(node, document, guards, pointer)


def objects_of(node: Node, pointer: str = "") -> Iterator[tuple[str, Mapping]]:
    """The mappings that may be ours: the document, or the items of a List, at any depth."""
    if not isinstance(node, Mapping):
        return
    items = node.get("items")
    if text_of(node.get("kind")).endswith("List") and isinstance(items, Sequence):
        for token, _, item in children(items):
            yield from objects_of(item, f"{pointer}/items/{token}")
    else:
        yield pointer, node


def _bare(
    node: Mapping, document: Document, guards: Literal["Ignore", "Deny"], pointer: str
) -> Iterator[_Part]:
    """Without a kind: a scenario, the body of a deployment, or a machine."""
    keys = {key.text for key, _ in node.entries if isinstance(key, Scalar)}
    body = node.get("definition")
    if "steps" in keys and not keys & {"states"}:
        yield _Part(None, _scenario(document))
    elif isinstance(body, Mapping) and "states" not in keys:
        yield _Part(None, _machine(node, body, "/definition", document, guards))
    elif document.syntax == "json" or (keys & _MACHINE_KEYS and _PIPELINE not in keys):
        yield _Part(None, _machine(node, node, pointer, document, guards))


def _machine(
    whole: Mapping,
    root: Mapping,
    pointer: str,
    document: Document,
    guards: Literal["Ignore", "Deny"],
) -> Iterator[Problem]:
    """JSON keeps its order; a machine in YAML is on its way into a manifest, which does not."""
    yield from duplicate_problems(whole)
    if document.syntax == "yaml":
        yield from word_problems(whole, "state" if root is whole else "spec")
        yield from machine_problems(Given(root, pointer, "object"), guards)
    else:
        yield from machine_problems(Given(root, pointer, "string"), guards)


def _scenario(document: Document) -> Iterator[Problem]:
    try:
        yaml12.read(document)
    except TextError as error:
        yield unreadable(error)
