"""One random scenario for each seed."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from random import Random
from typing import Any

from statekeep.core.compile import compile_machine
from statekeep.core.findings import DefinitionError
from statekeep.core.machine import Machine
from statekeep.core.step import can
from support.model.charts import HISTORY
from support.model.play import Session
from support.model.world import Actor
from support.scenarios.changes import changed
from support.scenarios.charts import EVENTS, State, machine_json, random_chart
from support.scenarios.registrations import gate, routing_fields, somebody, spoil

Scenario = dict[str, Any]
Body = dict[str, Any]


def scenario(seed: int) -> Scenario:
    return Writer(seed).write()


class Writer:
    """Plays what it writes on the model, so that it can aim at what is there."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.seed = seed
        self.session = Session()
        self.steps: list[dict[str, Any]] = []
        self.charts: dict[str, State] = {}
        self.registered: list[Body] = []
        self.points_written = 0

    def write(self) -> Scenario:
        self._first_version()
        self._crowd()
        for _ in range(self.rng.randint(6, 16)):
            move = self.rng.choices(MOVES, WEIGHTS)[0]
            if self.session.world.frozen and self.rng.random() < 0.3:
                move = Writer._brake
            move(self)
        return {"name": f"seed {self.seed}", "steps": self.steps}

    def add(self, step: dict[str, Any]) -> dict[str, Any]:
        self.steps.append(deepcopy(step))
        return self.session.play(step)

    def _chart(self, parent: State | None) -> tuple[State, Body]:
        """A chart that compiles, and now and then one that does not."""
        for _ in range(50):
            chart = changed(self.rng, parent) if parent else random_chart(self.rng)
            machine = machine_json(chart)
            try:
                compile_machine(machine)
            except DefinitionError:
                if self.rng.random() < 0.03:
                    return chart, machine
                continue
            return chart, machine
        raise AssertionError("no chart compiles")

    def _first_version(self) -> None:
        chart, machine = self._chart(None)
        body: Body = {"id": "v1", "definition": machine}
        if self.rng.random() < 0.3:
            body["workflow"] = "w"
        if self.rng.random() < 0.05:
            body["guards"] = "Deny"
        if "error" in self.add({"deploy": body}):
            self._first_version()
            return
        self.charts["v1"] = chart
        self.registered.append(body)

    def _deploy(self) -> None:
        if len(self.charts) >= 7:
            return
        known = sorted(self.charts)
        parent = known[-1] if self.rng.random() < 0.6 else self.rng.choice(known)
        chart, machine = self._chart(self.charts[parent])
        name = f"v{len(self.charts) + 1}"
        try:
            target = compile_machine(machine)
        except DefinitionError:
            target = self.session.world.machine(parent)
        body = self._deployment(name, parent, machine, target)
        body.update(gate(self.rng))
        if self.rng.random() < 0.08:
            body = spoil(self.rng, self.session.world, body)
        if self.rng.random() < 0.35:
            self.add({"preview": body})
        if "error" not in self.add({"deploy": body}):
            self.charts[name] = chart
            self.registered.append(body)

    def _deployment(self, name: str, parent: str, machine: Body, target: Machine) -> Body:
        body: Body = {"id": name, "definition": machine}
        world, rng = self.session.world, self.rng
        form = rng.random()
        if form < 0.6:
            body.update(parentId=parent, **routing_fields(rng, world, parent, target))
            if rng.random() < 0.15:
                body["name"] = self._point_name()
            return body
        if form < 0.9:
            about = somebody(rng, world, parent) if rng.random() < 0.6 else None
            migrations = [
                self._migration(f"{name}.m{number}", parent, target, about)
                for number in range(1, rng.choice((2, 2, 3, 3, 4)))
            ]
            return {**body, "migrations": migrations}
        return body

    def _migration(self, name: str, parent: str, target: Machine, about: Actor | None) -> Body:
        world, rng = self.session.world, self.rng
        source = parent if about or rng.random() < 0.7 else rng.choice(sorted(self.charts))
        migration = {"from": source, **routing_fields(rng, world, source, target, about=about)}
        return migration if rng.random() < 0.1 else {"name": name, **migration}

    def _again(self) -> None:
        """A body that is registered already, as it was, or changed a little."""
        body = deepcopy(self.rng.choice(self.registered))
        if self.rng.random() < 0.3:
            body = spoil(self.rng, self.session.world, body)
        step = "deploy" if "definition" in body else "changePoint"
        if self.rng.random() < 0.3:
            step = "preview"
        self.add({step: body})

    def _point_name(self) -> str:
        self.points_written += 1
        return f"cp{self.points_written}"

    def _change_point(self) -> None:
        known = sorted(self.charts)
        if len(known) < 2:
            return
        source, target = self.rng.sample(known, 2)
        if source > target and self.rng.random() < 0.85:
            source, target = target, source
        world = self.session.world
        machine = world.machine(target)
        body = {"name": self._point_name(), "from": source, "to": target}
        body.update(routing_fields(self.rng, world, source, machine))
        self._register_point(body)

    def _refine(self) -> None:
        world = self.session.world
        if not world.points:
            return
        refined = self.rng.choice(world.points)
        target = refined.target
        if self.rng.random() < 0.5:
            target = self.rng.choice(sorted(self.charts))
        body: Body = {"name": self._point_name(), "refines": refined.name, "to": target}
        machine = world.machine(target)
        body.update(routing_fields(self.rng, world, refined.source, machine, refined=True))
        if self.rng.random() < 0.05:
            body["historyPath"] = ["A"]
        if self.rng.random() < 0.03:
            body["refines"] = "nothing"
        self._register_point(body)

    def _register_point(self, body: Body) -> None:
        body.update(gate(self.rng))
        if self.rng.random() < 0.08:
            body = spoil(self.rng, self.session.world, body)
        if self.rng.random() < 0.2:
            self.add({"preview": body})
        if "error" not in self.add({"changePoint": body}):
            self.registered.append(body)

    def _close(self) -> None:
        names = [point.name for point in self.session.world.points]
        name = self.rng.choice(names) if names else "nothing"
        self.add({"close": "nothing" if self.rng.random() < 0.05 else name})

    def _brake(self) -> None:
        """Freeze, and let go sooner or later, mostly."""
        if self.rng.random() < 0.05:
            self.add({"freeze": "nothing"})
        frozen = bool(self.session.world.frozen)
        self.add({"unfreeze" if frozen or self.rng.random() < 0.1 else "freeze": "w"})

    def _crowd(self) -> None:
        for _ in range(self.rng.randint(3, 5)):
            self._spawn()
            self._send()

    def _spawn(self) -> None:
        taken = len(self.session.world.actors)
        name = f"a{taken + 1}"
        if self.rng.random() < 0.02 and taken:
            name = "a1"
        known = sorted(self.charts)
        version = known[0] if self.rng.random() < 0.6 else self.rng.choice(known)
        if self.rng.random() < 0.01:
            version = "nowhere"
        body: Body = {"as": name, "definitionId": version}
        if self.rng.random() < 0.1:
            body["count"] = 2
        self.add({"spawn": body})

    def _send(self) -> None:
        """Events that are accepted, mostly; to the last actor or to any."""
        world = self.session.world
        if not world.actors:
            return
        name = self.rng.choice(sorted(world.actors))
        if self.rng.random() < 0.01:
            self.add({"send": {"to": "nobody", "events": ["A"]}})
            return
        for _ in range(self.rng.choice((1, 1, 2))):
            events = [self._event(name) for _ in range(self.rng.choice((1, 1, 1, 2, 3)))]
            self.add({"send": {"to": name, "events": events}})

    def _event(self, name: str) -> str:
        actor = self.session.world.actors[name]
        machine = self.session.world.machine(actor.version)
        known = [e for e in EVENTS if can(machine, actor.configuration, e)]
        return self.rng.choice(known if known and self.rng.random() < 0.8 else EVENTS)

    def _rescue(self) -> None:
        world = self.session.world
        if not world.actors:
            return
        names = sorted(world.actors)
        stranded = [name for name in names if world.actors[name].stranding]
        name = self.rng.choice(stranded if stranded and self.rng.random() < 0.8 else names)
        target = self.rng.choice(sorted(self.charts))
        if self.rng.random() < 0.3:
            target = world.actors[name].version
        body = {
            "actor": "nobody" if self.rng.random() < 0.02 else name,
            "to": "nowhere" if self.rng.random() < 0.02 else target,
            "stateValue": self._state_value(target),
            "reason": "by hand",
        }
        self.add({"rescue": body})

    def _state_value(self, version: str) -> Any:
        machine = self.session.world.machine(version)
        if self.rng.random() < 0.1:
            return {}
        if self.rng.random() < 0.08:
            return self.rng.choice(("h", "zz", {"a": "zz"}, {"zz": {}}, 7))
        states = [node for node in machine.nodes if node.path and node.kind not in HISTORY]
        path = self.rng.choice(states).path
        value: Any = path[-1] if self.rng.random() < 0.7 else {path[-1]: {}}
        for key in reversed(path[:-1]):
            value = {key: value}
        return value


MOVES: tuple[Callable[[Writer], None], ...] = (
    Writer._deploy,
    Writer._change_point,
    Writer._refine,
    Writer._close,
    Writer._spawn,
    Writer._send,
    Writer._rescue,
    Writer._again,
    Writer._brake,
)
WEIGHTS = (22, 14, 10, 5, 8, 28, 6, 3, 2)
