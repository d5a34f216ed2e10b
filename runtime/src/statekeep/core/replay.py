"""Walking a history through a machine, from its initial state.

A walk fires nothing and changes nothing: it answers where an actor with this history would be, or
where the machine stops taking it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from statekeep.core.cohort import RegionHistories, lived_regions
from statekeep.core.configuration import Configuration
from statekeep.core.errors import NotStable
from statekeep.core.history import History
from statekeep.core.machine import Machine
from statekeep.core.step import Step, initial, step


@dataclass(frozen=True, slots=True)
class Walked:
    """Every event was accepted; this is where it ends."""

    configuration: Configuration
    taken: tuple[tuple[str, tuple[str, ...]], ...]
    """Region → the events taken there, sorted."""

    def regions(self) -> RegionHistories:
        """The region histories of the walk."""
        return lived_regions(
            {region: History.for_region(region).extend(types) for region, types in self.taken}
        )


@dataclass(frozen=True, slots=True)
class Stopped:
    """An event was not accepted."""

    index: int
    """Counted from 0."""
    event_type: str


@dataclass(frozen=True, slots=True)
class Endless:
    """The machine never came to rest."""

    index: int
    """The event that started it, counted from 0; -1 for the initial state."""


def walk(machine: Machine, types: Iterable[str]) -> Walked | Stopped | Endless:
    """Send the events of a history, one after the other, to a fresh actor."""
    taken: dict[str, list[str]] = {}
    index = -1
    try:
        configuration = initial(machine)
        for index, event_type in enumerate(types):
            result = _stepped(machine, configuration, event_type)
            if not result.accepted:
                return Stopped(index, event_type)
            configuration = result.configuration
            for region in result.regions:
                taken.setdefault(region, []).append(event_type)
    except NotStable:
        return Endless(index)
    return Walked(configuration, tuple((key, tuple(taken[key])) for key in sorted(taken)))


@lru_cache(maxsize=65_536)
def _stepped(machine: Machine, configuration: Configuration, event_type: str) -> Step:
    """One step, remembered: histories differ, and yet pass through the same few states."""
    return step(machine, configuration, event_type)


def accepts(machine: Machine, types: Iterable[str]) -> bool:
    """Whether a fresh actor takes all of these events and rests in the end."""
    return isinstance(walk(machine, types), Walked)
