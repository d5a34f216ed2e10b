"""What the history of an actor must show for a change-point to pick it.

An anchor names a beginning of the actor's history, and beginnings of the histories of regions. The
empty anchor is a wildcard. Matching compares event types and nothing else; the fingerprints given
out here let a router leave out what cannot match, and never let anybody in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from statekeep.core.canonical import canonical_digest
from statekeep.core.history import FNV_OFFSET, History, fingerprint_of, region_seed
from statekeep.core.paths import join_path, split_path

RegionPaths = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Anchor:
    """A beginning of the history, and beginnings of region histories, sorted by region."""

    history_path: tuple[str, ...] = ()
    regions: RegionPaths = ()

    @classmethod
    def of(
        cls, history_path: Sequence[str] = (), regions: Mapping[str, Sequence[str]] | None = None
    ) -> Anchor:
        """Make an anchor from what a user wrote; a region has one spelling."""
        named = {join_path(split_path(name)): tuple(path) for name, path in (regions or {}).items()}
        return cls(tuple(history_path), tuple(sorted(named.items())))

    @property
    def is_wildcard(self) -> bool:
        """Whether every actor on the source matches."""
        return not self.history_path and not self.regions

    @cached_property
    def specificity(self) -> tuple[int, int]:
        """Depths of the named regions, then the number of anchored events; more is stronger."""
        depths = sum(len(split_path(region)) for region, _ in self.regions)
        events = len(self.history_path) + sum(len(path) for _, path in self.regions)
        return depths, events

    @cached_property
    def digest(self) -> str:
        """The hash by which the audit names this anchor."""
        return canonical_digest(self.to_json())

    def to_json(self) -> dict[str, object]:
        """The anchor as users write it."""
        regions = {region: list(path) for region, path in self.regions}
        return {"historyPath": list(self.history_path), "regions": regions}


@dataclass(frozen=True, slots=True)
class Probe:
    """One beginning that an anchor asks for, as a router sees it: how long, and its fingerprint."""

    region: str | None
    length: int
    fingerprint: int


def probes(anchor: Anchor) -> tuple[Probe, ...]:
    """The probes of an anchor: the history's first, then the regions' in order of their paths."""
    history = Probe(None, len(anchor.history_path), fingerprint_of(anchor.history_path, FNV_OFFSET))
    regions = (
        Probe(region, len(path), fingerprint_of(path, region_seed(region)))
        for region, path in anchor.regions
    )
    return (history, *regions)


def matches(anchor: Anchor, history: History, regions: Iterable[tuple[str, History]]) -> bool:
    """Whether these histories begin as the anchor asks, by their event types."""
    if not history.starts_with(anchor.history_path):
        return False
    if not anchor.regions:
        return True
    lived = dict(regions)
    return all(_region_begins(lived.get(region), path) for region, path in anchor.regions)


def _region_begins(history: History | None, path: tuple[str, ...]) -> bool:
    """A region without a history has seen nothing."""
    return not path if history is None else history.starts_with(path)


def can_both_match(one: Anchor, other: Anchor) -> bool:
    """Whether some history could match both: no path of one contradicts a path of the other."""
    paths = dict(other.regions)
    shared = ((path, paths[region]) for region, path in one.regions if region in paths)
    both = ((one.history_path, other.history_path), *shared)
    return all(_one_begins_the_other(left, right) for left, right in both)


def is_ambiguous(one: Anchor, other: Anchor) -> bool:
    """Whether both could match one history and neither is the more specific."""
    return one.specificity == other.specificity and can_both_match(one, other)


def _one_begins_the_other(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    shared = min(len(left), len(right))
    return left[:shared] == right[:shared]


def contains_elsewhere(types: Sequence[str], path: Sequence[str]) -> bool:
    """Whether `path` occurs in `types` in one piece, but not at the beginning."""
    length, wanted = len(path), tuple(path)
    if not length or tuple(types[:length]) == wanted:
        return False
    starts = range(1, len(types) - length + 1)
    return any(tuple(types[start : start + length]) == wanted for start in starts)
