"""The registry of one source version, compiled for a router.

A table is a list of change-points in the order of the law, with what each asks of a class. It knows
fingerprints only: names, types and targets stay in the core. Its bytes are read by the C library,
which trusts nothing in them; `native/README.md` has the layout.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from struct import Struct
from typing import Final

from statekeep.core.anchors import Probe

MAGIC: Final = b"SKRT"
FORMAT: Final = 1
CLOSED: Final = 1

HEADER: Final = Struct("<4s7I")
COLUMN: Final = Struct("<2I")
POINT: Final = Struct("<Q2I")
PLACED_PROBE: Final = Struct("<Q2I")


@dataclass(frozen=True, slots=True)
class Route:
    """A change-point as a router sees it. All its probes must match; none make a wildcard."""

    clock: int
    probes: tuple[Probe, ...] = ()
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A length of a track for which some change-point asks: prefixes are computed once for each."""

    track: int
    length: int


@dataclass(frozen=True, slots=True)
class PlacedProbe:
    """What a probe asks for, in the column that holds it."""

    column: int
    fingerprint: int


@dataclass(frozen=True, slots=True)
class Point:
    """One change-point of a table, its probes by ascending track."""

    clock: int
    closed: bool
    probes: tuple[PlacedProbe, ...]


@dataclass(frozen=True)
class RoutingTable:
    """Change-points in the order of the law; track 0 is the history, track i + 1 is regions[i]."""

    regions: tuple[str, ...]
    columns: tuple[Column, ...]
    points: tuple[Point, ...]

    @classmethod
    def of(cls, routes: Sequence[Route]) -> RoutingTable:
        """Compile routes, which stand in the order of the law."""
        asked = [probe for route in routes for probe in _needed(route)]
        regions = tuple(sorted({probe.region for probe in asked if probe.region is not None}))
        tracks: dict[str | None, int] = {None: 0}
        tracks.update((region, index) for index, region in enumerate(regions, start=1))
        pairs = sorted({(tracks[probe.region], probe.length) for probe in asked})
        column_of = {pair: index for index, pair in enumerate(pairs)}
        points = tuple(_point(route, tracks, column_of) for route in routes)
        return cls(regions, tuple(Column(*pair) for pair in pairs), points)

    @property
    def tracks(self) -> int:
        """The history and the regions."""
        return 1 + len(self.regions)

    def next_clock(self, index: int) -> int:
        """Where to resume after a pick that found no landing: the first point of a later clock."""
        clock = self.points[index].clock
        later = (at for at, point in enumerate(self.points) if point.clock > clock)
        return next(later, len(self.points))

    @cached_property
    def encoded(self) -> bytes:
        """The table as the C library reads it."""
        probes = [probe for point in self.points for probe in point.probes]
        counts = (self.tracks, len(self.columns), len(self.points), len(probes))
        body = b"".join(
            (
                *(COLUMN.pack(column.track, column.length) for column in self.columns),
                *(POINT.pack(p.clock, len(p.probes), CLOSED * p.closed) for p in self.points),
                *(PLACED_PROBE.pack(probe.fingerprint, probe.column, 0) for probe in probes),
            )
        )
        return HEADER.pack(MAGIC, FORMAT, HEADER.size + len(body), *counts, 0) + body


def _needed(route: Route) -> Iterable[Probe]:
    """The first 0 events of anything are always there."""
    return (probe for probe in route.probes if probe.length > 0)


def _point(
    route: Route, tracks: dict[str | None, int], column_of: dict[tuple[int, int], int]
) -> Point:
    placed = (
        PlacedProbe(column_of[tracks[probe.region], probe.length], probe.fingerprint)
        for probe in _needed(route)
    )
    ordered = sorted(placed, key=lambda probe: probe.column)
    return Point(route.clock, route.closed, tuple(ordered))
