"""The routing graph of a workflow: its versions, and an edge for every change-point.

Closed change-points count: actors went over them, and no deployment may lead them back. The graph
has no cycle, because an edge that would close one is refused.
"""

from __future__ import annotations

from collections.abc import Iterable

Edge = tuple[str, str]


def ancestors(edges: Iterable[Edge], version: str) -> frozenset[str]:
    """All versions from which some way leads to `version`, itself left out."""
    sources: dict[str, list[str]] = {}
    for source, target in edges:
        sources.setdefault(target, []).append(source)
    found: set[str] = set()
    waiting = [version]
    while waiting:
        new = [source for source in sources.get(waiting.pop(), ()) if source not in found]
        found.update(new)
        waiting.extend(new)
    return frozenset(found)


def leads_back(edges: Iterable[Edge], source: str, target: str) -> bool:
    """Whether going from `source` to `target` returns to a version that was left."""
    return target == source or target in ancestors(edges, source)
