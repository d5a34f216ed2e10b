"""What a change says of a cohort: computed once per content, the same in preview and apply.

A judge is a function of the registry after the change and of nothing else, so whoever finishes a
change that another has begun comes to the same verdicts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from statekeep.core.cohort import Cohort
from statekeep.core.decisions import Decision
from statekeep.core.evaluate import Evaluation, evaluate, evaluate_registration
from statekeep.core.points import ChangePoint
from statekeep.core.registry import Registry
from statekeep.service.registries import View
from statekeep.storage.ports import Block, CohortRow, Entry, Relabel

Verdict = Callable[[Cohort], Evaluation | None]


class Judge:
    """Remembers what it has said of each content."""

    def __init__(self, verdict: Verdict) -> None:
        self._verdict = verdict
        self._known: dict[Cohort, Evaluation | None] = {}
        self._blocks: dict[Cohort, Block] = {}

    def learn(self, evaluations: Mapping[Cohort, Evaluation | None]) -> None:
        """Remember what a plan has come to: it asks the same function."""
        self._known.update(evaluations)

    def __call__(self, cohort: Cohort) -> Evaluation | None:
        """What becomes of the cohort, None if the change does not concern it."""
        if cohort not in self._known:
            self._known[cohort] = self._verdict(cohort)
        return self._known[cohort]

    def moves(self, entry: Entry, rows: Iterable[CohortRow]) -> list[Relabel]:
        """What a committed entry makes of these records, but for those it has been at. Records
        of equal content share one block."""
        moves = []
        for row in rows:
            evaluation = self(row.cohort) if row.law != entry.law else None
            if evaluation is not None:
                block = self._blocks.get(row.cohort)
                if block is None:
                    block = self._blocks[row.cohort] = block_of(entry, evaluation.decisions)
                moves.append(Relabel(row.id, row.label, evaluation.cohort, block))
        return moves


def judge_of_registration(registry: Registry, points: tuple[ChangePoint, ...]) -> Judge:
    """For a registration; `registry` has its points in force, also those evaluated once."""

    def verdict(cohort: Cohort) -> Evaluation | None:
        outcome = evaluate_registration(registry, points, cohort)
        return None if outcome is None else outcome.evaluation

    return Judge(verdict)


def judge_of_unfreezing(registry: Registry) -> Judge:
    """For an unfreezing: everybody is asked what is due."""

    def verdict(cohort: Cohort) -> Evaluation | None:
        evaluation = evaluate(registry, cohort)
        due = evaluation.decisions or evaluation.cohort != cohort
        return evaluation if due else None

    return Judge(verdict)


def judge_of_entry(entry: Entry, after: View) -> Judge:
    """The judge of a committed entry, for whoever has only the registry to go by."""
    if entry.kind == "unfreeze":
        return judge_of_unfreezing(after.registry)
    if entry.kind in ("close", "freeze"):
        return Judge(lambda _: None)
    points = tuple(replace(point, closed=False) for point in after.brought(entry))
    return judge_of_registration(_in_force(after.registry, points), points)


def _in_force(registry: Registry, points: tuple[ChangePoint, ...]) -> Registry:
    """The registry before the points evaluated once were closed."""
    fresh = {point.name: point for point in points}
    return replace(registry, points=tuple(fresh.get(p.name, p) for p in registry.points))


def block_of(entry: Entry, decisions: tuple[Decision, ...]) -> Block:
    """The audit of what a change decided for one cohort."""
    plan = entry.result.get("planHash")
    return Block(
        decisions=decisions,
        at=entry.at,
        by=entry.by,
        change=entry.name,
        law=entry.law,
        plan=None if plan is None else str(plan),
    )
