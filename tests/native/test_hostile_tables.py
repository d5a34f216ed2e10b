"""Tables of unknown origin: every lie is found, named and placed, and nothing is read outside."""

import struct
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statekeep.core.anchors import Probe
from statekeep.routing import Route, RoutingError, RoutingTable
from statekeep.routing.native import ffi, lib, load
from support.routing_tables import random_table, tables

SOUND = RoutingTable.of(
    [Route(3, (Probe(None, 2, 7), Probe("r", 1, 8))), Route(5, (Probe(None, 4, 9),))]
).encoded
COLUMNS, POINTS, PROBES = 32, 32 + 3 * 8, 32 + 3 * 8 + 2 * 16


def patched(at: int, value: int, width: str = "<I") -> bytes:
    table = bytearray(SOUND)
    struct.pack_into(width, table, at, value)
    return bytes(table)


HOSTILE = {
    "no bytes at all": (b"", "SK_BAD_SIZE", 0),
    "a header cut short": (SOUND[:31], "SK_BAD_SIZE", 31),
    "a body cut short": (SOUND[:-1], "SK_BAD_SIZE", 8),
    "a byte too many": (SOUND + b"\0", "SK_BAD_SIZE", 8),
    "another magic": (b"XKRT" + SOUND[4:], "SK_BAD_MAGIC", 0),
    "another format": (patched(4, 2), "SK_BAD_FORMAT", 4),
    "a size that lies": (patched(8, 33), "SK_BAD_SIZE", 8),
    "no track": (patched(12, 0), "SK_TOO_LARGE", 12),
    "too many tracks": (patched(12, 2**32 - 1), "SK_TOO_LARGE", 12),
    "too many columns": (patched(16, 2**32 - 1), "SK_TOO_LARGE", 16),
    "too many points": (patched(20, 2**32 - 1), "SK_TOO_LARGE", 20),
    "too many probes": (patched(24, 2**32 - 1), "SK_TOO_LARGE", 24),
    "a reserved field in use": (patched(28, 1), "SK_BAD_FORMAT", 28),
    "a column of no length": (patched(COLUMNS + 4, 0), "SK_BAD_COLUMN", COLUMNS),
    "a column of an unknown track": (patched(COLUMNS + 16, 2), "SK_BAD_COLUMN", COLUMNS + 16),
    "columns that descend": (patched(COLUMNS + 12, 1), "SK_BAD_COLUMN", COLUMNS + 8),
    "clocks that descend": (patched(POINTS, 6, "<Q"), "SK_BAD_POINT", POINTS + 16),
    "an unknown flag": (patched(POINTS + 12, 2), "SK_BAD_POINT", POINTS),
    "a point with more probes than there are": (patched(POINTS + 8, 9), "SK_BAD_POINT", POINTS),
    "points with fewer probes than there are": (patched(POINTS + 24, 0), "SK_BAD_POINT", 24),
    "a probe of an unknown column": (patched(PROBES + 8, 3), "SK_BAD_PROBE", PROBES),
    "two probes of one track": (patched(PROBES + 16 + 8, 1), "SK_BAD_PROBE", PROBES + 16),
    "a reserved field of a probe": (patched(PROBES + 12, 1), "SK_BAD_PROBE", PROBES),
}


@pytest.mark.parametrize(("table", "code", "at"), HOSTILE.values(), ids=HOSTILE)
def test_a_table_is_refused_with(table: bytes, code: str, at: int) -> None:
    with pytest.raises(RoutingError) as fault:
        load(table)
    assert (fault.value.code, fault.value.at) == (code, at)


def test_the_table_that_the_lies_begin_with_is_sound() -> None:
    shape = ffi.new("sk_shape *")
    assert lib.sk_table_check(SOUND, len(SOUND), shape) == lib.SK_OK
    assert (shape.tracks, shape.columns, shape.points, shape.probes) == (2, 3, 2, 3)


@given(tables)
def test_what_python_compiles_is_always_sound(table: RoutingTable) -> None:
    router, _memory = load(table.encoded)
    assert lib.sk_next_clock(router, 2**32 - 1) == len(table.points)


@given(st.randoms(use_true_random=False), st.integers(0, 90), st.integers(1, 6))
def test_a_table_with_spoiled_bytes_is_refused_or_routes(
    random: Random, points: int, spoiled: int
) -> None:
    table = bytearray(random_table(random, points).encoded)
    for _ in range(spoiled):
        table[random.randrange(len(table))] = random.choice((0, 1, 2, 127, 128, 255))
    shape = ffi.new("sk_shape *")
    sound = lib.sk_table_check(bytes(table), len(table), shape) == lib.SK_OK
    if not sound:
        with pytest.raises(RoutingError):
            load(bytes(table))
        return
    assert all(index == lib.SK_NONE or index < shape.points for index in routed(bytes(table)))


def routed(table: bytes) -> list[int]:
    """Routes a few empty classes by a table given as bytes."""
    shape, classes = ffi.new("sk_shape *"), 3
    lib.sk_table_check(table, len(table), shape)
    router, _memory = load(table)
    lengths = ffi.new("uint32_t[]", shape.tracks * classes)
    prefixes = ffi.new("uint64_t[]", shape.columns * classes)
    positions, picked = ffi.new("uint64_t[]", classes), ffi.new("uint32_t[]", classes)
    columns = (classes, positions, ffi.NULL, lengths, len(lengths), prefixes, len(prefixes))
    batch = ffi.new("sk_batch *", columns)
    assert lib.sk_route(router, batch, picked) == lib.SK_OK
    return list(picked)


def test_memory_that_is_too_small_or_askew_is_refused() -> None:
    shape, router = ffi.new("sk_shape *"), ffi.new("sk_router **")
    lib.sk_table_check(SOUND, len(SOUND), shape)
    memory = ffi.new("uint64_t[]", shape.router_size // 8 + 2)
    askew = ffi.cast("char *", memory) + 1
    size = shape.router_size
    assert lib.sk_router_load(SOUND, len(SOUND), memory, size - 1, router) == lib.SK_SMALL_MEMORY
    assert lib.sk_router_load(SOUND, len(SOUND), askew, size, router) == lib.SK_MISALIGNED
    assert lib.sk_router_load(SOUND, len(SOUND), memory, size, router) == lib.SK_OK


def test_null_where_it_must_not_be_is_a_status() -> None:
    shape, router, batch = ffi.new("sk_shape *"), ffi.new("sk_router **"), ffi.new("sk_batch *")
    null = lib.SK_NULL_POINTER
    assert lib.sk_table_check(ffi.NULL, 0, shape) == null
    assert lib.sk_table_check(SOUND, len(SOUND), ffi.NULL) == null
    assert lib.sk_router_load(SOUND, len(SOUND), ffi.NULL, 0, router) == null
    assert lib.sk_route(ffi.NULL, batch, ffi.NULL) == null
    assert lib.sk_digest(0, ffi.NULL, ffi.NULL, 0, ffi.NULL, ffi.NULL, ffi.NULL) == null
    assert lib.sk_next_clock(ffi.NULL, 3) == 0


def test_every_status_has_its_own_message() -> None:
    statuses = ffi.typeof("sk_status").elements
    messages = {ffi.string(lib.sk_status_message(status)) for status in statuses}
    assert len(messages) == len(statuses)
    assert ffi.string(lib.sk_status_message(99)) == b"unknown status"
