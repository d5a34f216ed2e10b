"""Actors: spawn, send, read, list, delete.

Every write is one order to the store, repeated as long as the store says what is missing: a step
to compute, a change to settle, a context to read again. Nothing is decided here.
"""

from __future__ import annotations

from asyncio import gather
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from statekeep.core.cohort import state_value
from statekeep.core.errors import NotStable
from statekeep.sealing.errors import SealingError
from statekeep.service.answers import (
    ActorView,
    DecisionView,
    StepAnswer,
    actor_view,
    decision_views,
    etag_of,
    parse_etag,
    step_answer,
)
from statekeep.service.changes import PATIENCE, Changes
from statekeep.service.contexts import JOURNAL, QUEUE, Contexts, merged
from statekeep.service.errors import (
    EXPECTED,
    ActorBlocked,
    ActorExists,
    Busy,
    EventTypeTooLong,
    IdempotencyConflict,
    InvalidEventType,
    QueueOverflow,
    StaleRevision,
    TooLarge,
    UnknownActor,
    UnknownVersion,
)
from statekeep.service.identity import actor_id, request_digest
from statekeep.service.quotas import Quotas
from statekeep.service.registries import Registries, View
from statekeep.service.retention import Retention
from statekeep.service.steps import Steps
from statekeep.service.wiring import Wiring
from statekeep.storage.ports import (
    ActorRecord,
    Blocked,
    ContextMoved,
    Done,
    Existing,
    Family,
    Held,
    Idempotency,
    JournalLine,
    JournalWanted,
    KeyReused,
    NewContext,
    NoActor,
    Outdated,
    Queued,
    QueueFull,
    SendOrder,
    SendOutcome,
    SpawnOrder,
    Stale,
    Unknown,
)

RESERVED_EVENTS = ("xstate.done.state.",)
TOGETHER = 250
"""How many events of a batch are sent at once."""
FOR_ITSELF = (*EXPECTED, SealingError)
"""What one event of a batch may end in while the others go on."""


class Event(NamedTuple):
    """What a client sends to one actor."""

    type: str
    context: Mapping[str, object] | None = None
    """A JSON merge patch on the actor's context."""
    data: object = None
    """Kept, sealed, where the workflow keeps a journal."""

    @property
    def has_contents(self) -> bool:
        return self.context is not None or self.data is not None


@dataclass(frozen=True, slots=True)
class HistoryItem:
    type: str
    at: float | None = None
    data: object = None


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Some events, and the place of the next one; None when that was all."""

    items: tuple[HistoryItem, ...]
    next: str | None


class Actors:
    """The operations on single actors."""

    def __init__(
        self,
        wiring: Wiring,
        registries: Registries,
        changes: Changes,
        steps: Steps,
        quotas: Quotas,
        retention: Retention,
    ) -> None:
        self._wiring = wiring
        self._store = wiring.store
        self._registries = registries
        self._changes = changes
        self._steps = steps
        self._quotas = quotas
        self._retention = retention
        self._contexts = Contexts(wiring)

    # --- spawn --------------------------------------------------------------------------------

    async def spawn(
        self, tenant: str, version: str, context: object = None, key: str | None = None
    ) -> StepAnswer:
        """Start an actor of a version. The same key starts it once."""
        own = key if key is not None else self._wiring.token()
        actor = actor_id(tenant, own)
        family = await self._family_of(tenant, version)
        body = request_digest("spawn", version, context)
        used = None if key is None else self._idempotency(key, body)
        sealed = self._contexts.seal(tenant, actor, 0, context)
        reserved = await self._quotas.reserve(tenant, actor)
        made = None
        try:
            made = await self._spawn(family, actor, version, sealed, used)
        finally:
            if reserved:
                self._quotas.spawned(tenant, made=made is not None and not made.replayed)
        return self._told(tenant, made)

    async def _spawn(
        self, family: Family, actor: str, version: str, sealed: bytes, used: Idempotency | None
    ) -> Done:
        for _ in range(PATIENCE):
            view = await self._view_with(family, version)
            step = self._steps.spawn(view, version)
            order = SpawnOrder(
                family=family,
                actor=actor,
                law=view.law,
                cohort=step.evaluation.cohort,
                answer=step.answer,
                context=sealed,
                block=self._steps.block(step.evaluation),
                idempotency=used,
                at=self._wiring.now(),
            )
            match await self._store.spawn(order):
                case Done() as done:
                    return done
                case Held(_, shard, change):
                    await self._changes.settle(family, shard, change)
                case Outdated():
                    await self._registries.fresh(family)
                case KeyReused():
                    raise IdempotencyConflict(used.key if used is not None else "")
                case Existing():
                    raise ActorExists(actor)
        raise Busy(family.workflow)

    async def _family_of(self, tenant: str, version: str) -> Family:
        workflow = await self._registries.workflow_of(tenant, version)
        if workflow is None:
            raise UnknownVersion(version)
        return Family(tenant, workflow)

    async def _view_with(self, family: Family, version: str) -> View:
        view = self._registries.known(family)
        if view.registry.version(version) is None:
            view = await self._registries.fresh(family)
        return view

    # --- send ---------------------------------------------------------------------------------

    async def send(
        self,
        tenant: str,
        actor: str,
        event: Event,
        *,
        key: str | None = None,
        if_match: str | None = None,
    ) -> StepAnswer:
        """Give one event to one actor."""
        order = self._order(tenant, actor, event, key, if_match)
        if event.has_contents:
            order = await self._with_contents(order, event)
        outcome = await self._store.send(order)
        if isinstance(outcome, Done):
            return self._told(tenant, outcome)
        return await self._end(order, event, outcome)

    async def send_batch(
        self, tenant: str, events: Sequence[tuple[str, Event, str | None]]
    ) -> list[StepAnswer | Exception]:
        """Give (actor, event, key) each its answer or error. Events of one actor stay in order."""
        answers: list[StepAnswer | Exception] = []
        for batch in _without_repeats(events):
            # The server works on one part while the next is written.
            parts = (batch[at : at + TOGETHER] for at in range(0, len(batch), TOGETHER))
            for part in await gather(*(self._send_together(tenant, part) for part in parts)):
                answers.extend(part)
        return answers

    async def _send_together(
        self, tenant: str, events: Sequence[tuple[str, Event, str | None]]
    ) -> list[StepAnswer | Exception]:
        made: list[SendOrder | Exception] = []
        for actor, event, key in events:
            try:
                order = self._order(tenant, actor, event, key, None)
                made.append(
                    await self._with_contents(order, event) if event.has_contents else order
                )
            except FOR_ITSELF as error:
                made.append(error)
        orders = [order for order in made if isinstance(order, SendOrder)]
        outcomes = iter(await self._sent_together(orders))
        answers: list[StepAnswer | Exception] = []
        for begun, (_, event, _) in zip(made, events, strict=True):
            if not isinstance(begun, SendOrder):
                answers.append(begun)
            elif isinstance(outcome := next(outcomes), Done):
                answers.append(self._told(tenant, outcome))
            else:
                answers.append(await self._end_or_error(begun, event, outcome))
        return answers

    async def _sent_together(self, orders: Sequence[SendOrder]) -> list[SendOutcome]:
        """The outcomes of orders that go out together, and of those for which nobody has taken the
        step yet, sent together once more. The first of a cohort brings the step for all."""
        outcomes = await self._store.send_many(orders)
        again, steps = dict[int, SendOrder](), set[tuple[int, str, str]]()
        for index, (order, outcome) in enumerate(zip(orders, outcomes, strict=True)):
            if isinstance(outcome, Unknown):
                shard = self._store.shard_of(order.tenant, order.actor)
                step = (shard, outcome.cohort_id, order.event)
                again[index] = order if step in steps else await self._tried(order, outcome)
                steps.add(step)
        for index, outcome in zip(
            again, await self._store.send_many(list(again.values())), strict=True
        ):
            outcomes[index] = outcome
        return outcomes

    async def _tried(self, order: SendOrder, asked: Unknown) -> SendOrder:
        """The order with its step, or as it was where there is none: the error is raised later."""
        try:
            return await self._with_step(order, asked)
        except FOR_ITSELF:
            return order

    async def _end_or_error(
        self, order: SendOrder, event: Event, outcome: SendOutcome
    ) -> StepAnswer | Exception:
        try:
            return await self._end(order, event, outcome)
        except FOR_ITSELF as error:
            return error

    async def _end(self, order: SendOrder, event: Event, outcome: SendOutcome) -> StepAnswer:
        return await self._answer(order, await self._finish(order, event, outcome))

    def _order(
        self, tenant: str, actor: str, event: Event, key: str | None, if_match: str | None
    ) -> SendOrder:
        """The order of an event, without what it carries."""
        check_event_type(event.type, self._wiring.limits.event_type_bytes)
        tag = None
        if if_match is not None and if_match.strip() != "*":
            tag = parse_etag(if_match)
            if tag is None:
                raise StaleRevision(actor, "another")
        used = None
        if key is not None:
            body = request_digest("send", event.type, event.context, event.data, if_match)
            used = self._idempotency(key, body)
        return SendOrder(
            tenant, actor, event.type, if_match=tag, idempotency=used, at=self._wiring.now()
        )

    async def _with_contents(self, order: SendOrder, event: Event) -> SendOrder:
        """The order with the merged context, and with what a queue would keep."""
        record = await self._store.find(order.tenant, order.actor)
        if record is None:
            raise UnknownActor(order.actor)
        tenant, actor = order.tenant, order.actor
        carried = {"context": event.context, "data": event.data}
        return order._replace(
            context=None if event.context is None else self._merge(record, event.context),
            payload=self._contexts.seal_value(tenant, actor, QUEUE, record.revision, carried),
        )

    def _with_line(self, order: SendOrder, event: Event, index: int) -> SendOrder:
        kept = {"at": self._wiring.now(), "data": event.data}
        sealed = self._contexts.seal_value(order.tenant, order.actor, JOURNAL, index, kept)
        return order._replace(journal=JournalLine(index, sealed))

    def _merge(self, record: ActorRecord, patch: Mapping[str, object]) -> NewContext:
        tenant = record.family.tenant
        before = self._contexts.open(tenant, record.id, record.context)
        after = merged(before, patch)
        revision = record.context_revision + 1
        sealed = self._contexts.seal(tenant, record.id, revision, after)
        return NewContext(record.context_revision, sealed)

    async def _finish(self, order: SendOrder, event: Event, outcome: SendOutcome) -> SendOutcome:
        """Send again until nothing is missing any more."""
        for _ in range(PATIENCE):
            match outcome:
                case Unknown():
                    order = await self._with_step(order, outcome)
                case Held(family, shard, change):
                    await self._changes.settle(family, shard, change)
                case ContextMoved():
                    order = await self._with_contents(order, event)
                case JournalWanted(index):
                    order = self._with_line(order, event, index)
                case _:
                    return outcome
            outcome = await self._store.send(order)
        raise Busy(order.actor)

    async def _with_step(self, order: SendOrder, asked: Unknown) -> SendOrder:
        view = await self._registries.under(asked.family, asked.law, asked.cohort.version)
        if view is None:
            return order._replace(advance=None)
        try:
            taken = self._steps.advance(view, asked, order.event)
            if taken.accepted and order.drains is None:
                shard = self._store.shard_of(order.tenant, order.actor)
                await self._quotas.admit(asked.family, shard, taken.target)
            return order._replace(advance=taken)
        except (NotStable, TooLarge):
            if order.drains is None:
                raise
            return order._replace(advance=self._steps.passed_over(view, asked))

    def _idempotency(self, key: str, body: str) -> Idempotency:
        return Idempotency(key, body, self._wiring.retention_seconds)

    async def _answer(self, order: SendOrder, outcome: SendOutcome) -> StepAnswer:
        match outcome:
            case Done():
                return self._told(order.tenant, outcome)
            case Queued():
                view = await self._view_with(outcome.family, outcome.cohort.version)
                return queued_answer(view, order.actor, outcome)
            case NoActor():
                raise UnknownActor(order.actor)
            case KeyReused():
                raise IdempotencyConflict(order.idempotency.key if order.idempotency else "")
            case Stale(revision, label):
                raise StaleRevision(order.actor, etag_of(revision, label))
            case QueueFull():
                raise QueueOverflow(order.actor)
            case Blocked(_, cohort) if cohort.stranding is not None:
                by = cohort.stranding
                raise ActorBlocked(order.actor, by.reason, by.message, by.change_point)
        message = f"the store answered {outcome!r}"
        raise AssertionError(message)

    def _told(self, tenant: str, done: Done) -> StepAnswer:
        answer = step_answer(done)
        if answer.status == "done":
            self._retention.note(tenant, answer.actor)
        return answer

    # --- read ---------------------------------------------------------------------------------

    async def get(self, tenant: str, actor: str) -> ActorView:
        """The actor, with its context opened."""
        record = await self._record(tenant, actor)
        view = await self._view_of(record)
        context = self._contexts.open(tenant, actor, record.context)
        return actor_view(view, record, context)

    async def history(
        self, tenant: str, actor: str, start: int = 0, limit: int | None = None
    ) -> HistoryPage:
        """The accepted events, oldest first, from place `start` on."""
        record = await self._record(tenant, actor)
        most = self._wiring.limits.page if limit is None else limit
        types = record.cohort.history.first(start + most)[start:]
        kept = {
            line.index: self._contexts.open_value(tenant, actor, JOURNAL, line.sealed)
            for line in await self._store.journal(tenant, actor, start, most)
        }
        items = tuple(
            history_item(event_type, kept.get(index))
            for index, event_type in enumerate(types, start)
        )
        end = start + len(items)
        return HistoryPage(items, str(end) if end < record.cohort.history.length else None)

    async def decisions(self, tenant: str, actor: str) -> tuple[DecisionView, ...]:
        """Everything that was ever decided about the actor, oldest first."""
        blocks = await self._store.blocks(tenant, actor)
        if blocks is None:
            raise UnknownActor(actor)
        return decision_views(blocks)

    async def delete(self, tenant: str, actor: str) -> None:
        if not await self._store.delete(tenant, actor):
            raise UnknownActor(actor)

    async def _record(self, tenant: str, actor: str) -> ActorRecord:
        record = await self._store.find(tenant, actor)
        if record is None:
            raise UnknownActor(actor)
        return record

    async def _view_of(self, record: ActorRecord) -> View:
        return await self._view_with(record.family, record.cohort.version)

    # --- queues -------------------------------------------------------------------------------

    async def drain(self, family: Family) -> None:
        """Send what was queued for actors that are stranded no longer, in order."""
        for shard in range(self._store.shards):
            for actor in await self._store.waiting(family, shard):
                await self._drain_actor(family.tenant, actor)

    async def _drain_actor(self, tenant: str, actor: str) -> None:
        while queued := await self._store.queue(tenant, actor, 1):
            head = queued[0]
            carried: dict[str, object] = {}
            if head.payload:
                carried = self._contexts.open_value(tenant, actor, QUEUE, head.payload)  # type: ignore[assignment]
            event = Event(head.event, carried.get("context"), carried.get("data"))  # type: ignore[arg-type]
            order = SendOrder(
                tenant,
                actor,
                head.event,
                idempotency=head.idempotency,
                at=self._wiring.now(),
                drains=head.ticket,
            )
            if event.context is not None:
                order = await self._with_contents(order, event)
            outcome = await self._store.send(order)
            if not isinstance(await self._finish(order, event, outcome), Done):
                return


def queued_answer(view: View, actor: str, queued: Queued) -> StepAnswer:
    """What the sender of a queued event is told."""
    return StepAnswer(
        actor=actor,
        version=queued.cohort.version,
        state_value=state_value(view.registry, queued.cohort),
        status=queued.cohort.status,
        accepted=False,
        revision=queued.revision,
        etag=etag_of(queued.revision, queued.label),
        replayed=queued.replayed,
        queued=True,
    )


def history_item(event_type: str, kept: object) -> HistoryItem:
    """One event of a history, with what the journal kept of it."""
    if not isinstance(kept, dict):
        return HistoryItem(event_type)
    return HistoryItem(event_type, kept.get("at"), kept.get("data"))


def check_event_type(event_type: str, limit: int) -> None:
    """Refuse what no client may send."""
    if not event_type:
        raise InvalidEventType("an event type must not be empty")
    if event_type == "xstate.init" or event_type.startswith(RESERVED_EVENTS):
        raise InvalidEventType(f"'{event_type}' is raised by the machine itself and cannot be sent")
    try:
        size = len(event_type.encode())
    except UnicodeEncodeError as error:
        raise InvalidEventType("the event type holds half a surrogate pair") from error
    if "\0" in event_type:
        raise InvalidEventType("an event type must not contain NUL")
    if size > limit:
        raise EventTypeTooLong("the event type in bytes", size, limit)


def _without_repeats(
    events: Sequence[tuple[str, Event, str | None]],
) -> list[list[tuple[str, Event, str | None]]]:
    """Runs in which no actor comes twice, so that each run can go at once."""
    runs: list[list[tuple[str, Event, str | None]]] = []
    seen: set[str] = set()
    for item in events:
        if not runs or item[0] in seen:
            runs.append([])
            seen = set()
        runs[-1].append(item)
        seen.add(item[0])
    return runs
