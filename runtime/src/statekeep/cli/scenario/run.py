"""Running a scenario: step by step against a backend, names for ids, ids for names.

An error ends its step and not the scenario. What was expected is compared by whoever reports.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from statekeep.cli.scenario import steps
from statekeep.cli.scenario.backend import ActorState, Backend, Json, StepError
from statekeep.cli.scenario.steps import BadStep, Step

AT_ONCE = 30
"""Spawns under way at one time: a server has more than one hand."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a step answered."""

    answer: Json
    error: StepError | None = None

    def to_json(self) -> Json:
        return self.answer if self.error is None else {"error": self.error.to_json()}


@dataclass(slots=True)
class Run:
    """One scenario under way."""

    backend: Backend
    ids: dict[str, str] = field(default_factory=dict)

    async def step(self, step: Step | BadStep) -> Result:
        """Run one step."""
        if isinstance(step, BadStep):
            return Result({}, step.error)
        try:
            return Result(await self._do(step))
        except StepError as error:
            return Result({}, self._named(error))
        except Exception as error:  # noqa: BLE001 - the boundary: no scenario may end the program
            return Result({}, StepError("Internal", f"{type(error).__name__}: {error}"))

    async def actors(self) -> dict[str, ActorState]:
        """All actors as they are now, by name."""
        return {name: await self.backend.read(self.ids[name]) for name in self.ids}

    async def actor(self, name: str) -> ActorState:
        return await self.backend.read(self._id(name))

    async def _do(self, step: Step) -> Json:
        match step.verb:
            case "deploy":
                return await self.backend.deploy(step.body)
            case "changePoint":
                return await self.backend.change_point(step.body)
            case "preview":
                return self._with_names(await self.backend.preview(step.body))
            case "spawn":
                await self._spawn(steps.read_spawn(step.body))
            case "send":
                return await self._send(steps.read_send(step.body))
            case "rescue":
                asked = steps.read_rescue(step.body)
                actor = self._id(asked.actor)
                await self.backend.rescue(actor, asked.to, asked.state_value, asked.reason)
            case "close":
                await self.backend.close_point(steps.read_name(step.body, "close"))
            case "freeze":
                await self.backend.freeze(*steps.read_freeze(step.body))
            case "unfreeze":
                await self.backend.unfreeze(steps.read_name(step.body, "unfreeze"))
        return {}

    async def _spawn(self, asked: steps.Spawn) -> None:
        for name in asked.names:
            if name in self.ids:
                raise StepError("ActorExists", f"there is an actor '{name}' already")
        for start in range(0, len(asked.names), AT_ONCE):
            names = asked.names[start : start + AT_ONCE]
            spawns = (self.backend.spawn(asked.version, asked.context) for _ in names)
            self.ids.update(zip(names, await asyncio.gather(*spawns), strict=True))

    async def _send(self, asked: steps.Send) -> Json:
        accepted: list[bool] = []
        ids = [self._id(name) for name in asked.to]
        try:
            for actor in ids:
                for event in asked.events:
                    accepted.append(await self.backend.send(actor, event))  # noqa: PERF401 - kept on an error
        except StepError as error:
            error.details.setdefault("accepted", accepted)
            raise
        return {"accepted": accepted}

    def _named(self, error: StepError) -> StepError:
        """The error with actors' names where it has their ids."""
        actor = error.details.get("actor")
        name = next((name for name, own in self.ids.items() if own == actor), None)
        if not isinstance(actor, str) or name is None:
            return error
        details = {**error.details, "actor": name}
        return StepError(error.code, error.message.replace(actor, name), details)

    def _id(self, name: str) -> str:
        actor = self.ids.get(name)
        if actor is None:
            raise StepError("UnknownActor", f"there is no actor '{name}'", {"actor": name})
        return actor

    def _with_names(self, answer: Json) -> Json:
        names = {actor: name for name, actor in self.ids.items()}
        listed = {
            key: sorted(names[actor] for actor in _ids(answer.get(key)) if actor in names)
            for key in ("wouldMigrate", "wouldStay", "wouldStrand")
        }
        return {**answer, **listed}


def _ids(value: object) -> Iterable[str]:
    return (str(item) for item in value) if isinstance(value, list) else ()
