"""Playing a scenario, step by step, in the shape that `statekeep test --jsonl` answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from statekeep.core.configuration import resolve, value
from statekeep.core.errors import IllegalState, NotStable
from statekeep.core.machine import Machine
from statekeep.core.step import initial, step
from support.model.landing import entered_by_hand
from support.model.law import decision, settle
from support.model.registration import Refused, register
from support.model.world import Actor, World

Answer = dict[str, Any]
SENDABLE_EXCEPT = ("", "xstate.init")


def run(scenario: dict[str, Any]) -> dict[str, Any]:
    """The whole scenario; an error ends its step and not the scenario."""
    session = Session()
    steps = [session.play(item) for item in scenario["steps"]]
    return {"name": scenario["name"], "steps": steps, "actors": session.report()}


class Session:
    """A world and the steps that change it. A refused step changes nothing."""

    def __init__(self) -> None:
        self.world = World()

    def play(self, item: dict[str, Any]) -> Answer:
        """The answer of one step. An error's `codes` are all that apply; `code` is one of them."""
        before = self.world.copy()
        action = next(key for key in item if key in ACTIONS)
        try:
            return ACTIONS[action](self, item[action])
        except Refused as refused:
            self.world = before
            return {"error": {"code": refused.codes[0], "codes": refused.codes}}

    def deploy(self, body: dict[str, Any]) -> Answer:
        outcome = register(self.world, body)
        for actor in self.world.actors.values():
            self._drain(actor)
        counts = {verdict: len(names) for verdict, names in outcome.verdicts.items()}
        return {**counts, "clock": outcome.clock}

    def preview(self, body: dict[str, Any]) -> Answer:
        """The same function on a copy."""
        verdicts = register(self.world.copy(), body, foreseen=True).verdicts
        return {
            "wouldMigrate": sorted(verdicts["migrated"]),
            "wouldStay": sorted(verdicts["stayed"]),
            "wouldStrand": sorted(verdicts["stranded"]),
        }

    def close(self, name: str) -> Answer:
        point = self.world.point(name)
        if point is None:
            raise Refused(["UnknownChangePoint"])
        point.closed = True
        return {}

    def freeze(self, workflow: str) -> Answer:
        """Registrations and landings stop; events go on."""
        if workflow not in self.world.clocks:
            raise Refused(["UnknownWorkflow"])
        self.world.frozen.add(workflow)
        return {}

    def unfreeze(self, workflow: str) -> Answer:
        """What is due is evaluated: everybody, as nobody else can say for whom nothing is due."""
        if workflow not in self.world.clocks:
            raise Refused(["UnknownWorkflow"])
        if workflow in self.world.frozen:
            self.world.frozen.remove(workflow)
            for actor in self.world.actors.values():
                if self.world.versions[actor.version].workflow == workflow:
                    self._evaluate(actor)
                    self._drain(actor)
        return {}

    def expect(self, _: dict[str, Any]) -> Answer:
        return {}

    def spawn(self, body: dict[str, Any]) -> Answer:
        names = [body["as"]]
        if "count" in body:
            names = [f"{body['as']}-{number}" for number in range(1, body["count"] + 1)]
        codes = ["ActorExists"] if set(names) & set(self.world.actors) else []
        version = self.world.versions.get(body["definitionId"])
        if version is None:
            codes.append("UnknownVersion")
        if codes or version is None:
            raise Refused(codes)
        for name in names:
            actor = Actor(name, version.id, version.clock, initial(version.machine))
            self.world.actors[name] = actor
            self._evaluate(actor)
        return {}

    def send(self, body: dict[str, Any]) -> Answer:
        """Stops at an error; what was accepted before it stays accepted."""
        accepted: list[bool] = []
        for event_type in body["events"]:
            actor = self._actor(body["to"])
            outcome = self._receive(actor, event_type)
            if isinstance(outcome, str):
                return {"error": {"code": outcome, "codes": [outcome]}}
            accepted.append(outcome)
        return {"accepted": accepted}

    def _actor(self, name: str) -> Actor:
        if name not in self.world.actors:
            raise Refused(["UnknownActor"])
        return self.world.actors[name]

    def _receive(self, actor: Actor, event_type: str) -> bool | str:
        """Whether it is accepted now (a queued event is not yet), or an error's code."""
        if event_type in SENDABLE_EXCEPT or event_type.startswith("xstate.done.state."):
            return "InvalidEventType"
        if self._must_queue(actor):
            actor.queue.append(event_type)
            return False
        if actor.stranding and self._while_stranded(actor) == "Block":
            return "ActorBlocked"
        try:
            return self._take(actor, event_type)
        except NotStable:
            return "NotStable"

    def _must_queue(self, actor: Actor) -> bool:
        return bool(actor.queue) or self._while_stranded(actor) == "Buffer"

    def _while_stranded(self, actor: Actor) -> str | None:
        if actor.stranding is None:
            return None
        first = self.world.point(actor.stranding.first)
        assert first is not None
        return first.while_stranded

    def _take(self, actor: Actor, event_type: str) -> bool:
        machine = self.world.machine(actor.version)
        moved = step(machine, actor.configuration, event_type)
        if not moved.accepted:
            return False
        actor.configuration = moved.configuration
        actor.history.append(event_type)
        for region in moved.regions:
            actor.regions.setdefault(region, []).append(event_type)
        self._evaluate(actor)
        return True

    def _evaluate(self, actor: Actor) -> None:
        if self.world.is_frozen(actor):
            actor.stranding = None if actor.configuration.done else actor.stranding
            return
        course = settle(self.world, actor)
        if course.strand is not None and course.strand_is_news:
            actor.decisions.append(course.strand)

    def _drain(self, actor: Actor) -> None:
        """After the rescue, in order; stops at the next strand."""
        while actor.queue and actor.stranding is None:
            event_type = actor.queue.pop(0)
            try:
                self._take(actor, event_type)
            except NotStable:
                continue

    def rescue(self, body: dict[str, Any]) -> Answer:
        actor = self._actor(body["actor"])
        codes = ["ActorDone"] if actor.configuration.done else []
        codes += ["Frozen"] if self.world.is_frozen(actor) else []
        version = self.world.versions.get(body["to"])
        if version is None:
            raise Refused([*codes, "UnknownVersion"])
        if version.workflow != self.world.versions[actor.version].workflow:
            codes += ["WorkflowMismatch", "UnknownVersion"]
        if version.id in self.world.ancestors(actor.version):
            codes.append("BackwardMigration")
        try:
            old = self.world.machine(actor.version)
            wanted = resolve(version.machine, body["stateValue"])
            landed = entered_by_hand(actor, old, version.machine, wanted)
        except IllegalState:
            raise Refused([*codes, "IllegalState"]) from None
        except NotStable:
            raise Refused([*codes, "LandingNotStable"]) from None
        if codes:
            raise Refused(codes)
        clock = self.world.tick(version.workflow)
        actor.decisions.append(
            decision(
                None,
                clock,
                "migrated",
                source=actor.version,
                target=version.id,
                reason=body.get("reason"),
                rescued=True,
            )
        )
        actor.version = version.id
        actor.position = clock
        actor.configuration = landed.configuration
        actor.regions = landed.regions
        actor.stranding = None
        self._drain(actor)
        return {}

    def report(self) -> dict[str, Answer]:
        return {name: self._describe(actor) for name, actor in self.world.actors.items()}

    def _describe(self, actor: Actor) -> Answer:
        machine: Machine = self.world.machine(actor.version)
        return {
            "version": actor.version,
            "stateValue": value(machine, actor.configuration),
            "status": actor.status,
            "reason": actor.stranding.reason if actor.stranding else None,
            "history": list(actor.history),
            "decisions": list(actor.decisions),
        }


ACTIONS: dict[str, Callable[[Session, Any], Answer]] = {
    "deploy": Session.deploy,
    "changePoint": Session.deploy,
    "preview": Session.preview,
    "close": Session.close,
    "spawn": Session.spawn,
    "send": Session.send,
    "rescue": Session.rescue,
    "expect": Session.expect,
    "freeze": Session.freeze,
    "unfreeze": Session.unfreeze,
}
