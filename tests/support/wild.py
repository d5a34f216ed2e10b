"""Random workflows: machines, registrations and actors, for properties that hold of every one.

Everything comes from one `random.Random`, so a scenario is named by its seed. Machines share a
small alphabet of states and events, so that most things half fit: that is where landings fail.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from random import Random
from typing import Any

from statekeep.core.errors import NotStable
from statekeep.core.findings import DefinitionError
from statekeep.core.machine import Machine
from statekeep.core.paths import join_path
from statekeep.core.points import Migration
from statekeep.core.refusals import Refused
from support.routed import Workflow, migration

EVENTS = ("A", "B", "C", "7mohtcOFVz", "c1E51sSEyx")
KEYS = ("a", "b", "c", "d")
LANDINGS = (None, None, "Replay", "Same", "MappingOnly")
Watcher = Callable[[Workflow, str], None]


def wild_machine(random: Random, depth: int = 0) -> dict[str, Any]:
    """A definition, mostly legal."""
    kind = random.choice(
        ("compound", "compound", "parallel") if depth else ("compound",) * 4 + ("parallel",)
    )
    keys = random.sample(KEYS, random.randint(2, 3))
    states = {key: _wild_state(random, keys, depth, kind) for key in keys}
    if kind == "parallel":
        return {"type": "parallel", "states": states}
    if random.random() < 0.15:
        states["h"] = {"type": "history", "history": random.choice(("shallow", "deep"))}
        states[keys[0]].setdefault("on", {})[random.choice(EVENTS)] = "h"
    return {"initial": random.choice(keys), "states": states}


def _wild_state(random: Random, beside: list[str], depth: int, parent: str) -> dict[str, Any]:
    chance = random.random()
    if chance < 0.1 and parent == "compound":
        return {"type": "final"}
    state = wild_machine(random, depth + 1) if chance < 0.35 and depth < 2 else {}
    if parent == "compound":
        state["on"] = {event: random.choice(beside) for event in random.sample(EVENTS, 3)}
        if random.random() < 0.08:
            state["always"] = random.choice(beside)
        if "states" in state and random.random() < 0.3:
            state["onDone"] = random.choice(beside)
    elif random.random() < 0.4:
        state["on"] = {random.choice(EVENTS): {"actions": "note"}}
    return state


def varied(random: Random, definition: dict[str, Any]) -> dict[str, Any]:
    """The definition with one state more, or one replaced by another."""
    copy = deepcopy(definition)
    nodes = [copy]
    for node in nodes:
        nodes += node.get("states", {}).values()
    node = random.choice([node for node in nodes if node.get("states")])
    keys = [key for key in node["states"] if key != "h"]
    kind = "parallel" if node.get("type") == "parallel" else "compound"
    key = random.choice([*(key for key in KEYS if key not in keys), random.choice(keys)])
    node["states"][key] = _wild_state(random, keys, 1, kind)
    return copy


class Wild:
    """A workflow that random things happen to."""

    def __init__(self, random: Random, watch: Watcher | None = None) -> None:
        self.random = random
        self.workflow = Workflow()
        self.watch = watch
        self.definitions: dict[str, dict[str, Any]] = {}
        self.born = 0

    def run(self, steps: int) -> Workflow:
        """Let `steps` things happen."""
        actions: Sequence[tuple[Callable[[], str], int]] = (
            (self.deploy, 4),
            (self.point, 3),
            (self.refine, 2),
            (self.close, 1),
            (self.spawn, 8),
            (self.send, 16),
            (self.by_hand, 1),
        )
        chosen = [action for action, weight in actions for _ in range(weight)]
        for _ in range(steps):
            step = self.random.choice(chosen)()
            if self.watch is not None:
                self.watch(self.workflow, step)
        return self.workflow

    def deploy(self) -> str:
        registry = self.workflow.registry
        version = f"v{len(registry.versions)}"
        known = [known.id for known in registry.versions]
        sources = self.random.sample(known, min(len(known), self.random.randint(0, 2)))
        sources += sources[:1] if self.random.random() < 0.3 else []
        definition = wild_machine(self.random)
        if self.definitions and self.random.random() < 0.6:
            definition = varied(self.random, self.random.choice(list(self.definitions.values())))
        migrations = [
            self._migration(f"m{i}", source, definition) for i, source in enumerate(sources)
        ]
        self._try(lambda: self.workflow.deploy(version, definition, *migrations))
        if self.workflow.registry.version(version) is not None:
            self.definitions[version] = definition
        return f"deploy {version}"

    def point(self) -> str:
        registry = self.workflow.registry
        if len(registry.versions) < 2:
            return "nothing"
        source, target = self.random.sample([version.id for version in registry.versions], 2)
        name = f"p{registry.clock}"
        rules = self._rules(source, self._paths(target))
        self._try(lambda: self.workflow.point(name, target, source=source, **rules))
        return f"point {source} to {target}"

    def refine(self) -> str:
        registry = self.workflow.registry
        if not registry.points:
            return "nothing"
        refined = self.random.choice(registry.points)
        target = self.random.choice(registry.versions).id
        rules = self._rules(refined.source, self._paths(target))
        for field in ("path", "regions"):
            rules.pop(field)
        name = f"r{registry.clock}"
        self._try(lambda: self.workflow.point(name, target, refines=refined.name, **rules))
        return f"refine {refined.name} to {target}"

    def close(self) -> str:
        if not self.workflow.registry.points:
            return "nothing"
        name = self.random.choice(self.workflow.registry.points).name
        self.workflow.close(name)
        return f"close {name}"

    def spawn(self) -> str:
        if not self.workflow.registry.versions:
            return "nothing"
        version = self.random.choice(self.workflow.registry.versions).id
        self.born += 1
        self.workflow.spawn(f"actor-{self.born:03}", version)
        return f"spawn on {version}"

    def send(self) -> str:
        if not self.workflow.actors:
            return "nothing"
        name = self.random.choice(sorted(self.workflow.actors))
        event = self.random.choice(EVENTS)
        try:
            self.workflow.offer(name, event)
        except NotStable:
            return f"endless {event} to {name}"
        return f"send {event} to {name}"

    def by_hand(self) -> str:
        if not self.workflow.actors or self.random.random() < 0.7:
            return "nothing"
        name = self.random.choice(sorted(self.workflow.actors))
        version = self.random.choice(self.workflow.registry.versions)
        self._try(lambda: self.workflow.rescue(name, version.id, {}))
        return f"rescue {name}"

    def _try(self, request: Callable[[], object]) -> None:
        before = self.workflow.registry
        try:
            request()
        except (Refused, DefinitionError):
            assert self.workflow.registry is before, "a refusal changes nothing"

    def _migration(self, name: str, source: str, target: dict[str, Any]) -> Migration:
        return migration(source, name=name, **self._rules(source, _written_paths(target)))

    def _rules(self, source: str, targets: list[str]) -> dict[str, Any]:
        random = self.random
        path = random.choices(EVENTS, k=random.choice((0, 0, 1, 1, 2)))
        regions = [region for region in self._regions(source) if random.random() < 0.2]
        rules: dict[str, Any] = {
            "path": path,
            "regions": {
                region: random.choices(EVENTS, k=random.randint(0, 1)) for region in regions
            },
            "rescues": random.random() < 0.8,
            "landing": random.choice(LANDINGS),
            "evaluation": random.choice(("Continuous",) * 4 + ("Once",)),
            "while_stranded": random.choice(("Continue", "Block")),
        }
        if random.random() < 0.6 and targets:
            keys = self._paths(source) + [
                path
                for version in sorted(self.workflow.registry.ancestors(source))
                for path in self._paths(version)
            ]
            chosen = random.sample(keys, min(len(keys), random.randint(1, 3)))
            rules["mapping"] = {
                key: random.sample(targets, min(len(targets), random.choice((1, 1, 1, 2))))
                for key in chosen
            }
        return rules

    def _machine(self, version: str) -> Machine:
        known = self.workflow.registry.version(version)
        assert known is not None
        return known.machine

    def _paths(self, version: str) -> list[str]:
        nodes = self._machine(version).nodes[1:]
        return [join_path(node.path) for node in nodes if not node.is_history]

    def _regions(self, version: str) -> list[str]:
        machine = self._machine(version)
        return [
            join_path(node.path)
            for node in machine.nodes[1:]
            if not node.is_history and machine.nodes[node.parent or 0].kind.value == "parallel"
        ]


def _written_paths(definition: dict[str, Any], above: str = "") -> list[str]:
    found = []
    for key, state in definition.get("states", {}).items():
        if state.get("type") != "history":
            found += [above + key, *_written_paths(state, f"{above}{key}.")]
    return found
