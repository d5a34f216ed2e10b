"""A scenario against a server, by our own client, under names of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from secrets import token_hex
from typing import Any

from statekeep.cli.scenario.backend import ActorState, Json, StepError
from statekeep.cli.scenario.memory_backend import DECISION_FIELDS
from statekeep.cli.scenario.private_names import PrivateNames
from statekeep.client import AsyncClient, ProblemAnswer, requests
from statekeep.web import wire

IN_FLIGHT = 30


class ServerBackend:
    """One scenario's own names on a server."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client
        self._names = PrivateNames(f"scn-{token_hex(4)}-")
        self._points: dict[str, str] = {}

    async def deploy(self, body: object) -> Json:
        async with self._explained():
            return self._counts(await self._client.deploy(self._body(body)))

    async def change_point(self, body: object) -> Json:
        async with self._explained():
            return self._counts(await self._client.change_point(self._body(body)))

    async def preview(self, body: object) -> Json:
        of_point = isinstance(body, Mapping) and "to" in body and "id" not in body
        ask = self._client.preview_change_point if of_point else self._client.preview
        async with self._explained():
            made = (await ask(self._body(body))).model_dump(by_alias=True, mode="json")
        plain = {
            key: made[key] for key in ("counts", "planHash", "byState", "unlandable", "warnings")
        }
        return {**made["migration"], **self._names.off_object(plain)}

    async def close_point(self, name: str) -> None:
        async with self._explained():
            await self._client.close(self._point(name))

    async def spawn(self, version: str, context: object) -> str:
        if context is not None and not isinstance(context, Mapping):
            raise StepError("InvalidRequest", "'initialContext' must be an object")
        async with self._explained():
            return (await self._client.spawn(f"{self._names.on(version)}", context)).id

    async def send(self, actor: str, event: Json) -> bool:
        context: Any = event.get("context")
        async with self._explained():
            answer = await self._client.send(
                actor, str(event["type"]), context=context, data=event.get("data")
            )
        return answer.accepted

    async def rescue(self, actor: str, to: str, state_value: object, reason: str) -> None:
        target: Any = self._names.on(to)
        value: Any = state_value
        async with self._explained():
            await self._client.rescue(actor, target, value, reason)

    async def freeze(self, workflow: str, reason: str) -> None:
        async with self._explained():
            await self._client.freeze(f"{self._names.on(workflow)}", reason)

    async def unfreeze(self, workflow: str) -> None:
        async with self._explained():
            await self._client.unfreeze(f"{self._names.on(workflow)}")

    async def read(self, actor: str) -> ActorState:
        async with self._explained():
            view = await self._client.actor(actor)
            events = [item async for item in self._client.each(requests.history(actor))]
            made = [item async for item in self._client.each(requests.decisions(actor))]
        decisions = [item.model_dump(by_alias=True, mode="json") for item in made]
        return ActorState(
            version=str(self._names.off(view.version)),
            state_value=view.state_value,
            status=view.status,
            reason=view.stranding.reason if view.stranding else None,
            message=str(self._names.off(view.stranding.message)) if view.stranding else None,
            history=tuple(item.type for item in events),
            decisions=tuple(self._decision(item) for item in decisions),
            context=view.context or {},
        )

    async def end(self, actors: Sequence[str]) -> None:
        """Delete the scenario's actors; what is registered cannot be, and is nobody's."""
        gate = asyncio.Semaphore(IN_FLIGHT)

        async def delete(actor: str) -> None:
            async with gate, self._explained():
                await self._client.delete(actor)

        await asyncio.gather(*(delete(actor) for actor in actors))

    def _body(self, body: object) -> Any:
        private = self._names.on_body(body)
        if isinstance(private, dict) and isinstance(body, Mapping):
            refined = body.get("refines")
            if isinstance(refined, str):
                private["refines"] = self._point(refined)
        return private

    def _point(self, name: str) -> str:
        """A change-point's private name; one that the server made has the prefix twice."""
        return self._points.get(name, f"{self._names.prefix}{name}")

    def _counts(self, done: wire.DeploymentAnswer) -> Json:
        for point in done.change_points:
            self._points[str(self._names.off(point.name))] = point.name
        return {
            "migrated": done.migrated,
            "stayed": done.stayed,
            "stranded": done.stranded,
            "planHash": done.plan_hash,
            "clock": done.clock,
        }

    def _decision(self, item: Json) -> Json:
        return self._names.off_object({key: item[key] for key in DECISION_FIELDS})

    @asynccontextmanager
    async def _explained(self) -> AsyncIterator[None]:
        try:
            yield
        except ProblemAnswer as error:
            problem = error.problem
            told = str(self._names.off(problem.detail or problem.title))
            errors = [fault.model_dump(by_alias=True, mode="json") for fault in problem.errors]
            details = {"errors": self._names.off(errors)} if errors else {}
            raise StepError(problem.code, told, details) from error
