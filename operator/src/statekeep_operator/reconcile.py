"""One look at one workflow: observe, plan, execute, until no step is left; then say so in statuses.

It may be repeated at any moment and from any state: every call is idempotent, and what was written
already is not written again.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from statekeep_operator import projections, reasons
from statekeep_operator.execute import execute, preview
from statekeep_operator.facts import Facts, Key, Runtime, Wish, due, is_pending, owner_of
from statekeep_operator.memory import NUMBERS_SECONDS, Memories, Refusal, Seen, law_of
from statekeep_operator.objects import Group, Objects
from statekeep_operator.plan import Obstacle, Plan, Step, plan
from statekeep_operator.runtime import RuntimeAway, Runtimes
from statekeep_operator.status import (
    Look,
    Preview,
    Status,
    differs_in_numbers_only,
    status_of,
    while_away,
)
from statekeep_operator.writing import Writer

ROUNDS: Final = 1100
"""Plans in one look at most: a chain of versions takes a round a link."""
TOLD_AT_ONCE: Final = 8
"""Objects of one workflow whose statuses are written side by side."""
GRACE: Final = 30.0
"""Seconds for which a runtime may be away before objects that are ready say so."""

WANT_A_PREVIEW: Final = reasons.GATED | {
    reasons.SUSPENDED,
    reasons.FROZEN,
    reasons.ORDER_UNKNOWN,
    reasons.DEADLINE_EXCEEDED,
}
"""What people wait for while they want to know what would happen."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often things are looked at again, in seconds."""

    resync: float = 15.0
    gate: float = 15.0


_NEVER: Final = float("inf")


class Reconciler:
    """Looks at workflows, each one at a time."""

    def __init__(
        self,
        objects: Objects,
        runtimes: Runtimes,
        writer: Writer,
        *,
        pace: Pace,
        monotonic: Callable[[], float],
        wall: Callable[[], datetime],
    ) -> None:
        self._objects = objects
        self._runtimes = runtimes
        self._writer = writer
        self._pace = pace
        self._monotonic = monotonic
        self._wall = wall
        self._memories = Memories(pace.gate)
        self._away_since: dict[Group, float] = {}

    async def reconcile(self, group: Group) -> float:
        """Look at a workflow; answers after how many seconds it wants another look."""
        wishes = self._objects.wishes(group)
        if not wishes:
            return self._pace.resync
        try:
            facts, planned = await self._settle(group, wishes)
            previews = await self._previews(group, facts, planned)
        except RuntimeAway as away:
            await self._tell_away(group, away)
            raise
        self._away_since.pop(group, None)
        waits = await _side_by_side(
            [
                partial(self._tell, group, facts, wish, planned.obstacles.get(wish.key), previews)
                for wish in facts.wishes
            ]
        )
        return min([self._pace.resync * random.uniform(0.8, 1.2), *waits])  # noqa: S311

    def forget_all_but(self, known: Set[tuple[str, Key]]) -> None:
        """Remember nothing of objects that are gone."""
        self._memories.forget_all_but(known)

    # --- observe, plan, execute -----------------------------------------------------------------

    async def _settle(self, group: Group, wishes: tuple[Wish, ...]) -> tuple[Facts, Plan]:
        """Take every sure step; what is known and planned when none is left.

        Objects that appear meanwhile wait for the next look: they may be the first of several.
        """
        by_key = {wish.key: wish for wish in wishes}
        runtime = await self._observe(group)
        facts, planned = self._planned(group, wishes, runtime)
        stepped = False
        for _ in range(ROUNDS):
            if not planned.steps:
                break
            for step in planned.steps:
                runtime = await self._take(group, by_key[step.key], step, runtime)
            stepped = True
            facts, planned = self._planned(group, wishes, runtime)
        if stepped:
            facts = replace(facts, runtime=await self._observe(group))
        return facts, planned

    async def _observe(self, group: Group) -> Runtime:
        if not group.workflow:
            return Runtime(registry="")
        return await self._runtimes.workflow(group.namespace, group.workflow)

    def _planned(
        self, group: Group, wishes: tuple[Wish, ...], runtime: Runtime
    ) -> tuple[Facts, Plan]:
        now = self._wall()
        facts = Facts(
            namespace=group.namespace,
            workflow=group.workflow,
            wishes=wishes,
            runtime=runtime,
            elsewhere=self._objects.elsewhere(group, _named(wishes)),
            verified=self._memories.verified(group.namespace, wishes, runtime),
            overdue=frozenset(wish.key for wish in wishes if _is_overdue(wish, now)),
        )
        refused = self._memories.refused(group.namespace, wishes, runtime, self._monotonic())
        return facts, plan(facts, refused)

    async def _take(self, group: Group, wish: Wish, step: Step, runtime: Runtime) -> Runtime:
        outcome = await execute(self._runtimes, group, wish, step, runtime)
        memory = self._memories.of(group.namespace, wish)
        if isinstance(outcome, Obstacle):
            memory.refusal = Refusal(outcome, law_of(runtime), self._monotonic())
            return runtime
        memory.verified, memory.refusal = True, None
        return outcome

    async def _previews(
        self, group: Group, facts: Facts, planned: Plan
    ) -> dict[str, Preview | None]:
        found = {}
        for wish in facts.wishes:
            obstacle = planned.obstacles.get(wish.key)
            if obstacle is not None and obstacle.reason in WANT_A_PREVIEW:
                found[str(wish.key)] = await self._preview(group, wish, facts.runtime)
        return found

    async def _preview(self, group: Group, wish: Wish, runtime: Runtime) -> Preview | None:
        now = self._monotonic()
        seen = self._memories.preview(group.namespace, wish, runtime, now)
        if seen is None:
            made = await preview(self._runtimes, group, wish, runtime)
            seen = Seen(made, law_of(runtime), now)
            self._memories.of(group.namespace, wish).seen = seen
        return seen.preview

    # --- say so -----------------------------------------------------------------------------------

    async def _tell(
        self,
        group: Group,
        facts: Facts,
        wish: Wish,
        obstacle: Obstacle | None,
        previews: dict[str, Preview | None],
    ) -> float:
        """Write what is known of an object; answers when it wants another look."""
        look = Look(wish, facts.runtime, self._stamp(), obstacle, previews.get(str(wish.key)))
        status = status_of(look)
        # Who has waited for the definition finds its migrations told already.
        wait = await self._show_migrations(group, look) if wish.is_definition else _NEVER
        wait = min(wait, await self._write(group, wish, status, tell=True))
        return min(wait, self._until_due(wish, status, facts.runtime, obstacle))

    async def _show_migrations(self, group: Group, look: Look) -> float:
        """Write the projections of a definition, and their statuses."""
        await self._writer.project(group, look.wish)
        wait = _NEVER
        for name in projections.projections(look.wish):
            body = self._objects.projection(group.namespace, name)
            if body is not None and owner_of(body) == look.wish.name:
                shown = projections.as_wish(look.wish, name, body)
                status = status_of(replace(look, wish=shown))
                wait = min(wait, await self._write(group, shown, status, tell=False))
        return wait

    async def _write(self, group: Group, wish: Wish, status: Status, *, tell: bool) -> float:
        """Numbers alone are written once a minute; the rest at once."""
        memory = self._memories.of(group.namespace, wish)
        numbers = differs_in_numbers_only(wish.status, status)
        if numbers and self._monotonic() - memory.counted_at < NUMBERS_SECONDS:
            return NUMBERS_SECONDS
        if await self._writer.status(group.namespace, wish, status):
            if numbers:
                memory.counted_at = self._monotonic()
            elif tell:
                await self._writer.events(group.namespace, wish, status)
        return NUMBERS_SECONDS

    def _until_due(
        self, wish: Wish, status: Status, runtime: Runtime, obstacle: Obstacle | None
    ) -> float:
        if obstacle is None or not is_pending(wish, runtime):
            return self._pace.resync
        if obstacle.reason in reasons.GATED:
            return self._pace.gate
        deadline = due(replace(wish, status=status))
        if deadline is None or obstacle.reason == reasons.DEADLINE_EXCEEDED:
            return self._pace.resync
        return max(0.1, (deadline - self._wall()) / timedelta(seconds=1))

    async def _tell_away(self, group: Group, away: RuntimeAway) -> None:
        """Objects that are ready say so only when the runtime has been away for a while."""
        now = self._monotonic()
        since = self._away_since.setdefault(group, now)
        obstacle = Obstacle(away.reason, str(away))
        for wish in self._objects.wishes(group):
            if _is_ready(wish) and now - since < GRACE:
                continue
            await self._write(group, wish, while_away(wish, obstacle, self._stamp()), tell=True)

    def _stamp(self) -> str:
        return self._wall().strftime("%Y-%m-%dT%H:%M:%SZ")


async def _side_by_side(calls: Sequence[Callable[[], Awaitable[float]]]) -> list[float]:
    """Some at a time; a fault is told when those that began with it have ended."""
    ended: list[float] = []
    for start in range(0, len(calls), TOLD_AT_ONCE):
        some = (call() for call in calls[start : start + TOLD_AT_ONCE])
        for outcome in await asyncio.gather(*some, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome
            ended.append(outcome)
    return ended


def _named(wishes: Iterable[Wish]) -> Iterator[str]:
    for wish in wishes:
        yield from wish.versions()


def _is_overdue(wish: Wish, now: datetime) -> bool:
    stalled = wish.condition("Stalled")
    if wish.observed and stalled is not None and stalled["reason"] == reasons.DEADLINE_EXCEEDED:
        return True
    deadline = due(wish)
    return deadline is not None and now >= deadline


def _is_ready(wish: Wish) -> bool:
    ready = wish.condition("Ready")
    return wish.observed and ready is not None and ready["status"] == "True"
