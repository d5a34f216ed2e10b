"""Planning a registration: the core's plan for the cohorts of all shards, and its numbers.

Cohort records with equal content, on one shard or on several, are one class here. The gate is
asked with the same numbers that the entry will carry.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from statekeep.core.cohort import Cohort
from statekeep.core.evaluate import Evaluation
from statekeep.core.gate import Gate, Tally, check_gate, tally
from statekeep.core.plan import CohortVerdict, Plan, everyone, plan
from statekeep.core.registration import Registration
from statekeep.core.registry import Registry
from statekeep.storage.ports import CohortRow

WORTH_THE_ENGINE = 256
"""From how many classes on the C library is asked first."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """A plan with its numbers, and the cohort records that each verdict is about."""

    plan: Plan[int]
    tally: Tally
    rows: Mapping[int, tuple[CohortRow, ...]]

    def records(self, verdict: str) -> tuple[tuple[CohortVerdict[int], CohortRow], ...]:
        """The cohort records with this verdict, by shard and id."""
        found = [
            (judged, row)
            for judged in self.plan.verdicts
            if judged.verdict == verdict
            for row in self.rows[judged.key]
        ]
        return tuple(sorted(found, key=lambda pair: (pair[1].shard, pair[1].id)))


class Planner:
    """Plans one registration, as often as it is asked; anew only where other classes are live."""

    def __init__(self, registration: Registration) -> None:
        self._registration = registration
        self._plan: Plan[int] | None = None
        self._keys: dict[Cohort, int] = {}
        self.evaluations: dict[Cohort, Evaluation | None] = {}
        """What the registration makes of each class that was planned for."""

    def forecast(self, rows: tuple[CohortRow, ...]) -> Forecast:
        """What the registration means for the actors in these records."""
        live = dict.fromkeys(row.cohort for row in rows)
        if self._plan is None or live.keys() != self._keys.keys():
            self._make(live)
        if self._plan is None:
            raise AssertionError("a plan was made")
        grouped: dict[int, list[CohortRow]] = {key: [] for key in self._keys.values()}
        for row in rows:
            grouped[self._keys[row.cohort]].append(row)
        counts = {key: sum(row.count for row in group) for key, group in grouped.items()}
        listed = {key: tuple(group) for key, group in grouped.items()}
        return Forecast(self._plan, tally(self._plan, counts), listed)

    def _make(self, live: Iterable[Cohort]) -> None:
        self._keys = {cohort: key for key, cohort in enumerate(live)}
        pairs = [(key, cohort) for cohort, key in self._keys.items()]
        self._plan = plan(self._registration, pairs, preselect)
        self.evaluations = dict.fromkeys(self._keys)
        self.evaluations.update((v.before, v.evaluation) for v in self._plan.verdicts)


def preselect(registry: Registry, cohorts: Sequence[Cohort]) -> Sequence[bool]:
    """Let the C library say whom nobody picks, where it is worth the call."""
    if len(cohorts) < WORTH_THE_ENGINE:
        return everyone(registry, cohorts)
    from statekeep.routing import ENGINE  # noqa: PLC0415 - scenarios do without the library
    from statekeep.routing.preselect import picked  # noqa: PLC0415

    return picked(ENGINE, registry, cohorts)


def admitted(made: Forecast, gate: Gate) -> dict[str, object]:
    """The result that a registration's entry carries, if the gate lets it pass."""
    check_gate(made.plan.plan_hash, made.tally, gate)
    return {
        "migrated": made.tally.migrated,
        "stayed": made.tally.stayed,
        "stranded": made.tally.stranded,
        "planHash": made.plan.plan_hash,
        "byState": [row.to_json() for row in made.tally.by_state],
        "warnings": [warning.to_json() for warning in made.tally.warnings],
    }
