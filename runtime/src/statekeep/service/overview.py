"""How many actors are where, for those who look: one shared snapshot a workflow.

Many dashboards may ask at any rate; what they cost is bounded by the clock and not by them. A
snapshot is taken when somebody asks, at most once in `FRESH_SECONDS`, and after one that took t
seconds none is taken for `REST` times t, of whatever workflow. Whoever comes meanwhile is given
the last one, which says when it was taken, and is told when to come again: when there can be
another, and in turn with all others who look. What was written of a snapshot is kept with it.
Nothing here decides anything: `Workflows.summary` is the exact answer for programs.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Final

from statekeep.core.canonical import canonical_json
from statekeep.core.cohort import Cohort, machine_of, state_value
from statekeep.core.paths import join_path
from statekeep.core.plan import state_text
from statekeep.service.changes import Changes
from statekeep.service.errors import UnknownWorkflow
from statekeep.service.registries import Registries, View
from statekeep.service.wiring import Wiring
from statekeep.storage.ports import CohortRow, Family

FRESH_SECONDS: Final = 2.0
REST: Final = 80
"""A snapshot of t seconds is followed by a rest of 80 t: an eightieth of the time at most."""
LONGEST_REST: Final = 60.0
LOOKS_A_SECOND: Final = 20
"""Turns that are given to those who look; who are few come as often as there is anything new."""
KEPT: Final = 2_000
"""Snapshots kept, the least recently read go first."""
WRITTEN: Final = 64
"""Answers kept with a snapshot."""
ROWS_AT_ONCE: Final = 500
"""Cohort records counted before events get their turn."""


@dataclass(frozen=True, slots=True, order=True)
class Stuck:
    """What actors that are stranded alike have in common."""

    version: str
    state: str
    """The state value as text."""
    reason: str
    change_point: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One workflow as it was at a moment."""

    view: View
    actors: Mapping[tuple[str, str], int]
    """By version and status."""
    states: Mapping[tuple[str, str, str], int]
    """By version, dotted path of an active state (compound states too) and status."""
    stuck: Mapping[Stuck, int]
    at: float
    tag: str
    """Names the content: equal where nothing but `at` differs."""
    written: dict[str, bytes] = field(default_factory=dict, compare=False, repr=False)
    """What was answered from it already, by question."""

    def once(self, question: str, write: Callable[[], bytes]) -> bytes:
        """An answer, written when it is asked for first."""
        found = self.written.get(question)
        if found is None:
            found = write()
            if len(self.written) < WRITTEN:
                self.written[question] = found
        return found


@dataclass(slots=True)
class _Kept:
    snapshot: Snapshot
    taken: float


class Overview:
    """Takes snapshots, seldom, and hands them out, often."""

    def __init__(
        self,
        wiring: Wiring,
        registries: Registries,
        changes: Changes,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wiring = wiring
        self._registries = registries
        self._changes = changes
        self._clock = clock
        self._kept: OrderedDict[Family, _Kept] = OrderedDict()
        self._names: OrderedDict[str, tuple[float, tuple[str, ...]]] = OrderedDict()
        self._taking = asyncio.Lock()
        self._rests_until = float("-inf")
        self._last_turn = float("-inf")

    async def workflow(self, tenant: str, workflow: str) -> Snapshot:
        """One workflow, as it was lately."""
        found = await self.lately(tenant, workflow)
        if found is None:
            raise UnknownWorkflow(workflow)
        return found

    async def lately(self, tenant: str, workflow: str) -> Snapshot | None:
        """The same, None where nothing is registered."""
        family = Family(tenant, workflow)
        found = await self._lately(family)
        if found.view.length:
            return found
        self._kept.pop(family, None)
        return None

    async def names(self, tenant: str) -> tuple[str, ...]:
        """The workflows of a tenant as of lately, sorted."""
        now = self._clock()
        read, names = self._names.get(tenant, (float("-inf"), ()))
        if now - read >= FRESH_SECONDS:
            names = tuple(sorted(await self._wiring.store.workflows(tenant)))
            self._names[tenant] = (now, names)
            self._names.move_to_end(tenant)
            while len(self._names) > KEPT:
                self._names.popitem(last=False)
        return names

    def again_in(self, found: Iterable[Snapshot]) -> int:
        """In how many whole seconds somebody who looked at these should look again.

        Not before one of them can be newer; and everybody has a turn, so that any number of those
        who look costs no more than `LOOKS_A_SECOND`.
        """
        now = self._clock()
        kept = (self._kept.get(snapshot.view.family) for snapshot in found)
        oldest = min((one.taken for one in kept if one is not None), default=now)
        due = max(now, self._rests_until, oldest + FRESH_SECONDS)
        self._last_turn = max(due, self._last_turn + 1 / LOOKS_A_SECOND)
        return max(1, ceil(min(self._last_turn - now, LONGEST_REST)))

    async def _lately(self, family: Family) -> Snapshot:
        kept = self._kept.get(family)
        if kept is None or self._may_look_again(kept):
            async with self._taking:
                kept = self._kept.get(family)
                if kept is None or self._may_look_again(kept):
                    kept = await self._look(family)
        self._kept.move_to_end(family)
        return kept.snapshot

    def _may_look_again(self, kept: _Kept) -> bool:
        now = self._clock()
        return now >= self._rests_until and now - kept.taken >= FRESH_SECONDS

    async def _look(self, family: Family) -> _Kept:
        began = self._clock()
        view = await self._registries.fresh(family)
        rows = await self._changes.rows(family)
        view = self._registries.known(family)
        counted = await _counted(view, rows)
        ended = self._clock()
        self._rests_until = ended + min(LONGEST_REST, REST * (ended - began))
        kept = _Kept(replace(counted, at=self._wiring.now()), ended)
        self._kept[family] = kept
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return kept


async def _counted(view: View, rows: Iterable[CohortRow]) -> Snapshot:
    actors: Counter[tuple[str, str]] = Counter()
    states: Counter[tuple[str, str, str]] = Counter()
    stuck: Counter[Stuck] = Counter()
    texts: dict[tuple[str, object], tuple[str, ...]] = {}
    for number, row in enumerate(rows):
        if number % ROWS_AT_ONCE == ROWS_AT_ONCE - 1:
            await asyncio.sleep(0)
        cohort = row.form
        if view.registry.version(cohort.version) is None:
            continue
        status = cohort.status
        actors[cohort.version, status] += row.actors
        place = (cohort.version, cohort.configuration)
        if place not in texts:
            texts[place] = _active(view, cohort)
        for path in texts[place]:
            states[cohort.version, path, status] += row.actors
        if cohort.stranding is not None and status == "needs_rescue":
            stuck[_stuck(view, cohort)] += row.actors
    tag = _tag(view, actors, states, stuck)
    return Snapshot(view, dict(actors), dict(states), dict(stuck), 0.0, tag)


def _active(view: View, cohort: Cohort) -> tuple[str, ...]:
    """The dotted paths of all states that are active, the root left out."""
    nodes = machine_of(view.registry, cohort).nodes
    found: set[int] = set()
    for leaf in cohort.configuration.leaves:
        index: int | None = leaf
        while index is not None and index not in found:
            found.add(index)
            index = nodes[index].parent
    return tuple(join_path(nodes[index].path) for index in sorted(found) if nodes[index].path)


def _stuck(view: View, cohort: Cohort) -> Stuck:
    if cohort.stranding is None:
        raise AssertionError("only who is stranded is asked about")
    state = state_text(state_value(view.registry, cohort))
    return Stuck(cohort.version, state, cohort.stranding.reason, cohort.stranding.change_point)


def _tag(
    view: View,
    actors: Mapping[tuple[str, str], int],
    states: Mapping[tuple[str, str, str], int],
    stuck: Mapping[Stuck, int],
) -> str:
    counts = [
        [[*key, count] for key, count in sorted(actors.items())],
        [[*key, count] for key, count in sorted(states.items())],
        [
            [key.version, key.state, key.reason, key.change_point, count]
            for key, count in sorted(stuck.items())
        ],
    ]
    told = [view.law, view.length, view.registry.clock, view.frozen, *counts]
    return hashlib.sha256(canonical_json(told).encode()).hexdigest()[:16]
