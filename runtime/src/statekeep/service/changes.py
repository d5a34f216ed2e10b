"""How a change of a workflow becomes true: once, on all shards, and whoever dies on the way.

    planned    nothing is held; a refusal here costs nobody anything
    fenced     every shard holds the workflow's events: nothing moves, so the verdicts that are
               counted now are those that will be applied
    committed  the registry holds the entry: from here the change only goes forward
    applied    shard by shard: cohort records rewritten in place, then the fence lifted under the
               new law
    done       the journal is closed

The journal (`Pending`) is the only truth about a change that is under way. A fence is a hint that
one may be: whoever meets it reads the journal and *settles*: finishes the shards of a committed
change, takes an expired one away, lifts a fence that belongs to nothing, or waits a little.

It must never relabel before the commit, nor lift a fence before its shard is rewritten.
"""

from __future__ import annotations

from asyncio import gather
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from statekeep.core.registry import Registry
from statekeep.service.errors import Busy
from statekeep.service.judgement import Judge, judge_of_entry
from statekeep.service.planning import Planner
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

RELABELS_A_SCRIPT = 200
SHARDS_AT_ONCE = 4
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
    judge: Judge
    names: tuple[str, ...] = ()
    """The version and the change-points that it brings."""
    planner: Planner | None = None

    def binds(self, view: View) -> bool:
        """Whether it changes the law, so that the shards must hear of it."""
        return self.entry.law != view.law


class Intent(Protocol):
    """What wants to change a workflow."""

    def propose(self, view: View) -> Proposal | None:
        """The change from here, None if there is nothing to do; raises what refuses it."""
        ...

    def weigh(self, proposal: Proposal, rows: tuple[CohortRow, ...]) -> Mapping[str, object]:
        """The result that the entry will carry; raises what the gate refuses."""
        ...


Afterwards = Callable[[Family], Awaitable[None]]


class Changes:
    """Runs changes, and settles those of others."""

    def __init__(self, wiring: Wiring, registries: Registries) -> None:
        self._wiring = wiring
        self._store = wiring.store
        self._registries = registries
        self._shared = Shared()
        self.afterwards: Afterwards | None = None
        """Called when a change has been applied: queues may drain now."""

    async def run(self, family: Family, intent: Intent) -> Entry | None:
        """Make a change true; its entry, or None if there was nothing to do."""
        for attempt in range(PATIENCE):
            view = await self._registries.fresh(family)
            if view.pending is not None:
                await self.wait_for(view, view.pending, attempt)
                continue
            proposal = intent.propose(view)
            if proposal is None:
                return None
            entry = await self._attempt(view, proposal, intent)
            if entry is not None:
                return entry
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
        await self._apply(family, change, entries[-1], Judge(lambda _: None))

    async def settle(self, family: Family, shard: int, change: int) -> None:
        """For whoever met the fence of `change` on `shard`: wait for its end, then help or lift.

        Everybody here who meets it waits for one watch, and a shard is worked on once.
        """
        view = await self._shared.once((family, change), lambda: self._watch(family, change))
        if view is None:
            await self._store.release(family, shard, change, None)
            return
        entry = _latest(view)
        await self._apply_once(family, shard, change, entry, judge_of_entry(entry, view))

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
        pages = await gather(*(self._store.rows(family, shard) for shard in shards))
        return tuple(row for page in pages for row in page)

    async def _attempt(self, view: View, proposal: Proposal, intent: Intent) -> Entry | None:
        """One try; None if the registry has moved on meanwhile."""
        family = view.family
        weighed = intent.weigh(proposal, await self.rows(family))
        if not proposal.binds(view):
            known = replace(proposal.entry, result=weighed)
            if not await self._store.append(family, view.seen, known, proposal.names):
                return None
            self._registries.adopt(entered(view, known, proposal.registry))
            return known
        expires = self._wiring.now() + self._wiring.fence_seconds
        change = await self._store.begin(family, view.seen, proposal.entry.name, expires)
        if change is None:
            return None
        held = await self._behind_fence(family, change, proposal, intent)
        if held is None:
            return None
        entry, rows = held
        self._registries.adopt(entered(view, entry, proposal.registry))
        await self._apply(family, change, entry, proposal.judge, rows)
        return entry

    async def _behind_fence(
        self, family: Family, change: int, proposal: Proposal, intent: Intent
    ) -> tuple[Entry, tuple[CohortRow, ...]] | None:
        """From the fence to the commit, and what was held; None, and no fence left, if somebody
        took the journal."""
        held = None
        try:
            fences = (self._store.fence(family, shard, change) for shard in self._order())
            if all(await gather(*fences)):
                rows = await self.rows(family)
                entry = replace(proposal.entry, result=intent.weigh(proposal, rows))
                now = self._wiring.now()
                if await self._store.commit(family, change, entry, proposal.names, now):
                    held = entry, rows
        finally:
            if held is None:
                await self._withdraw(family, change)
        return held

    async def _withdraw(self, family: Family, change: int) -> None:
        """Lift the fences of a change that will not be, unless it was committed after all."""
        if not await self._store.abort(family, change, None):
            loaded = await self._store.load(family, 0)
            if loaded.pending is not None and loaded.pending.change == change:
                return
        for shard in self._order():
            await self._store.release(family, shard, change, None)

    async def wait_for(self, view: View, pending: Pending, attempt: int) -> None:
        """Bring a change that is under way nearer to its end, or wait for whoever does."""
        if not await self._advance(view, pending):
            await self._wiring.sleep(min(FIRST_WAIT * 1.5**attempt, LONGEST_WAIT))

    async def _advance(self, view: View, pending: Pending) -> bool:
        """Finish a committed change, take an expired one away; False if it is neither."""
        family = view.family
        if pending.committed:
            entry = _latest(view)
            await self._apply(family, pending.change, entry, judge_of_entry(entry, view))
            return True
        if await self._store.abort(family, pending.change, self._wiring.now()):
            await self._withdraw(family, pending.change)
            return True
        return False

    async def _apply(
        self,
        family: Family,
        change: int,
        entry: Entry,
        judge: Judge,
        rows: tuple[CohortRow, ...] | None = None,
    ) -> None:
        """All shards, and the end of the journal. `rows` is what was read behind the fence."""
        order = self._order()
        for start in range(0, len(order), SHARDS_AT_ONCE):
            some = order[start : start + SHARDS_AT_ONCE]
            await gather(
                *(self._apply_once(family, shard, change, entry, judge, rows) for shard in some)
            )
            await self._store.progress(family, change, start + len(some))
        await self._store.finish(family, change)
        if self.afterwards is not None:
            await self.afterwards(family)

    async def _apply_once(
        self,
        family: Family,
        shard: int,
        change: int,
        entry: Entry,
        judge: Judge,
        rows: tuple[CohortRow, ...] | None = None,
    ) -> None:
        async def apply() -> None:
            own = rows if rows is not None else await self._store.rows(family, shard)
            mine = tuple(row for row in own if row.shard == shard)
            await self._apply_shard(family, shard, change, entry, judge, mine)

        await self._shared.once((family, change, shard), apply)

    async def _apply_shard(
        self,
        family: Family,
        shard: int,
        change: int,
        entry: Entry,
        judge: Judge,
        rows: tuple[CohortRow, ...],
    ) -> None:
        moves = judge.moves(entry, rows)
        for start in range(0, len(moves), RELABELS_A_SCRIPT):
            batch = moves[start : start + RELABELS_A_SCRIPT]
            await self._store.relabel(family, shard, change, entry.law, batch)
        await self._store.release(family, shard, change, entry.law)

    def _order(self) -> tuple[int, ...]:
        return self._wiring.shard_order(self._store.shards)


def _latest(view: View) -> Entry:
    """The entry that brought the law; what changed none came before or after."""
    return max(view.entries.values(), key=lambda entry: (entry.law, entry.kind != "owner"))
