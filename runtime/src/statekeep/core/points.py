"""What is registered (versions and change-points), and what asks to be.

All of it is plain data. A change-point knows its target and its landing rules; what it may do, and
to whom, is the business of `law`, `landing` and `evaluate`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from statekeep.core.anchors import Anchor
from statekeep.core.machine import Machine

LandingRule = Literal["Replay", "Same", "MappingOnly"]
EvaluationRule = Literal["Continuous", "Once"]
WhileStranded = Literal["Continue", "Block", "Buffer"]
StateMapping = tuple[tuple[str, tuple[str, ...]], ...]
"""Dotted source path → dotted target paths, sorted by source path."""


def state_mapping(written: Mapping[str, str | Sequence[str]] | None) -> StateMapping:
    """A `stateMapping` as users write it: a target, or a list of targets."""
    pairs = sorted((written or {}).items())
    return tuple((key, (to,) if isinstance(to, str) else tuple(to)) for key, to in pairs)


@dataclass(frozen=True, slots=True)
class Version:
    """A registered definition of the workflow."""

    id: str
    clock: int
    machine: Machine
    body_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePoint:
    """A registered point: from `source` at `clock`, for histories that match, to `target`."""

    name: str
    clock: int
    """When the *point* was registered; a refinement has the clock of the point it refines."""
    source: str
    target: str
    anchor: Anchor = field(default_factory=Anchor)
    refinement: int = 0
    refines: str | None = None
    mapping: StateMapping = ()
    landing: LandingRule = "Same"
    landing_defaulted: bool = False
    rescues: bool = True
    evaluation: EvaluationRule = "Continuous"
    while_stranded: WhileStranded = "Continue"
    closed: bool = False

    def __hash__(self) -> int:
        """Agree with equality, and be quick: the name is unique in a workflow."""
        return hash((self.name, self.clock, self.target, self.closed))

    @property
    def group(self) -> tuple[int, str, Anchor]:
        """What all refinements of one point share."""
        return self.clock, self.source, self.anchor

    def rules_json(self) -> dict[str, object]:
        """Everything the law and the landing read, but no clock."""
        return {
            "name": self.name,
            "from": self.source,
            "to": self.target,
            **self.anchor.to_json(),
            "refinement": self.refinement,
            "refines": self.refines,
            "stateMapping": {key: list(targets) for key, targets in self.mapping},
            "landing": self.landing,
            "landingDefaulted": self.landing_defaulted,
            "rescues": self.rescues,
            "evaluation": self.evaluation,
            "whileStranded": self.while_stranded,
            "closed": self.closed,
        }

    def to_json(self) -> dict[str, object]:
        """The point as it is stored and shown."""
        return {**self.rules_json(), "clock": self.clock, "anchorHash": self.anchor.digest}


def change_point_from_json(stored: Mapping[str, object]) -> ChangePoint:
    """Read what `ChangePoint.to_json` wrote."""
    known: dict[str, object] = {_FIELDS[key]: stored[key] for key in _FIELDS}
    anchor = Anchor.of(stored["historyPath"], stored["regions"])  # type: ignore[arg-type]
    mapping = state_mapping(stored["stateMapping"])  # type: ignore[arg-type]
    return ChangePoint(anchor=anchor, mapping=mapping, **known)  # type: ignore[arg-type]


_FIELDS = {
    "name": "name",
    "from": "source",
    "to": "target",
    "refinement": "refinement",
    "refines": "refines",
    "landing": "landing",
    "landingDefaulted": "landing_defaulted",
    "rescues": "rescues",
    "evaluation": "evaluation",
    "whileStranded": "while_stranded",
    "closed": "closed",
    "clock": "clock",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One migration of a definition that asks to be registered; it leads into that definition."""

    name: str
    """The change-point's name, unique in the workflow."""
    source: str
    history_path: tuple[str, ...] = ()
    regions: tuple[tuple[str, tuple[str, ...]], ...] = ()
    mapping: StateMapping = ()
    landing: LandingRule | None = None
    rescues: bool = True
    evaluation: EvaluationRule = "Continuous"
    while_stranded: WhileStranded = "Continue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A definition with its migrations, asking to be registered at one clock."""

    id: str
    workflow: str
    machine: Machine
    migrations: tuple[Migration, ...] = ()
    body_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PointRegistration:
    """A change-point between two registered versions, or a refinement, asking to be registered.

    `source`, `history_path` and `regions` are those of the point refined when `refines` is given,
    and must then be left out.
    """

    name: str
    target: str
    source: str | None = None
    refines: str | None = None
    history_path: tuple[str, ...] = ()
    regions: tuple[tuple[str, tuple[str, ...]], ...] = ()
    mapping: StateMapping = ()
    landing: LandingRule | None = None
    rescues: bool = True
    evaluation: EvaluationRule = "Continuous"
    while_stranded: WhileStranded = "Continue"
    body_digest: str
