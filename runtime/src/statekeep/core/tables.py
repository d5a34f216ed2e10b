"""What stepping needs to know of a machine, worked out once.

Sets of nodes are bit masks (bit i is node i): the exit set of a transition is one `&`.
Guards are a policy and not code, so which of several candidates fires is known here already, and
a node answers an event type with at most one transition.

Everything is fixed at construction except the two caches at the end, which hold only values that
follow from the rest and are bounded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from statekeep.core.chart import Configuration, Guards, Kind, Node, Recorded, Transition
from statekeep.core.legality import conflict
from statekeep.core.moves import Move
from statekeep.core.paths import join_path

Rung = tuple[dict[str, Transition], tuple[tuple[str, Transition], ...]]
"""What one node answers: by exact event type, and by wildcard prefix, the longest first."""

CONFIGURATIONS = 4_096
"""Configurations kept to be handed out again, for each machine."""


class Tables:
    __slots__ = (
        "below",
        "by_path",
        "configurations",
        "done_events",
        "end",
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
        "region_paths",
        "regions",
        "remembering",
        "rungs",
    )

    def __init__(
        self,
        nodes: tuple[Node, ...],
        transitions: Sequence[Transition],
        candidates: Sequence[Mapping[str, Sequence[Transition]]],
        guards: Guards,
    ) -> None:
        self.nodes = nodes
        self.parent = [-1 if node.parent is None else node.parent for node in nodes]
        self.end = [node.end for node in nodes]
        self.kinds = [node.kind for node in nodes]
        self.by_path = {node.path: node.index for node in nodes}
        self.done_events = [f"xstate.done.state.{node.id}" for node in nodes]
        self.below = [(1 << node.end) - (2 << node.index) for node in nodes]
        """Proper descendants."""
        self._walk_down(nodes)
        self._mark_histories(nodes)
        self._build_ladders(candidates, guards)
        self.configurations: dict[tuple[int, Recorded], Configuration] = {}
        self.moves: list[Move | None] = [None] * len(transitions)

    def _walk_down(self, nodes: tuple[Node, ...]) -> None:
        """What a node takes over from its parent: lineage, gate and regions."""
        self.lineage: list[int] = []
        """The node itself and all its ancestors."""
        self.gates: list[int] = []
        """The nearest parallel state above: up to there a node is asked for itself."""
        self.regions: list[tuple[int, ...]] = []
        """The regions a node is in or is, the outermost first."""
        self.region_paths: dict[int, str] = {}
        self.leaf_mask = self.final_mask = 0
        for node in nodes:
            bit = 1 << node.index
            if node.parent is None:
                self.lineage.append(bit)
                self.gates.append(-1)
                self.regions.append(())
            else:
                self._inherit(node, node.parent, bit)
            if node.kind is Kind.FINAL:
                self.final_mask |= bit
            if node.kind is Kind.FINAL or node.kind is Kind.ATOMIC:
                self.leaf_mask |= bit

    def _inherit(self, node: Node, parent: int, bit: int) -> None:
        self.lineage.append(self.lineage[parent] | bit)
        if self.kinds[parent] is not Kind.PARALLEL:
            self.gates.append(self.gates[parent])
            self.regions.append(self.regions[parent])
            return
        self.gates.append(parent)
        if node.is_history:
            self.regions.append(self.regions[parent])
        else:
            self.regions.append((*self.regions[parent], node.index))
            self.region_paths[node.index] = join_path(node.path)

    def _mark_histories(self, nodes: tuple[Node, ...]) -> None:
        self.histories: dict[int, tuple[int, ...]] = {}
        """The history states of a node, by that node."""
        self.remembering = 0
        """The nodes that have history states, so that leaving them is recorded."""
        self.history_initials = 0
        """The compound states that start in a history state."""
        for node in nodes:
            found = tuple(child for child in node.children if nodes[child].is_history)
            if found:
                self.histories[node.index] = found
                self.remembering |= 1 << node.index
            if node.initial in found:
                self.history_initials |= 1 << node.index

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
        for node, own in zip(self.nodes, candidates, strict=True):
            rung, always = _own(own, guards) if own else (_SILENT, None)
            above: tuple[Rung, ...] = ()
            if node.parent is not None:
                if node.parent != self.gates[node.index]:
                    above = self.ladders[node.parent]
                if always is None:
                    always = self.eventless[node.parent]
            self.rungs.append(rung)
            self.ladders.append((rung, *above) if rung[0] else above)
            self.eventless.append(always)
            if always is not None:
                self.eventless_mask |= 1 << node.index

    def configuration(self, active: int, recorded: Recorded) -> Configuration:
        """The configuration of a set of active nodes; equal ones are the same object, mostly."""
        known = self.configurations.get((active, recorded))
        if known is None:
            leaves = tuple(bits(active & self.leaf_mask))
            known = Configuration(leaves, recorded, self.is_complete(active, 0))
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
            return all(
                self.is_complete(active, child)
                for child in self.nodes[index].children
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
