"""What a machine is made of: kinds, nodes and transitions, as immutable values.

Invariant: a node's index is its place in document order, so a node's descendants are the
indices between its own and its `end`, and the deepest of several ancestors has the highest index.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

Guards = Literal["Ignore", "Deny"]
Source = Literal["object", "string"]


class Kind(StrEnum):
    ATOMIC = "atomic"
    COMPOUND = "compound"
    PARALLEL = "parallel"
    FINAL = "final"
    SHALLOW = "shallow"
    DEEP = "deep"


HISTORY = frozenset({Kind.SHALLOW, Kind.DEEP})


@dataclass(frozen=True, slots=True)
class Node:
    index: int
    """Place in document order (pre-order); the root is 0."""
    key: str
    path: tuple[str, ...]
    """Keys from the root; the root's is empty."""
    id: str
    kind: Kind
    parent: int | None
    children: tuple[int, ...]
    """All children in document order, history states among them."""
    end: int
    """Nodes `index` .. `end - 1` are this node and all its descendants."""
    initial: int | None = None
    """The child a compound state starts in; it may be a history state."""
    default: tuple[int, ...] = ()
    """Of a history state: where it leads while nothing is recorded."""
    tags: tuple[str, ...] = ()
    meta: Any = None
    description: str | None = None
    output: Any = None

    @property
    def is_history(self) -> bool:
        return self.kind is Kind.SHALLOW or self.kind is Kind.DEEP


@dataclass(frozen=True, slots=True)
class Transition:
    index: int
    """Ascending in document order."""
    source: int
    descriptor: str
    """The event descriptor; empty for an eventless (`always`) transition."""
    targets: tuple[int, ...] | None
    """None is targetless (forbidden, or actions only); () is `target: []`."""
    reenter: bool
    guarded: bool
    acts: bool
    """Has actions. None is ever run, but XState counts such a transition as one."""
    pointer: str

    @property
    def is_effective(self) -> bool:
        """XState's `can`: it has a target or actions, so it is no forbidden transition."""
        return self.targets is not None or self.acts


Recorded = tuple[tuple[int, tuple[int, ...]], ...]
"""What history states have recorded: (history node, recorded nodes), sorted."""


@dataclass(frozen=True, slots=True)
class Configuration:
    leaves: tuple[int, ...]
    """Active atomic and final states in document order; everything above follows."""
    recorded: Recorded
    done: bool
