"""Landing by `stateMapping`: what the author has decided about single states.

The mapping speaks as soon as it covers one active leaf, and then nothing else is asked: it lands
the actor or strands it. It never leaves part of a configuration to a rule.
"""

from __future__ import annotations

from functools import lru_cache

from statekeep.core.arrival import Arrival, NotLanded, Targets
from statekeep.core.configuration import conflict
from statekeep.core.machine import Machine
from statekeep.core.paths import split_path
from statekeep.core.place import Path, innermost, keeps_place, same_kinds, shown
from statekeep.core.points import StateMapping
from statekeep.core.reasons import StrandReason


def by_mapping(arrival: Arrival) -> Targets | NotLanded | None:
    """Read the mapping against the active leaves; None where it covers none of them."""
    keys = _keys(arrival.point.mapping)
    nodes = arrival.source.nodes
    covering = {leaf: _longest_key(keys, nodes[leaf].path) for leaf in arrival.configuration.leaves}
    if all(key is None for key in covering.values()):
        return None
    goals: set[int] = set()
    for leaf, key in covering.items():
        if key is not None:
            goals.update(_goals(arrival, leaf, key, keys[key]))
        elif arrival.on_source and keeps_place(arrival.source, arrival.target, leaf):
            goals.add(_index(arrival.target, nodes[leaf].path))
        else:
            return _incomplete(arrival, leaf)
    return _legal(arrival, innermost(arrival.target, frozenset(goals)))


@lru_cache(maxsize=4096)
def _keys(mapping: StateMapping) -> dict[Path, tuple[Path, ...]]:
    """Source path → target paths, which are a set: one that is named twice is one target."""
    return {
        split_path(key): tuple(dict.fromkeys(split_path(to) for to in targets))
        for key, targets in mapping
    }


def _longest_key(keys: dict[Path, tuple[Path, ...]], leaf: Path) -> Path | None:
    """The leaf's own path, or its nearest ancestor's, among the keys."""
    starts = (leaf[:depth] for depth in range(len(leaf), 0, -1))
    return next((start for start in starts if start in keys), None)


def _goals(arrival: Arrival, leaf: int, key: Path, targets: tuple[Path, ...]) -> list[int]:
    """What a covered leaf enters."""
    if len(targets) == 1:
        rest = arrival.source.nodes[leaf].path[len(key) :]
        if _carries(arrival, key, targets[0], rest):
            return [_index(arrival.target, targets[0] + rest)]
    return [_index(arrival.target, target) for target in targets]


def _carries(arrival: Arrival, key: Path, target: Path, rest: Path) -> bool:
    """An ancestor key with one target of its own kind carries the rest of the way along."""
    mapped, goal = arrival.source.node_at(key), arrival.target.node_at(target)
    if not rest or mapped is None or goal is None or mapped.kind != goal.kind:
        return False
    return same_kinds(arrival.source, key, arrival.target, target, rest)


def _index(machine: Machine, path: Path) -> int:
    """The node at a path that must be there, because registration asked."""
    return machine.index_of[path]


def _incomplete(arrival: Arrival, leaf: int) -> NotLanded:
    path = shown(arrival.source.nodes[leaf].path)
    why = (
        f"and {arrival.point.target} has no such place for it"
        if arrival.on_source
        else f"and {arrival.version} is not {arrival.point.source}, so nothing keeps it"
    )
    message = f"The mapping covers other states, but not {path}, {why}. Map {path} too."
    return NotLanded(StrandReason.MAPPING_INCOMPLETE, message)


def _legal(arrival: Arrival, goals: tuple[int, ...]) -> Targets | NotLanded:
    """The goals, if an actor can be in all of them at once."""
    rivals = conflict(arrival.target, goals)
    if rivals is None:
        return Targets(goals)
    one, other = (shown(arrival.target.nodes[node].path) for node in rivals)
    message = (
        f"The mapping leads to {one} and {other}, which stand under one compound state of "
        f"{arrival.point.target}: an actor cannot be in both. Map to one of them."
    )
    return NotLanded(StrandReason.MAPPING_CONFLICT, message)
