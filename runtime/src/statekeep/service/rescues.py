"""Rescue by hand: a person puts one actor where it can go on, and says why.

The clock ticks first, so that no registration can have the tick; then the actor is placed, if it
is still what the person's request was computed from. If it is not, the tick was for nothing, which
harms nobody, and all is computed again.
"""

from __future__ import annotations

from statekeep.core.by_hand import rescue
from statekeep.service.answers import StepAnswer, step_answer, step_text
from statekeep.service.changes import PATIENCE, Changes
from statekeep.service.errors import Busy, Frozen, IdempotencyConflict, UnknownActor
from statekeep.service.identity import request_digest
from statekeep.service.registries import Registries, View
from statekeep.service.wiring import Wiring
from statekeep.storage.ports import (
    ActorRecord,
    Block,
    Done,
    Family,
    Held,
    Idempotency,
    KeyReused,
    NoActor,
    PlaceOrder,
)


class Rescues:
    """Rescues by hand."""

    def __init__(self, wiring: Wiring, registries: Registries, changes: Changes) -> None:
        self._wiring = wiring
        self._store = wiring.store
        self._registries = registries
        self._changes = changes

    async def rescue(
        self,
        tenant: str,
        actor: str,
        *,
        to: str,
        state_value: object,
        reason: str,
        by: str,
        key: str | None = None,
    ) -> StepAnswer:
        """Put an actor that is not done into a state of a version."""
        used = self._idempotency(key, to, state_value, reason)
        for attempt in range(PATIENCE):
            before = None if used is None else await self._store.recall(tenant, actor, used)
            if isinstance(before, KeyReused):
                raise IdempotencyConflict(key or "")
            if isinstance(before, Done):
                return step_answer(before)
            record = await self._store.find(tenant, actor)
            if record is None:
                raise UnknownActor(actor)
            view = await self._quiet(record.family, attempt)
            if view is None:
                continue
            order = await self._order(view, record, to, state_value, reason, by, used)
            if not await self._store.tick(record.family, view.seen):
                continue
            match await self._store.place(order):
                case Done() as done:
                    await self._settle_queue(record.family)
                    return step_answer(done)
                case Held(family, shard, change):
                    await self._changes.settle(family, shard, change)
                case NoActor():
                    raise UnknownActor(actor)
                case KeyReused():
                    raise IdempotencyConflict(key or "")
        raise Busy(actor)

    async def _quiet(self, family: Family, attempt: int) -> View | None:
        """The view, None as long as a change is under way."""
        view = await self._registries.fresh(family)
        if view.frozen is not None:
            raise Frozen(family.workflow, view.frozen)
        if view.pending is not None:
            await self._changes.wait_for(view, view.pending, attempt)
            return None
        return view

    async def _order(
        self,
        view: View,
        record: ActorRecord,
        to: str,
        state_value: object,
        reason: str,
        by: str,
        used: Idempotency | None,
    ) -> PlaceOrder:
        elsewhere = await self._registries.elsewhere(view, (to,))
        after, evaluation = rescue(
            view.registry, record.cohort, to, state_value, reason, elsewhere=elsewhere
        )
        decisions = evaluation.decisions
        text = step_text(after, evaluation.cohort, accepted=True, decisions=decisions)
        return PlaceOrder(
            family=record.family,
            actor=record.id,
            law=view.law,
            cohort_id=record.cohort_id,
            label=record.label,
            revision=record.revision,
            cohort=evaluation.cohort,
            answer=text,
            block=Block(decisions, self._wiring.now(), by, note=reason),
            idempotency=used,
        )

    async def _settle_queue(self, family: Family) -> None:
        if self._changes.afterwards is not None:
            await self._changes.afterwards(family)

    def _idempotency(self, key: str | None, *asked: object) -> Idempotency | None:
        if key is None:
            return None
        return Idempotency(key, request_digest("rescue", *asked), self._wiring.retention_seconds)
