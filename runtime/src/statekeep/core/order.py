"""Does what a machine does depend on the order of the keys of `states`?

Document order decides between regions of a parallel state: which of two conflicting transitions is
taken, and which of two states that are done at once says so first.  The object form of a custom
resource does not keep that order, so a machine that depends on it is refused there.

Conservative: a pair is named wherever it cannot be excluded, never the other way round.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from statekeep.core.chart import Kind, Transition
from statekeep.core.machine import Machine
from statekeep.core.moves import domain_of, effective_targets
from statekeep.core.tables import Tables, bits, is_wildcard, matches

MAX_PAIRS = 200_000
"""Pairs looked at; a machine with more of them counts as dependent on the order."""

Pair = tuple[Transition, Transition]


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a transition can reach, whatever history states have recorded."""

    transition: Transition
    domain: int
    """The widest domain; -1 is above the root."""
    below: int
    """What it can leave."""
    fixed: bool
    """No history state among the targets, so it always does the same."""


def order_dependence(machine: Machine) -> Pair | None:
    """Two transitions between which only the order of `states` decides, or None."""
    tables = machine.tables
    parallels = [node.index for node in tables.nodes if node.kind is Kind.PARALLEL]
    if not parallels:
        return None
    reaches = [_reach(tables, t) for t in _firing(tables) if t.targets]
    budget = [MAX_PAIRS]
    for parallel in parallels:
        inside = _by_region(tables, parallel, reaches)
        if len(inside) < 2 and not _may_finish_together(tables, parallel):
            continue
        pair = _conflict(inside, budget) or _race(tables, parallel, reaches, budget)
        if pair is not None:
            return pair
    return None


def _firing(tables: Tables) -> Iterator[Transition]:
    seen: set[int] = set()
    for index, (exact, _) in enumerate(tables.rungs):
        yield from exact.values()
        always = tables.eventless[index]
        if always is not None and always.source == index and always.index not in seen:
            seen.add(always.index)
            yield always


def _reach(tables: Tables, transition: Transition) -> Reach:
    possible: list[int] = []
    targets = transition.targets or ()
    histories = [target for target in targets if tables.nodes[target].is_history]
    for history in histories:
        possible += bits(tables.children_of(tables.parent[history]))
    possible += effective_targets(tables.nodes, targets, {})
    domain = domain_of(tables, transition, possible)
    below = -1 if domain is None else tables.below[domain]
    return Reach(transition, -1 if domain is None else domain, below, not histories)


def _by_region(
    tables: Tables, parallel: int, reaches: Sequence[Reach]
) -> dict[int, list[tuple[Reach, bool]]]:
    """The transitions inside each region, and whether they reach out of it."""
    found: dict[int, list[tuple[Reach, bool]]] = {}
    for reach in reaches:
        for region in tables.regions[reach.transition.source]:
            if tables.parent[region] == parallel:
                escapes = not region <= reach.domain < tables.end[region]
                found.setdefault(region, []).append((reach, escapes))
    return found


def _conflict(inside: dict[int, list[tuple[Reach, bool]]], budget: list[int]) -> Pair | None:
    """Two transitions of different regions, for one event, of which one can leave the other's."""
    for region, own in inside.items():
        escaping = [reach for reach, escapes in own if escapes]
        if not escaping:
            continue
        others = [r for other, theirs in inside.items() if other != region for r, _ in theirs]
        for reach in escaping:
            for rival in others:
                budget[0] -= 1
                if budget[0] < 0 or (
                    _same_trigger(reach.transition.descriptor, rival.transition.descriptor)
                    and reach.below & rival.below
                    and not _same_effect(reach, rival)
                ):
                    return _in_document_order(reach.transition, rival.transition)
    return None


def _race(
    tables: Tables, parallel: int, reaches: Sequence[Reach], budget: list[int]
) -> Pair | None:
    """Handlers of states in different regions that can be done at once, which interfere."""
    handled = [
        [(done, _handlers(done, reaches, tables)) for done in _completable(tables, region)]
        for region in tables.nodes[parallel].children
        if not tables.nodes[region].is_history
    ]
    eventless = [reach for reach in reaches if reach.transition.descriptor == ""]
    for position, first in enumerate(handled):
        for second in handled[position + 1 :]:
            for _, mine in first:
                for _, theirs in second:
                    pair = _interference(mine, theirs, eventless, budget)
                    if pair is not None:
                        return pair
    return None


def _may_finish_together(tables: Tables, parallel: int) -> bool:
    regions = [c for c in tables.nodes[parallel].children if not tables.nodes[c].is_history]
    return sum(1 for region in regions if _completable(tables, region)) > 1


def _completable(tables: Tables, region: int) -> list[int]:
    """The states in a region, itself included, that can be done."""
    found = []
    for node in tables.nodes[region : tables.end[region]]:
        finals = any(tables.kinds[child] is Kind.FINAL for child in node.children)
        if node.kind is Kind.PARALLEL or (node.kind is Kind.COMPOUND and finals):
            found.append(node.index)
    return found


def _handlers(done: int, reaches: Sequence[Reach], tables: Tables) -> list[Reach]:
    event = tables.done_event(done)
    return [reach for reach in reaches if _answers(reach.transition.descriptor, event)]


def _interference(
    mine: Sequence[Reach], theirs: Sequence[Reach], eventless: Sequence[Reach], budget: list[int]
) -> Pair | None:
    for one in mine:
        for other in theirs:
            budget[0] -= 1
            if one.transition is other.transition or _same_effect(one, other):
                continue
            touched = one.below | other.below
            drawn_in = any(e.below & touched and e.below & ~touched for e in eventless)
            if budget[0] < 0 or one.below & other.below or drawn_in:
                return _in_document_order(one.transition, other.transition)
    return None


def _same_trigger(one: str, other: str) -> bool:
    """Whether one event can be meant by both descriptors; "" is eventless."""
    if one == other:
        return True
    if not one or not other:
        return False
    if is_wildcard(one) and is_wildcard(other):
        return matches(one[:-1], other[:-1]) or matches(other[:-1], one[:-1])
    return _answers(one, other) or _answers(other, one)


def _answers(descriptor: str, event: str) -> bool:
    if descriptor == event:
        return True
    return is_wildcard(descriptor) and matches(event, descriptor[:-1])


def _same_effect(one: Reach, other: Reach) -> bool:
    """Whether it makes no difference which of the two is taken."""
    return (
        one.fixed
        and other.fixed
        and one.domain == other.domain
        and set(one.transition.targets or ()) == set(other.transition.targets or ())
    )


def _in_document_order(one: Transition, other: Transition) -> Pair:
    return (one, other) if one.index < other.index else (other, one)
