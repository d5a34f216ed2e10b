"""Where a transition leads: its domain, what it leaves and what it enters.

Follows the SCXML procedures getTransitionDomain, getEffectiveTargetStates, computeEntrySet and
addDescendantStatesToEnter as XState has them, over bit masks, with two deliberate differences
(docs/xstate-compatibility.md): the domain is worked out once, before anything is left, and the
targets of one transition are entered as a set, whatever the order they are written in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from statekeep.core.chart import Kind, Recorded, Transition
from statekeep.core.errors import IllegalTargets

if TYPE_CHECKING:
    from statekeep.core.states import State
    from statekeep.core.tables import Tables

NOWHERE: Mapping[int, tuple[int, ...]] = {}


@dataclass(frozen=True, slots=True)
class Move:
    """What a transition with targets leaves, which is known before it is taken."""

    below: int
    """Everything below the domain: what of it is active is left, and nothing else is entered."""
    domain: int | None
    """None: above the root, which itself is left and entered."""


def move_of(tables: Tables, transition: Transition, recorded: Recorded) -> Move:
    """The move of a transition that has targets."""
    known = tables.moves.get(transition.index)
    if known is not None:
        return known
    targets = transition.targets or ()
    if len(targets) > 1 and tables.conflict(targets) is not None:
        raise IllegalTargets(transition.pointer)
    effective = effective_targets(tables.nodes, targets, dict(recorded))
    domain = domain_of(tables, transition, effective)
    move = Move(-1 if domain is None else tables.below[domain], domain)
    if not any(tables.nodes[target].is_history for target in targets):
        tables.moves[transition.index] = move
    return move


def entry_of(tables: Tables, transition: Transition, move: Move, recorded: Recorded) -> int:
    """What the move enters, with what was recorded when the old states were left."""
    known = tables.entries.get(transition.index)
    if known is not None:
        return known
    targets = transition.targets or ()
    remembered = dict(recorded)
    effective = effective_targets(tables.nodes, targets, remembered)
    entry = entry_mask(tables, effective, move.domain, remembered)
    entered = entry | (0 if move.domain is None else 1 << move.domain)
    if transition.index in tables.moves and not entered & tables.history_initials:
        tables.entries[transition.index] = entry
    return entry


def effective_targets(
    nodes: Sequence[State], targets: Iterable[int], recorded: Mapping[int, tuple[int, ...]]
) -> list[int]:
    """The targets with history states replaced by what they stand for, in their order.

    Terminates because compilation refuses defaults that lead back to where they start.
    """
    effective: list[int] = []
    waiting = list(targets)[::-1]
    while waiting:
        target = waiting.pop()
        node = nodes[target]
        if not node.is_history:
            effective.append(target)
            continue
        known = recorded.get(target)
        if known is not None:
            effective += known
        else:
            waiting += node.default[::-1]
    return effective


def domain_of(tables: Tables, transition: Transition, effective: list[int]) -> int | None:
    """XState's getTransitionDomain."""
    source = transition.source
    end = tables.end[source]
    if not transition.reenter and all(source <= target < end for target in effective):
        return source
    common = -1
    for node in (source, *effective):
        common &= tables.lineage[node] ^ (1 << node)
    if common:
        return common.bit_length() - 1
    return None if transition.reenter else 0


def entry_mask(
    tables: Tables,
    targets: Iterable[int],
    domain: int | None,
    recorded: Mapping[int, tuple[int, ...]],
) -> int:
    """The nodes to enter below the domain: targets, what is above them, and what completes them.

    One pass in document order is enough, because everything a node adds lies below it.
    """
    below = -1 if domain is None else tables.below[domain]
    entry = 0
    for target in targets:
        entry |= tables.lineage[target]
    entry &= below
    entry |= 1 << (domain or 0)
    # Leaves need no completion, and there may be thousands of them.
    waiting = entry & ~tables.leaf_mask
    while waiting:
        low = waiting & -waiting
        waiting ^= low
        added = _completion(tables, low.bit_length() - 1, entry, recorded) & ~entry
        entry |= added
        waiting |= added & ~tables.leaf_mask
    return entry & below


def _completion(
    tables: Tables, index: int, entry: int, recorded: Mapping[int, tuple[int, ...]]
) -> int:
    """The regions a parallel state still misses, or the initial state of a compound one."""
    if tables.kinds[index] is Kind.PARALLEL:
        return tables.children_of(index)
    return 0 if entry & tables.below[index] else _initial(tables, index, recorded)


def _initial(tables: Tables, index: int, recorded: Mapping[int, tuple[int, ...]]) -> int:
    initial = tables.nodes[index].initial
    if initial is None:
        return 0
    if not tables.nodes[initial].is_history:
        return 1 << initial
    added = 0
    for node in effective_targets(tables.nodes, (initial,), recorded):
        added |= tables.lineage[node] & tables.below[index]
    return added
