"""Every operation of the HTTP API as data: what to send, and what to read the answer as.

Sends nothing, knows no transport; sync and async clients share it whole.
Invariant: a call that writes carries an idempotency key, or may be repeated by its nature, or says
that it happens `once`; any other may be sent again when no answer came.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar
from urllib.parse import quote

from pydantic import BaseModel

from statekeep.client.errors import ClientError
from statekeep.web import wire

T_co = TypeVar("T_co", bound=BaseModel, covariant=True)
Body = Mapping[str, Any] | BaseModel


@dataclass(frozen=True, slots=True)
class Call(Generic[T_co]):
    """One request, and the model of its answer."""

    answer: type[T_co]
    method: Literal["GET", "POST", "DELETE"]
    path: str
    body: Mapping[str, Any] | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    once: bool = False
    """Never sent again where it may have arrived: doing it twice is not the same."""
    gone_is_done: bool = False
    """What a second try does not find any more, the first has removed."""


class Nothing(wire.Answer):
    """The answer of what has nothing to say."""


# ---- registrations ----


def deploy(body: Body) -> Call[wire.DeploymentAnswer]:
    return _post(wire.DeploymentAnswer, "/v1/definitions", body)


def preview(
    body: Body, cursor: str | None = None, limit: int | None = None
) -> Call[wire.PreviewAnswer]:
    query = _query(cursor=cursor, limit=limit)
    return _post(wire.PreviewAnswer, "/v1/definitions/preview", body, query=query)


def definition(version: str) -> Call[wire.DefinitionAnswer]:
    return Call(wire.DefinitionAnswer, "GET", f"/v1/definitions/{_part(version)}")


def definitions(
    workflow: str | None = None, cursor: str | None = None, limit: int | None = None
) -> Call[wire.Page[wire.DefinitionAnswer]]:
    query = _query(workflow=workflow, cursor=cursor, limit=limit)
    return Call(wire.Page[wire.DefinitionAnswer], "GET", "/v1/definitions", query=query)


def change_point(body: Body) -> Call[wire.DeploymentAnswer]:
    return _post(wire.DeploymentAnswer, "/v1/change-points", body)


def preview_change_point(
    body: Body, cursor: str | None = None, limit: int | None = None
) -> Call[wire.PreviewAnswer]:
    query = _query(cursor=cursor, limit=limit)
    return _post(wire.PreviewAnswer, "/v1/change-points/preview", body, query=query)


def get_change_point(name: str, workflow: str | None = None) -> Call[wire.PointAnswer]:
    query = _query(workflow=workflow)
    return Call(wire.PointAnswer, "GET", f"/v1/change-points/{_part(name)}", query=query)


def change_points(
    workflow: str | None = None, cursor: str | None = None, limit: int | None = None
) -> Call[wire.Page[wire.PointAnswer]]:
    query = _query(workflow=workflow, cursor=cursor, limit=limit)
    return Call(wire.Page[wire.PointAnswer], "GET", "/v1/change-points", query=query)


def close(name: str, workflow: str | None = None) -> Call[wire.PointAnswer]:
    query = _query(workflow=workflow)
    return _post(wire.PointAnswer, f"/v1/change-points/{_part(name)}/close", {}, query=query)


def deployment(name: str, workflow: str | None = None) -> Call[wire.DeploymentAnswer]:
    query = _query(workflow=workflow)
    return Call(wire.DeploymentAnswer, "GET", f"/v1/deployments/{_part(name)}", query=query)


def deployment_actors(
    name: str,
    verdict: wire.Verdict,
    cursor: str | None = None,
    limit: int | None = None,
) -> Call[wire.Page[wire.MovedItem]]:
    query = _query(verdict=verdict, cursor=cursor, limit=limit)
    path = f"/v1/deployments/{_part(name)}/actors"
    return Call(wire.Page[wire.MovedItem], "GET", path, query=query)


# ---- actors ----


def spawn(
    definition_id: str,
    initial_context: Mapping[str, Any] | None = None,
    idempotency_key: str | None = None,
) -> Call[wire.SpawnAnswer]:
    body = {"definitionId": definition_id, "initialContext": dict(initial_context or {})}
    return _post(wire.SpawnAnswer, "/v1/actors", body, idempotency_key)


def send(
    actor: str,
    event_type: str,
    context: Mapping[str, Any] | None = None,
    data: Any = None,
    if_match: str | None = None,
    idempotency_key: str | None = None,
) -> Call[wire.EventAnswer]:
    body = _event(event_type, context, data)
    headers = {} if if_match is None else {"If-Match": if_match}
    path = f"/v1/actors/{_part(actor)}/event"
    return _post(wire.EventAnswer, path, body, idempotency_key, headers=headers)


def send_many(events: Iterable[Mapping[str, Any]]) -> Call[wire.BatchAnswer]:
    """Each event is `{actorId, type, context?, data?, idempotencyKey?}`."""
    keyed = [{"idempotencyKey": _new_key(), **event} for event in events]
    return _post(wire.BatchAnswer, "/v1/events", {"events": keyed})


def actor(actor: str) -> Call[wire.ActorAnswer]:
    return Call(wire.ActorAnswer, "GET", f"/v1/actors/{_part(actor)}")


def actors(
    definition_id: str | None = None,
    workflow: str | None = None,
    status: wire.Status | None = None,
    state: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Call[wire.Page[wire.ActorItem]]:
    query = _query(
        definitionId=definition_id,
        workflow=workflow,
        status=status,
        state=state,
        cursor=cursor,
        limit=limit,
    )
    return Call(wire.Page[wire.ActorItem], "GET", "/v1/actors", query=query)


def groups(
    definition_id: str | None = None,
    workflow: str | None = None,
    status: wire.Status | None = None,
    cursor: str | None = None,
) -> Call[wire.Page[wire.GroupItem]]:
    query = _query(
        groupBy="stateValue",
        definitionId=definition_id,
        workflow=workflow,
        status=status,
        cursor=cursor,
    )
    return Call(wire.Page[wire.GroupItem], "GET", "/v1/actors", query=query)


def history(
    actor: str, cursor: str | None = None, limit: int | None = None
) -> Call[wire.Page[wire.HistoryItem]]:
    query = _query(cursor=cursor, limit=limit)
    path = f"/v1/actors/{_part(actor)}/history"
    return Call(wire.Page[wire.HistoryItem], "GET", path, query=query)


def decisions(
    actor: str, cursor: str | None = None, limit: int | None = None
) -> Call[wire.Page[wire.DecisionItem]]:
    query = _query(cursor=cursor, limit=limit)
    path = f"/v1/actors/{_part(actor)}/decisions"
    return Call(wire.Page[wire.DecisionItem], "GET", path, query=query)


def rescue(
    actor: str,
    to: str,
    state_value: wire.StateValue,
    reason: str,
    idempotency_key: str | None = None,
) -> Call[wire.StepAnswer]:
    body = {"to": to, "stateValue": state_value, "reason": reason}
    path = f"/v1/actors/{_part(actor)}/rescue"
    return _post(wire.StepAnswer, path, body, idempotency_key)


def delete(actor: str) -> Call[Nothing]:
    return Call(Nothing, "DELETE", f"/v1/actors/{_part(actor)}", gone_is_done=True)


def cohorts(
    workflow: str | None = None,
    definition_id: str | None = None,
    digest: bool = False,
    cursor: str | None = None,
    limit: int | None = None,
) -> Call[wire.Page[wire.CohortItem]]:
    query = _query(
        workflow=workflow,
        definitionId=definition_id,
        digest="true" if digest else None,
        cursor=cursor,
        limit=limit,
    )
    return Call(wire.Page[wire.CohortItem], "GET", "/v1/cohorts", query=query)


# ---- workflows, keys ----


def workflow(workflow: str) -> Call[wire.WorkflowSummary]:
    return Call(wire.WorkflowSummary, "GET", f"/v1/workflows/{_part(workflow)}")


def freeze(workflow: str, reason: str) -> Call[wire.WorkflowAnswer]:
    path = f"/v1/workflows/{_part(workflow)}/freeze"
    return _post(wire.WorkflowAnswer, path, {"reason": reason})


def unfreeze(workflow: str) -> Call[wire.WorkflowAnswer]:
    return _post(wire.WorkflowAnswer, f"/v1/workflows/{_part(workflow)}/unfreeze", {})


def create_key(roles: Sequence[wire.Role], name: str = "") -> Call[wire.KeyAnswer]:
    """The key stands in this answer alone and is stored nowhere, so it cannot be answered twice."""
    return Call(wire.KeyAnswer, "POST", "/v1/keys", {"roles": list(roles), "name": name}, once=True)


def keys() -> Call[wire.Page[wire.KeyAnswer]]:
    return Call(wire.Page[wire.KeyAnswer], "GET", "/v1/keys")


def revoke_key(key_id: str) -> Call[Nothing]:
    return Call(Nothing, "DELETE", f"/v1/keys/{_part(key_id)}", gone_is_done=True)


def export_registry(workflow: str | None = None) -> Call[wire.RegistryExport]:
    query = _query(workflow=workflow)
    return Call(wire.RegistryExport, "GET", "/v1/registry", query=query)


def import_registry(document: Body) -> Call[wire.ImportAnswer]:
    return _post(wire.ImportAnswer, "/v1/registry", document)


# ---- parts ----

A = TypeVar("A", bound=BaseModel)


def _post(
    answer: type[A],
    path: str,
    body: Body,
    idempotency_key: str | None = None,
    *,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Call[A]:
    keyed = {"Idempotency-Key": idempotency_key or _new_key(), **(headers or {})}
    return Call(answer, "POST", path, _plain(body), query or {}, keyed)


def _plain(body: Body) -> Mapping[str, Any]:
    if isinstance(body, BaseModel):
        plain: dict[str, Any] = body.model_dump(by_alias=True, exclude_unset=True, mode="json")
        return plain
    return body


def _event(event_type: str, context: Mapping[str, Any] | None, data: Any) -> dict[str, Any]:
    event: dict[str, Any] = {"type": event_type}
    if context is not None:
        event["context"] = dict(context)
    if data is not None:
        event["data"] = data
    return event


def _query(**members: str | int | None) -> dict[str, str]:
    return {name: str(value) for name, value in members.items() if value is not None}


def _part(name: str) -> str:
    if name in ("", ".", ".."):
        raise ClientError(f"`{name}` cannot be a name: in an address it would mean another place")
    return quote(name, safe="")


def _new_key() -> str:
    return str(uuid.uuid4())
