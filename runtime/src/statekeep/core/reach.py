"""Which states an actor can ever be in, and where it would stay for ever.

Generous: a state counts as reachable if some chain of transitions leads to it, whether or not
regions allow that chain, so what is called unreachable really is.
"""

from __future__ import annotations

from collections.abc import Iterator

from statekeep.core.chart import Kind, Transition
from statekeep.core.machine import Machine
from statekeep.core.tables import Tables, bits


def reachable(machine: Machine) -> int:
    """A mask of the nodes that can be active."""
    search = _Search(machine.tables)
    search.target(0)
    search.run()
    return search.seen


def own_transitions(tables: Tables, index: int) -> Iterator[Transition]:
    """The transitions that can fire in a node itself."""
    yield from tables.rungs[index][0].values()
    always = tables.eventless[index]
    if always is not None and always.source == index:
        yield always


class _Search:
    """Worklists instead of recursion: chains of states can be as long as the machine."""

    __slots__ = ("defaulted", "defaults", "seen", "tables", "targeted", "targets")

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.seen = 0
        self.targeted = 0
        self.defaulted = 0
        self.targets: list[int] = []
        self.defaults: list[int] = []

    def target(self, index: int) -> None:
        """Note that a transition leads here."""
        if not self.targeted >> index & 1:
            self.targeted |= 1 << index
            self.targets.append(index)

    def run(self) -> None:
        while self.targets or self.defaults:
            if self.defaults:
                self._enter_by_default(self.defaults.pop())
            else:
                self._enter(self.targets.pop())

    def _enter(self, target: int) -> None:
        lineage = self.tables.lineage[target]
        for index in bits(lineage):
            self._see(index)
            if self.tables.kinds[index] is Kind.PARALLEL:
                self.defaults += bits(self._regions(index) & ~lineage)
        self.defaults.append(target)

    def _enter_by_default(self, index: int) -> None:
        if self.defaulted >> index & 1:
            return
        self.defaulted |= 1 << index
        node = self.tables.nodes[index]
        if node.is_history:
            for default in node.default:
                self.target(default)
            return
        self._see(index)
        if node.kind is Kind.PARALLEL:
            self.defaults += bits(self._regions(index))
        elif node.initial is not None:
            self.defaults.append(node.initial)

    def _regions(self, parallel: int) -> int:
        """The regions that have not been entered by default yet."""
        return self.tables.children_of(parallel) & ~self.defaulted

    def _see(self, index: int) -> None:
        if self.seen >> index & 1:
            return
        self.seen |= 1 << index
        for transition in own_transitions(self.tables, index):
            for target in transition.targets or ():
                self.target(target)


def dead_ends(machine: Machine, reached: int) -> list[int]:
    """Atomic states in which no event is ever accepted again.

    Inside a parallel state another region may still lead on, so there the whole of it counts.
    """
    tables = machine.tables
    moving = 0
    for transition in machine.transitions:
        if transition.is_effective:
            moving |= 1 << transition.source
    found = []
    for leaf in bits(reached & tables.leaf_mask & ~tables.final_mask):
        regions = tables.regions[leaf]
        around = tables.lineage[leaf]
        if regions:
            around |= tables.below[tables.parent[regions[0]]]
        if not moving & around:
            found.append(leaf)
    return found
