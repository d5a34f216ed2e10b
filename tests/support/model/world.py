"""What there is: versions, change-points, actors. Data only; the rules are in the other modules."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from statekeep.core.configuration import Configuration
from statekeep.core.machine import Machine

Path = tuple[str, ...]
Types = tuple[str, ...]
Verdicts = dict[str, list[str]]


@dataclass(frozen=True)
class Anchor:
    """A prefix of the history and, for each named region (dotted path), of its history."""

    history: Types
    regions: dict[str, Types]


@dataclass(frozen=True)
class Version:
    id: str
    workflow: str
    clock: int
    machine: Machine


@dataclass(frozen=True)
class Outcome:
    """What a registration answered: the names by verdict, and its clock."""

    verdicts: Verdicts
    clock: int


@dataclass
class Point:
    """One change-point. `base` names the point that it refines in the end (itself, if none)."""

    name: str
    base: str
    refinement: int
    clock: int
    source: str
    target: str
    anchor: Anchor
    mapping: dict[Path, tuple[Path, ...]]
    landing: str
    rescues: bool
    once: bool
    while_stranded: str
    closed: bool = False


@dataclass
class Stranding:
    """The record of a stranded actor: the first pick, its reason, and the way."""

    first: str
    reason: str
    way: list[tuple[str, int]]


@dataclass
class Actor:
    name: str
    version: str
    position: int
    configuration: Configuration
    history: list[str] = field(default_factory=list)
    regions: dict[str, list[str]] = field(default_factory=dict)
    stranding: Stranding | None = None
    decisions: list[dict[str, object]] = field(default_factory=list)
    queue: list[str] = field(default_factory=list)

    @property
    def status(self) -> str:
        if self.configuration.done:
            return "done"
        return "needs_rescue" if self.stranding else "active"

    def copy(self) -> Actor:
        stranding = self.stranding and replace(self.stranding, way=list(self.stranding.way))
        return replace(
            self,
            history=list(self.history),
            regions={path: list(types) for path, types in self.regions.items()},
            stranding=stranding,
            decisions=list(self.decisions),
            queue=list(self.queue),
        )


@dataclass
class World:
    """Everything of one tenant. `answers` holds the body and the outcome of what has registered."""

    versions: dict[str, Version] = field(default_factory=dict)
    points: list[Point] = field(default_factory=list)
    actors: dict[str, Actor] = field(default_factory=dict)
    clocks: dict[str, int] = field(default_factory=dict)
    frozen: set[str] = field(default_factory=set)
    answers: dict[tuple[str, str], tuple[str, Outcome]] = field(default_factory=dict)

    def copy(self) -> World:
        return World(
            versions=dict(self.versions),
            points=[replace(point) for point in self.points],
            actors={name: actor.copy() for name, actor in self.actors.items()},
            clocks=dict(self.clocks),
            frozen=set(self.frozen),
            answers=dict(self.answers),
        )

    def machine(self, version: str) -> Machine:
        return self.versions[version].machine

    def point(self, name: str) -> Point | None:
        return next((point for point in self.points if point.name == name), None)

    def is_frozen(self, actor: Actor) -> bool:
        return self.versions[actor.version].workflow in self.frozen

    def tick(self, workflow: str) -> int:
        self.clocks[workflow] = self.clocks.get(workflow, 0) + 1
        return self.clocks[workflow]

    def ancestors(self, version: str) -> set[str]:
        """Every version from which change-points, closed ones too, lead to this one."""
        found: set[str] = set()
        edge = {version}
        while edge:
            edge = {p.source for p in self.points if p.target in edge} - found
            found |= edge
        return found
