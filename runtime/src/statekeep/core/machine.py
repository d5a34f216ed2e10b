"""The compiled machine.

Owns the immutable result of compilation.  It never changes what a machine means after
construction: all that is filled in later, here and in its tables, are values that follow from it
and that not everybody asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from statekeep.core.chart import Guards, Kind, Node, Transition
from statekeep.core.findings import Finding
from statekeep.core.states import State
from statekeep.core.tables import Tables

__all__ = ["Guards", "Kind", "Machine", "Node", "Transition"]


Advise = Callable[["Machine"], tuple[Finding, ...]]


class Machine:
    """An immutable statechart; hashable by identity, compared by `digest`."""

    __slots__ = (
        "_advise",
        "_index_of",
        "_nodes",
        "_warnings",
        "digest",
        "guards",
        "tables",
        "transitions",
    )

    def __init__(
        self,
        tables: Tables,
        transitions: tuple[Transition, ...],
        guards: Guards,
        digest: str,
        advise: Advise,
    ) -> None:
        self.tables = tables
        self.transitions = transitions
        self.guards: Guards = guards
        self.digest = digest
        self._advise = advise
        self._nodes: tuple[Node, ...] | None = None
        self._index_of: dict[tuple[str, ...], int] | None = None
        self._warnings: tuple[Finding, ...] | None = None

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes in document order."""
        if self._nodes is None:
            self._nodes = tuple(map(_node, self.tables.nodes))
        return self._nodes

    @property
    def event_types(self) -> tuple[str, ...]:
        """The event descriptors used, sorted."""
        return tuple(sorted({t.descriptor for t in self.transitions} - {""}))

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What validation has to say that is no error, sorted."""
        if self._warnings is None:
            self._warnings = self._advise(self)
        return self._warnings

    def node_at(self, path: tuple[str, ...]) -> Node | None:
        """The node whose keys from the root are `path`."""
        index = self.index_of.get(path)
        return None if index is None else self.nodes[index]

    @property
    def index_of(self) -> Mapping[tuple[str, ...], int]:
        """The indices of the nodes by their keys from the root."""
        if self._index_of is None:
            self._index_of = {state.path: state.index for state in self.tables.nodes}
        return self._index_of

    def __repr__(self) -> str:
        return f"<Machine {self.tables.nodes[0].id} {self.digest}>"


def _node(state: State) -> Node:
    config: dict[str, Any] = state.config
    tags = config.get("tags")
    return Node(
        state.index,
        state.key,
        state.path,
        state.id,
        state.kind,
        None if state.parent < 0 else state.parent,
        state.children,
        state.end,
        state.initial,
        state.default,
        (tags,) if isinstance(tags, str) else tuple(tags or ()),
        config.get("meta"),
        config.get("description"),
        config.get("output", config.get("data")),
    )
