"""Planning a registration: the core's verdicts for the classes of all shards, and their numbers.

Numbers are kept as records come and go, so that they can be had again, behind the fence, for what
was touched and not for everything. The gate is asked with the same numbers that the entry will
carry, and preview shows them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from statekeep.core.cohort import Cohort
from statekeep.core.evaluate import evaluate
from statekeep.core.forecast import Foreseen, Unlandable, foresee, unlandable
from statekeep.core.gate import Gate, StateCount, Tally, Warned, check_gate
from statekeep.core.plan import CohortVerdict, Strand, everyone, plan_hash_of, verdicts
from statekeep.core.reading import Reading
from statekeep.core.registration import Registration
from statekeep.core.registry import Registry
from statekeep.service.classes import Class, Classes
from statekeep.storage.ports import CohortRow

WORTH_THE_ENGINE = 256
"""From how many classes on the C library is asked first."""
Mark = tuple[str, str]
"""A change-point and the code of a warning."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a registration means, in numbers."""

    plan_hash: str
    tally: Tally
    unlandable: tuple[Unlandable, ...]
    own: Mapping[str, Mapping[str, int]]
    """What each of several change-points did, or would do, to those whom it picked."""


class Planner(Classes):
    """Plans one registration for the records that are put here."""

    def __init__(self, registration: Registration) -> None:
        registry = registration.registry
        super().__init__(Reading(registry, registration.points), registry)
        self._registration = registration
        self._verdicts: dict[int, CohortVerdict[int]] = {}
        self._marks: dict[int, tuple[Mark, ...]] = {}
        always: tuple[Foreseen[int], ...] = foresee(registration, [])
        self._messages = {(each.change_point, each.code): each.message for each in always}
        self._always = frozenset(self._messages)
        self._counted: dict[int, int] = {}
        self._said: Counter[str] = Counter()
        self._own: dict[str, Counter[str]] = {
            point.name: Counter() for point in registration.points if len(registration.points) > 1
        }
        self._by_state: Counter[tuple[str, str, str, str]] = Counter()
        self._strands: Counter[Strand] = Counter()
        self._warned: Counter[Mark] = Counter()
        self._unlandable: tuple[Unlandable, ...] | None = None

    @property
    def concerns_somebody(self) -> bool:
        """Whether there are change-points; a version alone concerns nobody."""
        return bool(self._registration.points)

    def judged(self, classes: Sequence[Class]) -> None:
        pairs = [(each.number, each.cohort) for each in classes]
        made = verdicts(self._registration, pairs, preselect)
        self._verdicts.update((verdict.key, verdict) for verdict in made)
        for each in classes:
            verdict = self._verdicts.get(each.number)
            each.evaluation = None if verdict is None else verdict.evaluation
        for warning in foresee(self._registration, [(v.key, v.before, v.evaluation) for v in made]):
            mark = warning.change_point, warning.code
            self._messages.setdefault(mark, warning.message)
            for key in warning.keys:
                self._marks[key] = (*self._marks.get(key, ()), mark)

    def forecast(self) -> Forecast:
        """What the registration means for the actors in the records that are here."""
        while self.judge(WORTH_THE_ENGINE):
            pass
        for number, changed in self._recounted.items():
            self._add(number, changed.count - self._counted.get(number, 0))
            self._counted[number] = changed.count
        self._recounted = {}
        if self._unlandable is None:
            self._unlandable = unlandable(self._registration)
        strands = tuple(sorted(strand for strand, count in self._strands.items() if count))
        own = {
            name: {said: counts[said] for said in ("migrated", "stayed", "stranded")}
            for name, counts in sorted(self._own.items())
        }
        plan_hash = plan_hash_of(self._registration, strands)
        return Forecast(plan_hash, self._tally(), self._unlandable, own)

    def records(self, verdict: str) -> Iterator[CohortRow]:
        """The records of this verdict that have members, by shard and id; found one by one, since
        few of them hold all the actors that somebody wants to see."""
        alike = {each.key for each, _ in self.verdicts() if each.verdict == verdict}
        rows = self.rows() if alike else ()
        return (row for row in rows if row.actors and self.class_of(row).number in alike)

    def verdicts(self) -> Iterator[tuple[CohortVerdict[int], int]]:
        """What is said of each class that has members, and how many it has."""
        for number, actors in self._counted.items():
            verdict = self._verdicts.get(number)
            if verdict is not None and actors:
                yield verdict, actors

    def _add(self, number: int, count: int) -> None:
        verdict = self._verdicts.get(number)
        if verdict is None or not count:
            return
        self._said[verdict.verdict] += count
        state = verdict.version, verdict.state, verdict.verdict, verdict.reason or ""
        self._by_state[state] += count
        if verdict.strand is not None:
            self._strands[verdict.strand] += count
        for mark in self._marks.get(number, ()):
            self._warned[mark] += count
        for point, said in self._shares(verdict).items() if self._own else ():
            self._own[point][said] += count

    def _shares(self, verdict: CohortVerdict[int]) -> dict[str, str]:
        """Who of several change-points has picked this class, and what became of it there."""
        picked = {
            made.change_point: made.verdict
            for made in verdict.evaluation.decisions
            if made.change_point in self._own and made.verdict != "stayed"
        }
        if picked:
            return {str(name): said for name, said in picked.items()}
        leaving = [p.name for p in self._registration.points if p.source == verdict.version]
        return dict.fromkeys(leaving, "stayed") if verdict.verdict == "stayed" else {}

    def _tally(self) -> Tally:
        marks = sorted(self._always.union(mark for mark, count in self._warned.items() if count))
        return Tally(
            migrated=self._said["migrated"],
            stayed=self._said["stayed"],
            stranded=self._said["stranded"],
            by_state=tuple(
                sorted(StateCount(*row, count) for row, count in self._by_state.items() if count)
            ),
            stranded_by=tuple(sorted((s, count) for s, count in self._strands.items() if count)),
            warnings=tuple(
                Warned(code, point, self._messages[point, code], self._warned[point, code])
                for point, code in marks
            ),
        )


class Unfreezing(Classes):
    """What an unfreezing makes of the records: everybody is asked what is due."""

    def __init__(self, registry: Registry) -> None:
        super().__init__(Reading(registry), registry)
        self._registry = registry

    def judged(self, classes: Sequence[Class]) -> None:
        for each in classes:
            made = evaluate(self._registry, each.cohort)
            due = made.decisions or made.cohort != each.cohort
            each.evaluation = made if due else None


def preselect(registry: Registry, cohorts: Sequence[Cohort]) -> Sequence[bool]:
    """Let the C library say whom nobody picks, where it is worth the call."""
    if len(cohorts) < WORTH_THE_ENGINE:
        return everyone(registry, cohorts)
    from statekeep.routing import ENGINE  # noqa: PLC0415 - scenarios do without the library
    from statekeep.routing.preselect import picked  # noqa: PLC0415

    return picked(ENGINE, registry, cohorts)


def admitted(made: Forecast, gate: Gate) -> dict[str, object]:
    """The result that a registration's entry carries, if the gate lets it pass."""
    check_gate(made.plan_hash, made.tally, gate)
    return {
        "migrated": made.tally.migrated,
        "stayed": made.tally.stayed,
        "stranded": made.tally.stranded,
        "planHash": made.plan_hash,
        **(
            {"points": {name: dict(counts) for name, counts in made.own.items()}}
            if made.own
            else {}
        ),
        "byState": [row.to_json() for row in made.tally.by_state],
        "warnings": [warning.to_json() for warning in made.tally.warnings],
    }
