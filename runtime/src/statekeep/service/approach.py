"""The way of one change to its commit: everything that can be done before the fence is.

Records are read once, while every shard notes what is touched; then what was touched, again and
again, until it is little; only then the shards are held, and the last of it is read. So the pause
of an event depends on the traffic of some milliseconds, and not on how many records there are.
"""

from __future__ import annotations

import asyncio
import time
from asyncio import gather, sleep
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Protocol, TypeVar

from statekeep.service.classes import Classes
from statekeep.service.wiring import Wiring
from statekeep.storage.ports import CohortRow, Entry, Family, ShardStore

SHARDS_AT_ONCE = 2
"""Shards that are read or staged at once: one works while we do, and no event waits for more."""
AT_ONCE = 500
"""Records, or classes, that are worked on before others have their turn."""
ROUNDS = 6
Value = TypeVar("Value")
FEW = 64
"""So many touched records are read behind the fence without another round before it."""


class Proposed(Protocol):
    """The change that is on its way."""

    @property
    def entry(self) -> Entry: ...

    @property
    def classes(self) -> Classes | None: ...

    @property
    def names(self) -> tuple[str, ...]: ...


class Approach:
    """One try of one change."""

    def __init__(
        self,
        wiring: Wiring,
        family: Family,
        change: int,
        proposal: Proposed,
        weigh: Callable[[], Mapping[str, object]],
    ) -> None:
        self._wiring = wiring
        self._store = wiring.store
        self._family = family
        self._change = change
        self._proposal = proposal
        self._weigh = weigh
        self._questions = count(1)
        self._read_again = 0
        """How many touched records were read."""
        self._shards = wiring.shard_order(wiring.store.shards)
        self.held_at = 0.0
        """When the first shard was held, by the clock that counts seconds."""

    async def committed(self) -> Entry | None:
        """From the first look to the commit; None if somebody took the journal, or if the plan has
        drifted under it."""
        planned: Entry | None = self._proposal.entry
        if self._proposal.classes is not None:
            alive = asyncio.create_task(self._stay_alive())
            try:
                planned = await self._planned(self._proposal.classes)
            finally:
                alive.cancel()
        if planned is None or not await self._extend():
            return None
        self.held_at = time.perf_counter()
        if not all(await gather(*(self._fence(shard) for shard in self._shards))):
            return None
        entry = await self._weighed_again(planned)
        if entry is None:
            return None
        now, names = self._wiring.now(), self._proposal.names
        done = await self._store.commit(self._family, self._change, entry, names, now)
        return entry if done else None

    async def _planned(self, classes: Classes) -> Entry | None:
        """The entry as it would be now, and all of it staged. Nobody waits meanwhile."""
        if not all(await gather(*(self._watch(shard) for shard in self._shards))):
            return None
        await in_turn(lambda shard: self._read(classes, shard), self._shards)
        await self._catch_up(classes)
        entry = replace(self._proposal.entry, result=self._weigh())
        for _ in range(2):
            if not await self._stage_all(classes, entry):
                return None
            if not await self._catch_up(classes):
                break
        return entry

    async def _weighed_again(self, planned: Entry) -> Entry | None:
        """Behind the fence: the entry with the last numbers. If it names another plan, what is
        staged is not what it would say."""
        classes = self._proposal.classes
        if classes is None:
            return planned
        await gather(*(self._read_last(classes, shard) for shard in self._shards))
        await judged(classes)
        entry = replace(planned, result=self._weigh())
        if entry.result.get("planHash") != planned.result.get("planHash"):
            return None
        return entry if await self._stage_all(classes, entry) else None

    async def _watch(self, shard: int) -> bool:
        return await self._store.watch(self._family, shard, self._change)

    async def _fence(self, shard: int) -> bool:
        return await self._store.fence(self._family, shard, self._change)

    async def _read(self, classes: Classes, shard: int) -> None:
        rows = await self._store.rows(self._family, shard)
        await take(self._store, self._family, classes, rows)
        await judged(classes)

    async def _catch_up(self, classes: Classes) -> int:
        """Read what was touched, as often as it is worth it; how many records."""
        before = self._read_again
        for _ in range(ROUNDS):
            last = self._read_again
            await gather(*(self._read_touched(classes, shard) for shard in self._shards))
            if self._read_again - last <= FEW:
                break
        await judged(classes)
        return self._read_again - before

    async def _read_touched(self, classes: Classes, shard: int) -> int:
        """Read what was touched on a shard until now; how many actors are there then."""
        while True:
            question = next(self._questions)
            told = await self._store.touched(self._family, shard, self._change, question)
            await take(self._store, self._family, classes, told.rows)
            self._read_again += len(told.rows)
            if not told.left:
                return told.actors

    async def _read_last(self, classes: Classes, shard: int) -> None:
        """Read the last of what was touched; all, if a count does not fit: a cursor does not
        outlive the server, which may have been started anew under our first look."""
        if await self._read_touched(classes, shard) != classes.count(shard):
            rows = await self._store.rows(self._family, shard)
            await take(self._store, self._family, classes, classes.all_of(shard, rows))

    async def _stage_all(self, classes: Classes, entry: Entry) -> bool:
        return all(await in_turn(lambda shard: self._stage(classes, shard, entry), self._shards))

    async def _stage(self, classes: Classes, shard: int, entry: Entry) -> bool:
        recasts = classes.recasts(shard, entry)
        if not recasts:
            return True
        return await self._store.stage(self._family, shard, self._change, recasts)

    async def _stay_alive(self) -> None:
        """A large plan takes longer than a fence may; while we are here, nobody takes it away."""
        while True:
            await asyncio.sleep(self._wiring.fence_seconds / 4)
            await self._extend()

    async def _extend(self) -> bool:
        expires = self._wiring.now() + self._wiring.fence_seconds
        return await self._store.extend(self._family, self._change, expires)


async def in_turn(do: Callable[[int], Awaitable[Value]], shards: Iterable[int]) -> list[Value]:
    """Work on all shards, on few at once."""
    free = asyncio.Semaphore(SHARDS_AT_ONCE)

    async def one(shard: int) -> Value:
        async with free:
            return await do(shard)

    return list(await gather(*(one(shard) for shard in shards)))


async def take(
    store: ShardStore, family: Family, classes: Classes, rows: Sequence[CohortRow]
) -> None:
    """Put records into their classes, some at a time: others have their turn in between."""
    for start in range(0, len(rows), AT_ONCE):
        lacking = classes.put(rows[start : start + AT_ONCE])
        if lacking:
            examples = list({row.content: row for row in lacking}.values())
            wholes = await store.wholes(family, examples)
            for row, whole in zip(examples, wholes, strict=True):
                if whole is not None:
                    classes.meet(row, whole)
            classes.put(lacking)  # but for those that are gone since
        await sleep(0)


async def judged(classes: Classes) -> None:
    """Judge what is new, some at a time."""
    for _ in iter(lambda: classes.judge(AT_ONCE), False):
        await sleep(0)
