"""The operations on actors: what is asked for, which service does it, what is replied."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic_core import to_json

from statekeep.sealing.errors import SealingError
from statekeep.service.actors import Event
from statekeep.service.answers import DecisionView, StepAnswer, parse_etag
from statekeep.service.errors import EXPECTED
from statekeep.service.listing import Filter, Group
from statekeep.web import answers, cursors, wire
from statekeep.web.auth import Permission
from statekeep.web.bodies import check_shape
from statekeep.web.operations import Asked, Operation, PageQuery, Reply
from statekeep.web.problems import Refusal, problem
from statekeep.web.refusals import refusal_of
from statekeep.web.services import Services


class ActorsQuery(PageQuery):
    """Which actors to list, or to count by state value."""

    definition_id: wire.Id | None = None
    workflow: wire.Id | None = None
    status: wire.Status | None = None
    state: wire.Path | None = None
    reason: wire.Id | None = None
    group_by: Literal["stateValue"] | None = None


async def spawn(services: Services, asked: Asked) -> Reply:
    body: wire.SpawnBody = asked.body
    step = await services.actors.spawn(
        asked.tenant, body.definition_id, body.initial_context, asked.idempotency_key
    )
    headers = {"etag": f'"{step.etag}"', "location": f"/v1/actors/{step.actor}"}
    return Reply(answers.spawned(step), 201, headers)


async def send(services: Services, asked: Asked) -> Reply:
    body: wire.EventBody = asked.body
    step = await services.actors.send(
        asked.tenant,
        asked.path["id"],
        Event(body.type, body.context, body.data),
        key=asked.idempotency_key,
        if_match=if_match(asked),
    )
    services.metrics.event(_outcome(step))
    if step.queued:
        now = await services.actors.get(asked.tenant, step.actor)
        return Reply(answers.queued(step, now), 202)
    return Reply(to_json(answers.event(step)), 200, {"etag": f'"{step.etag}"'})


async def send_many(services: Services, asked: Asked) -> Reply:
    """Each event is judged for itself, its shape too; only the frame can fail as a whole."""
    listed = asked.body.events
    if len(listed) > services.max_batch:
        raise Refusal("TooManyEvents", f"{len(listed)} events; the limit is {services.max_batch}")
    read = [_batch_event(event) for event in listed]
    good = [event for event in read if isinstance(event, wire.BatchEvent)]
    sent = await services.actors.send_batch(
        asked.tenant,
        [(e.actor_id, Event(e.type, e.context, e.data), e.idempotency_key) for e in good],
    )
    left = iter(sent)
    items = [
        _refused(written, event)
        if isinstance(event, Refusal)
        else _item(services, event, next(left))
        for written, event in zip(listed, read, strict=True)
    ]
    return Reply(to_json({"items": items}))


async def get(services: Services, asked: Asked) -> Reply:
    view = await services.actors.get(asked.tenant, asked.path["id"])
    shown = asked.asker.may(Permission.CONTEXT)
    return Reply(answers.actor(view, with_context=shown), 200, {"etag": f'"{view.etag}"'})


async def actors(services: Services, asked: Asked) -> Reply:
    query: ActorsQuery = asked.query
    chosen = Filter(query.workflow, query.definition_id, query.status, query.state, query.reason)
    if query.group_by is not None:
        groups = await services.listing.groups(asked.tenant, chosen)
        given, following = cursors.page(groups, _group_key, query.cursor, query.limit)
        return _listed([answers.group(found) for found in given], following)
    cursor = cursors.decode_text(query.cursor)
    page = await services.listing.actors(asked.tenant, chosen, query.limit, cursor)
    return _listed([answers.actor_item(view) for view in page.actors], _following(page.next))


async def history(services: Services, asked: Asked) -> Reply:
    query: PageQuery = asked.query
    start = cursors.decode_text(query.cursor) or "0"
    if not start.isdecimal() or len(start) > 12:
        raise Refusal("InvalidCursor")
    page = await services.actors.history(asked.tenant, asked.path["id"], int(start), query.limit)
    shown = asked.asker.may(Permission.CONTEXT)
    items = [answers.history_item(item, with_data=shown) for item in page.items]
    return Reply(wire.Page[wire.HistoryItem](items=items, next=_following(page.next)))


async def decisions(services: Services, asked: Asked) -> Reply:
    found = await services.actors.decisions(asked.tenant, asked.path["id"])
    numbered = list(enumerate(found))
    query: PageQuery = asked.query
    given, following = cursors.page(numbered, _number, query.cursor, query.limit)
    items = [answers.decision(view) for _, view in given]
    return Reply(wire.Page[wire.DecisionItem](items=items, next=following))


async def rescue(services: Services, asked: Asked) -> Reply:
    body: wire.RescueBody = asked.body
    step = await services.rescues.rescue(
        asked.tenant,
        asked.path["id"],
        to=body.to,
        state_value=body.state_value,
        reason=body.reason,
        by=asked.asker.key_id,
        key=asked.idempotency_key,
    )
    return Reply(answers.stepped(step), 200, {"etag": f'"{step.etag}"'})


async def delete(services: Services, asked: Asked) -> Reply:
    await services.actors.delete(asked.tenant, asked.path["id"])
    return Reply(None, 204)


def if_match(asked: Asked) -> str | None:
    """The ETag that the actor must still have; one that never was ours is refused as such."""
    given = asked.headers.get(b"if-match")
    if given is None or given.strip() == "*" or parse_etag(given) is not None:
        return given
    raise Refusal("InvalidIfMatch")


def _batch_event(written: Any) -> wire.BatchEvent | Refusal:
    try:
        return check_shape(wire.BatchEvent, written)
    except Refusal as refusal:
        return refusal


def _refused(written: Any, refusal: Refusal) -> answers.Written:
    actor = written.get("actorId") if isinstance(written, dict) else None
    return {
        "actorId": actor if isinstance(actor, str) else "",
        "status": refusal.status,
        "problem": problem(refusal).model_dump(by_alias=True),
    }


def _item(
    services: Services, event: wire.BatchEvent, outcome: StepAnswer | BaseException
) -> answers.Written:
    if isinstance(outcome, StepAnswer):
        services.metrics.event(_outcome(outcome))
        status = 202 if outcome.queued else 200
        return {"actorId": event.actor_id, "status": status, "answer": answers.event(outcome)}
    if isinstance(outcome, (*EXPECTED, SealingError)):
        return _refused({"actorId": event.actor_id}, refusal_of(outcome))
    raise outcome


def _outcome(step: StepAnswer) -> str:
    if step.queued:
        return "queued"
    if step.migrated:
        return "migrated"
    return "accepted" if step.accepted else "not_accepted"


def _listed(items: Sequence[wire.ActorItem | wire.GroupItem], following: str | None) -> Reply:
    return Reply(wire.Page[wire.ActorItem | wire.GroupItem](items=list(items), next=following))


def _following(place: str | None) -> str | None:
    return None if place is None else cursors.encode(place)


def _number(numbered: tuple[int, DecisionView]) -> cursors.Key:
    return [numbered[0]]


def _group_key(group: Group) -> cursors.Key:
    state = str(group.state_value)
    return [group.workflow, group.version, state, group.status, group.reason or ""]


ACTORS: Sequence[Operation[Services]] = (
    Operation(
        name="sendEvent",
        method="POST",
        path="/v1/actors/{id}/event",
        summary="Send one event to an actor",
        permission=Permission.SEND,
        body=wire.EventBody,
        answer=wire.EventAnswer,
        handle=send,
        others=(202,),
        keyed=True,
        matched=True,
        codes=(
            "UnknownActor", "InvalidEventType", "TooLarge", "EventTypeTooLong", "HistoryTooLong",
            "TooManyCohorts", "ActorBlocked", "QueueOverflow", "NotStable", "Busy",
            "KeyUnavailable", "Tampered",
        ),
    ),
    Operation(
        name="getActor",
        method="GET",
        path="/v1/actors/{id}",
        summary="One actor, with its context for keys that may see it",
        permission=Permission.READ,
        answer=wire.ActorAnswer,
        handle=get,
        codes=("UnknownActor", "KeyUnavailable", "Tampered"),
    ),
    Operation(
        name="deleteActor",
        method="DELETE",
        path="/v1/actors/{id}",
        summary="Let an actor go, with its context and its history",
        permission=Permission.OPERATE,
        answer=None,
        status=204,
        handle=delete,
        audited=True,
        codes=("UnknownActor", "Busy"),
    ),
    Operation(
        name="spawnActor",
        method="POST",
        path="/v1/actors",
        summary="Start an actor of a version",
        permission=Permission.SEND,
        body=wire.SpawnBody,
        answer=wire.SpawnAnswer,
        status=201,
        handle=spawn,
        keyed=True,
        codes=(
            "UnknownVersion", "ActorExists", "TooLarge", "TooManyActors", "Busy", "KeyUnavailable",
        ),
    ),
    Operation(
        name="listActors",
        method="GET",
        path="/v1/actors",
        summary="Actors by filter, or how many there are in each state",
        permission=Permission.READ,
        query=ActorsQuery,
        answer=wire.Page[wire.ActorItem | wire.GroupItem],
        handle=actors,
        codes=("InvalidCursor",),
    ),
    Operation(
        name="sendEvents",
        method="POST",
        path="/v1/events",
        summary="Send events to many actors, each with an answer of its own",
        permission=Permission.SEND,
        body=wire.BatchFrame,
        answer=wire.BatchAnswer,
        handle=send_many,
        codes=("TooManyEvents", "KeyUnavailable"),
    ),
    Operation(
        name="getHistory",
        method="GET",
        path="/v1/actors/{id}/history",
        summary="The accepted events of an actor, oldest first",
        permission=Permission.READ,
        query=PageQuery,
        answer=wire.Page[wire.HistoryItem],
        handle=history,
        codes=("UnknownActor", "InvalidCursor", "KeyUnavailable", "Tampered"),
    ),
    Operation(
        name="getDecisions",
        method="GET",
        path="/v1/actors/{id}/decisions",
        summary="Everything that was decided about an actor, oldest first",
        permission=Permission.READ,
        query=PageQuery,
        answer=wire.Page[wire.DecisionItem],
        handle=decisions,
        codes=("UnknownActor", "InvalidCursor"),
    ),
    Operation(
        name="rescueActor",
        method="POST",
        path="/v1/actors/{id}/rescue",
        summary="Put one actor where a person says, and write down who and why",
        permission=Permission.OPERATE,
        body=wire.RescueBody,
        answer=wire.StepAnswer,
        handle=rescue,
        audited=True,
        keyed=True,
        codes=(
            "UnknownActor", "UnknownVersion", "WorkflowMismatch", "ActorDone", "IllegalState",
            "BackwardMigration", "LandingNotStable", "Frozen", "Busy",
        ),
    ),
)  # fmt: skip
