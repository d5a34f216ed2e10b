"""The compiled machine.

Owns the immutable result of compilation.  It never changes what a machine means after
construction: all that is filled in later, in its tables, are caches of values that follow from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from statekeep.core.chart import Guards, Kind, Node, Transition
from statekeep.core.findings import Finding
from statekeep.core.tables import Tables

__all__ = ["Guards", "Kind", "Machine", "Node", "Transition"]


class Machine:
    """An immutable statechart; hashable by identity, compared by `digest`."""

    __slots__ = (
        "_advise",
        "_warnings",
        "digest",
        "event_types",
        "guards",
        "nodes",
        "tables",
        "transitions",
    )

    def __init__(
        self,
        nodes: tuple[Node, ...],
        transitions: tuple[Transition, ...],
        candidates: tuple[Mapping[str, tuple[Transition, ...]], ...],
        guards: Guards,
        digest: str,
        advise: Callable[[Machine], tuple[Finding, ...]],
    ) -> None:
        self.nodes = nodes
        self.transitions = transitions
        self.guards: Guards = guards
        self.digest = digest
        self._advise = advise
        self._warnings: tuple[Finding, ...] | None = None
        self.event_types = tuple(sorted({t.descriptor for t in transitions} - {""}))
        self.tables = Tables(nodes, transitions, candidates, guards)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What validation has to say that is no error, sorted; found out when first asked for."""
        if self._warnings is None:
            self._warnings = self._advise(self)
        return self._warnings

    def node_at(self, path: tuple[str, ...]) -> Node | None:
        """The node whose keys from the root are `path`."""
        index = self.tables.by_path.get(path)
        return None if index is None else self.nodes[index]

    def __repr__(self) -> str:
        return f"<Machine {self.nodes[0].id} {self.digest}>"
