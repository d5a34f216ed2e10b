"""Configurations as the outside sees them: state values, and a text that can be stored.

Owns `value` and `resolve` (XState's state values), `encode` and `decode` (the stored form), and
the check that target states can be active together.  Never runs a transition.

Invariant: `decode(machine, encode(machine, c)) == c`, and the first character of an encoded
configuration names its format; formats that were ever stored are read for ever (tests/golden).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from statekeep.core.chart import HISTORY, Configuration, Kind, Recorded
from statekeep.core.errors import IllegalState
from statekeep.core.machine import Machine
from statekeep.core.moves import entry_mask
from statekeep.core.paths import join_path, split_path
from statekeep.core.tables import Tables, bits

__all__ = ["Configuration", "Recorded", "conflict", "decode", "encode", "resolve", "tags", "value"]

StateValue = str | dict[str, Any]

FORMAT = 1


def value(machine: Machine, configuration: Configuration) -> StateValue:
    """The state value, as XState writes it, with regions in document order."""
    tables = machine.tables
    return _value(tables, tables.active(configuration.leaves), 0)


def _value(tables: Tables, active: int, index: int) -> StateValue:
    children = tables.nodes[index].children
    if tables.kinds[index] is Kind.PARALLEL:
        return {
            tables.nodes[child].key: _value(tables, active, child)
            for child in children
            if active >> child & 1
        }
    for child in children:
        if active >> child & 1:
            key = tables.nodes[child].key
            if tables.leaf_mask >> child & 1:
                return key
            return {key: _value(tables, active, child)}
    return {}


def resolve(machine: Machine, value: object) -> Configuration:
    """The configuration of a state value; what it leaves open is completed by initial states.

    Runs no transition and records no history. Raises IllegalState.
    """
    tables = machine.tables
    named: list[int] = []
    waiting: list[tuple[int, object]] = [(0, value)]
    while waiting:
        index, part = waiting.pop()
        named.append(index)
        members = {part: {}} if isinstance(part, str) else part
        if not isinstance(members, dict):
            kind = "null" if part is None else type(part).__name__
            raise IllegalState(f"a state value is a string or an object, not {kind}")
        if len(members) > 1 and tables.kinds[index] is not Kind.PARALLEL:
            first, second = list(members)[:2]
            where = join_path(tables.nodes[index].path) or "the machine"
            raise IllegalState(f"`{first}` and `{second}` of {where} cannot be active together")
        waiting += [(_child(tables, index, key), below) for key, below in members.items()]
    return tables.configuration(entry_mask(tables, named, None, {}), ())


def _child(tables: Tables, index: int, key: object) -> int:
    path = tables.nodes[index].path
    child = tables.nodes[index].by_key.get(key) if isinstance(key, str) else None
    where = join_path(path) or "the machine"
    if child is None:
        raise IllegalState(f"{where} has no state `{key!s:.64}`")
    if tables.nodes[child].is_history:
        raise IllegalState(f"`{key}` of {where} is a history state, in which nothing can be")
    return child


def conflict(machine: Machine, targets: Sequence[int]) -> tuple[int, int] | None:
    """Two of the targets that cannot be active together, or None."""
    return machine.tables.conflict(targets)


def tags(machine: Machine, configuration: Configuration) -> tuple[str, ...]:
    """The tags of all active states, sorted."""
    active = bits(machine.tables.active(configuration.leaves))
    return tuple(sorted({tag for index in active for tag in machine.nodes[index].tags}))


def is_complete(machine: Machine, configuration: Configuration, index: int) -> bool:
    """Whether the node is in a final state: XState's isInFinalState."""
    tables = machine.tables
    return tables.is_complete(tables.active(configuration.leaves), index)


def encode(machine: Machine, configuration: Configuration) -> str:
    """A compact text of paths, which survives restarts and releases."""
    nodes = machine.nodes
    stored: list[object] = [FORMAT, [join_path(nodes[leaf].path) for leaf in configuration.leaves]]
    if configuration.recorded:
        stored.append(
            {
                join_path(nodes[history].path): [join_path(nodes[kept].path) for kept in record]
                for history, record in configuration.recorded
            }
        )
    return json.dumps(stored, ensure_ascii=False, separators=(",", ":"))


def decode(machine: Machine, text: str) -> Configuration:
    """The configuration that `encode` wrote. Raises IllegalState where it does not fit."""
    try:
        stored = json.loads(text)
        version, leaves, *rest = stored
        recorded = rest[0] if rest else {}
        if version != FORMAT or len(rest) > 1:
            raise ValueError(version)
        named = tuple(_stored_node(machine, path) for path in leaves)
        kept = tuple(
            sorted(
                (
                    _stored_node(machine, history),
                    tuple(_stored_node(machine, path) for path in paths),
                )
                for history, paths in recorded.items()
            )
        )
    except (ValueError, TypeError, AttributeError, RecursionError) as fault:
        raise IllegalState(f"no stored configuration of a known format: {text!r:.80}") from fault
    _check_recorded(machine, kept)
    configuration = _legal(machine, named, kept)
    if configuration is None:
        raise IllegalState(f"no legal configuration of this machine: {text!r:.80}")
    return configuration


def _stored_node(machine: Machine, path: object) -> int:
    if not isinstance(path, str):
        raise TypeError(path)
    node = machine.node_at(split_path(path))
    if node is None:
        raise IllegalState(f"the machine has no state `{path:.80}`")
    return node.index


def _legal(machine: Machine, leaves: tuple[int, ...], recorded: Recorded) -> Configuration | None:
    tables = machine.tables
    if any(machine.nodes[leaf].is_history for leaf in leaves) or conflict(machine, leaves):
        return None
    configuration = tables.configuration(entry_mask(tables, leaves, None, {}), recorded)
    return configuration if configuration.leaves == leaves else None


def _check_recorded(machine: Machine, recorded: Recorded) -> None:
    tables = machine.tables
    for history, kept in recorded:
        parent = tables.parent[history]
        inside = all(tables.below[parent] >> node & 1 for node in kept)
        if tables.kinds[history] not in HISTORY or not inside:
            raise IllegalState(
                f"`{join_path(machine.nodes[history].path)}` cannot have recorded that"
            )
