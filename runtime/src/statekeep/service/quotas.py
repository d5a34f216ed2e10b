"""How many actors and cohorts a tenant may have: counted now and then, near the limit each time.

Counting costs a round trip to every shard, so a replica counts, adds what it makes itself, and
counts again after two seconds, or when it has used up a sixteenth of the room that it saw. On one
replica a limit of actors is exact. Each further replica may exceed it by that sixteenth and by what
it has under way; a limit of cohorts may besides be exceeded by the events that are under way.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from statekeep.core.cohort import Cohort
from statekeep.service.errors import TooManyActors, TooManyCohorts
from statekeep.service.sharing import Shared
from statekeep.service.wiring import Wiring
from statekeep.storage.ports import Family

FRESH_SECONDS = 2.0
SHARE = 16
"""The part of the room that was seen which a replica may use up before it counts again."""


@dataclass(slots=True)
class _Count:
    counted: int = 0
    at: float = float("-inf")
    made: int = 0
    """By this replica, since the count began."""
    under_way: int = 0

    @property
    def total(self) -> int:
        return self.counted + self.made + self.under_way


class Quota:
    """One limit, for each tenant; 0 is no limit."""

    def __init__(
        self,
        limit: int,
        count: Callable[[str], Awaitable[int]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limit = limit
        self._count = count
        self._clock = clock
        self._counts: dict[str, _Count] = {}
        self._shared = Shared()

    async def take(self, tenant: str) -> bool:
        """Whether there is room for one more; if so, `settle` says what became of it."""
        if not self.limit:
            return True
        found = self._counts.setdefault(tenant, _Count())
        old = self._clock() - found.at > FRESH_SECONDS
        room = (self.limit - found.counted) // SHARE
        if old or found.made + found.under_way >= room:
            await self._shared.once(tenant, lambda: self._recount(tenant, found))
        if found.total >= self.limit:
            return False
        found.under_way += 1
        return True

    def settle(self, tenant: str, *, made: bool) -> None:
        """One that was under way has been made, or has not."""
        found = self._counts.get(tenant)
        if self.limit and found is not None:
            found.under_way -= 1
            found.made += made

    def found(self, tenant: str) -> int:
        """How many there were when they were counted last."""
        count = self._counts.get(tenant)
        return count.counted if count is not None else 0

    async def _recount(self, tenant: str, found: _Count) -> None:
        """What is made while we count may be counted twice, until the next count: never missed."""
        before, at = found.made, self._clock()
        found.counted = await self._count(tenant)
        found.made -= before
        found.at = at


class Quotas:
    """The limits that need counting."""

    def __init__(self, wiring: Wiring) -> None:
        self._store = wiring.store
        self._actors = Quota(wiring.limits.actors, self._count_actors)
        self._cohorts = Quota(wiring.limits.cohorts, self._count_cohorts)

    async def reserve(self, tenant: str, actor: str) -> bool:
        """Room for an actor that is to be spawned, False if it was spawned before by its key."""
        if await self._actors.take(tenant):
            return True
        if await self._store.find(tenant, actor) is None:
            raise TooManyActors(self._actors.found(tenant), self._actors.limit)
        return False

    def spawned(self, tenant: str, *, made: bool) -> None:
        """What became of a reservation."""
        self._actors.settle(tenant, made=made)

    async def admit(self, family: Family, shard: int, cohort: Cohort) -> None:
        """Refuse a cohort that would be one too many. One that is there already never is."""
        if await self._cohorts.take(family.tenant):
            self._cohorts.settle(family.tenant, made=True)
        elif not await self._store.holds(family, shard, cohort):
            raise TooManyCohorts(self._cohorts.found(family.tenant), self._cohorts.limit)

    async def _count_actors(self, tenant: str) -> int:
        return (await self._store.census(tenant)).actors

    async def _count_cohorts(self, tenant: str) -> int:
        return (await self._store.census(tenant)).cohorts
