"""One random history: a scenario's steps, torn apart and given to clients who all act at once."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from random import Random
from typing import Any

from statekeep.service import Event, Services, Wiring
from statekeep.service.answers import ActorView, StepAnswer
from statekeep.service.deployments import Deployed
from support.consistency.record import Change, History, Json, Operation, Recorder
from support.scenarios.charts import EVENTS
from support.scenarios.generate import scenario
from support.scenarios.product import AUDITED
from support.stores import opened, own_tenant

SHARDS = 3
REPLICAS = 3
REGISTRARS = 2
CLIENTS = 2
"""For each actor."""
ON_THE_REGISTRY = ("deploy", "changePoint", "close", "freeze", "unfreeze")
LONGEST_PAUSE = 0.004
SPAWN_TRIES = 15


async def run(url: str, seed: int) -> History:
    """The history of one seed on a server."""
    async with AsyncExitStack() as stack:
        stores = [await stack.enter_async_context(opened(url, SHARDS)) for _ in range(REPLICAS)]
        dice = Random(seed)
        orders = [tuple(dice.sample(range(SHARDS), SHARDS)) for _ in stores]
        replicas = [
            Services(Wiring(store, shard_order=_always(order)))
            for store, order in zip(stores, orders, strict=True)
        ]
        return await Load(replicas, dice).play(scenario(seed)["steps"])


def _always(order: tuple[int, ...]) -> Callable[[int], tuple[int, ...]]:
    return lambda _: order


class Load:
    """The clients of one run."""

    def __init__(self, replicas: Sequence[Services], dice: Random) -> None:
        self._replicas = replicas
        self._dice = dice
        self._tenant = own_tenant()
        self._recorder = Recorder()
        self._history = History()
        self._ids: dict[str, str] = {}

    async def play(self, steps: Sequence[Json]) -> History:
        registry = deque(step for step in steps if set(step) & set(ON_THE_REGISTRY))
        own = self._steps_of_actors(steps)
        await self._change(registry.popleft(), "first")
        async with asyncio.TaskGroup() as tasks:
            for number in range(REGISTRARS):
                tasks.create_task(self._registrar(registry, f"registrar {number}"))
            for name, todo in own.items():
                tasks.create_task(self._life(name, todo))
        await self._conclude()
        return self._history

    def _steps_of_actors(self, steps: Sequence[Json]) -> dict[str, deque[Json]]:
        """What each actor is to do: its spawn first, and some events and looks in between."""
        own: dict[str, deque[Json]] = {}
        for step in steps:
            if "spawn" in step and step["spawn"]["as"] not in own and "count" not in step["spawn"]:
                own[step["spawn"]["as"]] = deque([{"spawn": step["spawn"]["definitionId"]}])
            if "send" in step and step["send"]["to"] in own:
                own[step["send"]["to"]] += [{"send": event} for event in step["send"]["events"]]
            if "rescue" in step and step["rescue"]["actor"] in own:
                own[step["rescue"]["actor"]].append({"rescue": step["rescue"]})
        for todo in own.values():
            for _ in range(self._dice.randint(2, 5)):
                place = self._dice.randint(0, len(todo) - 1) + 1
                for extra in self._extra():
                    todo.insert(place, extra)
        return own

    def _extra(self) -> list[Json]:
        """A look, an event, or an event with a key that is sent twice."""
        if self._dice.random() < 0.5:
            return [{"get": {}}]
        event: Json = {"send": self._dice.choice(EVENTS)}
        if self._dice.random() < 0.6:
            return [event]
        return [{**event, "key": f"{self._dice.getrandbits(64):x}"}] * 2

    def _any(self) -> Services:
        return self._dice.choice(self._replicas)

    async def _pause(self) -> None:
        await asyncio.sleep(self._dice.random() ** 2 * LONGEST_PAUSE)

    # --- the registry ---

    async def _registrar(self, todo: deque[Json], client: str) -> None:
        while todo:
            await self._pause()
            if todo:
                await self._change(todo.popleft(), client)

    async def _change(self, step: Json, client: str) -> None:
        kind = next(key for key in ON_THE_REGISTRY if key in step)
        asked = step[kind] if isinstance(step[kind], dict) else {"name": step[kind]}
        services = self._any()

        async def call() -> Json:
            return await _changed(services, self._tenant, kind, asked)

        await self._recorder.note(self._history.registry, client, kind, asked, call)

    # --- actors ---

    async def _life(self, name: str, todo: deque[Json]) -> None:
        operations = self._history.actors[name] = []
        version = todo.popleft()["spawn"]
        for _ in range(SPAWN_TRIES):
            await self._pause()
            done = await self._act(operations, name, "spawn", {"version": version})
            if done.error is None:
                self._ids[name] = done.told["actor"]
                break
        else:
            return
        async with asyncio.TaskGroup() as tasks:
            for number in range(CLIENTS):
                tasks.create_task(self._client(operations, f"{name} {number}", name, todo))

    async def _client(
        self, operations: list[Operation], client: str, name: str, todo: deque[Json]
    ) -> None:
        while todo:
            await self._pause()
            if todo:
                step = todo.popleft()
                kind = next(iter(step))
                asked = step[kind]
                if kind == "send":
                    asked = {"event": step["send"], "key": step.get("key")}
                asked = {**asked, "actor": self._ids[name]}
                done = await self._act(operations, client, kind, asked)
                if done.told.get("status") == "needs_rescue" and self._dice.random() < 0.4:
                    todo.appendleft({"rescue": self._way_out(done)})

    def _way_out(self, seen: Operation) -> Json:
        """Where a person may put a stranded actor: where it is, or where its version begins."""
        value = seen.told["stateValue"] if self._dice.random() < 0.5 else {}
        return {"to": seen.told["version"], "stateValue": value, "reason": "by hand"}

    async def _act(
        self, operations: list[Operation], client: str, kind: str, asked: Json
    ) -> Operation:
        services = self._any()

        async def call() -> Json:
            return await _acted(services, self._tenant, client, kind, asked)

        return await self._recorder.note(operations, client, kind, asked, call)

    # --- the end ---

    async def _conclude(self) -> None:
        """Read everything once more, when nobody acts any longer."""
        services = self._any()
        for name, actor in self._ids.items():
            self._history.final[name] = await _whole(services, self._tenant, actor)
        exported: Any = await services.transfer.export(self._tenant)
        for book in exported["workflows"]:
            for entry in book["entries"]:
                self._history.changes.append(self._change_of(entry))

    def _change_of(self, entry: Json) -> Change:
        """An entry, and when it was asked for; of several who may have, by all of them together."""
        kinds = {"deployment": "deploy", "point": "changePoint"}
        kind = kinds.get(entry["kind"], str(entry["kind"]))
        asked = [
            operation
            for operation in self._history.registry
            if operation.kind == kind
            and operation.told.get("changed")
            and operation.told["name"] == entry["name"]
        ]
        return Change(
            kind=kind,
            name=entry["name"],
            clock=entry["clock"],
            body=entry["body"],
            result=entry["result"],
            begin=min(operation.begin for operation in asked),
            end=max(operation.end for operation in asked),
        )


async def _changed(services: Services, tenant: str, kind: str, asked: Json) -> Json:
    match kind:
        case "deploy":
            return _deployed(await services.deployments.deploy(tenant, asked))
        case "changePoint":
            return _deployed(await services.deployments.change_point(tenant, asked))
        case "close":
            await services.deployments.close(tenant, asked["name"])
        case "freeze":
            await services.workflows.freeze(tenant, asked["name"], "a test")
        case "unfreeze":
            await services.workflows.unfreeze(tenant, asked["name"])
    return {"name": asked["name"], "changed": True}


def _deployed(done: Deployed) -> Json:
    counts = {"migrated": done.migrated, "stayed": done.stayed, "stranded": done.stranded}
    return {"name": done.name, "clock": done.clock, "changed": not done.unchanged, **counts}


async def _acted(services: Services, tenant: str, client: str, kind: str, asked: Json) -> Json:
    match kind:
        case "spawn":
            return _stepped(await services.actors.spawn(tenant, asked["version"], {}, client))
        case "send":
            event = Event(asked["event"])
            sent = await services.actors.send(tenant, asked["actor"], event, key=asked["key"])
            return _stepped(sent)
        case "rescue":
            told = {"to": asked["to"], "state_value": asked["stateValue"], "reason": "by hand"}
            return _stepped(
                await services.rescues.rescue(tenant, asked["actor"], **told, by="a test")
            )
    return _seen(await services.actors.get(tenant, asked["actor"]))


def _stepped(answer: StepAnswer) -> Json:
    return {
        "actor": answer.actor,
        "accepted": answer.accepted,
        "queued": answer.queued,
        "over": [hop.change_point for hop in answer.migrated],
        "version": answer.version,
        "stateValue": answer.state_value,
        "status": answer.status,
        "revision": answer.revision,
        "replayed": answer.replayed,
    }


def _seen(view: ActorView) -> Json:
    return {
        "version": view.version,
        "stateValue": view.state_value,
        "status": view.status,
        "reason": view.reason,
        "length": view.history_length,
        "revision": view.revision,
        "queued": view.queued,
    }


async def _whole(services: Services, tenant: str, actor: str) -> Json:
    view = await services.actors.get(tenant, actor)
    page = await services.actors.history(tenant, actor, 0, view.history_length)
    made = [item.decision.to_json() for item in await services.actors.decisions(tenant, actor)]
    return {
        **_seen(view),
        "history": [item.type for item in page.items],
        "decisions": [{key: decision[key] for key in AUDITED} for decision in made],
    }
