"""What the operator knows when it plans: the objects of one workflow, what the runtime answered.

Frozen, and read leniently: an object may come from a newer release with fields that this one does
not know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

Kind = Literal["WorkflowDefinition", "ChangePoint"]

REQUESTED_AT = "reconcile.statekeep.dev/requestedAt"
"""An annotation that asks for another look."""
ADOPT = "statekeep.dev/adopt-registry"
"""An annotation that names the registry with which to go on after the old one is gone."""


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """One object of a namespace."""

    kind: Kind
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class Wish:
    """One object as people wrote it, with the status that we wrote last."""

    key: Key
    uid: str
    generation: int
    spec: Mapping[str, Any]
    status: Mapping[str, Any] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.key.name

    @property
    def is_definition(self) -> bool:
        return self.key.kind == "WorkflowDefinition"

    @property
    def suspended(self) -> bool:
        return bool(self.spec.get("suspend"))

    @property
    def migrations(self) -> tuple[Mapping[str, Any], ...]:
        return tuple(self.spec.get("migrations") or ())

    @property
    def gate(self) -> Mapping[str, Any]:
        return self.spec.get("gate") or {}

    @property
    def registry(self) -> str | None:
        """The registry that this object belongs to, as its status or a person says."""
        return self.annotations.get(ADOPT) or self.status.get("registry")

    @property
    def observed(self) -> bool:
        """Whether the status speaks of this very generation."""
        return self.status.get("observedGeneration") == self.generation

    def condition(self, kind: str) -> Mapping[str, Any] | None:
        """A condition as we wrote it last."""
        found = (c for c in self.status.get("conditions") or () if c.get("type") == kind)
        return next(found, None)

    def versions(self) -> tuple[str, ...]:
        """The versions that this object names as ends of its migrations."""
        if self.is_definition:
            return tuple(migration["from"] for migration in self.migrations)
        return tuple(self.spec[end] for end in ("to", "from") if self.spec.get(end))

    def points(self) -> tuple[str, ...]:
        """The names under which the runtime knows the change-points of this object."""
        if not self.is_definition:
            return (self.name,)
        return tuple(point_name(self.name, migration["name"]) for migration in self.migrations)


@dataclass(frozen=True, slots=True)
class Version:
    """A registered version."""

    clock: int
    digest: str
    actors: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many went each way."""

    migrated: int
    stayed: int
    stranded: int


@dataclass(frozen=True, slots=True)
class Point:
    """A registered change-point, and what its registration did."""

    clock: int
    source: str
    target: str
    closed: bool = False
    refinement: int = 0
    anchor_hash: str = ""
    plan_hash: str | None = None
    migrated: int = 0
    stayed: int = 0
    stranded: int = 0
    own: Counts | None = None
    """Its own part, where several were registered together."""


@dataclass(frozen=True, slots=True)
class Stranded:
    """How many actors stand stranded by one change-point, in one state, for one reason."""

    point: str
    version: str
    state: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Runtime:
    """What the runtime said of one workflow, in one answer."""

    registry: str
    clock: int = 0
    law: int = 0
    frozen: str | None = None
    versions: Mapping[str, Version] = field(default_factory=dict)
    points: Mapping[str, Point] = field(default_factory=dict)
    stranded: tuple[Stranded, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """All that one plan is made from: one workflow of one namespace."""

    namespace: str
    workflow: str
    wishes: tuple[Wish, ...]
    runtime: Runtime
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    """Versions that these objects name and other workflows of the namespace have, with those."""
    verified: frozenset[Key] = frozenset()
    """Objects of which what is registered is known to be what this generation says."""
    overdue: frozenset[Key] = frozenset()
    """Objects that have waited past the deadline of their gate."""


def point_name(definition: str, migration: str) -> str:
    """A migration's change-point: a dot cannot stand in either name, so no two are alike."""
    return f"{definition}.{migration}"


def pending_migrations(wish: Wish, runtime: Runtime) -> tuple[Mapping[str, Any], ...]:
    """The migrations of a definition that are not registered yet."""
    return tuple(
        m for m in wish.migrations if point_name(wish.name, m["name"]) not in runtime.points
    )


def is_registered(wish: Wish, runtime: Runtime) -> bool:
    """Whether the runtime has the version, or the change-point, of this object."""
    return wish.name in (runtime.versions if wish.is_definition else runtime.points)


def is_pending(wish: Wish, runtime: Runtime) -> bool:
    """Whether anything of this object is still to be registered."""
    if not is_registered(wish, runtime):
        return True
    return wish.is_definition and bool(pending_migrations(wish, runtime))


def wish_from(body: Mapping[str, Any]) -> Wish:
    """Read an object as the API server gives it."""
    meta = body["metadata"]
    return Wish(
        key=Key(body["kind"], meta["name"]),
        uid=meta["uid"],
        generation=meta["generation"],
        spec=body.get("spec") or {},
        status=body.get("status") or {},
        annotations=meta.get("annotations") or {},
    )


def owner_of(body: Mapping[str, Any]) -> str | None:
    """The definition that a projection belongs to; None for what people wrote."""
    if body["kind"] != "ChangePoint":
        return None
    owners: Iterator[Mapping[str, Any]] = iter(body["metadata"].get("ownerReferences") or ())
    ours = (o for o in owners if o.get("kind") == "WorkflowDefinition" and o.get("controller"))
    return next((owner["name"] for owner in ours), None)


def duration(written: str) -> timedelta:
    """A duration as Kubernetes people write it: ``90s``, ``10m``, ``1h30m``."""
    units = {"s": "seconds", "m": "minutes", "h": "hours"}
    total, number = timedelta(), ""
    for letter in written:
        if letter in units:
            total += timedelta(**{units[letter]: int(number)})
            number = ""
        else:
            number += letter
    return total


def due(wish: Wish) -> datetime | None:
    """When this generation has waited for as long as its gate allows."""
    deadline, since = wish.gate.get("deadline"), wish.status.get("waitingSince")
    if deadline is None or since is None or not wish.observed:
        return None
    return datetime.fromisoformat(since) + duration(deadline)
