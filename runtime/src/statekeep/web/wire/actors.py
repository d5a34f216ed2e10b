"""Actors on the wire: spawns, events, histories, decisions, lists."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from statekeep.web.wire.base import (
    Answer,
    EventType,
    Id,
    JsonObject,
    Problem,
    Sent,
    StateValue,
    Status,
    Verdict,
)


class SpawnBody(Sent):
    """A new actor (`POST /v1/actors`)."""

    definition_id: Id
    initial_context: JsonObject = Field(default_factory=dict)


class EventBody(Sent):
    """An event for one actor; `context` is a JSON merge patch on the actor's context."""

    type: EventType
    context: JsonObject | None = None
    data: Any = None


class BatchEvent(EventBody):
    """One event of a batch."""

    actor_id: Id
    idempotency_key: Annotated[str, StringConstraints(min_length=1, max_length=255)] | None = None


class BatchFrame(Sent):
    """Events for many actors, each a `BatchEvent`, judged one by one and answered in this order."""

    events: list[Any] = Field(
        json_schema_extra={"items": {"$ref": "#/components/schemas/BatchEvent"}}
    )


class RescueBody(Sent):
    """A rescue by hand; a partial state value is completed by initial states."""

    to: Id
    state_value: StateValue = Field(default_factory=dict)
    reason: Annotated[str, StringConstraints(min_length=1, max_length=1_000)]


class Stranding(Answer):
    """Why an actor is stranded: the change-point that picked it, and where it was to go."""

    change_point: str
    reason: str
    message: str = ""
    way: list[str] = Field(default_factory=list)


class ActorAnswer(Answer):
    """One actor. `context` is there for keys that may see it."""

    id: str
    actor_id: str
    workflow: str
    version: str
    state_value: StateValue
    status: Status
    revision: int
    stranding: Stranding | None = None
    history_length: int = 0
    queued: int = 0
    context: JsonObject | None = None


class Hop(Answer):
    """A change-point that somebody was led over."""

    change_point: str | None
    source: Annotated[str, Field(alias="from")]
    to: str


class StepAnswer(Answer):
    """Where an actor is after something happened to it."""

    actor_id: str
    version: str
    state_value: StateValue
    status: Status
    revision: int
    migrated: bool = False
    via: list[Hop] = Field(default_factory=list)


class SpawnAnswer(StepAnswer):
    """A new actor; `id` and `actorId` are the same."""

    id: str


class EventAnswer(StepAnswer):
    """What an event did. `queued` means that it waits for the rescue of a stranded actor."""

    accepted: bool
    queued: bool = False


class BatchItem(Answer):
    """The answer to one event of a batch: its `status`, and either an answer or a problem."""

    actor_id: str
    status: int
    answer: EventAnswer | None = None
    problem: Problem | None = None


class BatchAnswer(Answer):
    """As many items as events, in their order."""

    items: list[BatchItem]


class HistoryItem(Answer):
    """An accepted event; `at` and `data` where the workflow keeps a full journal."""

    type: str
    at: float | None = None
    data: Any = None


class DecisionItem(Answer):
    """The audit record of one verdict for one actor; `changePoint` is null for a person's."""

    change_point: str | None
    clock: int
    verdict: Verdict
    source: Annotated[str, Field(alias="from")]
    to: str | None = None
    reason: str | None = None
    message: str = ""
    rescued: bool = False
    fingerprint: str = ""
    anchor_hash: str = ""
    from_state: StateValue | None = None
    to_state: StateValue | None = None
    deployment: str | None = None
    plan_hash: str | None = None
    note: str | None = None
    at: float
    by: str = ""


class ActorItem(Answer):
    """An actor in a listing, without its context."""

    id: str
    workflow: str
    version: str
    state_value: StateValue
    status: Status
    reason: str | None = None


class GroupItem(Answer):
    """Actors that are in the same state of the same version."""

    workflow: str
    version: str
    state_value: StateValue
    status: Status
    reason: str | None = None
    count: int


class CohortItem(Answer):
    """A cohort: what its actors share, without anything of theirs.

    `form` is the cohort as text, for `statekeep plan`; it stands there when asked for.
    """

    workflow: str
    version: str
    position: int
    state_value: StateValue
    status: Status
    fingerprint: str
    history_length: int
    stranding: Stranding | None = None
    count: int
    form: str | None = None


class MovedItem(Answer):
    """An actor that a deployment concerned."""

    id: str
    verdict: Verdict
