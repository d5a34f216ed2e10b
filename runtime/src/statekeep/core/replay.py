"""Walking a history through a machine, from its initial state.

A walk fires nothing and changes nothing: it answers where an actor with this history would be, or
where the machine stops taking it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from statekeep.core.cohort import RegionHistories, lived_regions
from statekeep.core.configuration import Configuration
from statekeep.core.errors import NotStable
from statekeep.core.history import History
from statekeep.core.machine import Machine
from statekeep.core.step import initial, step

MACHINES = 64
"""Of so many machines the steps are remembered,"""
MOST_LEADS = 16_384
"""of each so many."""


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
        ground = _ground_of(machine)
        at = ground.start()
        for index, event_type in enumerate(types):
            leads = at.leads.get(event_type) or ground.lead(at, event_type)
            if leads.to is None:
                return Stopped(index, event_type)
            at = leads.to
            for region in leads.regions:
                taken.setdefault(region, []).append(event_type)
    except NotStable:
        return Endless(index)
    if not taken:
        return at.end
    return Walked(at.configuration, tuple((key, tuple(taken[key])) for key in sorted(taken)))


class _Place:
    """A configuration, and where events lead from it, as far as somebody went."""

    __slots__ = ("configuration", "end", "leads")

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self.leads: dict[str, _Lead] = {}
        self.end = Walked(configuration, ())


class _Lead(NamedTuple):
    """A step from a place; to None where it is not accepted."""

    to: _Place | None
    regions: tuple[str, ...] = ()


class _Ground:
    """The places of one machine that walks have met: histories differ, and yet pass through the
    same few of them."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._places: dict[Configuration, _Place] = {}
        self._start: _Place | None = None
        self._leads = 0

    def start(self) -> _Place:
        """Where a fresh actor is. Raises NotStable."""
        if self._start is None:
            self._start = self._place(initial(self._machine))
        return self._start

    def lead(self, at: _Place, event_type: str) -> _Lead:
        """Take a step for the first time. Raises NotStable."""
        made = step(self._machine, at.configuration, event_type)
        if self._leads >= MOST_LEADS:
            self._places, self._start, self._leads = {}, None, 0
        self._leads += 1
        to = self._place(made.configuration) if made.accepted else None
        known = at.leads[event_type] = _Lead(to, made.regions)
        return known

    def _place(self, configuration: Configuration) -> _Place:
        known = self._places.get(configuration)
        if known is None:
            known = self._places[configuration] = _Place(configuration)
        return known


@lru_cache(maxsize=MACHINES)
def _ground_of(machine: Machine) -> _Ground:
    return _Ground(machine)


def accepts(machine: Machine, types: Iterable[str]) -> bool:
    """Whether a fresh actor takes all of these events and rests in the end."""
    return isinstance(walk(machine, types), Walked)
