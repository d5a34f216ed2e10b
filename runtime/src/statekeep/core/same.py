"""Landing by `Same`: every active leaf stands in the target where it stood.

The target must have the path, over the same kinds of states, and must have no region for which the
actor has no state. Otherwise the first leaf in document order says what stands against it.
"""

from __future__ import annotations

from statekeep.core.arrival import Arrival, NotLanded, Targets
from statekeep.core.machine import Kind, Machine, Node
from statekeep.core.place import holds, shown, state_at
from statekeep.core.reasons import BECAME, StrandReason


def by_same(arrival: Arrival) -> Targets | NotLanded:
    """Keep every leaf in its place; no landing for an actor that is not on the point's source."""
    if not arrival.on_source:
        return not_mapped(arrival)
    leaves = arrival.configuration.leaves
    for leaf in leaves:
        misfit = misplacement(arrival.source, arrival.target, leaf)
        if misfit is not None:
            return misfit
    paths = (arrival.source.nodes[leaf].path for leaf in leaves)
    goals = tuple(sorted(node.index for path in paths if (node := arrival.target.node_at(path))))
    region = empty_region(arrival.target, goals)
    return Targets(goals) if region is None else missing(region)


def by_mapping_only(arrival: Arrival) -> NotLanded:
    """The mapping was asked before, and covers nothing here."""
    return not_mapped(arrival)


def not_mapped(arrival: Arrival) -> NotLanded:
    """Say that only a mapping would have landed this actor."""
    states = ", ".join(
        shown(arrival.source.nodes[leaf].path) for leaf in arrival.configuration.leaves
    )
    why = (
        f"{arrival.point.name} lands by its mapping only"
        if arrival.on_source
        else f"it is on {arrival.version}, not on {arrival.point.source}"
    )
    message = f"No mapping covers {states}, and {why}. Map every active state of these actors."
    return NotLanded(StrandReason.NOT_MAPPED, message)


def misplacement(source: Machine, target: Machine, leaf: int) -> NotLanded | None:
    """What stands against this leaf, walking its path from the root."""
    path = source.nodes[leaf].path
    for depth in range(len(path) + 1):
        here, there = source.node_at(path[:depth]), state_at(target, path[:depth])
        if there is None:
            return _gone(target, source.nodes[leaf])
        if here is not None and here.kind != there.kind:
            return _became(source.nodes[leaf], there)
    return None


def _gone(target: Machine, leaf: Node) -> NotLanded:
    """Moved where exactly one state has the leaf's key, removed otherwise."""
    path = shown(leaf.path)
    same_key = [n for n in target.nodes[1:] if n.key == leaf.key and not n.is_history]
    if len(same_key) != 1:
        message = f"The target has no {path}. Map it to the state that takes its place."
        return NotLanded(StrandReason.STATE_REMOVED, message)
    there = shown(same_key[0].path)
    message = f"{path} is {there} in the target. If that is meant, map {path} to {there}."
    return NotLanded(StrandReason.STATE_MOVED, message)


def _became(leaf: Node, there: Node) -> NotLanded:
    message = (
        f"{shown(there.path)} is {there.kind.value} in the target, so {shown(leaf.path)} has no "
        "place there. Map it to the state in which it goes on."
    )
    return NotLanded(BECAME[there.kind], message)


def empty_region(target: Machine, goals: tuple[int, ...]) -> Node | None:
    """The first region of an active parallel state that holds none of the goals."""
    for node in target.nodes:
        if node.kind == Kind.PARALLEL and holds(target, node.index, goals):
            for child in node.children:
                if not target.nodes[child].is_history and not holds(target, child, goals):
                    return target.nodes[child]
    return None


def missing(region: Node) -> NotLanded:
    """Say that the target has a region more."""
    message = (
        f"The target has a region {shown(region.path)} for which the actor has no state. Map a "
        "state of the actor, so that the region can begin in its initial state."
    )
    return NotLanded(StrandReason.REGION_MISSING, message)
