"""What a routing engine does, whoever does it: the slow obvious model, or the C library.

The contract between a router and the core:

- A router answers for *classes*, given as columns of numbers. It compares fingerprints, and a
  fingerprint only preselects: FNV-1a collides for whoever wants it to, so a pick is a *candidate*
  until the core has compared the event types. It never misses a change-point that matches, because
  equal types have equal fingerprints; it may offer one that does not.
- The answer for a class is the index, in the table, of the first candidate in the order of the law,
  or `NONE`: and then the law picks nobody, without any confirmation.
- Whoever confirms a candidate and finds other types asks again with `firsts` one beyond it.
  Whoever finds no landing for a confirmed pick asks again from `RoutingTable.next_clock(pick)`: the
  law grants one pick for each clock. The change-points of other versions on the way are tables of
  their own.
- Engines agree bit for bit, on every table and every batch, also on batches no history could make.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from statekeep.routing.table import RoutingTable

NONE: Final = 0xFFFF_FFFF
"""In place of an index: no change-point picks the class."""


class RoutingError(Exception):
    """A table or a batch that is malformed. It cannot come from a registry: it is a fault of ours.

    `code` is the name of the C library's status, `at` the byte of a table that it is about.
    """

    def __init__(self, code: str, message: str, at: int | None = None) -> None:
        """Say what is wrong, and where."""
        where = "" if at is None else f" (at byte {at})"
        super().__init__(f"{message}{where} [{code}]")
        self.code = code
        self.at = at


@dataclass(frozen=True, slots=True)
class Batch:
    """Classes as columns: element i of every column belongs to class i.

    The columns of a matrix stand one after another. What `prefixes` holds where a history is
    shorter than the column's length is not looked at.
    """

    positions: array[int]
    """'Q': the position `T` of each class."""
    lengths: array[int]
    """'I', a column for each track of the table: how many events it has."""
    prefixes: array[int]
    """'Q', a column for each column of the table: the fingerprint of that many first events."""
    firsts: array[int] | None = None
    """'I': points before this index do not count; None is 0 for all."""

    @property
    def classes(self) -> int:
        """How many classes the batch holds."""
        return len(self.positions)


@dataclass(frozen=True, slots=True)
class Digests:
    """The fingerprints of a batch of histories."""

    lengths: array[int]
    """'I': how many events each history has."""
    fingerprints: array[int]
    """'Q': the fingerprint of each whole history."""
    prefixes: array[int]
    """'Q', a column for each length asked for; 0 where the history is shorter."""


class Router(Protocol):
    """One compiled source version."""

    @property
    def table(self) -> RoutingTable:
        """The table that the answers index."""

    def route(self, batch: Batch) -> array[int]:
        """The first candidate of each class, or `NONE`. Raises RoutingError on a misfit batch."""


class Engine(Protocol):
    """Makes routers and digests histories."""

    def router(self, table: RoutingTable) -> Router:
        """Load a table. Raises RoutingError if it is malformed or too large."""

    def digest(
        self, histories: Sequence[Sequence[str]], lengths: Sequence[int], region: str | None = None
    ) -> Digests:
        """Fingerprint histories, of one region or of none, at ascending positive `lengths`."""
