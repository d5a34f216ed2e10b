"""Questions about machines and configurations that the law asks: places, kinds, completeness."""

from __future__ import annotations

from statekeep.core.configuration import Configuration
from statekeep.core.machine import Kind, Machine, Node
from statekeep.core.paths import join_path, split_path
from support.model.world import Path

HISTORY = (Kind.SHALLOW, Kind.DEEP)


def dotted(path: Path) -> str:
    return join_path(path)


def parts(text: str) -> Path:
    return tuple(split_path(text))


def kinds_on_the_way(machine: Machine, path: Path) -> list[Kind | None]:
    """The kind of the root, of each node on the way, and of the node itself; None: not there."""
    nodes = [machine.node_at(path[:length]) for length in range(len(path) + 1)]
    return [node.kind if node else None for node in nodes]


def same_place(old: Machine, new: Machine, path: Path) -> bool:
    """The path exists in both with the same kinds of states on the way, the root included."""
    there = kinds_on_the_way(new, path)
    return None not in there and there == kinds_on_the_way(old, path)


def leaf_paths(machine: Machine, configuration: Configuration) -> list[Path]:
    return [machine.nodes[index].path for index in configuration.leaves]


def node(machine: Machine, path: Path) -> Node:
    found = machine.node_at(path)
    assert found is not None, path
    return found


def is_region(machine: Machine, path: Path) -> bool:
    """A region is a child, history states aside, of a parallel state."""
    found = machine.node_at(path)
    if found is None or found.parent is None or found.kind in HISTORY:
        return False
    return machine.nodes[found.parent].kind is Kind.PARALLEL


def active_paths(machine: Machine, configuration: Configuration) -> set[Path]:
    return {
        path[:length]
        for path in leaf_paths(machine, configuration)
        for length in range(len(path) + 1)
    }


def is_complete(machine: Machine, active: set[Path], path: Path) -> bool:
    """Active, and: final, or a compound in a final child, or a parallel of complete regions."""
    if path not in active:
        return False
    here = node(machine, path)
    if here.kind is Kind.COMPOUND:
        return any(
            machine.nodes[child].kind is Kind.FINAL and machine.nodes[child].path in active
            for child in here.children
        )
    if here.kind is Kind.PARALLEL:
        regions = [machine.nodes[child] for child in here.children]
        return all(
            is_complete(machine, active, region.path)
            for region in regions
            if region.kind not in HISTORY
        )
    return here.kind is Kind.FINAL
