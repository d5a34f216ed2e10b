"""Planning a registration: the core's plan for the cohorts of all shards, and its numbers.

Cohort records with equal content, on one shard or on several, are one class here. The gate is
asked with the same numbers that the entry will carry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from statekeep.core.gate import Gate, Tally, check_gate, tally
from statekeep.core.plan import CohortVerdict, Plan, plan
from statekeep.core.registration import Registration
from statekeep.routing import ENGINE
from statekeep.routing.preselect import preselection
from statekeep.storage.ports import CohortRow

PRESELECT = preselection(ENGINE)
"""The C library leaves out whom nobody picks, so that the law is asked for the rest only."""


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


def forecast(registration: Registration, rows: tuple[CohortRow, ...]) -> Forecast:
    """What the registration means for the actors in these records."""
    keys: dict[object, int] = {}
    grouped: dict[int, list[CohortRow]] = {}
    for row in rows:
        key = keys.setdefault(row.cohort, len(keys))
        grouped.setdefault(key, []).append(row)
    classes = [(key, group[0].cohort) for key, group in grouped.items()]
    planned = plan(registration, classes, PRESELECT)
    counts = {key: sum(row.count for row in group) for key, group in grouped.items()}
    listed = {key: tuple(group) for key, group in grouped.items()}
    return Forecast(planned, tally(planned, counts), listed)


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
