"""What a migration means for every state in which somebody can be: explored, not guessed.

Histories are walked through the source, as many as it takes to see every state with every way to
go on; for each the registration is asked as a server asks it. So a picture of a `Replay` shows
where histories lead, and one of an anchor who stays.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from statekeep.core.cohort import Cohort, state_value
from statekeep.core.configuration import Configuration
from statekeep.core.errors import NotStable
from statekeep.core.evaluate import advance, evaluate_registration, spawn
from statekeep.core.history import EMPTY, History
from statekeep.core.machine import Machine
from statekeep.core.plan import state_text
from statekeep.core.points import ChangePoint, Deployment, Migration
from statekeep.core.registration import Registration, register_definition
from statekeep.core.registry import Registry
from statekeep.core.step import initial, step

MOST = 4_000
"""Ways to be somewhere that are looked at; a larger machine is drawn from so many."""
_OWN = ("xstate.done.state.", "xstate.init")


@dataclass(frozen=True, slots=True)
class Flow:
    """From a state of the source: where somebody there goes, or why not."""

    state: str
    verdict: str
    lands: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Course:
    """All flows of a migration, in the order in which its states are reached."""

    source: str
    target: str
    point: ChangePoint
    flows: tuple[Flow, ...]
    complete: bool

    @property
    def says(self) -> str:
        """Whom it is for, and how they land."""
        anchor = self.point.anchor
        whom = ", ".join(anchor.history_path)
        regions = "; ".join(f"{path}: {', '.join(begin)}" for path, begin in anchor.regions)
        asked = " and ".join(part for part in (whom, regions) if part)
        who = f"those whose history begins {asked}" if asked else "everybody"
        return f"{who}, by {'the mapping and ' if self.point.mapping else ''}{self.point.landing}"


@dataclass(frozen=True, slots=True)
class _Seen:
    """What tells one way to be somewhere from another, as far as this migration reads it."""

    here: Configuration
    there: Configuration | None
    """Where the target's own walk of the same history is; None where it has stopped."""
    progress: tuple[int, ...]


def course(source: tuple[str, Machine], target: tuple[str, Machine], asked: Migration) -> Course:
    """Explore a migration. Raises Refused where it could not be registered."""
    before = _registered(Registry("drawn"), source, ())
    after = _registered(before.registry, target, (asked,))
    (point,) = after.points
    walk = _Walk(before.registry, after, (source[1], target[1]))
    flows = dict.fromkeys(flow for cohort, _ in walk.cohorts() for flow in walk.flow(cohort))
    return Course(source[0], target[0], point, tuple(flows), walk.complete)


def _registered(
    registry: Registry, version: tuple[str, Machine], migrations: tuple[Migration, ...]
) -> Registration:
    name, machine = version
    made = register_definition(
        registry,
        Deployment(
            id=name, workflow="drawn", machine=machine, migrations=migrations, body_digest=name
        ),
    )
    assert isinstance(made, Registration)
    return made


class _Walk:
    """Breadth first through the source, beside it the target."""

    def __init__(
        self, registry: Registry, after: Registration, machines: tuple[Machine, Machine]
    ) -> None:
        self._registry, self._after = registry, after
        self._source, self._target = machines
        (self._point,) = after.points
        self._events = tuple(_events(self._source))
        self.complete = True

    def cohorts(self) -> Iterator[tuple[Cohort, _Seen]]:
        """Every way to be somewhere, each by a shortest history."""
        first = spawn(self._registry, self._point.source, routed=False).cohort
        waiting = deque([(first, self._seen(first, self._start()))])
        known = {waiting[0][1]}
        while waiting:
            cohort, seen = waiting.popleft()
            yield cohort, seen
            for following in self._following(cohort, seen):
                if following[1] not in known and len(known) < MOST:
                    known.add(following[1])
                    waiting.append(following)
                self.complete &= following[1] in known

    def flow(self, cohort: Cohort) -> Iterator[Flow]:
        """What the registration means for a cohort; nothing for those who are done."""
        outcome = evaluate_registration(self._after.registry, self._after.points, cohort)
        if outcome is None:
            return
        arrived = outcome.evaluation.cohort
        moved = outcome.verdict == "migrated"
        reason = None if moved else outcome.evaluation.decisions[-1].reason
        lands = _text(self._after.registry, arrived) if moved else None
        yield Flow(_text(self._registry, cohort), outcome.verdict, lands, reason)

    def _start(self) -> Configuration | None:
        try:
            return initial(self._target)
        except NotStable:
            return None

    def _following(self, cohort: Cohort, seen: _Seen) -> Iterator[tuple[Cohort, _Seen]]:
        for event in self._events:
            try:
                after = advance(self._registry, cohort, event, routed=False)
            except NotStable:
                continue
            if after.accepted:
                arrived = after.evaluation.cohort
                yield arrived, self._seen(arrived, self._beside(seen.there, event))

    def _beside(self, there: Configuration | None, event: str) -> Configuration | None:
        if there is None:
            return None
        try:
            taken = step(self._target, there, event)
        except NotStable:
            return None
        return taken.configuration if taken.accepted else None

    def _seen(self, cohort: Cohort, there: Configuration | None) -> _Seen:
        anchor, regions = self._point.anchor, dict(cohort.regions)
        asked = [(cohort.history, anchor.history_path)]
        asked += [(regions.get(path, EMPTY), begin) for path, begin in anchor.regions]
        progress = tuple(_progress(history, path) for history, path in asked)
        return _Seen(cohort.configuration, there, progress)


def _progress(history: History, path: tuple[str, ...]) -> int:
    """How much of a beginning a history has; -1 where it has gone another way."""
    reached = min(history.length, len(path))
    return reached if history.starts_with(path[:reached]) else -1


def _events(machine: Machine) -> Iterator[str]:
    """One event for each descriptor that somebody may send."""
    for descriptor in machine.event_types:
        if not descriptor.startswith(_OWN):
            yield descriptor.replace("*", "any") if descriptor.endswith("*") else descriptor


def _text(registry: Registry, cohort: Cohort) -> str:
    return state_text(state_value(registry, cohort))
