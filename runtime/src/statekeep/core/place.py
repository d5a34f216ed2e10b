"""Where a state of one machine stands in another: by path, with the kinds of states on the way.

Only positions are compared here. Whether a position is good enough for a landing is decided by the
rules that ask.
"""

from __future__ import annotations

from statekeep.core.machine import Kind, Machine, Node
from statekeep.core.paths import join_path, split_path

Path = tuple[str, ...]


def state_at(machine: Machine, path: Path) -> Node | None:
    """The state at a path; a history state counts as not there."""
    node = machine.node_at(path)
    return None if node is None or node.is_history else node


def twin(source: Machine, target: Machine, node: int) -> Node | None:
    """The node of `target` under the same path and of the same kind, history states included."""
    there = target.node_at(source.nodes[node].path)
    return there if there is not None and there.kind == source.nodes[node].kind else None


def same_kinds(source: Machine, start: Path, target: Machine, goal: Path, rest: Path) -> bool:
    """Whether `rest` leads from `start` over the same kinds of states as it does from `goal`."""
    for depth in range(1, len(rest) + 1):
        here = source.node_at(start + rest[:depth])
        there = target.node_at(goal + rest[:depth])
        if here is None or there is None or here.kind != there.kind:
            return False
    return True


def keeps_place(source: Machine, target: Machine, leaf: int) -> bool:
    """Whether the target has the leaf's path with the same kinds, the root's and its own too."""
    root = source.nodes[0].kind == target.nodes[0].kind
    return root and same_kinds(source, (), target, (), source.nodes[leaf].path)


def is_region(machine: Machine, path: str) -> bool:
    """Whether a dotted path names a child of a parallel state."""
    node = state_at(machine, split_path(path))
    return (
        node is not None
        and node.parent is not None
        and machine.nodes[node.parent].kind == Kind.PARALLEL
    )


def is_ancestor(machine: Machine, upper: int, lower: int) -> bool:
    """Whether `upper` is a proper ancestor of `lower`."""
    return upper < lower < machine.nodes[upper].end


def holds(machine: Machine, node: int, leaves: tuple[int, ...]) -> bool:
    """Whether the node is one of these or an ancestor of one."""
    return any(node <= leaf < machine.nodes[node].end for leaf in leaves)


def innermost(machine: Machine, nodes: frozenset[int]) -> tuple[int, ...]:
    """The nodes without those that are an ancestor of another, in document order."""
    return tuple(
        sorted(n for n in nodes if not any(is_ancestor(machine, n, other) for other in nodes))
    )


def shown(path: Path) -> str:
    """A path as users read it."""
    return join_path(path) if path else "the root"
