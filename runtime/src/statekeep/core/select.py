"""Which transitions an event enables.

For an event every region of a parallel state is asked, the innermost active states first, and only
if no region answers is the parallel state itself asked, then what is above it.  For eventless
transitions each active leaf looks upwards by itself.  Both follow XState, which differs from SCXML
in the first; docs/xstate-compatibility.md says more.

Everything here goes by document order and never by the order in which states were entered.
"""

from __future__ import annotations

from statekeep.core.chart import Recorded, Transition
from statekeep.core.moves import move_of
from statekeep.core.tables import Rung, Tables, matches


def select(tables: Tables, leaves: tuple[int, ...], event_type: str) -> list[Transition]:
    """XState's transitionNode: what is enabled before conflicts are removed."""
    chosen: list[Transition] = []
    blocked = waiting = 0
    for leaf in leaves:
        found = _climb(tables.ladders[leaf], event_type)
        if found is not None:
            chosen.append(found)
            blocked |= tables.lineage[found.source]
        elif tables.gates[leaf] >= 0:
            waiting |= 1 << tables.gates[leaf]
    while waiting:
        # The highest index first: an inner parallel state before those around it.
        gate = waiting.bit_length() - 1
        waiting ^= 1 << gate
        if blocked >> gate & 1:
            continue
        found = _climb(tables.ladders[gate], event_type)
        if found is not None:
            chosen.append(found)
            blocked |= tables.lineage[found.source]
        elif tables.gates[gate] >= 0:
            waiting |= 1 << tables.gates[gate]
    if len(chosen) > 1:
        chosen.sort(key=_source)
    return chosen


def select_eventless(tables: Tables, active: int) -> list[Transition]:
    """https://www.w3.org/TR/scxml/#selectEventlessTransitions, before conflicts are removed."""
    chosen: dict[int, Transition] = {}
    leaves = active & tables.leaf_mask & tables.eventless_mask
    while leaves:
        low = leaves & -leaves
        leaves ^= low
        found = tables.eventless[low.bit_length() - 1]
        if found is not None:
            chosen[found.index] = found
    return list(chosen.values())


def without_conflicts(
    tables: Tables, chosen: list[Transition], active: int, recorded: Recorded
) -> list[Transition]:
    """https://www.w3.org/TR/scxml/#removeConflictingTransitions.

    Two transitions conflict when both would leave one state.  The inner source wins; between
    regions the earlier in document order.
    """
    kept: list[tuple[Transition, int]] = []
    left = 0
    for transition in chosen:
        exits = exit_mask(tables, transition, active, recorded)
        if exits & left:
            rivals = [rival for rival, their in kept if their & exits]
            if not all(_is_inside(tables, transition, rival) for rival in rivals):
                continue
            kept = [pair for pair in kept if pair[0] not in rivals]
        kept.append((transition, exits))
        left |= exits
    return [transition for transition, _ in kept]


def exit_mask(tables: Tables, transition: Transition, active: int, recorded: Recorded) -> int:
    """The active nodes that the transition leaves."""
    if not transition.targets:
        return 0
    return active & move_of(tables, transition, recorded).below


def _climb(ladder: tuple[Rung, ...], event_type: str) -> Transition | None:
    for exact, wild in ladder:
        found = exact.get(event_type)
        if found is not None:
            return found
        for prefix, transition in wild:
            if matches(event_type, prefix):
                return transition
    return None


def _is_inside(tables: Tables, transition: Transition, rival: Transition) -> bool:
    return rival.source < transition.source < tables.end[rival.source]


def _source(transition: Transition) -> int:
    return transition.source
