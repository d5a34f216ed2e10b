"""What stepping needs to know of a machine, worked out once.

Sets of nodes are bit masks (bit i is node i): the exit set of a transition is one `&`.
Guards are a policy and not code, so which of several candidates fires is known here already, and
a node answers an event type with at most one transition.

Everything is fixed at construction except the caches set up last, which hold only values that
follow from the rest and are bounded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from statekeep.core.chart import Configuration, Guards, Kind, Recorded, Transition
from statekeep.core.legality import conflict
from statekeep.core.moves import Move
from statekeep.core.paths import join_path
from statekeep.core.states import State

Rung = tuple[dict[str, Transition], tuple[tuple[str, Transition], ...]]
"""What one node answers: by exact event type, and by wildcard prefix, the longest first."""

CONFIGURATIONS = 4_096
"""Configurations kept to be handed out again, for each machine."""
KEPT_LEAVES = 64
"""Larger ones are not kept: thousands of them would cost hundreds of megabytes."""


class Tables:
    __slots__ = (
        "_children_of",
        "below",
        "configurations",
        "end",
        "entries",
        "eventless",
        "eventless_mask",
        "final_mask",
        "gates",
        "histories",
        "history_initials",
        "kinds",
        "ladders",
        "leaf_mask",
        "lineage",
        "moves",
        "nodes",
        "parent",
        "regions",
        "remembering",
        "rungs",
    )

    def __init__(
        self,
        states: Sequence[State],
        candidates: Sequence[Mapping[str, Sequence[Transition]]],
        guards: Guards,
    ) -> None:
        self.nodes = states
        self.parent = [state.parent for state in states]
        self.end = [state.end for state in states]
        self.kinds = [state.kind for state in states]
        self.below = [(1 << state.end) - (2 << state.index) for state in states]
        """Proper descendants."""
        self._walk_down(states)
        self._mark_histories(states)
        self._build_ladders(candidates, guards)
        self.configurations: dict[tuple[int, Recorded], Configuration] = {}
        self.moves: dict[int, Move] = {}
        self.entries: dict[int, int] = {}
        self._children_of: dict[int, int] = {}

    def _walk_down(self, states: Sequence[State]) -> None:
        """What a node takes over from its parent: lineage, gate and regions."""
        self.lineage = lineage = [1]
        """The node itself and all its ancestors."""
        self.gates = gates = [-1]
        """The nearest parallel state above: up to there a node is asked for itself."""
        self.regions: list[tuple[int, ...]] = [()]
        """The regions a node is in or is, the outermost first."""
        kinds, regions = self.kinds, self.regions
        leaves = finals = 0
        for index, parent in enumerate(self.parent):
            kind = kinds[index]
            if kind is Kind.ATOMIC:
                leaves |= 1 << index
            elif kind is Kind.FINAL:
                finals |= 1 << index
            if not index:
                continue
            lineage.append(lineage[parent] | 1 << index)
            if kinds[parent] is Kind.PARALLEL:
                gates.append(parent)
                is_region = not states[index].is_history
                regions.append((*regions[parent], index) if is_region else regions[parent])
            else:
                gates.append(gates[parent])
                regions.append(regions[parent])
        self.leaf_mask = leaves | finals
        self.final_mask = finals

    def _mark_histories(self, states: Sequence[State]) -> None:
        self.histories: dict[int, tuple[int, ...]] = {}
        """The history states of a node, by that node."""
        self.remembering = 0
        """The nodes that have history states, so that leaving them is recorded."""
        self.history_initials = 0
        """The compound states that start in a history state."""
        for history in [state for state in states if state.is_history]:
            parent = history.parent
            self.histories[parent] = (*self.histories.get(parent, ()), history.index)
            self.remembering |= 1 << parent
            if states[parent].initial == history.index:
                self.history_initials |= 1 << parent

    def _build_ladders(
        self, candidates: Sequence[Mapping[str, Sequence[Transition]]], guards: Guards
    ) -> None:
        self.rungs: list[Rung] = []
        """What a node itself answers."""
        self.ladders: list[tuple[Rung, ...]] = []
        """What a node and its ancestors up to its gate answer, from the inside out."""
        self.eventless: list[Transition | None] = []
        """The eventless transition that a leaf finds on its way up."""
        self.eventless_mask = 0
        for index, own in enumerate(candidates):
            parent = self.parent[index]
            above = self.ladders[parent] if parent != self.gates[index] else ()
            always = self.eventless[parent] if index else None
            rung = _SILENT
            if own:
                rung, own_always = _own(own, guards)
                always = own_always or always
                if rung[0]:
                    above = (rung, *above)
            self.rungs.append(rung)
            self.ladders.append(above)
            self.eventless.append(always)
            if always is not None:
                self.eventless_mask |= 1 << index

    def children_of(self, index: int) -> int:
        """A mask of the children of a node that can be active: all but history states."""
        known = self._children_of.get(index)
        if known is None:
            known = 0
            for child in self.nodes[index].children:
                if not self.nodes[child].is_history:
                    known |= 1 << child
            self._children_of[index] = known
        return known

    def region_path(self, region: int) -> str:
        """The dotted path of a region."""
        return join_path(self.nodes[region].path)

    def done_event(self, index: int) -> str:
        """What a node raises when it is done."""
        return f"xstate.done.state.{self.nodes[index].id}"

    def configuration(self, active: int, recorded: Recorded) -> Configuration:
        """The configuration of a set of active nodes; equal ones are the same object, mostly."""
        known = self.configurations.get((active, recorded))
        if known is None:
            leaves = tuple(bits(active & self.leaf_mask))
            known = Configuration(leaves, recorded, self.is_complete(active, 0))
            if len(leaves) <= KEPT_LEAVES:
                if len(self.configurations) >= CONFIGURATIONS:
                    self.configurations.clear()
                self.configurations[active, recorded] = known
        return known

    def active(self, leaves: tuple[int, ...]) -> int:
        """The leaves and all their ancestors."""
        active = 0
        for leaf in leaves:
            active |= self.lineage[leaf]
        return active

    def conflict(self, targets: Sequence[int]) -> tuple[int, int] | None:
        """Two of the targets that cannot be active together, or None."""
        return conflict(self.parent, self.kinds, targets)

    def is_complete(self, active: int, index: int) -> bool:
        """XState's isInFinalState."""
        kind = self.kinds[index]
        if kind is Kind.PARALLEL:
            # The last region first: while regions are entered in order it is the one missing.
            return all(
                self.is_complete(active, child)
                for child in reversed(self.nodes[index].children)
                if not self.nodes[child].is_history
            )
        if kind is Kind.COMPOUND:
            finals = active & self.final_mask & self.below[index]
            return any(self.parent[final] == index for final in bits(finals))
        return kind is Kind.FINAL


def bits(mask: int) -> list[int]:
    """The indices in a mask, ascending."""
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found


_SILENT: Rung = ({}, ())


def _own(
    candidates: Mapping[str, Sequence[Transition]], guards: Guards
) -> tuple[Rung, Transition | None]:
    """What a node answers, in the order of XState's getCandidates, and its eventless transition."""
    firing: dict[str, Transition] = {}
    for descriptor, listed in candidates.items():
        for transition in listed:
            if guards == "Ignore" or not transition.guarded:
                firing[descriptor] = transition
                break
    always = firing.pop("", None)
    wild = [descriptor for descriptor in firing if "*" in descriptor and is_wildcard(descriptor)]
    wild.sort(key=len, reverse=True)
    return (firing, tuple([(d[:-1], firing[d]) for d in wild])), always


def is_wildcard(descriptor: str) -> bool:
    """Whether it matches by prefix: `*`, or tokens without `*` that end in `.*`."""
    if descriptor == "*":
        return True
    return descriptor.endswith(".*") and "*" not in descriptor[:-2].split(".")


def matches(event_type: str, prefix: str) -> bool:
    """XState's matchesEventDescriptor for a wildcard, given without its `*`.

    Whole tokens count: `order.*` (prefix `order.`) matches `order` and `order.paid`.
    """
    return event_type.startswith(prefix) or event_type == prefix[:-1]
