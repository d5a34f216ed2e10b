"""Walking a history through a machine from its initial state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from statekeep.core.configuration import Configuration
from statekeep.core.errors import NotStable
from statekeep.core.machine import Machine
from statekeep.core.step import initial, step


@dataclass
class Walk:
    """Where the walk ended, and the index of the event that was not accepted, if one was not."""

    configuration: Configuration
    regions: dict[str, list[str]]
    stopped_at: int | None = None


def walk(machine: Machine, types: Sequence[str]) -> Walk:
    """May raise NotStable."""
    at = Walk(initial(machine), {})
    for index, event_type in enumerate(types):
        moved = step(machine, at.configuration, event_type)
        if not moved.accepted:
            at.stopped_at = index
            return at
        at.configuration = moved.configuration
        for region in moved.regions:
            at.regions.setdefault(region, []).append(event_type)
    return at


def accepts(machine: Machine, types: Sequence[str]) -> bool:
    """Whether each event is accepted; a walk without end accepts nothing."""
    try:
        return walk(machine, types).stopped_at is None
    except NotStable:
        return False
