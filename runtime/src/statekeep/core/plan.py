"""The plan of a registration: what it would mean for every live cohort.

Preview shows a plan and apply carries one out; both come from this one function, so they cannot
differ. A plan holds no counts: how many actors a cohort has is nobody's business here, and so the
`plan_hash` stays the same while actors move, and changes when something new would strand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, Protocol, TypeVar

from statekeep.core.canonical import canonical_digest, canonical_json
from statekeep.core.cohort import Cohort, machine_of
from statekeep.core.configuration import Configuration, value
from statekeep.core.decisions import Verdict
from statekeep.core.evaluate import Evaluation, Outcome, evaluate_registration
from statekeep.core.forecast import Foreseen, Unlandable, foresee, unlandable
from statekeep.core.machine import Machine
from statekeep.core.registration import Registration
from statekeep.core.registry import Registry


class Key(Protocol):
    """How a caller names a cohort; keys give the verdicts their order."""

    def __lt__(self, other: Any, /) -> bool:
        """Come before another key."""


K = TypeVar("K", bound=Key)


@dataclass(frozen=True, slots=True, order=True)
class Strand:
    """A kind of stranding: where actors would be stuck, and why."""

    version: str
    state: str
    """The state value as text."""
    reason: str

    def to_json(self) -> dict[str, object]:
        """The kind as a gate accepts it."""
        return {"version": self.version, "state": self.state, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class CohortVerdict(Generic[K]):
    """What the registration means for one cohort."""

    key: K
    before: Cohort
    verdict: Verdict
    evaluation: Evaluation
    version: str
    """Where it was."""
    state: str
    """The state value it had, as text."""
    strand: Strand | None
    """How it would strand, if it would."""
    reason: str | None
    """Why it would strand or stay."""


@dataclass(frozen=True, slots=True)
class Plan(Generic[K]):
    """The verdicts for all cohorts concerned, and what an author should know."""

    verdicts: tuple[CohortVerdict[K], ...]
    """Sorted by key."""
    strands: tuple[Strand, ...]
    """The kinds of stranding, sorted."""
    unlandable: tuple[Unlandable, ...]
    """States of the sources that have no landing, also where no actor is now."""
    warnings: tuple[Foreseen[K], ...]
    plan_hash: str


Preselect = Callable[[Registry, Sequence[Cohort]], Sequence[bool]]
"""Says for each cohort whether the law may pick anything for it; False must be certain."""


def everyone(_registry: Registry, cohorts: Sequence[Cohort]) -> Sequence[bool]:
    """Let the law look at every cohort itself."""
    return [True] * len(cohorts)


def plan(
    registration: Registration,
    cohorts: Iterable[tuple[K, Cohort]],
    preselect: Preselect = everyone,
) -> Plan[K]:
    """Decide for every cohort what the registration means for it. Changes nothing."""
    made = verdicts(registration, cohorts, preselect)
    strands = tuple(sorted({v.strand for v in made if v.strand is not None}))
    return Plan(
        verdicts=made,
        strands=strands,
        unlandable=unlandable(registration),
        warnings=foresee(registration, [(v.key, v.before, v.evaluation) for v in made]),
        plan_hash=plan_hash_of(registration, strands),
    )


def verdicts(
    registration: Registration,
    cohorts: Iterable[tuple[K, Cohort]],
    preselect: Preselect = everyone,
) -> tuple[CohortVerdict[K], ...]:
    """The verdicts for those concerned, sorted by key."""
    given = sorted(cohorts, key=lambda pair: pair[0])
    pickable = preselect(registration.registry, [cohort for _, cohort in given])
    outcomes: dict[Cohort, Outcome | None] = {}
    made = []
    for (key, cohort), may_be_picked in zip(given, pickable, strict=True):
        if cohort not in outcomes:
            outcomes[cohort] = evaluate_registration(
                registration.registry, registration.points, cohort, pickable=may_be_picked
            )
        outcome = outcomes[cohort]
        if outcome is not None:
            made.append(_verdict(registration.registry, key, cohort, outcome))
    return tuple(made)


def state_text(value: object) -> str:
    """A state value as one line: a name as it is, anything deeper as canonical JSON."""
    return value if isinstance(value, str) else canonical_json(value)


def _verdict(registry: Registry, key: K, before: Cohort, outcome: Outcome) -> CohortVerdict[K]:
    return CohortVerdict(
        key=key,
        before=before,
        verdict=outcome.verdict,
        evaluation=outcome.evaluation,
        version=before.version,
        state=_state(registry, before),
        strand=_strand(registry, outcome),
        reason=None if outcome.verdict == "migrated" else outcome.evaluation.decisions[-1].reason,
    )


def _strand(registry: Registry, outcome: Outcome) -> Strand | None:
    after = outcome.evaluation.cohort
    if outcome.verdict != "stranded" or after.stranding is None:
        return None
    return Strand(after.version, _state(registry, after), after.stranding.reason)


def _state(registry: Registry, cohort: Cohort) -> str:
    return _text_of(machine_of(registry, cohort), cohort.configuration)


@lru_cache(maxsize=16_384)
def _text_of(machine: Machine, configuration: Configuration) -> str:
    return state_text(value(machine, configuration))


def plan_hash_of(registration: Registration, strands: tuple[Strand, ...]) -> str:
    """Name the body, its change-points as the law reads them, and the kinds of stranding."""
    return canonical_digest(
        {
            "body": registration.body_digest,
            "changePoints": [point.rules_json() for point in registration.points],
            "strands": [strand.to_json() for strand in strands],
        }
    )
