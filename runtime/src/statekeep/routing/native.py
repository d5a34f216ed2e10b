"""The C library behind the `Engine` protocol: the only module that touches it.

It owns every pointer: buffers are borrowed for one call and held by it, the memory of a router
lives as long as the router. Statuses of the library become `RoutingError`.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from typing import Any, Final

from statekeep.routing._native import ffi, lib
from statekeep.routing.ports import Batch, Digests, RoutingError
from statekeep.routing.table import RoutingTable

END_OF_TYPE: Final = b"\xff"
ITEM_SIZES: Final = {"I": 4, "Q": 8}


class NativeRouter:
    """A loaded table. Routing releases the GIL; any number of threads may share a router."""

    def __init__(self, table: RoutingTable) -> None:
        """Check and load the table."""
        self._table = table
        self._router, self._memory = load(table.encoded)

    @property
    def table(self) -> RoutingTable:
        """The table that the answers index."""
        return self._table

    def route(self, batch: Batch) -> array[int]:
        """The first candidate of each class, or `NONE`."""
        if batch.firsts is not None and len(batch.firsts) != batch.classes:
            _check(lib.SK_BAD_BATCH)
        positions, lengths = _borrow(batch.positions, "Q"), _borrow(batch.lengths, "I")
        prefixes = _borrow(batch.prefixes, "Q")
        firsts = ffi.NULL if batch.firsts is None else _borrow(batch.firsts, "I")
        picked = _zeros("I", batch.classes)
        columns = ffi.new(
            "sk_batch *",
            (batch.classes, positions, firsts, lengths, len(lengths), prefixes, len(prefixes)),
        )
        _check(lib.sk_route(self._router, columns, _borrow(picked, "I")))
        return picked


class NativeEngine:
    """Routers and fingerprints by the C library."""

    def router(self, table: RoutingTable) -> NativeRouter:
        """Load a table."""
        return NativeRouter(table)

    def digest(
        self, histories: Sequence[Sequence[str]], lengths: Sequence[int], region: str | None = None
    ) -> Digests:
        """Fingerprint histories at the lengths asked for."""
        closed = [_closed(history) for history in histories]
        ends = array("Q", _running_total(closed))
        data = b"".join(closed)
        return self._digest_closed(data, ends, array("I", lengths), region)

    def _digest_closed(
        self, data: bytes, ends: array[int], lengths: array[int], region: str | None
    ) -> Digests:
        count = len(ends)
        digests = Digests(_zeros("I", count), _zeros("Q", count), _zeros("Q", count * len(lengths)))
        types, offsets = ffi.from_buffer("uint8_t[]", data), _borrow(ends, "Q")
        histories = ffi.new("sk_histories *", (count, types, len(data), offsets))
        status = lib.sk_digest(
            _seed(region),
            histories,
            _borrow(lengths, "I"),
            len(lengths),
            _borrow(digests.lengths, "I"),
            _borrow(digests.fingerprints, "Q"),
            _borrow(digests.prefixes, "Q"),
        )
        _check(status)
        return digests


def load(encoded: bytes) -> tuple[Any, Any]:
    """The router of a table of unknown origin, and the memory that it lives in."""
    table = ffi.from_buffer("uint8_t[]", encoded)
    shape = ffi.new("sk_shape *")
    _check(lib.sk_table_check(table, len(encoded), shape), shape.fault_at)
    words = (shape.router_size + 7) // 8
    memory = ffi.new("uint64_t[]", words)
    router = ffi.new("sk_router **")
    _check(lib.sk_router_load(table, len(encoded), memory, words * 8, router))
    return router[0], memory


def _borrow(column: array[int], typecode: str) -> Any:
    """The elements of an array as C sees them; holds the array as long as it lives."""
    if column.typecode != typecode:
        message = f"a column of type {column.typecode!r} where {typecode!r} belongs"
        raise RoutingError("SK_BAD_BATCH", message)
    return ffi.from_buffer("uint32_t[]" if typecode == "I" else "uint64_t[]", column)


def _zeros(typecode: str, count: int) -> array[int]:
    return array(typecode, bytes(ITEM_SIZES[typecode] * count))


def _seed(region: str | None) -> int:
    if region is None:
        return int(lib.sk_history_seed())
    path = region.encode()
    return int(lib.sk_region_seed(path, len(path)))


def _closed(history: Iterable[str]) -> bytes:
    """The event types of a history as the library reads them."""
    return b"".join([event_type.encode() + END_OF_TYPE for event_type in history])


def _running_total(histories: Iterable[bytes]) -> Iterable[int]:
    end = 0
    for history in histories:
        end += len(history)
        yield end


def _check(status: int, at: int | None = None) -> None:
    if status != lib.SK_OK:
        code = ffi.string(ffi.cast("sk_status", status))
        message = ffi.string(lib.sk_status_message(status)).decode("ascii")
        raise RoutingError(code, message, at)
