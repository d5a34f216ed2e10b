"""Registering: a definition with its migrations, more migrations of it, or a change-point.

A registration ticks the clock once, and everything in it has that clock. It is refused whole, and
then nothing has happened; the same body again is no registration at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from statekeep.core.admission import refusals
from statekeep.core.machine import Machine
from statekeep.core.points import (
    ChangePoint,
    Deployment,
    Migration,
    PointRegistration,
    Version,
)
from statekeep.core.proposal import Proposal, change_point, migration_proposals, point_proposal
from statekeep.core.refusals import Code, Refusal, Refused, unknown_version
from statekeep.core.registry import Registry, settle, tick

Elsewhere = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Registration:
    """What registering gives."""

    registry: Registry
    """After the tick. Cohorts are evaluated with this one, where `Once` points are still open."""
    clock: int
    points: tuple[ChangePoint, ...]
    """The new ones, by name."""
    version: Version | None
    """The new one, if there is one."""
    body_digest: str

    @property
    def settled(self) -> Registry:
        """The registry to keep once the cohorts concerned were evaluated."""
        return settle(self.registry, self.points)


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The same body was registered before: nothing to do, and the answer is the one given then."""

    name: str


def register_definition(
    registry: Registry, deployment: Deployment, elsewhere: Elsewhere | None = None
) -> Registration | Unchanged:
    """Register a version and its migrations at one clock. Raises Refused."""
    known = registry.version(deployment.id)
    if known is not None and known.body_digest == deployment.body_digest:
        return Unchanged(deployment.id)
    proposals = migration_proposals(deployment.id, deployment.migrations)
    machines = {**_machines(registry), deployment.id: deployment.machine}
    found = [
        *_definition_refusals(registry, deployment, elsewhere or {}),
        *refusals(registry, proposals, machines, elsewhere or {}),
    ]
    if found:
        raise Refused(*found)
    after = tick(registry)
    version = Version(deployment.id, after.clock, deployment.machine, deployment.body_digest)
    versions = sorted((*registry.versions, version), key=lambda known: known.id)
    after = replace(after, versions=tuple(versions))
    return _registered(after, proposals, deployment.body_digest, version)


def register_migrations(
    registry: Registry,
    version_id: str,
    migrations: tuple[Migration, ...],
    body_digest: str,
    elsewhere: Elsewhere | None = None,
) -> Registration | Unchanged:
    """Register migrations that were added to a registered version. Raises Refused.

    Those that are registered already, with the same content, are left alone.
    """
    proposals = migration_proposals(version_id, migrations)
    new = tuple(proposal for proposal in proposals if not _is_registered(registry, proposal))
    if registry.version(version_id) is None:
        raise Refused(unknown_version(version_id, "/id", elsewhere or {}))
    if not new:
        return Unchanged(version_id)
    found = refusals(registry, new, _machines(registry), elsewhere or {})
    if found:
        raise Refused(*found)
    return _registered(tick(registry), new, body_digest, None)


def register_point(
    registry: Registry, asked: PointRegistration, elsewhere: Elsewhere | None = None
) -> Registration | Unchanged:
    """Register a change-point between two versions, or a refinement. Raises Refused."""
    if registry.body_digest(asked.name) == asked.body_digest:
        return Unchanged(asked.name)
    proposal = point_proposal(registry, asked)
    found = refusals(registry, (proposal,), _machines(registry), elsewhere or {})
    if found:
        raise Refused(*found)
    after = tick(registry)
    bodies = tuple(sorted((*registry.bodies, (asked.name, asked.body_digest))))
    return _registered(replace(after, bodies=bodies), (proposal,), asked.body_digest, None)


def _registered(
    after: Registry, proposals: tuple[Proposal, ...], body_digest: str, version: Version | None
) -> Registration:
    machines = _machines(after)
    built = (change_point(after, p, after.clock, machines[p.target]) for p in proposals)
    points = tuple(sorted(built, key=lambda point: point.name))
    everything = tuple(sorted((*after.points, *points), key=lambda point: point.name))
    registry = replace(after, points=everything)
    return Registration(registry, registry.clock, points, version, body_digest)


def _definition_refusals(
    registry: Registry, deployment: Deployment, elsewhere: Elsewhere
) -> list[Refusal]:
    if registry.version(deployment.id) is not None or deployment.id in elsewhere:
        message = (
            f"{deployment.id!r} is registered with another body, and a version never changes. "
            "Publish this one under another id, with a migration from the old one."
        )
        return [Refusal(Code.DEFINITION_EXISTS, message, "/id", (deployment.id,))]
    return []


def _is_registered(registry: Registry, proposal: Proposal) -> bool:
    """Whether the registry holds exactly this migration."""
    known = registry.point(proposal.asked.name)
    version = registry.version(proposal.target)
    if known is None or version is None or known.source != proposal.source:
        return False
    asked = change_point(registry, proposal, known.clock, version.machine)
    return asked == replace(known, closed=False)


def _machines(registry: Registry) -> dict[str, Machine]:
    return {version.id: version.machine for version in registry.versions}
