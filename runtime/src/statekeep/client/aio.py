"""The asynchronous client. The twin of `sync`: a test holds the two alike."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Self, TypeVar

import httpx
from pydantic import BaseModel

from statekeep.client import exchange, requests
from statekeep.client.connections import Connections, fits
from statekeep.client.exchange import Retries
from statekeep.client.requests import Body, Call
from statekeep.web import wire

Answer = TypeVar("Answer", bound=BaseModel)


class AsyncClient:
    """All of the API; each method answers a model of `statekeep.web.wire`.

    Every call is retried when no answer came or the server asks for it: calls that write carry an
    idempotency key, so they happen once.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str | None = None,
        *,
        tenant: str | None = None,
        timeout: float = 10.0,
        retries: Retries | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._base_url = base_url
        self._retries = retries or Retries()
        self._http = httpx.AsyncClient(
            base_url=base_url,
            headers=exchange.headers(api_key, tenant),
            timeout=timeout,
            limits=exchange.LIMITS,
            transport=transport or (Connections() if fits(base_url) else None),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Give the connections back."""
        await self._http.aclose()

    async def do(self, call: Call[Answer]) -> Answer:
        """Send a call until it is answered."""
        attempt = 0
        while True:
            attempt += 1
            try:
                response = await self._http.request(
                    call.method, call.path, **exchange.arguments(call)
                )
            except httpx.TransportError as error:
                wait = exchange.wait_after(call, self._retries, attempt, error)
                if wait is None:
                    raise exchange.no_answer(call, self._base_url, attempt, error) from error
            else:
                wait = exchange.wait_after(call, self._retries, attempt, response)
                if wait is None:
                    return exchange.answered(call, attempt, response)
            await asyncio.sleep(wait)

    async def each(self, call: Call[wire.Page[Answer]]) -> AsyncIterator[Answer]:
        """Every item of a list, page by page."""
        while True:
            page = await self.do(call)
            for item in page.items:
                yield item
            if page.next is None:
                return
            call = replace(call, query={**call.query, "cursor": page.next})

    async def deploy(self, body: Body) -> wire.DeploymentAnswer:
        """Register a version, and move whom it concerns."""
        return await self.do(requests.deploy(body))

    async def preview(
        self, body: Body, cursor: str | None = None, limit: int | None = None
    ) -> wire.PreviewAnswer:
        """What `deploy` of this body would do; nothing is written."""
        return await self.do(requests.preview(body, cursor, limit))

    async def definition(self, version: str) -> wire.DefinitionAnswer:
        return await self.do(requests.definition(version))

    async def change_point(self, body: Body) -> wire.DeploymentAnswer:
        """Register a change-point, and move whom it concerns."""
        return await self.do(requests.change_point(body))

    async def preview_change_point(
        self, body: Body, cursor: str | None = None, limit: int | None = None
    ) -> wire.PreviewAnswer:
        return await self.do(requests.preview_change_point(body, cursor, limit))

    async def get_change_point(self, name: str, workflow: str | None = None) -> wire.PointAnswer:
        return await self.do(requests.get_change_point(name, workflow))

    async def close(self, name: str, workflow: str | None = None) -> wire.PointAnswer:
        """Close a change-point: from now on it picks nobody."""
        return await self.do(requests.close(name, workflow))

    async def deployment(self, name: str, workflow: str | None = None) -> wire.DeploymentAnswer:
        """What a registration did, or how far it is."""
        return await self.do(requests.deployment(name, workflow))

    async def spawn(
        self,
        definition_id: str,
        initial_context: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> wire.SpawnAnswer:
        """A new actor."""
        return await self.do(requests.spawn(definition_id, initial_context, idempotency_key))

    async def send(
        self,
        actor: str,
        event_type: str,
        context: Mapping[str, Any] | None = None,
        data: Any = None,
        *,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> wire.EventAnswer:
        """Send one event; `context` is a JSON merge patch."""
        return await self.do(
            requests.send(
                actor, event_type, context, data, if_match=if_match, idempotency_key=idempotency_key
            )
        )

    async def send_many(self, events: Iterable[Mapping[str, Any]]) -> wire.BatchAnswer:
        """Events for many actors, `{actorId, type, …}` each; one answer each, in their order."""
        return await self.do(requests.send_many(events))

    async def actor(self, actor: str) -> wire.ActorAnswer:
        return await self.do(requests.actor(actor))

    async def rescue(
        self, actor: str, to: str, state_value: wire.StateValue, reason: str
    ) -> wire.StepAnswer:
        """Put one actor where a person says."""
        return await self.do(requests.rescue(actor, to, state_value, reason))

    async def delete(self, actor: str) -> None:
        await self.do(requests.delete(actor))

    async def workflow(self, workflow: str) -> wire.WorkflowSummary:
        """What is registered of a workflow, and how many actors are where."""
        return await self.do(requests.workflow(workflow))

    async def freeze(self, workflow: str, reason: str) -> wire.WorkflowAnswer:
        """Stop registrations and landings of a workflow; events go on."""
        return await self.do(requests.freeze(workflow, reason))

    async def unfreeze(self, workflow: str) -> wire.WorkflowAnswer:
        return await self.do(requests.unfreeze(workflow))

    async def export_registry(self, workflow: str | None = None) -> wire.RegistryExport:
        """Everything that is registered, with its clocks; `import_registry` takes it."""
        return await self.do(requests.export_registry(workflow))

    async def import_registry(self, document: Body) -> wire.ImportAnswer:
        """Enter what was exported, where its workflows are unknown."""
        return await self.do(requests.import_registry(document))

    async def create_key(self, roles: Sequence[wire.Role], name: str = "") -> wire.KeyAnswer:
        return await self.do(requests.create_key(roles, name))

    async def revoke_key(self, key_id: str) -> None:
        await self.do(requests.revoke_key(key_id))

    def definitions(self, workflow: str | None = None) -> AsyncIterator[wire.DefinitionAnswer]:
        return self.each(requests.definitions(workflow))

    def change_points(self, workflow: str | None = None) -> AsyncIterator[wire.PointAnswer]:
        return self.each(requests.change_points(workflow))

    def deployment_actors(self, name: str, verdict: wire.Verdict) -> AsyncIterator[wire.MovedItem]:
        return self.each(requests.deployment_actors(name, verdict))

    def actors(
        self,
        definition_id: str | None = None,
        workflow: str | None = None,
        status: wire.Status | None = None,
        state: str | None = None,
    ) -> AsyncIterator[wire.ActorItem]:
        return self.each(requests.actors(definition_id, workflow, status, state))

    def groups(
        self,
        definition_id: str | None = None,
        workflow: str | None = None,
        status: wire.Status | None = None,
    ) -> AsyncIterator[wire.GroupItem]:
        return self.each(requests.groups(definition_id, workflow, status))

    def history(self, actor: str) -> AsyncIterator[wire.HistoryItem]:
        return self.each(requests.history(actor))

    def decisions(self, actor: str) -> AsyncIterator[wire.DecisionItem]:
        return self.each(requests.decisions(actor))

    def cohorts(
        self, workflow: str | None = None, definition_id: str | None = None, digest: bool = False
    ) -> AsyncIterator[wire.CohortItem]:
        return self.each(requests.cohorts(workflow, definition_id, digest))

    def keys(self) -> AsyncIterator[wire.KeyAnswer]:
        return self.each(requests.keys())
