"""In which order pending registrations may go: by the routing graph, and never by a guess.

The order of objects in a repository means nothing, the order of registrations does: it gives the
clocks that the routing law reads. What leads into a version goes before what leads out of it. Two
pending registrations whose order could change a verdict (one source, and anchors that some history
could both match) wait until ``spec.clock`` pins them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """One change-point that a registration would bring."""

    source: str
    target: str
    history_path: tuple[str, ...] = ()
    regions: tuple[tuple[str, tuple[str, ...]], ...] = ()
    refines: str | None = None


@dataclass(frozen=True, slots=True, order=True)
class Pending:
    """A registration that has not happened: the migrations of a definition, or a ChangePoint."""

    name: str
    edges: tuple[Edge, ...]
    clock: int | None = None
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class Waits:
    """Why a pending registration may not go yet, and for which others it waits."""

    rivals: tuple[str, ...] = ()
    """Their order against this one could change a verdict, and nothing pins it."""
    before: tuple[str, ...] = ()
    """They go first, by the routing graph or by their clock."""


def waits(pending: Sequence[Pending]) -> dict[str, Waits]:
    """For each pending registration that has to wait, why."""
    found = {one.name: _waits(one, pending) for one in sorted(pending)}
    return {name: wait for name, wait in found.items() if wait.rivals or wait.before}


def _waits(one: Pending, pending: Sequence[Pending]) -> Waits:
    others = [other for other in pending if other.name != one.name]
    rivals = (
        other.name for other in others if _order_matters(one, other) and not _pinned(one, other)
    )
    before = (other.name for other in others if _goes_first(other, one))
    return Waits(tuple(sorted(rivals)), tuple(sorted(before)))


def _pinned(one: Pending, other: Pending) -> bool:
    return one.clock is not None and other.clock is not None and one.clock != other.clock


def _goes_first(other: Pending, one: Pending) -> bool:
    if _pinned(one, other) and _related(one, other):
        return (other.clock or 0) < (one.clock or 0)
    return _leads_into(other, one)


def _related(one: Pending, other: Pending) -> bool:
    return _order_matters(one, other) or _leads_into(one, other) or _leads_into(other, one)


def _leads_into(other: Pending, one: Pending) -> bool:
    """Whether ``other`` brings actors to a version from which ``one`` takes them on."""
    return bool({edge.target for edge in other.edges} & {edge.source for edge in one.edges})


def _order_matters(one: Pending, other: Pending) -> bool:
    return any(_rivals(left, right) for left in one.edges for right in other.edges)


def _rivals(left: Edge, right: Edge) -> bool:
    if left.refines is not None or right.refines is not None:
        return left.refines is not None and left.refines == right.refines
    return left.source == right.source and _can_both_match(left, right)


def _can_both_match(left: Edge, right: Edge) -> bool:
    paths = dict(right.regions)
    shared = ((path, paths[region]) for region, path in left.regions if region in paths)
    return all(
        _one_begins_the_other(a, b) for a, b in [(left.history_path, right.history_path), *shared]
    )


def _one_begins_the_other(left: Iterable[str], right: Iterable[str]) -> bool:
    return all(a == b for a, b in zip(left, right, strict=False))
