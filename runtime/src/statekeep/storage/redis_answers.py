"""What the scripts answer, in the words of the port."""

from __future__ import annotations

from typing import Any

from statekeep.storage.ports import (
    Blocked,
    ContextMoved,
    Done,
    Existing,
    Family,
    Held,
    Idempotency,
    JournalWanted,
    KeyReused,
    NoActor,
    Outdated,
    PlaceOrder,
    PlaceOutcome,
    Queued,
    QueuedEvent,
    QueueFull,
    SendOrder,
    SendOutcome,
    SpawnOrder,
    SpawnOutcome,
    Stale,
    Unknown,
)
from statekeep.storage.redis_cohorts import Cohorts


class Answers:
    """Reads answers; cohorts in them are remembered by their digests."""

    def __init__(self, cohorts: Cohorts) -> None:
        self._cohorts = cohorts

    def spawned(self, order: SpawnOrder, shard: int, answer: Any) -> SpawnOutcome:
        match answer:
            case [b"done", *rest]:
                return done(order.actor, rest)
            case [b"existing"]:
                return Existing()
            case [b"key-reused"]:
                return KeyReused()
            case [b"held", _, change]:
                return Held(order.family, shard, change)
            case [b"outdated", law]:
                return Outdated(law)
        raise unexpected(answer)

    def placed(self, order: PlaceOrder, shard: int, answer: Any) -> PlaceOutcome:
        match answer:
            case [b"no-actor"]:
                return NoActor()
            case [b"stale", revision, label]:
                return Stale(revision, label)
            case [b"done", *rest]:
                return done(order.actor, rest)
            case [b"key-reused"]:
                return KeyReused()
            case [b"held", _, change]:
                return Held(order.family, shard, change)
            case [b"outdated", law]:
                return Outdated(law)
        raise unexpected(answer)

    async def sent(self, order: SendOrder, shard: int, answer: Any) -> SendOutcome:
        match answer:
            case [b"done", *rest]:
                return done(order.actor, rest)
            case [b"unknown", workflow, cohort_id, label, law, *content]:
                family = Family(order.tenant, workflow.decode())
                cohort = await self._cohorts.read(family, shard, *content)
                return Unknown(family, str(cohort_id), label, cohort, law)
            case [b"no-actor"]:
                return NoActor()
            case [b"key-reused"]:
                return KeyReused()
            case [b"stale", revision, label]:
                return Stale(revision, label)
            case [b"held", workflow, change]:
                return Held(Family(order.tenant, workflow.decode()), shard, change)
            case [b"context-moved"]:
                return ContextMoved()
            case [b"journal", index]:
                return JournalWanted(index)
            case [b"queue-full"]:
                return QueueFull()
            case [b"blocked", workflow, *content]:
                family = Family(order.tenant, workflow.decode())
                return Blocked(family, await self._cohorts.read(family, shard, *content))
            case [b"queued", workflow, ticket, revision, label, replayed, *content]:
                family = Family(order.tenant, workflow.decode())
                cohort = await self._cohorts.read(family, shard, *content)
                return Queued(family, ticket, revision, label, cohort, replayed == 1)
        raise unexpected(answer)

    def recalled(self, actor: str, asked: Idempotency, answer: Any) -> Done | KeyReused | None:
        """A queued event is not done: whoever asks again may queue it again, under its key."""
        if answer is None or answer[1] != b"done":
            return None
        body, _, revision, label, text = answer
        if body.decode() != asked.body:
            return KeyReused()
        return Done(actor, revision, label, text.decode(), replayed=True)

    def queued_event(
        self, ticket: int, event: bytes, payload: bytes, key: bytes, body: bytes, ttl: bytes
    ) -> QueuedEvent:
        used = Idempotency(key.decode(), body.decode(), int(ttl)) if key else None
        return QueuedEvent(ticket, event.decode(), payload, used)


def done(actor: str, rest: list[Any]) -> Done:
    revision, label, answer, replayed = rest
    return Done(actor, revision, label, answer.decode(), replayed == 1)


def unexpected(answer: object) -> AssertionError:
    return AssertionError(f"a script answered {answer!r}")
