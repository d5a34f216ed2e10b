"""What the core says of one step, remembered: spawns by version, events by cohort and type.

The store remembers who goes where; this remembers, in this process, what has been computed, so
that sixteen shards and ten thousand events that are not accepted ask the interpreter once.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from statekeep.core.cohort import Cohort
from statekeep.core.evaluate import Evaluation, advance, spawn
from statekeep.service.answers import step_text
from statekeep.service.errors import HistoryTooLong, UnknownVersion
from statekeep.service.registries import View
from statekeep.service.wiring import Wiring
from statekeep.storage.ports import Advance, Block, Family, Unknown

REMEMBERED = 20_000
Key = tuple[Family, int, int, Cohort | str, str]
SERVER = "statekeep"
"""Who decided, where an event or a spawn led over a change-point."""


@dataclass(frozen=True, slots=True)
class Step:
    """One computed step."""

    accepted: bool
    evaluation: Evaluation
    answer: str


class Steps:
    """Computes steps under a view."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self._known: OrderedDict[Key, Step] = OrderedDict()

    def spawn(self, view: View, version: str) -> Step:
        """Where an actor of this version begins."""
        key = (view.family, view.store, view.law, version, "")
        known = self._recall(key)
        if known is not None:
            return known
        if view.registry.version(version) is None:
            raise UnknownVersion(version)
        evaluation = spawn(view.registry, version, routed=view.frozen is None)
        return self._keep(key, self._step(view, evaluation, accepted=True))

    def advance(self, view: View, asked: Unknown, event: str) -> Advance:
        """What the event does to the cohort, for the store to remember."""
        key = (view.family, view.store, view.law, asked.cohort, event)
        step = self._recall(key) or self._keep(key, self._advance(view, asked.cohort, event))
        return self._answered(view, asked, step)

    def passed_over(self, view: View, asked: Unknown) -> Advance:
        """What a queue records of an event that cannot be taken at all: it is not accepted."""
        unmoved = self._step(view, Evaluation(asked.cohort), accepted=False)
        return self._answered(view, asked, unmoved)

    def _answered(self, view: View, asked: Unknown, step: Step) -> Advance:
        return Advance(
            family=asked.family,
            cohort_id=asked.cohort_id,
            label=asked.label,
            law=asked.law,
            accepted=step.accepted,
            target=step.evaluation.cohort,
            answer=step.answer,
            block=self.block(step.evaluation),
            journal=view.keeps_journal(asked.cohort.version),
        )

    def block(self, evaluation: Evaluation) -> Block | None:
        """The audit of an evaluation that no change asked for."""
        if not evaluation.decisions:
            return None
        return Block(evaluation.decisions, self._wiring.now(), SERVER)

    def _advance(self, view: View, cohort: Cohort, event: str) -> Step:
        taken = advance(view.registry, cohort, event, routed=view.frozen is None)
        limit = self._wiring.limits.history_events
        if taken.accepted and cohort.history.length >= limit:
            raise HistoryTooLong("the actor's history in events", cohort.history.length + 1, limit)
        return self._step(view, taken.evaluation, accepted=taken.accepted)

    def _step(self, view: View, evaluation: Evaluation, *, accepted: bool) -> Step:
        text = step_text(
            view.registry, evaluation.cohort, accepted=accepted, decisions=evaluation.decisions
        )
        return Step(accepted, evaluation, text)

    def _recall(self, key: Key) -> Step | None:
        known = self._known.get(key)
        if known is not None:
            self._known.move_to_end(key)
        return known

    def _keep(self, key: Key, step: Step) -> Step:
        self._known[key] = step
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return step
