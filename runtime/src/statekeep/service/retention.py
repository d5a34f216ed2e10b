"""Letting finished actors go: `retain_done` seconds after they are done, or never.

An actor that an answer says is done is noted in the agenda of its shard a little later; what that
misses (a crash, a migration that lands in a final state) is found by looking at the cohorts that
are done, when a replica starts, after registrations, and every hour. Its time begins to run then.

It must never let an actor go that is not done: each is looked at again, and deleted only if it is
still what was seen.
"""

from __future__ import annotations

from asyncio import gather

from statekeep.service.wiring import Wiring
from statekeep.storage.ports import Family

AT_ONCE = 200
"""How many a shard lets go at a time."""
LOOK_SECONDS = 3_600.0
MEMBERS = 1_000
RECORDS = 100
"""Whose members are asked for at once."""


class Retention:
    """The agenda of done actors, and what is due."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self._store = wiring.store
        self._noted: dict[str, list[str]] = {}
        self._to_look_at: dict[Family, None] = {}
        self._looked_at = float("-inf")

    @property
    def seconds(self) -> float | None:
        """How long a finished actor is kept; None is for ever."""
        return self._wiring.retain_done

    def note(self, tenant: str, actor: str) -> None:
        """An answer has said that the actor is done."""
        if self.seconds is not None:
            self._noted.setdefault(tenant, []).append(actor)

    def look(self, family: Family) -> None:
        """Actors of the workflow may have become done without an answer."""
        if self.seconds is not None:
            self._to_look_at[family] = None

    async def round(self) -> int:
        """Write down who is done, and let go who is due; how many went."""
        if self.seconds is None:
            return 0
        await self._write_down()
        await self._look_around()
        until = self._wiring.now() - self.seconds
        gone = 0
        for tenant in await self._store.tenants():
            shards = range(self._store.shards)
            gone += sum(await gather(*(self._let_go(tenant, s, until) for s in shards)))
        return gone

    async def _write_down(self) -> None:
        for tenant in list(self._noted):
            actors = self._noted.pop(tenant)
            await self._store.retire(tenant, actors, self._wiring.now())

    async def _look_around(self) -> None:
        """At the workflows named by `look`, and now and then at all."""
        if self._wiring.now() - self._looked_at >= LOOK_SECONDS:
            self._looked_at = self._wiring.now()
            for tenant in await self._store.tenants():
                for workflow in await self._store.workflows(tenant):
                    self.look(Family(tenant, workflow))
        for family in list(self._to_look_at):
            del self._to_look_at[family]
            for shard in range(self._store.shards):
                await self._look_at(family, shard)

    async def _look_at(self, family: Family, shard: int) -> None:
        rows = await self._store.rows(family, shard)
        left = [(row.id, "") for row in rows if row.form.status == "done"]
        while left:
            found = await self._store.members(family, shard, left[:RECORDS], MEMBERS)
            for page in found:
                if page.actors:
                    await self._store.retire(family.tenant, page.actors, self._wiring.now())
            begun = zip(left, found, strict=False)
            further = [(cohort, page.following) for (cohort, _), page in begun if page.following]
            left = further + left[len(found) :]

    async def _let_go(self, tenant: str, shard: int, until: float) -> int:
        gone = 0
        while due := await self._store.retired(tenant, shard, until, AT_ONCE):
            went = await gather(*(self._let_one_go(tenant, actor) for actor in due))
            gone += sum(went)
            if len(due) < AT_ONCE:
                break
        return gone

    async def _let_one_go(self, tenant: str, actor: str) -> bool:
        record = await self._store.find(tenant, actor)
        done = record is not None and record.cohort.status == "done"
        seen = (record.cohort_id, record.revision) if record is not None and done else NOBODY
        return await self._store.delete(tenant, actor, seen)


NOBODY = ("0", -1)
"""What no actor ever is: takes a note away that was in error, and nobody."""
