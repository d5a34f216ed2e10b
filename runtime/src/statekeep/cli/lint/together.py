"""What the objects of all files say about each other: the registrations, tried in memory.

The definitions and change-points of one namespace and workflow are registered into an empty
registry in the order of the routing graph, by the very code of the server; what it refuses is a
finding. What is not among the files (an older version, a point that is refined) is no error here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from statekeep.cli.lint.machines import Given
from statekeep.cli.lint.manifests import Guards, guards_of, machine_of, name_of, text_of
from statekeep.cli.lint.problem import Located, Problem
from statekeep.cli.lint.reading import meant
from statekeep.cli.text.tree import Mapping, TextError, locate
from statekeep.core.compile import compile_machine
from statekeep.core.findings import DefinitionError
from statekeep.core.machine import Machine
from statekeep.core.points import Deployment, Migration, PointRegistration, state_mapping
from statekeep.core.refusals import Code, Refusal, Refused
from statekeep.core.registration import register_definition, register_point
from statekeep.core.registry import Registry

_NOT_HERE: Final = (Code.UNKNOWN_VERSION, Code.UNKNOWN_CHANGE_POINT)
_SAID_BEFORE: Final = (Code.REFINEMENT_CHANGES_POINT, Code.INVALID_DEFINITION)


@dataclass(frozen=True, slots=True)
class Placed:
    """An object of ours in its file."""

    file: str
    text: str
    node: Mapping
    pointer: str

    @property
    def spec(self) -> Mapping:
        spec = self.node.get("spec")
        return spec if isinstance(spec, Mapping) else Mapping((), (), self.node.mark)

    @property
    def kind(self) -> str:
        return text_of(self.node.get("kind"))

    @property
    def name(self) -> str:
        return name_of(self.node).partition("/")[2]

    @property
    def namespace(self) -> str:
        metadata = self.node.get("metadata")
        return text_of(metadata.get("namespace")) if isinstance(metadata, Mapping) else ""


def together(placed: Iterable[Placed]) -> Iterator[Located]:
    """Only objects that can be read on their own take part."""
    objects = list(placed)
    for namespace in sorted({one.namespace for one in objects}):
        here = [one for one in objects if one.namespace == namespace]
        yield from _Trial(here).run()


class _Trial:
    """One namespace: a registry a workflow, filled as far as it goes."""

    def __init__(self, objects: list[Placed]) -> None:
        self.definitions = {
            one.name: one for one in reversed(objects) if one.kind == "WorkflowDefinition"
        }
        self.points = [one for one in objects if one.kind == "ChangePoint"]
        self.registries: dict[str, Registry] = {}
        self.workflow_of: dict[str, str] = {}

    def run(self) -> Iterator[Located]:
        deployments = {name: _deployment(one) for name, one in self.definitions.items()}
        waiting = {name: one for name, one in sorted(deployments.items()) if one is not None}
        while waiting:
            ready = (name for name, one in waiting.items() if not _sources(one) & waiting.keys())
            name = next(ready, next(iter(waiting)))
            yield from self._define(waiting.pop(name))
        points = [point for point in map(_point, self.points) if point is not None]
        for point in sorted(points, key=lambda one: (one.refines is not None, one.name)):
            yield from self._point(point)

    def _define(self, asked: Deployment) -> Iterator[Located]:
        registry = self.registries.get(asked.workflow, Registry(asked.workflow))
        elsewhere = {v: w for v, w in self.workflow_of.items() if w != asked.workflow}
        self.workflow_of[asked.id] = asked.workflow
        where = self.definitions[asked.id]
        while True:
            try:
                registration = register_definition(registry, asked, elsewhere)
            except Refused as refused:
                yield from _findings(where, refused, self.definitions.keys())
                if not asked.migrations:
                    return
                asked = replace(asked, migrations=())
                continue
            self.registries[asked.workflow] = getattr(registration, "registry", registry)
            return

    def _point(self, asked: PointRegistration) -> Iterator[Located]:
        where = next(one for one in self.points if one.name == asked.name)
        workflow = self.workflow_of.get(asked.target) or self.workflow_of.get(asked.source or "")
        if workflow is None:
            return
        registry = self.registries.get(workflow, Registry(workflow))
        elsewhere = {v: w for v, w in self.workflow_of.items() if w != workflow}
        try:
            registration = register_point(registry, asked, elsewhere)
        except Refused as refused:
            yield from _findings(where, refused, self.definitions.keys())
        else:
            self.registries[workflow] = getattr(registration, "registry", registry)


def _findings(where: Placed, refused: Refused, known: Iterable[str]) -> Iterator[Located]:
    here = frozenset(known)
    for reason in refused.reasons:
        missing = reason.code in _NOT_HERE and not here.intersection(reason.objects)
        if not missing and reason.code not in _SAID_BEFORE:
            yield Located(where.file, _problem(where, reason), name_of(where.node))


def _problem(where: Placed, reason: Refusal) -> Problem:
    mark = locate(where.spec, reason.pointer, aliases=lambda _: None)
    pointer = f"{where.pointer}/spec{reason.pointer}"
    return Problem("error", reason.code.value, reason.message, mark, pointer)


def _sources(deployment: Deployment) -> set[str]:
    return {one.source for one in deployment.migrations} - {deployment.id}


def _deployment(placed: Placed) -> Deployment | None:
    """None for what has an error of its own, which has been said."""
    spec: Any = meant(placed.spec)
    machine = _machine(placed)
    if machine is None or not isinstance(spec.get("workflow"), str):
        return None
    try:
        listed = spec.get("migrations") or ()
        migrations = tuple(_migration(placed.name, one) for one in listed)
    except _UNFIT:
        return None
    return Deployment(
        id=placed.name,
        workflow=spec["workflow"],
        machine=machine,
        migrations=migrations,
        body_digest=f"{placed.file}{placed.pointer}",
    )


_UNFIT: Final = (KeyError, TypeError, ValueError, AttributeError)


def _migration(definition: str, given: dict[str, Any]) -> Migration:
    name = f"{definition}.{_text(given['name'])}"
    return Migration(name=name, source=_text(given["from"]), **_rules(given))


def _point(placed: Placed) -> PointRegistration | None:
    given: Any = meant(placed.spec)
    try:
        return PointRegistration(
            name=placed.name,
            target=_text(given["to"]),
            source=_optional(given.get("from")),
            refines=_optional(given.get("refines")),
            body_digest=f"{placed.file}{placed.pointer}",
            **_rules(given),
        )
    except _UNFIT:
        return None


def _rules(given: dict[str, Any]) -> dict[str, Any]:
    """Anchor, mapping and landing; the rest decides no refusal."""
    regions = given.get("regions") or {}
    return {
        "history_path": _path(given.get("historyPath") or []),
        "regions": tuple(sorted((key, _path(path)) for key, path in regions.items())),
        "mapping": state_mapping(given.get("stateMapping") or {}),
        "landing": given.get("landing"),
    }


def _path(given: list[Any]) -> tuple[str, ...]:
    return tuple(_text(event) for event in given)


def _optional(given: object) -> str | None:
    return None if given is None else _text(given)


def _text(given: object) -> str:
    if not isinstance(given, str):
        raise TypeError(given)
    return given


def _machine(placed: Placed) -> Machine | None:
    try:
        given = machine_of(placed.node, placed.text, placed.pointer)
        return None if given is None else _compiled(given, guards_of(placed.node))
    except (TextError, DefinitionError):
        return None


def _compiled(given: Given, guards: Guards) -> Machine:
    return compile_machine(meant(given.root), guards=guards, source=given.source)
