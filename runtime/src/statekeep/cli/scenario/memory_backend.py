"""A scenario's own runtime, in this process: the services, and a clock that only counts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import count

from statekeep.cli.scenario.backend import ActorState, Json, StepError
from statekeep.service import EXPECTED, Event, Services, Wiring, explain
from statekeep.service.deployments import Deployed
from statekeep.service.errors import InvalidRequest
from statekeep.storage.memory import MemoryStore
from statekeep.storage.ports import Store

SHARDS = 2
TENANT = "scenario"


@asynccontextmanager
async def _explained() -> AsyncIterator[None]:
    """Expected errors as the scenario sees them."""
    try:
        yield
    except EXPECTED as error:
        problem = explain(error)
        raise StepError(problem.code, problem.message, problem.details) from error


class ServiceBackend:
    """The services, asked directly."""

    def __init__(self, services: Services, tenant: str = TENANT) -> None:
        self.services = services
        self._tenant = tenant

    @classmethod
    def over(cls, store: Store, tenant: str = TENANT) -> ServiceBackend:
        """Services over any store, with everything else as a scenario needs it."""
        seconds, tokens = count(1), count(1)
        wiring = Wiring(
            store, now=lambda: float(next(seconds)), token=lambda: f"{next(tokens):032x}"
        )
        return cls(Services(wiring), tenant)

    @classmethod
    def in_memory(cls, shards: int = SHARDS) -> ServiceBackend:
        """A runtime of its own for one scenario."""
        return cls.over(MemoryStore(shards))

    async def deploy(self, body: object) -> Json:
        async with _explained():
            return _counts(await self.services.deployments.deploy(self._tenant, body))

    async def change_point(self, body: object) -> Json:
        async with _explained():
            return _counts(await self.services.deployments.change_point(self._tenant, body))

    async def preview(self, body: object) -> Json:
        of_point = isinstance(body, dict) and "to" in body and "id" not in body
        deployments = self.services.deployments
        ask = deployments.preview_point if of_point else deployments.preview
        async with _explained():
            made = await ask(self._tenant, body)
        return {
            "wouldMigrate": list(made.would_migrate),
            "wouldStay": list(made.would_stay),
            "wouldStrand": list(made.would_strand),
            "counts": dict(made.counts),
            "planHash": made.plan_hash,
            "byState": list(made.by_state),
            "unlandable": list(made.unlandable),
            "warnings": list(made.warnings),
        }

    async def close_point(self, name: str) -> None:
        async with _explained():
            await self.services.deployments.close(self._tenant, name)

    async def spawn(self, version: str, context: object) -> str:
        async with _explained():
            return (await self.services.actors.spawn(self._tenant, version, context)).actor

    async def send(self, actor: str, event: Json) -> bool:
        async with _explained():
            answer = await self.services.actors.send(self._tenant, actor, _event(event))
        return answer.accepted

    async def rescue(self, actor: str, to: str, state_value: object, reason: str) -> None:
        async with _explained():
            await self.services.rescues.rescue(
                self._tenant, actor, to=to, state_value=state_value, reason=reason, by="scenario"
            )

    async def freeze(self, workflow: str, reason: str) -> None:
        async with _explained():
            await self.services.workflows.freeze(self._tenant, workflow, reason)

    async def unfreeze(self, workflow: str) -> None:
        async with _explained():
            await self.services.workflows.unfreeze(self._tenant, workflow)

    async def read(self, actor: str) -> ActorState:
        actors = self.services.actors
        view = await actors.get(self._tenant, actor)
        decisions = await actors.decisions(self._tenant, actor)
        return ActorState(
            version=view.version,
            state_value=view.state_value,
            status=view.status,
            reason=view.reason,
            message=view.message,
            history=await self._history(actor, view.history_length),
            decisions=tuple(_decision(item.decision.to_json()) for item in decisions),
            context=view.context,
        )

    async def end(self, actors: Sequence[str]) -> None:
        """Nothing to do: a store in memory goes with its scenario."""

    async def _history(self, actor: str, length: int) -> tuple[str, ...]:
        page = await self.services.actors.history(self._tenant, actor, 0, length)
        return tuple(item.type for item in page.items)


def _event(event: Json) -> Event:
    context = event.get("context")
    if context is not None and not isinstance(context, dict):
        raise InvalidRequest("an event's context is an object", "/context")
    return Event(str(event["type"]), context, event.get("data"))


def _counts(done: Deployed) -> Json:
    return {
        "migrated": done.migrated,
        "stayed": done.stayed,
        "stranded": done.stranded,
        "planHash": done.plan_hash,
        "clock": done.clock,
    }


DECISION_FIELDS = ("changePoint", "clock", "verdict", "from", "to", "reason", "rescued")


def _decision(written: Json) -> Json:
    return {key: written[key] for key in DECISION_FIELDS}
