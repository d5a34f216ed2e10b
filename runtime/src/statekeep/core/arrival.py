"""The question that a landing answers, and its two answers.

One frozen value holds what a landing may read of an actor: where it is, in which machine, and over
which point to where. Its history is not in it, because only a replay asks that: so actors with the
same state share their answer, however different they came to it.
"""

from __future__ import annotations

from dataclasses import dataclass

from statekeep.core.cohort import RegionHistories
from statekeep.core.configuration import Configuration
from statekeep.core.machine import Machine
from statekeep.core.points import ChangePoint
from statekeep.core.reasons import StrandReason


@dataclass(frozen=True, slots=True)
class Arrival:
    """An actor picked by `point`, about to land."""

    point: ChangePoint
    source: Machine
    """The machine of the actor's own version, whatever the point's source is."""
    target: Machine
    version: str
    """The actor's own version."""
    configuration: Configuration

    @property
    def on_source(self) -> bool:
        """Whether the actor is where the change-point leaves from, not only on the way there."""
        return self.version == self.point.source


@dataclass(frozen=True, slots=True)
class Landed:
    """Where the actor arrives."""

    configuration: Configuration
    regions: RegionHistories


@dataclass(frozen=True, slots=True)
class NotLanded:
    """Why it does not."""

    reason: StrandReason
    message: str


@dataclass(frozen=True, slots=True)
class Targets:
    """The nodes of the target that a mapped or `Same` landing enters."""

    nodes: tuple[int, ...]
