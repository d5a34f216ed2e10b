"""Prints vectors.h: what the Python reference says about fixed histories, tables and classes.

    python native/tests/make_vectors.py > native/tests/vectors.h

The vectors pin the fingerprints and the table format down: a change here breaks whoever stored one.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence

from statekeep.core.anchors import Anchor, probes
from statekeep.routing.ports import Batch
from statekeep.routing.reference import ReferenceEngine
from statekeep.routing.table import Route, RoutingTable

ENGINE = ReferenceEngine()
HISTORIES = (
    (),
    ("PAY",),
    ("PAY", "PAY"),
    ("SUBMIT_INFO", "PAY_FEE", "UPLOAD"),
    ("7mohtcOFVz", "PAY"),
    ("c1E51sSEyx", "PAY"),
    ("Straße", "支払い", "🙂"),
    ("ab", "c"),
    ("a", "bc"),
)
TRACKS = (None, "work", "work.code", "")
ANCHORS = (
    (2, Anchor.of(("SUBMIT_INFO",), {"work.code": ("WIP",)}), False),
    (2, Anchor.of(("SUBMIT_INFO", "PAY_FEE")), False),
    (2, Anchor.of(("SUBMIT_INFO",)), False),
    (3, Anchor.of(("7mohtcOFVz",)), False),
    (5, Anchor.of((), {"work": ("WIP", "DONE")}), False),
    (5, Anchor.of(), True),
    (9, Anchor.of(), False),
)
CLASSES = (
    (0, 0, ("SUBMIT_INFO", "PAY_FEE", "UPLOAD"), {}),
    (0, 1, ("SUBMIT_INFO", "PAY_FEE", "UPLOAD"), {}),
    (3, 0, ("SUBMIT_INFO", "PAY_FEE", "UPLOAD"), {}),
    (0, 0, ("SUBMIT_INFO", "WAIVE_FEE"), {"work.code": ("WIP",)}),
    (0, 0, ("c1E51sSEyx",), {}),
    (4, 0, ("WIP", "DONE"), {"work": ("WIP", "DONE")}),
    (4, 0, ("WIP", "DONE"), {"work.code": ("WIP", "DONE")}),
    (9, 0, (), {}),
    (10, 0, (), {}),
    (0, 7, (), {}),
)

BEGIN = """\
/* Made by make_vectors.py from the Python reference; `make vectors` renews it. */
#ifndef STATEKEEP_VECTORS_H
#define STATEKEEP_VECTORS_H

#include <stddef.h>
#include <stdint.h>

struct digest_vector {
    const char *region; /* NULL: of no region */
    uint32_t region_size;
    const char *types;
    uint32_t size;
    uint32_t events;
    uint64_t fingerprint;
    uint64_t first;
    uint64_t second;
};
"""


def routed() -> tuple[RoutingTable, Batch]:
    """The table of the anchors, and the classes as its columns."""
    table = RoutingTable.of(
        [Route(clock, probes(anchor), closed) for clock, anchor, closed in ANCHORS]
    )
    lengths, prefixes = array("I"), array("Q")
    for track, region in enumerate((None, *table.regions)):
        asked = [column.length for column in table.columns if column.track == track]
        lived = [
            history if region is None else regions.get(region, ())
            for _, _, history, regions in CLASSES
        ]
        digests = ENGINE.digest(lived, asked, region)
        lengths.extend(digests.lengths)
        prefixes.extend(digests.prefixes)
    positions = array("Q", [position for position, *_ in CLASSES])
    firsts = array("I", [first for _, first, *_ in CLASSES])
    return table, Batch(positions, lengths, prefixes, firsts)


def main() -> None:
    """Print the header."""
    print(BEGIN)
    print("static const struct digest_vector DIGESTS[] = {")
    for region in TRACKS:
        for history in HISTORIES:
            print(f"    {{{digest_row(region, history)}}},")
    print("};\n")
    table, batch = routed()
    assert batch.firsts is not None
    numbers("uint8_t", "ROUTED_TABLE", table.encoded)
    numbers("uint64_t", "ROUTED_POSITIONS", batch.positions)
    numbers("uint32_t", "ROUTED_FIRSTS", batch.firsts)
    numbers("uint32_t", "ROUTED_LENGTHS", batch.lengths)
    numbers("uint64_t", "ROUTED_PREFIXES", batch.prefixes)
    numbers("uint32_t", "ROUTED_PICKS", ENGINE.router(table).route(batch))
    print("#endif")


def digest_row(region: str | None, history: Sequence[str]) -> str:
    """One vector, on several short lines."""
    digests = ENGINE.digest([history], [1, 2], region)
    name = b"" if region is None else region.encode()
    types = b"".join(event_type.encode() + b"\xff" for event_type in history)
    hashes = (digests.fingerprints[0], *digests.prefixes)
    return ",\n     ".join(
        (
            f"{'NULL' if region is None else literal(name)}, {len(name)}",
            f"{literal(types)}, {len(types)}, {len(history)}",
            ", ".join(f"0x{number:016X}" for number in hashes),
        )
    )


def literal(data: bytes) -> str:
    """A C string; every byte that is no letter or digit is octal, which ends after three digits."""
    plain = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    return '"' + "".join(chr(byte) if byte in plain else f"\\{byte:03o}" for byte in data) + '"'


def numbers(kind: str, name: str, values: Iterable[int]) -> None:
    """An array of numbers, as many on a line as fit."""
    width = {"uint8_t": 2, "uint32_t": 8, "uint64_t": 16}[kind]
    cells = [f"0x{value:0{width}X}," for value in values]
    a_line = 76 // (width + 4)
    print(f"static const {kind} {name}[] = {{")
    for begin in range(0, len(cells), a_line):
        print("    " + " ".join(cells[begin : begin + a_line]))
    print("};\n")


if __name__ == "__main__":
    main()
