"""In which order pending registrations may go: by the routing graph, and never by a guess.

The order of objects in a repository means nothing, the order of registrations does: it gives the
clocks that the routing law reads. What leads into a version goes before what leads out of it. Two
pending registrations whose order could change a verdict (one source, and anchors that some history
could both match) wait until ``spec.clock`` pins them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from statekeep_operator.facts import Runtime, Wish, is_registered, pending_migrations


@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """One change-point that a registration would bring."""

    source: str
    target: str
    history_path: tuple[str, ...] = ()
    regions: tuple[tuple[str, tuple[str, ...]], ...] = ()
    refines: str = ""


@dataclass(frozen=True, slots=True)
class Pending:
    """A registration that has not happened: the migrations of a definition, or a ChangePoint."""

    name: str
    edges: tuple[Edge, ...]
    clock: int | None = None


@dataclass(frozen=True, slots=True)
class Waits:
    """Why a pending registration may not go yet, and for which others it waits."""

    rivals: tuple[str, ...] = ()
    """Their order against this one could change a verdict, and nothing pins it."""
    before: tuple[str, ...] = ()
    """They go first, by the routing graph or by their clock."""


def pending(wish: Wish, runtime: Runtime) -> Pending | None:
    """What of this object is not registered yet, as the order of registrations sees it."""
    if wish.is_definition:
        edges = [_edge(migration, wish.name) for migration in pending_migrations(wish, runtime)]
    else:
        edges = [] if is_registered(wish, runtime) else [_edge(wish.spec, wish.spec["to"])]
    if not edges:
        return None
    return Pending(str(wish.key), tuple(sorted(edges)), wish.spec.get("clock"))


def waits(pending: Sequence[Pending]) -> dict[str, Waits]:
    """For each pending registration that has to wait, why."""
    neighbours = _neighbours(pending)
    found = {one.name: _waits(one, neighbours[one.name]) for one in pending}
    return {name: wait for name, wait in found.items() if wait.rivals or wait.before}


def _neighbours(pending: Sequence[Pending]) -> dict[str, list[Pending]]:
    """Those whose order against each one could mean anything: they meet in a version or a point."""
    meeting: dict[str, list[Pending]] = defaultdict(list)
    for one in pending:
        for place in _places(one):
            meeting[place].append(one)
    near = {}
    for one in pending:
        found = {other.name: other for place in _places(one) for other in meeting[place]}
        near[one.name] = [other for name, other in sorted(found.items()) if name != one.name]
    return near


def _places(one: Pending) -> set[str]:
    versions = {version for edge in one.edges for version in (edge.source, edge.target)}
    return versions | {f"\0{edge.refines}" for edge in one.edges if edge.refines}


def _waits(one: Pending, others: Sequence[Pending]) -> Waits:
    rivals = (o.name for o in others if _order_matters(one, o) and not _pinned(one, o))
    before = (o.name for o in others if _goes_first(o, one))
    return Waits(tuple(rivals), tuple(before))


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
    if left.refines or right.refines:
        return left.refines == right.refines
    return left.source == right.source and _can_both_match(left, right)


def _can_both_match(left: Edge, right: Edge) -> bool:
    paths = dict(right.regions)
    shared = ((path, paths[region]) for region, path in left.regions if region in paths)
    pairs = [(left.history_path, right.history_path), *shared]
    return all(_one_begins_the_other(a, b) for a, b in pairs)


def _one_begins_the_other(left: Iterable[str], right: Iterable[str]) -> bool:
    return all(a == b for a, b in zip(left, right, strict=False))


def _edge(rules: Mapping[str, Any], target: str) -> Edge:
    regions = (rules.get("regions") or {}).items()
    return Edge(
        source=rules.get("from", ""),
        target=target,
        history_path=tuple(rules.get("historyPath") or ()),
        regions=tuple(sorted((region, tuple(path)) for region, path in regions)),
        refines=rules.get("refines") or "",
    )
