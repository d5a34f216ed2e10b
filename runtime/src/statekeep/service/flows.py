"""Where a plan leads: from which state to which, by verdict, with how many actors.

A reading of a plan for people who look; the verdicts are the plan's own.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from statekeep.core.cohort import state_value
from statekeep.core.plan import CohortVerdict, state_text
from statekeep.core.registry import Registry
from statekeep.service.planning import Planner

MOST: Final = 1_000
"""Flows told of one by one, the largest first."""


@dataclass(frozen=True, slots=True, order=True)
class Flow:
    """Actors that a plan takes from one state to one other, or leaves there."""

    version: str
    state: str
    verdict: str
    reason: str
    message: str
    to_version: str
    to_state: str


def flows(registry: Registry, planner: Planner) -> tuple[tuple[Flow, int], ...]:
    """All flows with their actors, the largest first."""
    counts: Counter[Flow] = Counter()
    for judged, actors in planner.verdicts():
        counts[_flow(registry, judged)] += actors
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(ordered[:MOST])


def _flow(registry: Registry, judged: CohortVerdict[int]) -> Flow:
    after = judged.evaluation.cohort
    decided = judged.evaluation.decisions
    told = decided[-1].message if decided and judged.verdict != "migrated" else ""
    return Flow(
        version=judged.version,
        state=judged.state,
        verdict=judged.verdict,
        reason=judged.reason or "",
        message=told,
        to_version=after.version,
        to_state=state_text(state_value(registry, after)),
    )
