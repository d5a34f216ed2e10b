"""What a tenant uses of a server, and which of its actors are done: for limits and for letting go.

The agenda of done actors is a sorted set a shard and tenant (`d`), by the second in which they were
found to be done. It is a note and no truth: whoever acts on it looks at the actor again.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from statekeep.core.cohort import Cohort
from statekeep.storage import keys
from statekeep.storage.ports import Census, Family
from statekeep.storage.redis_calls import Argument, Call, Calls, script
from statekeep.storage.redis_cohorts import Cohorts


class RedisTenants:
    """The part of the store that counts a tenant."""

    _calls: Calls
    _cohorts: Cohorts
    _shards: int

    def shard_of(self, tenant: str, actor: str) -> int:
        return keys.shard_of(tenant, actor, self._shards)

    async def census(self, tenant: str) -> Census:
        found = await self._calls.command("SMEMBERS", keys.workflows(tenant))
        workflows: tuple[Argument, ...] = tuple(sorted(found))
        prefixes = (keys.shard_prefix(shard, tenant) for shard in range(self._shards))
        calls = [Call(script("census"), (f"{prefix}e",), workflows) for prefix in prefixes]
        counted = await self._calls.run_many(calls)
        return Census(*(sum(part) for part in zip(*counted, strict=True)))

    async def holds(self, family: Family, shard: int, cohort: Cohort) -> bool:
        image = await self._cohorts.image(family, cohort)
        index = f"{keys.shard_prefix(shard, family.tenant)}i:{family.workflow}"
        found: int = await self._calls.command("HEXISTS", index, image.digest)
        return found == 1

    async def retire(self, tenant: str, actors: Sequence[str], at: float) -> None:
        def home(actor: str) -> int:
            return self.shard_of(tenant, actor)

        for shard, some in groupby(sorted(actors, key=home), home):
            scored = [part for actor in some for part in (int(at), actor)]
            await self._calls.command("ZADD", _agenda(tenant, shard), "NX", *scored)

    async def retired(self, tenant: str, shard: int, until: float, limit: int) -> tuple[str, ...]:
        found = await self._calls.command(
            "ZRANGEBYSCORE", _agenda(tenant, shard), "-inf", int(until), "LIMIT", 0, limit
        )
        return tuple(actor.decode() for actor in found)


def _agenda(tenant: str, shard: int) -> str:
    return f"{keys.shard_prefix(shard, tenant)}d"
