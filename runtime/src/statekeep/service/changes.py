"""How a change of a workflow becomes true: once, on all shards, and whoever dies on the way.

    planned    the journal is open, and every shard notes what is touched; nobody waits. What the
               change would make of each record is staged on its shard
    fenced     every shard holds the workflow's events: what was touched since is read again, so
               the numbers that the gate is asked with are those that will be applied
    committed  the registry holds the entry: from here the change only goes forward
    released   shard by shard: the fence lifted under the new law. At this moment every record says
               what was staged for it
    applied    that written down, record by record, while traffic goes on
    done       the journal is closed

The journal (`Pending`) is the only truth about a change that is under way. A fence is a hint that
one may be: whoever meets it reads the journal and *settles*: releases the shard of a committed
change, takes an expired one away, lifts a fence that belongs to nothing, or waits a little.

It must never release under a law before the commit, nor commit before all is staged.
"""

from __future__ import annotations

import time
from asyncio import gather
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Protocol

from statekeep.core.registry import Registry
from statekeep.service.approach import Approach, in_turn, take
from statekeep.service.classes import Classes
from statekeep.service.errors import Busy
from statekeep.service.registries import Registries, View, entered
from statekeep.service.sharing import Shared
from statekeep.service.wiring import Wiring
from statekeep.storage.ports import (
    CohortRow,
    Entry,
    Family,
    Pending,
    Seen,
)

PATIENCE = 4_000
"""How often somebody asks again before giving up with `Busy`."""
FIRST_WAIT, LONGEST_WAIT = 0.001, 0.01
"""Seconds between two looks at a change that somebody else is working on."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change, computed from one view of the registry."""

    entry: Entry
    """As it will be registered, but for the result."""
    registry: Registry
    """With the change in force."""
    classes: Classes | None = None
    """Whom it concerns; None if nobody."""
    names: tuple[str, ...] = ()
    """The version and the change-points that it brings."""

    def binds(self, view: View) -> bool:
        """Whether it changes the law, so that the shards must hear of it."""
        return self.entry.law != view.law


class Intent(Protocol):
    """What wants to change a workflow."""

    def propose(self, view: View) -> Proposal | None:
        """The change from here, None if there is nothing to do; raises what refuses it."""
        ...

    def weigh(self, proposal: Proposal) -> Mapping[str, object]:
        """The result that the entry will carry; raises what the gate refuses."""
        ...


@dataclass(frozen=True, slots=True)
class Made:
    """A change that has become true."""

    entry: Entry
    held: float = 0.0
    """For how many seconds events were held; 0 where the law stayed as it was."""


Afterwards = Callable[[Family], Awaitable[None]]
Watch = Callable[[str, float], None]


class Changes:
    """Runs changes, and settles those of others."""

    def __init__(self, wiring: Wiring, registries: Registries) -> None:
        self._wiring = wiring
        self._store = wiring.store
        self._registries = registries
        self._shared = Shared()
        self.afterwards: Afterwards | None = None
        """Called when a change has been applied: queues may drain now."""
        self.watch: Watch | None = None
        """Told how many seconds each phase of a change took: planned, fenced, applied."""

    async def run(self, family: Family, intent: Intent) -> Made | None:
        """Make a change true; None if there was nothing to do."""
        for attempt in range(PATIENCE):
            view = await self._registries.fresh(family)
            if view.pending is not None:
                await self.wait_for(view, view.pending, attempt)
                continue
            proposal = intent.propose(view)
            if proposal is None:
                return None
            made = await self._attempt(view, proposal, intent)
            if made is not None:
                return made
        raise Busy(family.workflow)

    async def restore(
        self, family: Family, entries: Sequence[Entry], clock: int, names: Sequence[str]
    ) -> None:
        """Enter a whole registry where there was none, with every shard held until it is whole."""
        expires = self._wiring.now() + self._wiring.fence_seconds
        change = await self._store.begin(family, Seen(0, 0), "import", expires)
        if change is None or not entries:
            raise Busy(family.workflow)
        fences = (self._store.fence(family, shard, change) for shard in self._order())
        if not all(await gather(*fences)) or not await self._store.restore(
            family, change, entries, clock, names
        ):
            await self._withdraw(family, change)
            raise Busy(family.workflow)
        await self._apply(family, change, entries[-1])

    async def settle(self, family: Family, shard: int, change: int) -> None:
        """For whoever met the fence of `change` on `shard`: wait for its end, then help or lift.

        Everybody here who meets it waits for one watch, and a shard is worked on once.
        """
        view = await self._shared.once((family, change), lambda: self._watch(family, change))
        if view is None:
            await self._store.release(family, shard, change, None)
            return
        entry = _latest(view)
        await self._release_once(family, shard, change, entry)

    async def resume(self, family: Family) -> bool:
        """Finish what a process that is gone has begun; whether there was anything to do."""
        view = await self._registries.fresh(family)
        pending = view.pending
        overdue = pending is not None and (
            pending.committed or self._wiring.now() >= pending.expires
        )
        if pending is not None and overdue:
            await self._advance(view, pending)
        return overdue

    async def _watch(self, family: Family, change: int) -> View | None:
        """The view in which the change is committed, None if it came to nothing or has ended."""
        for attempt in range(PATIENCE):
            view = await self._registries.fresh(family)
            if view.pending is None or view.pending.change != change:
                return None
            if view.pending.committed:
                return view
            await self.wait_for(view, view.pending, attempt)
        raise Busy(family.workflow)

    async def rows(self, family: Family) -> tuple[CohortRow, ...]:
        """All cohort records of a workflow that have members, shard by shard."""
        shards = range(self._store.shards)
        pages = await in_turn(lambda shard: self._store.rows(family, shard), shards)
        return tuple(row for page in pages for row in page)

    async def survey(self, family: Family, classes: Classes) -> None:
        """Put all records of a workflow into classes."""

        async def one(shard: int) -> None:
            await take(self._store, family, classes, await self._store.rows(family, shard))

        await in_turn(one, range(self._store.shards))

    async def _attempt(self, view: View, proposal: Proposal, intent: Intent) -> Made | None:
        """One try; None if the registry has moved on meanwhile."""
        family = view.family
        if not proposal.binds(view):
            known = replace(proposal.entry, result=intent.weigh(proposal))
            if not await self._store.append(family, view.seen, known, proposal.names):
                return None
            self._registries.adopt(entered(view, known, proposal.registry))
            return Made(known)
        expires = self._wiring.now() + self._wiring.fence_seconds
        change = await self._store.begin(family, view.seen, proposal.entry.name, expires)
        if change is None:
            return None
        began = time.perf_counter()
        approach = Approach(self._wiring, family, change, proposal, lambda: intent.weigh(proposal))
        entry = None
        try:
            entry = await approach.committed()
        finally:
            if entry is None:
                await self._withdraw(family, change)
        if entry is None:
            return None
        self._registries.adopt(entered(view, entry, proposal.registry))
        self._tell("planned", approach.held_at - began)
        held = round(await self._apply(family, change, entry) - approach.held_at, 6)
        self._tell("fenced", held)
        return Made(entry, held)

    def _tell(self, phase: str, seconds: float) -> None:
        if self.watch is not None:
            self.watch(phase, seconds)

    async def _withdraw(self, family: Family, change: int) -> None:
        """Lift the fences of a change that will not be, unless it was committed after all."""
        if not await self._store.abort(family, change, None):
            loaded = await self._store.load(family, 0)
            if loaded.pending is not None and loaded.pending.change == change:
                return
        await gather(*(self._store.release(family, shard, change, None) for shard in self._order()))

    async def wait_for(self, view: View, pending: Pending, attempt: int) -> None:
        """Bring a change that is under way nearer to its end, or wait for whoever does."""
        if not await self._advance(view, pending):
            await self._wiring.sleep(min(FIRST_WAIT * 1.5 ** min(attempt, 10), LONGEST_WAIT))

    async def _advance(self, view: View, pending: Pending) -> bool:
        """Finish a committed change, take an expired one away; False if it is neither."""
        family = view.family
        if pending.committed:
            await self._apply(family, pending.change, _latest(view))
            return True
        if await self._store.abort(family, pending.change, self._wiring.now()):
            await self._withdraw(family, pending.change)
            return True
        return False

    async def _apply(self, family: Family, change: int, entry: Entry) -> float:
        """All shards, and the end of the journal; answers when the last event was let go."""
        order = self._order()
        await gather(*(self._release_once(family, shard, change, entry) for shard in order))
        released = time.perf_counter()
        applied = count(1)

        async def complete(shard: int) -> None:
            await self._store.complete(family, shard, change)
            await self._store.progress(family, change, next(applied))

        await in_turn(complete, order)
        await self._store.finish(family, change)
        self._tell("applied", time.perf_counter() - released)
        if self.afterwards is not None:
            await self.afterwards(family)
        return released

    async def _release_once(self, family: Family, shard: int, change: int, entry: Entry) -> None:
        async def release() -> None:
            await self._store.release(family, shard, change, entry.law)

        await self._shared.once((family, change, shard), release)

    def _order(self) -> tuple[int, ...]:
        return self._wiring.shard_order(self._store.shards)


def _latest(view: View) -> Entry:
    """The entry that brought the law; what changed none came before or after."""
    return max(view.entries.values(), key=lambda entry: (entry.law, entry.kind != "owner"))
