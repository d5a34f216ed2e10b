"""Random migrations and change-points, aimed at the histories and states that actors have."""

from __future__ import annotations

from random import Random
from typing import Any

from statekeep.core.machine import Machine
from support.model.charts import HISTORY, is_region, leaf_paths, same_place
from support.model.world import Actor, World
from support.scenarios.charts import EVENTS, dotted

Body = dict[str, Any]
Path = tuple[str, ...]


def routing_fields(
    rng: Random,
    world: World,
    source: str,
    target: Machine,
    *,
    refined: bool = False,
    about: Actor | None = None,
) -> Body:
    """Everything of a migration but its name and its versions; `about` whom its anchor is."""
    body: Body = {} if refined else _anchor(rng, world, source, about)
    if rng.random() < 0.55:
        mapping = _mapping(rng, world, source, target)
        if mapping or rng.random() < 0.1:
            body["stateMapping"] = mapping
    if rng.random() < 0.5:
        body["landing"] = rng.choice(("Replay", "Replay", "Same", "Same", "MappingOnly"))
    if rng.random() < 0.15:
        body["rescues"] = rng.random() < 0.2
    if rng.random() < 0.15:
        body["evaluation"] = rng.choice(("Once", "Once", "Continuous"))
    if rng.random() < 0.2:
        body["whileStranded"] = rng.choice(("Continue", "Block", "Buffer"))
    return body


def _aimed_at(world: World, source: str) -> list[Actor]:
    """Those on the source, and those stranded on the way to it."""
    found = []
    for actor in world.actors.values():
        way = [version for version, _ in actor.stranding.way] if actor.stranding else []
        if actor.version == source or source in way:
            found.append(actor)
    return found


def somebody(rng: Random, world: World, source: str) -> Actor | None:
    """An actor that a migration from the source may concern, mostly."""
    actors = _aimed_at(world, source)
    return rng.choice(actors) if actors and rng.random() < 0.85 else None


def _anchor(rng: Random, world: World, source: str, about: Actor | None) -> Body:
    body: Body = {}
    actor = about or somebody(rng, world, source)
    if rng.random() < 0.5:
        body["historyPath"] = _prefix(rng, actor.history if actor else None)
    machine = world.machine(source)
    regions = [node.path for node in machine.nodes if is_region(machine, node.path)]
    if regions and rng.random() < 0.45:
        named = rng.sample(regions, min(len(regions), rng.choice((1, 1, 2))))
        body["regions"] = {
            dotted(path): _prefix(rng, actor.regions.get(dotted(path), []) if actor else None)
            or [rng.choice(EVENTS)]
            for path in named
        }
    return body


def _prefix(rng: Random, history: list[str] | None) -> list[str]:
    """A beginning of a history that somebody has, now and then with one more event."""
    if history is None:
        return [rng.choice(EVENTS) for _ in range(rng.randint(1, 2))]
    length = min(len(history), rng.choice((0, 1, 1, 2, 2, 3, 4)))
    more = [rng.choice(EVENTS)] if rng.random() < 0.2 else []
    return history[:length] + more


def _mapping(rng: Random, world: World, source: str, target: Machine) -> Body:
    """For states that have lost their place, mostly; sometimes for an ancestor, or at random."""
    mapping: Body = {}
    for version, leaf in _leaves(world, source):
        lost = not same_place(world.machine(version), target, leaf)
        if rng.random() < (0.75 if lost else 0.12):
            key = leaf if rng.random() < 0.5 else leaf[: rng.randint(1, len(leaf))]
            if key:
                mapping[dotted(key)] = _target(rng, target, key)
    if rng.random() < 0.15:
        paths = [node.path for node in world.machine(source).nodes if node.path]
        key = rng.choice(paths)
        mapping[dotted(key)] = _target(rng, target, key)
    return mapping


def _leaves(world: World, source: str) -> list[tuple[str, Path]]:
    """The leaves that actors are in, and a few of the source's others, without repetition."""
    found = []
    for actor in _aimed_at(world, source):
        if actor.version in {source, *world.ancestors(source)}:
            machine = world.machine(actor.version)
            found += [(actor.version, leaf) for leaf in leaf_paths(machine, actor.configuration)]
    machine = world.machine(source)
    found += [
        (source, node.path)
        for node in machine.nodes
        if node.path and not node.children and node.kind not in HISTORY
    ][:3]
    return list(dict.fromkeys(found))


def _target(rng: Random, target: Machine, key: Path) -> str | list[str]:
    """The namesake, if there is one, or any state, such as have children or not; sometimes two."""
    states = [node.path for node in target.nodes if node.path and node.kind not in HISTORY]
    families = [path for path in states if any(other[:-1] == path for other in states)]
    namesakes = [path for path in states if path[-1] == key[-1]]
    chance = rng.random()
    one = rng.choice(states)
    if namesakes and chance < 0.5:
        one = rng.choice(namesakes)
    elif families and chance < 0.75:
        one = rng.choice(families)
    if rng.random() < 0.86:
        return dotted(one)
    others = [path for path in states if path[:1] == one[:1] and len(path) > 1] or states
    return [dotted(one), dotted(rng.choice(others))]


def gate(rng: Random) -> Body:
    """Mostly none."""
    chance = rng.random()
    if chance < 0.06:
        return {"maxStranded": rng.choice((0, 0, 1, 2, "0%", "20%", "50%", "100%"))}
    if chance < 0.07:
        return {"expectPlan": "sha256:" + "0" * 64}
    return {}


def spoil(rng: Random, world: World, body: Body) -> Body:
    """The same body with one thing wrong, or a thing that may be wrong."""
    if "migrations" in body:
        first, *others = body["migrations"]
        return {**body, "migrations": [spoil(rng, world, first), *others]}
    if "definition" in body and "parentId" not in body:
        return body
    kind = rng.choice(
        ("source", "key", "target", "none", "history", "region", "anchor", "workflow", "name")
    )
    if kind == "source" and "from" in body:
        return {**body, "from": rng.choice(("nowhere", *world.versions))}
    if kind == "key":
        return {**body, "stateMapping": {**body.get("stateMapping", {}), "zz.top": "a"}}
    if kind in ("target", "none", "history"):
        wrong: Any = {"target": "zz.top", "none": [], "history": _history_state(world, body)}[kind]
        keys = sorted(body.get("stateMapping") or ["a"])
        return {**body, "stateMapping": {**body.get("stateMapping", {}), keys[0]: wrong}}
    if kind == "region":
        return {**body, "regions": {**body.get("regions", {}), rng.choice(("zz", "a")): ["A"]}}
    if kind == "anchor":
        path = [rng.choice(EVENTS) for _ in range(3)]
        unmapped = {k: v for k, v in body.items() if k != "stateMapping"}
        return {**unmapped, "historyPath": path, "landing": "Replay"}
    if kind == "workflow" and "definition" in body:
        return {**body, "workflow": "elsewhere"}
    if kind == "name" and world.points and "to" in body:
        return {**body, "name": rng.choice(world.points).name}
    return body


def _history_state(world: World, body: Body) -> str:
    """The path of a history state of the newest version, or one that may not be there."""
    target = world.versions.get(body.get("to", ""), list(world.versions.values())[-1])
    found = [node.path for node in target.machine.nodes if node.kind in HISTORY]
    return dotted(found[-1]) if found else "h"
