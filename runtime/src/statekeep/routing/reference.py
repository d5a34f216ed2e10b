"""The law on fingerprints, as slow and as plain as it can be said.

Nobody routes with it. It is what the C library is measured against, in results and in time, so it
shares no idea with it: one class after another, one change-point after another, no index.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import pairwise

from statekeep.routing.ports import NONE, Batch, Digests, RoutingError
from statekeep.routing.table import PlacedProbe, Point, RoutingTable

FNV_OFFSET = 0xCBF29CE484222325
FNV_PRIME = 0x100000001B3


class ReferenceRouter:
    """Asks every change-point in turn."""

    def __init__(self, table: RoutingTable) -> None:
        """Keep the table as it is."""
        self._table = table

    @property
    def table(self) -> RoutingTable:
        """The table that the answers index."""
        return self._table

    def route(self, batch: Batch) -> array[int]:
        """The first candidate of each class, or `NONE`."""
        _require_fit(self._table, batch)
        return array("I", [self._pick(batch, index) for index in range(batch.classes)])

    def _pick(self, batch: Batch, index: int) -> int:
        first = 0 if batch.firsts is None else batch.firsts[index]
        for at, point in enumerate(self._table.points):
            if at >= first and self._takes(point, batch, index):
                return at
        return NONE

    def _takes(self, point: Point, batch: Batch, index: int) -> bool:
        return (
            not point.closed
            and point.clock >= batch.positions[index]
            and all(self._shows(probe, batch, index) for probe in point.probes)
        )

    def _shows(self, probe: PlacedProbe, batch: Batch, index: int) -> bool:
        column = self._table.columns[probe.column]
        return (
            batch.lengths[column.track * batch.classes + index] >= column.length
            and batch.prefixes[probe.column * batch.classes + index] == probe.fingerprint
        )


class ReferenceEngine:
    """Python all the way down."""

    def router(self, table: RoutingTable) -> ReferenceRouter:
        """Load a table."""
        return ReferenceRouter(table)

    def digest(
        self, histories: Sequence[Sequence[str]], lengths: Sequence[int], region: str | None = None
    ) -> Digests:
        """Fingerprint every prefix of every history, and keep those asked for."""
        _require_ascending(lengths)
        every = [_prefixes(history, _seed(region)) for history in histories]
        asked = [
            prefixes[length] if length < len(prefixes) else 0
            for length in lengths
            for prefixes in every
        ]
        return Digests(
            array("I", [len(prefixes) - 1 for prefixes in every]),
            array("Q", [prefixes[-1] for prefixes in every]),
            array("Q", asked),
        )


def _require_fit(table: RoutingTable, batch: Batch) -> None:
    fits = (
        len(batch.lengths) == table.tracks * batch.classes
        and len(batch.prefixes) == len(table.columns) * batch.classes
        and (batch.firsts is None or len(batch.firsts) == batch.classes)
    )
    if not fits:
        raise RoutingError("SK_BAD_BATCH", "the columns of the batch do not fit the router")


def _require_ascending(lengths: Sequence[int]) -> None:
    if not all(left < right for left, right in pairwise((0, *lengths))):
        message = "the prefix lengths are not strictly ascending from 1"
        raise RoutingError("SK_BAD_LENGTHS", message)


def _seed(region: str | None) -> int:
    return FNV_OFFSET if region is None else _fnv1a(FNV_OFFSET, region.encode() + b"\xfe")


def _prefixes(history: Sequence[str], seed: int) -> list[int]:
    prefixes = [seed]
    for event_type in history:
        prefixes.append(_fnv1a(prefixes[-1], event_type.encode() + b"\xff"))
    return prefixes


def _fnv1a(fingerprint: int, data: bytes) -> int:
    for byte in data:
        fingerprint = (fingerprint ^ byte) * FNV_PRIME % 2**64
    return fingerprint
