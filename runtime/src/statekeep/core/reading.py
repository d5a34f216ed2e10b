"""What evaluations can ask of a past, and so which cohorts they treat alike.

The law reads how histories begin, as far as some anchor looks. A replay reads where the history
leads in two machines. Nothing else is asked but the fingerprint, which goes into the audit and
decides nothing. So cohorts of one form whose pasts answer alike are judged alike, by one of them,
and a million different histories are few classes.

Only points that a cohort can come to are asked for: those that leave from its version or from where
it was on its way to, and on from their targets.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from statekeep.core.cohort import Cohort
from statekeep.core.forecast import misses
from statekeep.core.machine import Machine
from statekeep.core.points import ChangePoint
from statekeep.core.registry import Registry
from statekeep.core.replay import walk


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of the pasts of one form."""

    regions: bool = False
    """Whether its region histories matter: whether any point can be come to at all."""
    depth: int = 0
    """How many first events the anchors look at."""
    machines: tuple[Machine, ...] = ()
    """Those through which the whole history may be walked."""
    elsewhere: tuple[ChangePoint, ...] = ()
    """New points of which an author wants to know whose history holds their path elsewhere."""

    def is_silent_on(self, *, plain: bool) -> bool:
        """Whether a past need not be known; a plain one has no region histories."""
        asks_of_history = self.depth or self.machines or self.elsewhere
        return not asks_of_history and (plain or not self.regions)

    def answers(self, cohort: Cohort) -> Hashable:
        """What the past of a cohort says to it."""
        history = cohort.history
        types = history.types() if self.machines else ()
        return (
            cohort.regions,
            history.first(self.depth),
            tuple([walk(machine, types) for machine in self.machines]),
            tuple([misses(point, cohort) for point in self.elsewhere]),
        )


class Reading:
    """What is asked in one registry."""

    def __init__(self, registry: Registry, new_points: Sequence[ChangePoint] = ()) -> None:
        self._registry = registry
        self._points = [point for point in registry.points if not point.closed]
        self._new = [point for point in new_points if not point.anchor.is_wildcard]
        self._known: dict[tuple[str, ...], Asked] = {}

    def of(self, form: Cohort) -> Asked:
        """What is asked of cohorts of this form."""
        if form.configuration.done:
            return Asked()
        way = form.stranding.way if form.stranding else ()
        starts = (form.version, *(point.version for point in way))
        known = self._known.get(starts)
        if known is None:
            known = self._known[starts] = self._asked(starts)
        return known

    def _asked(self, starts: tuple[str, ...]) -> Asked:
        reached, points = self._reached(starts)
        return Asked(
            regions=bool(points),
            depth=max((len(point.anchor.history_path) for point in points), default=0),
            machines=tuple(map(self._registry.machine, _walked(reached, points))),
            elsewhere=tuple(point for point in self._new if point.source == starts[0]),
        )

    def _reached(self, starts: tuple[str, ...]) -> tuple[set[str], list[ChangePoint]]:
        """The versions and the points to which ways lead from these versions."""
        reached, points, left = set(starts), list[ChangePoint](), self._points
        while onward := [point for point in left if point.source in reached]:
            points += onward
            reached.update(point.target for point in onward)
            left = [point for point in left if point not in onward]
        return reached, points


def _walked(reached: set[str], points: Sequence[ChangePoint]) -> list[str]:
    """The versions through which some replay may walk: the one to which it leads, and the one on
    which it finds the actor, which may be any where the point rescues."""
    replays = [point for point in points if point.landing == "Replay"]
    versions = {version for point in replays for version in (point.source, point.target)}
    if any(point.rescues for point in replays):
        return sorted(reached)
    return sorted(versions)
