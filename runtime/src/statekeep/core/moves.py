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
    """A transition with targets, as far as it can be worked out before it is taken."""

    below: int
    """Everything below the domain: what of it is active is left, and nothing else is entered."""
    domain: int | None
    """None: above the root, which itself is left and entered."""
    entry: int | None
    """What is entered; None where that depends on what history states have recorded."""


def move_of(tables: Tables, transition: Transition, recorded: Recorded) -> Move:
    """The move of a transition that has targets."""
    known = tables.moves.get(transition.index)
    if known is not None:
        return known
    targets = transition.targets or ()
    if len(targets) > 1 and tables.conflict(targets) is not None:
        raise IllegalTargets(transition.pointer)
    remembered = dict(recorded)
    effective = effective_targets(tables.nodes, targets, remembered)
    domain = domain_of(tables, transition, effective)
    below = -1 if domain is None else tables.below[domain]
    entry = entry_mask(tables, effective, domain, remembered)
    entered = entry | (0 if domain is None else 1 << domain)
    if entered & tables.history_initials or any(tables.nodes[t].is_history for t in targets):
        return Move(below, domain, None)
    move = tables.moves[transition.index] = Move(below, domain, entry)
    return move


def entry_of(tables: Tables, transition: Transition, move: Move, recorded: Recorded) -> int:
    """What the move enters, with what was recorded when the old states were left."""
    if move.entry is not None:
        return move.entry
    remembered = dict(recorded)
    effective = effective_targets(tables.nodes, transition.targets or (), remembered)
    return entry_mask(tables, effective, move.domain, remembered)


def effective_targets(
    nodes: Sequence[State], targets: Iterable[int], recorded: Mapping[int, tuple[int, ...]]
) -> list[int]:
    """The targets with history states replaced by what they stand for.

    Terminates because compilation refuses defaults that lead back to where they start.
    """
    effective: list[int] = []
    for target in targets:
        node = nodes[target]
        if not node.is_history:
            effective.append(target)
        else:
            known = recorded.get(target)
            effective += (
                effective_targets(nodes, node.default, recorded) if known is None else known
            )
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
    waiting = entry
    while waiting:
        low = waiting & -waiting
        waiting ^= low
        added = _completion(tables, low.bit_length() - 1, entry, recorded) & ~entry
        entry |= added
        waiting |= added
    return entry & below


def _completion(
    tables: Tables, index: int, entry: int, recorded: Mapping[int, tuple[int, ...]]
) -> int:
    """The regions a parallel state still misses, or the initial state of a compound one."""
    kind = tables.kinds[index]
    if kind is Kind.COMPOUND:
        if entry & tables.below[index]:
            return 0
        return _initial(tables, index, recorded)
    added = 0
    if kind is Kind.PARALLEL:
        for child in tables.nodes[index].children:
            if not tables.nodes[child].is_history:
                added |= 1 << child
    return added


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
