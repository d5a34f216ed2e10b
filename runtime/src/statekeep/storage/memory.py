"""The store in memory: the same cohort semantics as on a server, for tests and `statekeep test`.

Nothing here awaits, so every operation is atomic by itself. Each shard keeps its own cohorts, as
on a server: equal cohorts on two shards are two records, rewritten one after the other.

It must never look into a cohort further than its stranding: what leads where is the core's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from statekeep.core.cohort import Cohort
from statekeep.core.history import EMPTY
from statekeep.storage.keys import shard_of
from statekeep.storage.memory_registry import MemoryRegistries
from statekeep.storage.ports import (
    ActorRecord,
    Advance,
    Block,
    Blocked,
    Census,
    CohortRow,
    ContextMoved,
    Done,
    Existing,
    Family,
    Held,
    Idempotency,
    JournalLine,
    JournalWanted,
    KeyReused,
    Machines,
    Members,
    NoActor,
    Outdated,
    PlaceOrder,
    PlaceOutcome,
    Queued,
    QueuedEvent,
    QueueFull,
    Recast,
    SendOrder,
    SendOutcome,
    SpawnOrder,
    SpawnOutcome,
    Stale,
    Touched,
    Unknown,
)

QUEUE_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class _Memo:
    law: int
    target: str
    answer: str
    log: _Log | None
    journal: bool


@dataclass(slots=True, eq=False)
class _Log:
    blocks: list[Block] = field(default_factory=list)


@dataclass(slots=True)
class _Record:
    """A cohort record: content that a change replaces, members who stay."""

    id: str
    family: Family
    cohort: Cohort
    label: int = 0
    members: dict[str, None] = field(default_factory=dict)
    memos: dict[str, _Memo] = field(default_factory=dict)
    log: _Log = field(default_factory=_Log)


@dataclass(slots=True)
class _Actor:
    record: _Record
    entered: int
    """The length of the cohort's log when the actor came: older decisions are not its own."""
    context: bytes
    revision: int = 0
    context_revision: int = 0
    trail: list[tuple[_Log, int, int, float | None]] = field(default_factory=list)
    queue: list[QueuedEvent] = field(default_factory=list)
    tickets: int = 0
    journal: list[JournalLine] = field(default_factory=list)
    answers: dict[str, tuple[str, Done | Queued]] = field(default_factory=dict)


@dataclass(slots=True)
class _Line:
    """What a shard holds for one workflow."""

    law: int = 0
    fence: int | None = None
    watch: int | None = None
    seen: int = 0
    """The latest change that was ever here."""
    touched: dict[str, None] = field(default_factory=dict)
    told: tuple[int, Touched] | None = None
    staged: dict[str, Recast] = field(default_factory=dict)
    records: dict[str, _Record] = field(default_factory=dict)
    index: dict[Cohort, str] = field(default_factory=dict)
    waiting: dict[str, None] = field(default_factory=dict)

    def touch(self, *records: _Record) -> None:
        """Note who is touched, where a change wants to know."""
        if self.watch is not None:
            self.touched.update(dict.fromkeys(record.id for record in records))


@dataclass(slots=True)
class _Shard:
    number: int
    actors: dict[tuple[str, str], _Actor] = field(default_factory=dict)
    gone: dict[tuple[str, str], _Actor] = field(default_factory=dict)
    """Kept for what their keys were told."""
    done: dict[tuple[str, str], float] = field(default_factory=dict)
    lines: dict[Family, _Line] = field(default_factory=dict)
    allotted: int = 0

    def line(self, family: Family) -> _Line:
        line = self.lines.get(family)
        if line is None:
            line = self.lines[family] = _Line()
        return line

    def record_of(self, family: Family, cohort: Cohort) -> _Record:
        """The record with this content, created if there is none."""
        line = self.line(family)
        known = line.index.get(cohort)
        if known is not None:
            return line.records[known]
        self.allotted += 1
        record = _Record(f"{self.allotted:x}", family, cohort)
        line.records[record.id] = record
        line.index[cohort] = record.id
        return record


class MemoryStore(MemoryRegistries):
    """`storage.ports.Store` in this process."""

    def __init__(self, shards: int = 1) -> None:
        super().__init__()
        self._shards = tuple(_Shard(number) for number in range(shards))

    def use(self, machines: Machines) -> None:
        """Nothing to find: cohorts are kept as they are."""

    def on_renewal(self, told: Callable[[], None]) -> None:
        """There is no connection."""

    def forget(self) -> None:
        """There is nothing to let go of."""

    @property
    def shards(self) -> int:
        return len(self._shards)

    def shard_of(self, tenant: str, actor: str) -> int:
        return shard_of(tenant, actor, len(self._shards))

    def _home(self, tenant: str, actor: str) -> _Shard:
        return self._shards[self.shard_of(tenant, actor)]

    def _actor(self, tenant: str, actor: str) -> _Actor | None:
        return self._home(tenant, actor).actors.get((tenant, actor))

    # --- one actor ---------------------------------------------------------------------------

    async def find(self, tenant: str, actor: str) -> ActorRecord | None:
        found = self._actor(tenant, actor)
        if found is None:
            return None
        record = found.record
        return ActorRecord(
            id=actor,
            family=record.family,
            revision=found.revision,
            cohort_id=record.id,
            label=record.label,
            cohort=record.cohort,
            context=found.context,
            context_revision=found.context_revision,
            queued=len(found.queue),
        )

    async def spawn(self, order: SpawnOrder) -> SpawnOutcome:
        shard = self._home(order.family.tenant, order.actor)
        name = (order.family.tenant, order.actor)
        known = shard.actors.get(name) or shard.gone.get(name)
        if known is not None:
            before = _answered(known, order.idempotency)
            if isinstance(before, Done | KeyReused):
                return before
            if name in shard.actors:
                return Existing()
        line = shard.line(order.family)
        if line.fence is not None:
            return Held(order.family, shard.number, line.fence)
        if line.law != order.law:
            return Outdated(line.law)
        record = shard.record_of(order.family, order.cohort)
        actor = _Actor(record, len(record.log.blocks), order.context)
        if order.block is not None:
            actor.trail.append((_Log([order.block]), 0, 1, order.at))
        record.members[order.actor] = None
        line.touch(record)
        shard.actors[(order.family.tenant, order.actor)] = actor
        return _remember(actor, order.idempotency, order.actor, order.answer)

    async def spawn_many(self, orders: Sequence[SpawnOrder]) -> list[SpawnOutcome]:
        return [await self.spawn(order) for order in orders]

    async def send_many(self, orders: Sequence[SendOrder]) -> list[SendOutcome]:
        return [await self.send(order) for order in orders]

    async def send(self, order: SendOrder) -> SendOutcome:
        shard = self._home(order.tenant, order.actor)
        actor = shard.actors.get((order.tenant, order.actor))
        if actor is None:
            gone = shard.gone.get((order.tenant, order.actor))
            told = None if gone is None else _answered(gone, order.idempotency)
            return told if isinstance(told, Done | KeyReused) else NoActor()
        if order.drains is None:
            before = _answered(actor, order.idempotency)
            if before is not None:
                return before
        record = actor.record
        if order.if_match is not None and order.if_match != (actor.revision, record.label):
            return Stale(actor.revision, record.label)
        line = shard.line(record.family)
        if line.fence is not None:
            return Held(record.family, shard.number, line.fence)
        held = _stranding_rule(record.cohort)
        if order.drains is None:
            if actor.queue or held == "Buffer":
                return _enqueue(line, actor, order)
        elif not actor.queue or actor.queue[0].ticket != order.drains:
            return Stale(actor.revision, record.label)
        elif record.cohort.stranding is not None:
            return Blocked(record.family, record.cohort)
        if held != "Continue":
            return Blocked(record.family, record.cohort)
        return _step(shard, line, actor, order)

    async def place(self, order: PlaceOrder) -> PlaceOutcome:
        shard = self._home(order.family.tenant, order.actor)
        actor = shard.actors.get((order.family.tenant, order.actor))
        if actor is None:
            return NoActor()
        before = _answered(actor, order.idempotency)
        if isinstance(before, Done | KeyReused):
            return before
        line = shard.line(order.family)
        if line.fence is not None:
            return Held(order.family, shard.number, line.fence)
        if line.law != order.law:
            return Outdated(line.law)
        record = actor.record
        seen = (order.cohort_id, order.label, order.revision)
        if (record.id, record.label, actor.revision) != seen:
            return Stale(actor.revision, record.label)
        _move(
            line,
            actor,
            order.actor,
            shard.record_of(order.family, order.cohort),
            _Log([order.block]),
            order.block.at,
        )
        actor.revision += 1
        return _remember(actor, order.idempotency, order.actor, order.answer)

    async def recall(
        self, tenant: str, actor: str, idempotency: Idempotency
    ) -> Done | KeyReused | None:
        found = self._actor(tenant, actor)
        told = None if found is None else _answered(found, idempotency)
        return told if not isinstance(told, Queued) else None

    async def delete(self, tenant: str, actor: str, seen: tuple[str, int] | None = None) -> bool:
        shard = self._home(tenant, actor)
        found = shard.actors.get((tenant, actor))
        shard.done.pop((tenant, actor), None)
        if found is None or seen not in (None, (found.record.id, found.revision)):
            return False
        shard.gone[tenant, actor] = shard.actors.pop((tenant, actor))
        record = found.record
        del record.members[actor]
        line = shard.line(record.family)
        line.touch(record)
        line.waiting.pop(actor, None)
        return True

    async def blocks(self, tenant: str, actor: str) -> tuple[Block, ...] | None:
        found = self._actor(tenant, actor)
        if found is None:
            return None
        past = [
            block if at is None else replace(block, at=at)
            for log, start, end, at in found.trail
            for block in log.blocks[start:end]
        ]
        return (*past, *found.record.log.blocks[found.entered :])

    async def blocks_of(self, tenant: str, actors: Sequence[str]) -> list[tuple[Block, ...] | None]:
        return [await self.blocks(tenant, actor) for actor in actors]

    async def journal(self, tenant: str, actor: str, start: int, limit: int) -> list[JournalLine]:
        found = self._actor(tenant, actor)
        lines = found.journal if found is not None else []
        return [line for line in lines if line.index >= start][:limit]

    async def queue(self, tenant: str, actor: str, limit: int) -> tuple[QueuedEvent, ...]:
        found = self._actor(tenant, actor)
        return tuple(found.queue[:limit]) if found is not None else ()

    # --- one shard ---------------------------------------------------------------------------

    async def waiting(self, family: Family, shard: int) -> tuple[str, ...]:
        line = self._shards[shard].lines.get(family)
        return tuple(line.waiting) if line is not None else ()

    async def rows(self, family: Family, shard: int) -> tuple[CohortRow, ...]:
        line = self._shards[shard].lines.get(family)
        records = sorted(line.records.items()) if line is not None else ()
        return tuple(_row(shard, record) for _, record in records if record.members)

    async def wholes(self, family: Family, rows: Sequence[CohortRow]) -> list[Cohort | None]:
        del family
        return [row.whole for row in rows]

    async def members(
        self, family: Family, shard: int, places: Sequence[tuple[str, str]], limit: int
    ) -> list[Members]:
        line = self._shards[shard].lines.get(family)
        records = line.records if line is not None else {}
        return [_members(records.get(name), cursor, limit) for name, cursor in places]

    async def census(self, tenant: str) -> Census:
        lines = [line for s in self._shards for f, line in s.lines.items() if f.tenant == tenant]
        members = [len(record.members) for line in lines for record in line.records.values()]
        return Census(sum(members), sum(1 for count in members if count))

    async def holds(self, family: Family, shard: int, cohort: Cohort) -> bool:
        line = self._shards[shard].lines.get(family)
        return line is not None and cohort in line.index

    async def retire(self, tenant: str, actors: Sequence[str], at: float) -> None:
        for actor in actors:
            self._home(tenant, actor).done.setdefault((tenant, actor), at)

    async def retired(self, tenant: str, shard: int, until: float, limit: int) -> tuple[str, ...]:
        noted = sorted(self._shards[shard].done.items(), key=lambda item: item[1])
        due = [actor for (whose, actor), at in noted if whose == tenant and at <= until]
        return tuple(due[:limit])

    async def watch(self, family: Family, shard: int, change: int) -> bool:
        line = self._shards[shard].line(family)
        if change > line.seen:
            line.watch = line.seen = change
            line.touched, line.told, line.staged = {}, None, {}
        return line.watch == change

    async def touched(self, family: Family, shard: int, change: int, asked: int) -> Touched:
        line = self._shards[shard].line(family)
        actors = sum(len(record.members) for record in line.records.values())
        if line.watch != change:
            return Touched((), 0, actors)
        if line.told is None or line.told[0] != asked:
            rows = tuple(_row(shard, line.records[name]) for name in line.touched)
            line.touched, line.told = {}, (asked, Touched(rows, 0, actors))
        return line.told[1]

    async def stage(
        self, family: Family, shard: int, change: int, recasts: Sequence[Recast]
    ) -> bool:
        line = self._shards[shard].line(family)
        if line.watch != change:
            return False
        line.staged.update((name, recast) for recast in recasts for name in recast.records)
        return True

    async def fence(self, family: Family, shard: int, change: int) -> bool:
        line = self._shards[shard].line(family)
        if change > line.seen or line.watch == change:
            line.fence = line.seen = change
        return line.fence == change

    async def release(self, family: Family, shard: int, change: int, law: int | None) -> bool:
        line = self._shards[shard].line(family)
        if law is not None and line.fence != change:
            return False
        if change not in (line.fence, line.watch):
            return False
        line.fence = line.watch = None
        if law is not None:
            line.law = law
            for name, recast in line.staged.items():
                _recast(line, line.records[name], recast)
        line.staged = {}
        return True

    async def complete(self, family: Family, shard: int, change: int) -> None:
        """Nothing is left: it was all written down with the release."""


def _stranding_rule(cohort: Cohort) -> str:
    return "Continue" if cohort.stranding is None else cohort.stranding.while_stranded


def _answered(actor: _Actor, idempotency: Idempotency | None) -> Done | Queued | KeyReused | None:
    """What the same key was told before, if it was used."""
    known = None if idempotency is None else actor.answers.get(idempotency.key)
    if known is None or idempotency is None:
        return None
    body, answer = known
    return answer if body == idempotency.body else KeyReused()


def _remember(actor: _Actor, key: Idempotency | None, name: str, answer: str) -> Done:
    done = Done(name, actor.revision, actor.record.label, answer)
    if key is not None:
        actor.answers[key.key] = (key.body, done._replace(replayed=True))
    return done


def _enqueue(line: _Line, actor: _Actor, order: SendOrder) -> Queued | QueueFull:
    if len(actor.queue) >= QUEUE_LIMIT:
        return QueueFull()
    actor.tickets += 1
    key = order.idempotency
    actor.queue.append(QueuedEvent(actor.tickets, order.event, order.payload, key))
    line.waiting[order.actor] = None
    at = actor.record
    queued = Queued(at.family, actor.tickets, actor.revision, at.label, at.cohort)
    if key is not None:
        actor.answers[key.key] = (key.body, replace(queued, replayed=True))
    return queued


def _step(shard: _Shard, line: _Line, actor: _Actor, order: SendOrder) -> SendOutcome:
    record = actor.record
    advance = order.advance
    fits = advance is not None and (advance.cohort_id, advance.label, advance.law) == (
        record.id,
        record.label,
        line.law,
    )
    if advance is not None and fits and not advance.accepted:
        return _finish(line, actor, order, advance.answer)
    memo = record.memos.get(order.event)
    if memo is None or memo.law != line.law:
        if advance is None or not fits:
            return Unknown(record.family, record.id, record.label, record.cohort, line.law)
        memo = _learn(shard, record, order.event, advance)
    if order.context is not None and order.context.seen != actor.context_revision:
        return ContextMoved()
    if memo.journal:
        index = record.cohort.history.length
        if order.journal is None or order.journal.index != index:
            return JournalWanted(index)
        actor.journal.append(order.journal)
    _move(line, actor, order.actor, line.records[memo.target], memo.log, order.at)
    actor.revision += 1
    if order.context is not None:
        actor.context = order.context.sealed
        actor.context_revision += 1
    return _finish(line, actor, order, memo.answer)


def _learn(shard: _Shard, record: _Record, event: str, advance: Advance) -> _Memo:
    target = shard.record_of(record.family, advance.target)
    log = None if advance.block is None else _Log([advance.block])
    memo = record.memos[event] = _Memo(advance.law, target.id, advance.answer, log, advance.journal)
    return memo


def _move(
    line: _Line, actor: _Actor, name: str, target: _Record, log: _Log | None, at: float
) -> None:
    source = actor.record
    line.touch(source, target)
    if len(source.log.blocks) > actor.entered:
        actor.trail.append((source.log, actor.entered, len(source.log.blocks), None))
    if log is not None:
        actor.trail.append((log, 0, len(log.blocks), at))
    del source.members[name]
    target.members[name] = None
    actor.record = target
    actor.entered = len(target.log.blocks)


def _finish(line: _Line, actor: _Actor, order: SendOrder, answer: str) -> Done:
    if order.drains is not None:
        actor.queue.pop(0)
        if not actor.queue:
            line.waiting.pop(order.actor, None)
    return _remember(actor, order.idempotency, order.actor, answer)


def _row(shard: int, record: _Record) -> CohortRow:
    cohort = record.cohort
    form = replace(cohort, history=EMPTY, regions=())
    plain, actors = not cohort.regions, len(record.members)
    return CohortRow(shard, record.id, form, cohort, plain, actors, cohort)


def _members(record: _Record | None, cursor: str, limit: int) -> Members:
    after = sorted(name for name in record.members if name > cursor) if record is not None else []
    page = tuple(after[:limit])
    return Members(page, cursor, page[-1] if len(after) > limit else "")


def _recast(line: _Line, record: _Record, recast: Recast) -> None:
    """What a change makes of a record, now that it is true."""
    own = record.cohort.history.fingerprint
    decisions = tuple(replace(each, fingerprint=own) for each in recast.block.decisions)
    record.log.blocks.append(replace(recast.block, decisions=decisions))
    if recast.form is None:
        return
    past = recast.past or record.cohort
    after = replace(recast.form, history=past.history, regions=past.regions)
    if line.index.get(record.cohort) == record.id:
        del line.index[record.cohort]
    record.cohort = after
    line.index.setdefault(after, record.id)
    record.label += 1
    record.memos.clear()
