"""A change-point that asks to be registered, in the one form that all checks read.

Migrations of a definition and change-points written by hand differ in what they may say; here the
difference ends. A refinement has taken its source and anchor from the point it refines.
"""

from __future__ import annotations

from dataclasses import dataclass

from statekeep.core.anchors import Anchor
from statekeep.core.machine import Machine
from statekeep.core.points import ChangePoint, LandingRule, Migration, PointRegistration
from statekeep.core.registry import Registry
from statekeep.core.replay import accepts

Asked = Migration | PointRegistration


@dataclass(frozen=True, slots=True)
class Proposal:
    """One change-point, not yet registered, with where it stands in the body."""

    asked: Asked
    pointer: str
    target: str
    refined: ChangePoint | None = None

    @property
    def refines(self) -> str | None:
        """The change-point that it says it refines."""
        return self.asked.refines if isinstance(self.asked, PointRegistration) else None

    @property
    def source(self) -> str:
        """The version it leaves from; empty where nothing says so."""
        return self.refined.source if self.refined else self.asked.source or ""

    @property
    def anchor(self) -> Anchor:
        """What it asks of a history."""
        if self.refined:
            return self.refined.anchor
        return Anchor.of(self.asked.history_path, dict(self.asked.regions))


def migration_proposals(version: str, migrations: tuple[Migration, ...]) -> tuple[Proposal, ...]:
    """The migrations of a definition; all lead into it."""
    return tuple(
        Proposal(migration, f"/migrations/{position}", version)
        for position, migration in enumerate(migrations)
    )


def point_proposal(registry: Registry, asked: PointRegistration) -> Proposal:
    """A change-point written by hand."""
    refined = registry.point(asked.refines) if asked.refines is not None else None
    return Proposal(asked, "", asked.target, refined)


def change_point(
    registry: Registry, proposal: Proposal, clock: int, target: Machine
) -> ChangePoint:
    """The change-point that an admitted proposal becomes; a refinement keeps its point's clock."""
    asked, refined, anchor = proposal.asked, proposal.refined, proposal.anchor
    return ChangePoint(
        name=asked.name,
        clock=refined.clock if refined else clock,
        source=proposal.source,
        target=proposal.target,
        anchor=anchor,
        refinement=_next_refinement(registry, refined) if refined else 0,
        refines=proposal.refines,
        mapping=asked.mapping,
        landing=asked.landing or default_landing(anchor, target),
        landing_defaulted=asked.landing is None,
        rescues=asked.rescues,
        evaluation=asked.evaluation,
        while_stranded=asked.while_stranded,
    )


def default_landing(anchor: Anchor, target: Machine) -> LandingRule:
    """`Replay` where there is an anchor and a fresh actor of the target accepts it, else `Same`."""
    replayable = not anchor.is_wildcard and accepts(target, anchor.history_path)
    return "Replay" if replayable else "Same"


def _next_refinement(registry: Registry, refined: ChangePoint) -> int:
    return sum(1 for point in registry.points if point.group == refined.group)
