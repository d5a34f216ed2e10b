"""The registry of a workflow: its versions, its change-points and its clock.

A registry never changes. Registering, closing and rescuing by hand give another one; only those
that register or rescue tick the clock. What is refused gives none at all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from statekeep.core.graph import Edge, ancestors
from statekeep.core.law import in_force
from statekeep.core.machine import Machine
from statekeep.core.points import ChangePoint, Version
from statekeep.core.refusals import Refused, unknown_change_point


@dataclass(frozen=True)
class Registry:
    """One workflow of one tenant."""

    workflow: str
    clock: int = 0
    versions: tuple[Version, ...] = ()
    """Sorted by id."""
    points: tuple[ChangePoint, ...] = ()
    """Sorted by name."""
    bodies: tuple[tuple[str, str], ...] = ()
    """Change-point name → digest of the body by which it was registered, where it had its own."""
    revision: int = 0
    """Counts every change, closings too: what was computed at another revision is void."""

    def version(self, version_id: str) -> Version | None:
        """The version of that id."""
        return self._versions.get(version_id)

    def point(self, name: str) -> ChangePoint | None:
        """The change-point of that name."""
        return self._points.get(name)

    def clock_of(self, version_id: str) -> int:
        """When a version that must be there was registered."""
        return self._versions[version_id].clock

    def named(self, name: str) -> ChangePoint:
        """The change-point of a name that must be there, because a stranding record has it."""
        return self._points[name]

    def machine(self, version_id: str) -> Machine:
        """The machine of a version that must be there: cohorts and points name no other."""
        return self._versions[version_id].machine

    def body_digest(self, name: str) -> str | None:
        """The digest of the body that registered a change-point on its own."""
        return dict(self.bodies).get(name)

    def standing(self, source: str) -> tuple[ChangePoint, ...]:
        """The points that can pick on `source`, in the order of the law's preference."""
        return self._standing.get(source, ())

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """The routing graph; closed points count, because actors went over them."""
        return tuple(sorted({(point.source, point.target) for point in self.points}))

    def ancestors(self, version_id: str) -> frozenset[str]:
        """All versions from which some way leads to this one."""
        return ancestors(self.edges, version_id)

    @cached_property
    def _versions(self) -> dict[str, Version]:
        return {version.id: version for version in self.versions}

    @cached_property
    def _points(self) -> dict[str, ChangePoint]:
        return {point.name: point for point in self.points}

    @cached_property
    def _standing(self) -> dict[str, tuple[ChangePoint, ...]]:
        by_source: dict[str, list[ChangePoint]] = {}
        for point in self.points:
            by_source.setdefault(point.source, []).append(point)
        return {source: in_force(points) for source, points in by_source.items()}


def tick(registry: Registry) -> Registry:
    """The registry one clock later."""
    return replace(registry, clock=registry.clock + 1, revision=registry.revision + 1)


def close_point(registry: Registry, name: str) -> Registry:
    """Let a change-point pick nobody any more. Ticks nothing; closing twice changes nothing."""
    point = registry.point(name)
    if point is None:
        raise Refused(unknown_change_point(name, ""))
    return registry if point.closed else _closed(registry, (name,))


def settle(registry: Registry, points: tuple[ChangePoint, ...]) -> Registry:
    """Close those of a registration's `points` that are evaluated once, now that they were."""
    once = tuple(point.name for point in points if point.evaluation == "Once")
    return _closed(registry, once) if once else registry


def _closed(registry: Registry, names: tuple[str, ...]) -> Registry:
    points = tuple(replace(p, closed=True) if p.name in names else p for p in registry.points)
    return replace(registry, points=points, revision=registry.revision + 1)
