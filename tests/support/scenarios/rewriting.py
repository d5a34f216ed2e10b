"""Other scenarios that must come out alike: renamed, interleaved, reordered, with noise."""

from __future__ import annotations

import json
from copy import deepcopy
from random import Random
from typing import Any

Scenario = dict[str, Any]
Step = dict[str, Any]

REGISTRATIONS = ("deploy", "changePoint")
NAMES = ("id", "parentId", "from", "to", "name", "refines", "definitionId", "as", "actor")
MARK = "zq_"


def action_of(step: Step) -> str:
    return next(key for key in step if key != "expect")


def previewed(scenario: Scenario) -> Scenario:
    """Each registration is previewed just before; previews that were there go."""
    steps: list[Step] = []
    for step in scenario["steps"]:
        if action_of(step) in REGISTRATIONS:
            steps.append({"preview": step[action_of(step)]})
        if action_of(step) != "preview":
            steps.append(step)
    return {**scenario, "steps": steps}


def with_twins(scenario: Scenario) -> Scenario:
    """Each actor has a twin that lives through the same."""
    steps: list[Step] = []
    for step in scenario["steps"]:
        steps.append(step)
        if action_of(step) == "spawn":
            steps.append({"spawn": {**step["spawn"], "as": MARK + step["spawn"]["as"]}})
        if action_of(step) == "send":
            steps.append({"send": {**step["send"], "to": MARK + step["send"]["to"]}})
    return {**scenario, "steps": steps}


def in_another_place(scenario: Scenario) -> Scenario:
    """The same scenario in a workflow of its own, every name marked."""
    return {**scenario, "steps": [_marked_step(step) for step in scenario["steps"]]}


def _marked_step(step: Step) -> Step:
    action = action_of(step)
    body = step[action]
    if isinstance(body, str):
        return {action: MARK + body}
    if "parentId" in body and "definition" in body:
        body = {"name": f"{body['id']}.{body['parentId']}", **body}
    marked = _marked(body)
    if "definition" in body and "parentId" not in body and "migrations" not in body:
        marked["workflow"] = MARK + body.get("workflow", "w")
    if "workflow" in body:
        marked["workflow"] = MARK + body["workflow"]
    if "migrations" in body:
        marked["migrations"] = [
            _marked({"name": f"{body['id']}.{migration['from']}", **migration})
            for migration in body["migrations"]
        ]
    return {action: marked}


def _marked(body: Step) -> Step:
    return {
        key: MARK + value if key in NAMES and isinstance(value, str) else value
        for key, value in body.items()
    }


def unmarked(answer: Any) -> Any:
    return json.loads(json.dumps(answer).replace(MARK, ""))


def interleaved(rng: Random, one: list[Step], other: list[Step]) -> list[tuple[int, Step]]:
    """Both, each in its own order, with the number of where each step came from."""
    left, right = list(one), list(other)
    mixed: list[tuple[int, Step]] = []
    while left or right:
        first = bool(left) and (not right or rng.random() < 0.5)
        mixed.append((0, left.pop(0)) if first else (1, right.pop(0)))
    return mixed


def reordered(rng: Random, scenario: Scenario) -> Scenario:
    """Migrations in any order, object keys in any order but those of `states`, and actors that
    have nothing to do with each other in any order between two registrations."""
    steps: list[Step] = []
    waiting: list[Step] = []
    for step in scenario["steps"]:
        if action_of(step) == "send":
            waiting.append(step)
            continue
        steps += [*_in_any_order(rng, waiting), _shuffled_step(rng, step)]
        waiting = []
    return {**scenario, "steps": [*steps, *_in_any_order(rng, waiting)]}


def _in_any_order(rng: Random, sends: list[Step]) -> list[Step]:
    """Sends to one actor keep their order."""
    names = [step["send"]["to"] for step in sends]
    rng.shuffle(names)
    queues = {name: [s for s in sends if s["send"]["to"] == name] for name in names}
    return [queues[name].pop(0) for name in names]


def _shuffled_step(rng: Random, step: Step) -> Step:
    action = action_of(step)
    body = deepcopy(step[action])
    if isinstance(body, dict) and "migrations" in body:
        rng.shuffle(body["migrations"])
    return {action: _shuffled_keys(rng, body)}


def _shuffled_keys(rng: Random, value: Any, *, in_order: bool = False) -> Any:
    if isinstance(value, list):
        return [_shuffled_keys(rng, item) for item in value]
    if not isinstance(value, dict):
        return value
    keys = list(value)
    if not in_order:
        rng.shuffle(keys)
    return {key: _shuffled_keys(rng, value[key], in_order=key == "states") for key in keys}


def with_noise(rng: Random, scenario: Scenario, registered: list[bool]) -> list[tuple[bool, Step]]:
    """Repeats of what has registered, previews of it, and refused changes of it, in between.

    Each step comes with whether it belongs to the scenario.
    """
    steps: list[tuple[bool, Step]] = []
    known: list[Step] = []
    for step, has_registered in zip(scenario["steps"], registered, strict=True):
        steps.append((True, step))
        if has_registered:
            known.append(step)
        if known and rng.random() < 0.4:
            steps.append((False, _noise(rng, rng.choice(known))))
    return steps


def _noise(rng: Random, step: Step) -> Step:
    action = action_of(step)
    body = deepcopy(step[action])
    chance = rng.random()
    if chance < 0.3:
        return {"preview": body}
    if chance < 0.6:
        return {action: {**body, "stateMapping": {"nowhere": "a"}}}
    return {action: body}
