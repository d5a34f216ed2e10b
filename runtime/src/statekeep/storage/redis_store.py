"""The store on Redis 7+ or Valkey 8+: one server, Sentinel or a cluster, by the same scripts.

Each operation of the port is one script on one shard, and a shard is one slot. What a script needs
of a cohort is its stored form; `redis_cohorts` makes it, so nothing is encoded twice. The scripts
and the kinds of keys are described in lua/shared.lua and docs/storage.md.

A write without a client's key gets one of ours for a short while, so that a resend after a lost
answer is answered and not done again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import count
from secrets import token_hex
from typing import Any

from statekeep.core.cohort import Cohort
from statekeep.core.machine import Machine
from statekeep.storage import keys
from statekeep.storage.ports import (
    ActorRecord,
    Block,
    Done,
    Family,
    Idempotency,
    JournalLine,
    KeyReused,
    Machines,
    PlaceOrder,
    PlaceOutcome,
    QueuedEvent,
    Recast,
    SendOrder,
    SendOutcome,
    SpawnOrder,
    SpawnOutcome,
)
from statekeep.storage.records import (
    FormImage,
    block_text,
    form_image,
    past_image,
    read_block,
    with_fingerprint,
)
from statekeep.storage.redis_answers import Answers, done
from statekeep.storage.redis_calls import Argument, Call, Calls, script
from statekeep.storage.redis_cohorts import (
    Cohorts,
    Recent,
    chunk_arguments,
    cohort_arguments,
)
from statekeep.storage.redis_registry import RedisRegistries
from statekeep.storage.redis_rows import RedisRows, shard_key
from statekeep.storage.redis_tenants import RedisTenants

PROCESS = token_hex(8)
RESEND_SECONDS = 60
"""How long a key of ours is remembered: longer than anybody resends."""
RECORDS_A_SCRIPT = 250
"""So few that the script takes a millisecond or two: an event may stand behind it."""
_numbers = count()


class RedisStore(RedisTenants, RedisRows, RedisRegistries):
    """`storage.ports.Store` on a server."""

    def __init__(self, calls: Calls, shards: int) -> None:
        super().__init__(calls)
        self._shards = shards
        self._cohorts = Cohorts(calls)
        self._answers = Answers(self._cohorts)
        self._blocks: Recent[bytes, Block] = Recent(10_000)
        self._staged: Recent[int, tuple[Cohort, FormImage]] = Recent(10_000)
        self._texts: Recent[int, tuple[Block, str]] = Recent(10_000)

    def use(self, machines: Machines) -> None:
        self._cohorts.find_machine = machines

    def on_renewal(self, told: Callable[[], None]) -> None:
        self._calls.on_renewal = told

    def forget(self) -> None:
        self._cohorts.forget()

    @property
    def shards(self) -> int:
        return self._shards

    # --- one actor ---------------------------------------------------------------------------

    async def find(self, tenant: str, actor: str) -> ActorRecord | None:
        answer = await self._calls.run(self._call("find", tenant, actor))
        if answer is None:
            return None
        workflow, revision, cohort, label, context_revision, context, queued, *content = answer
        family = Family(tenant, workflow.decode())
        shard = self.shard_of(tenant, actor)
        return ActorRecord(
            id=actor,
            family=family,
            revision=revision,
            cohort_id=str(cohort),
            label=label,
            cohort=await self._cohorts.read(family, shard, *content),
            context=context,
            context_revision=context_revision,
            queued=queued,
        )

    async def spawn(self, order: SpawnOrder) -> SpawnOutcome:
        return (await self.spawn_many([order]))[0]

    async def spawn_many(self, orders: Sequence[SpawnOrder]) -> list[SpawnOutcome]:
        named = [replace(o, idempotency=o.idempotency or _own_key()) for o in orders]
        calls = [await self._spawn_call(order, whole=False) for order in named]
        answers = await self._calls.run_many(calls)
        return [
            await self._spawned(order, answer) for order, answer in zip(named, answers, strict=True)
        ]

    async def _spawned(self, order: SpawnOrder, answer: Any) -> SpawnOutcome:
        if answer[0] == b"chunks":
            answer = await self._calls.run(await self._spawn_call(order, whole=True))
        return self._answers.spawned(order, self.shard_of(order.family.tenant, order.actor), answer)

    async def _spawn_call(self, order: SpawnOrder, *, whole: bool) -> Call:
        image = await self._cohorts.image(order.family, order.cohort)
        return self._call(
            "spawn", order.family.tenant, order.actor,
            keys.member_of(order.actor), order.family.workflow, order.law,
            order.answer, order.context, _block(order.block), *_idempotency(order.idempotency),
            int(order.at), *cohort_arguments(image, whole=whole),
        )  # fmt: skip

    async def send(self, order: SendOrder) -> SendOutcome:
        used = _key_of(order)
        call = self._event(order, used) if order.is_plain else await self._order(order, used)
        answer = await self._calls.run(call)
        if answer[0] == b"done":
            return done(order.actor, answer[1:])
        return await self._sent(order, used, answer)

    async def send_many(self, orders: Sequence[SendOrder]) -> list[SendOutcome]:
        named = [(order, _key_of(order)) for order in orders]
        calls = [
            self._event(order, used) if order.is_plain else await self._order(order, used)
            for order, used in named
        ]
        answers = await self._calls.run_many(calls)
        return [
            done(order.actor, answer[1:])
            if answer[0] == b"done"
            else await self._sent(order, used, answer)
            for (order, used), answer in zip(named, answers, strict=True)
        ]

    async def _sent(self, order: SendOrder, used: Idempotency | None, answer: Any) -> SendOutcome:
        if answer[0] == b"chunks":
            answer = await self._calls.run(await self._order(order, used, whole=True))
        return await self._answers.sent(order, self.shard_of(order.tenant, order.actor), answer)

    def _event(self, order: SendOrder, used: Idempotency | None) -> Call:
        """The call for a plain order."""
        return self._call("send", order.tenant, order.actor, *_named(order, used))

    async def _order(
        self, order: SendOrder, used: Idempotency | None, *, whole: bool = False
    ) -> Call:
        """The call for any order."""
        context, line = order.context, order.journal
        arguments: tuple[Argument, ...] = (
            *_named(order, used, in_full=True),
            *(order.if_match or ("", "")),
            order.payload,
            "" if order.drains is None else order.drains,
            *(("", "") if context is None else (context.seen, context.sealed)),
            *(("", "") if line is None else (line.index, line.sealed)),
        )
        if order.advance is not None:
            step = order.advance
            arguments += (
                step.cohort_id, step.label, step.law, int(step.accepted), step.answer,
                _block(step.block), int(step.journal),
            )  # fmt: skip
            if step.accepted:
                image = await self._cohorts.image(step.family, step.target)
                arguments += cohort_arguments(image, whole=whole)
            return self._call("send", order.tenant, order.actor, *arguments)
        return self._call("send", order.tenant, order.actor, *_shortened(arguments))

    async def place(self, order: PlaceOrder) -> PlaceOutcome:
        tenant = order.family.tenant
        image = await self._cohorts.image(order.family, order.cohort)
        used = order.idempotency or _own_key()
        before = (
            keys.member_of(order.actor), order.family.workflow, order.law,
            order.cohort_id, order.label, order.revision, order.answer, _block(order.block),
            *_idempotency(used), int(order.block.at),
        )  # fmt: skip
        answer: Any = None
        for whole in (False, True):
            arguments = (*before, *cohort_arguments(image, whole=whole))
            answer = await self._calls.run(self._call("place", tenant, order.actor, *arguments))
            if answer[0] != b"chunks":
                break
        return self._answers.placed(order, self.shard_of(tenant, order.actor), answer)

    async def recall(
        self, tenant: str, actor: str, idempotency: Idempotency
    ) -> Done | KeyReused | None:
        answer = await self._calls.run(self._call("recall", tenant, actor, idempotency.key))
        return self._answers.recalled(actor, idempotency, answer)

    async def delete(self, tenant: str, actor: str, seen: tuple[str, int] | None = None) -> bool:
        call = self._call("delete", tenant, actor, keys.member_of(actor), *(seen or ()))
        return await self._calls.true(call)

    async def blocks(self, tenant: str, actor: str) -> tuple[Block, ...] | None:
        return self._read_blocks(await self._calls.run(self._call("blocks", tenant, actor)))

    async def blocks_of(self, tenant: str, actors: Sequence[str]) -> list[tuple[Block, ...] | None]:
        calls = [self._call("blocks", tenant, actor) for actor in actors]
        return [self._read_blocks(answer) for answer in await self._calls.run_many(calls)]

    def _read_blocks(self, answer: Any) -> tuple[Block, ...] | None:
        if answer is None:
            return None
        parts = zip(answer[::3], answer[1::3], answer[2::3], strict=True)
        return tuple(self._block(text, int(at), own) for text, at, own in parts)

    def _block(self, text: bytes, at: int, fingerprint: bytes) -> Block:
        block = self._blocks.get(text) or self._blocks.put(text, read_block(text))
        if at < 0:
            return with_fingerprint(block, int.from_bytes(fingerprint))
        return replace(block, at=float(at))

    async def journal(self, tenant: str, actor: str, start: int, limit: int) -> list[JournalLine]:
        key = self._key(tenant, actor, f"j:{actor}")
        if limit <= 0:
            return []
        found = await self._calls.command("HMGET", key, *range(start, start + limit))
        lines = zip(range(start, start + limit), found, strict=True)
        return [JournalLine(index, sealed) for index, sealed in lines if sealed is not None]

    async def queue(self, tenant: str, actor: str, limit: int) -> tuple[QueuedEvent, ...]:
        answer = await self._calls.run(self._call("queue", tenant, actor, limit))
        return tuple(self._answers.queued_event(*item) for item in answer)

    # --- one shard ---------------------------------------------------------------------------

    async def waiting(self, family: Family, shard: int) -> tuple[str, ...]:
        key = shard_key(family, shard, "z", family.workflow)
        found: Iterable[bytes] = await self._calls.command("SMEMBERS", key)
        return tuple(sorted(actor.decode() for actor in found))

    async def watch(self, family: Family, shard: int, change: int) -> bool:
        return await self._calls.true(self._shard_call("watch", family, shard, "w", change))

    async def stage(
        self, family: Family, shard: int, change: int, recasts: Sequence[Recast]
    ) -> bool:
        for some in portions(recasts, RECORDS_A_SCRIPT):
            done = await self._stage(family, shard, change, some, whole=False)
            if done < 0:
                done = await self._stage(family, shard, change, some, whole=True)
            if done != 1:
                return False
        return True

    async def _stage(
        self, family: Family, shard: int, change: int, recasts: Sequence[Recast], *, whole: bool
    ) -> int:
        arguments: list[Argument] = [change, len(recasts)]
        for recast in recasts:
            arguments += self._recast(recast, whole=whole)
        return int(await self._calls.run(self._shard_call("stage", family, shard, "w", *arguments)))

    def _recast(self, recast: Recast, *, whole: bool) -> list[Argument]:
        found: list[Argument] = [recast.number, self._block_text(recast.block)]
        if recast.form is None or recast.machine is None:
            found += ("", "", "")
        else:
            form = self._form_of(recast.machine, recast.form)
            found += (form.digest, form.text, form.rule)
        if recast.past is None:
            found += ("", "", "", 0)
        else:
            past = past_image(recast.past.history, recast.past.regions)
            found += (past.digest, past.text, *chunk_arguments(past, whole=whole))
        return [*found, len(recast.records), *recast.records]

    def _form_of(self, machine: Machine, form: Cohort) -> FormImage:
        """A form that is not true yet: it is remembered by itself, not by what it says, because
        another registration may take its version's name."""
        known = self._staged.get(id(form))
        if known is None or known[0] is not form:
            known = self._staged.put(id(form), (form, form_image(machine, form)))
        return known[1]

    def _block_text(self, block: Block) -> str:
        """A block's text: one change writes the same block to every shard."""
        known = self._texts.get(id(block))
        if known is None or known[0] is not block:
            known = self._texts.put(id(block), (block, block_text(block, shared=True)))
        return known[1]

    async def fence(self, family: Family, shard: int, change: int) -> bool:
        return await self._calls.true(self._shard_call("fence", family, shard, "w", change))

    async def release(self, family: Family, shard: int, change: int, law: int | None) -> bool:
        call = self._shard_call("release", family, shard, "w", change, "" if law is None else law)
        return await self._calls.true(call)

    async def complete(self, family: Family, shard: int, change: int) -> None:
        call = self._shard_call("complete", family, shard, "w", change, RECORDS_A_SCRIPT)
        while await self._calls.run(call):
            pass

    # --- keys --------------------------------------------------------------------------------

    def _key(self, tenant: str, actor: str, kind: str) -> str:
        return f"{keys.shard_prefix(self.shard_of(tenant, actor), tenant)}{kind}"

    def _call(self, name: str, tenant: str, actor: str, *arguments: Argument) -> Call:
        """A script on the shard of an actor."""
        prefix = keys.shard_prefix(self.shard_of(tenant, actor), tenant)
        return Call(script(name), (f"{prefix}a:{actor}",), arguments)


def portions(recasts: Sequence[Recast], most: int) -> Iterator[list[Recast]]:
    """Recasts with all their records, about so many records at a time."""
    some, records = list[Recast](), 0
    for recast in recasts:
        for start in range(0, len(recast.records), most):
            part = replace(recast, records=recast.records[start : start + most])
            some.append(part)
            records += len(part.records)
            if records >= most:
                yield some
                some, records = [], 0
    if some:
        yield some


def _own_key() -> Idempotency:
    """A key that no process has used before."""
    return Idempotency(f"~{PROCESS}{next(_numbers):x}", "", RESEND_SECONDS)


def _named(
    order: SendOrder, used: Idempotency | None, *, in_full: bool = False
) -> tuple[Argument, ...]:
    """What is sent of every event: to whom, what, when, under which key; of ours the name does."""
    member, at = keys.member_of(order.actor), int(order.at)
    if used is not None and used.body:
        return (member, order.event, used.key, at, used.body, used.ttl)
    named = (member, order.event, "" if used is None else used.key, at)
    return (*named, "", "") if in_full else named


def _shortened(arguments: tuple[Argument, ...]) -> tuple[Argument, ...]:
    """Without what is empty at the end: the scripts take what is not there as empty."""
    end = len(arguments)
    while end and arguments[end - 1] in ("", b""):
        end -= 1
    return arguments[:end]


def _key_of(order: SendOrder) -> Idempotency | None:
    """The client's key, or one of ours; what drains a queue is known by its ticket."""
    if order.idempotency is not None or order.drains is not None:
        return order.idempotency
    return _own_key()


def _idempotency(used: Idempotency | None) -> tuple[Argument, Argument, Argument]:
    return ("", "", "") if used is None else (used.key, used.body, used.ttl)


def _block(block: Block | None) -> str:
    return "" if block is None else block_text(block)
