"""Scenarios on the product: the services over a store in memory, as `statekeep test` runs them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from statekeep.cli.scenario.memory_backend import ServiceBackend
from statekeep.cli.scenario.steps import read_scenario
from statekeep.cli.scenario.transcript import transcript

AUDITED = ("changePoint", "clock", "verdict", "from", "to", "reason", "rescued")


def run(scenario: dict[str, Any], shards: int = 2) -> dict[str, Any]:
    """What `statekeep test --jsonl` answers for one line."""
    backend = ServiceBackend.in_memory(shards)
    answer = asyncio.run(transcript(read_scenario(scenario), backend))
    return audited(json.loads(json.dumps(answer)))


def audited(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer with decisions cut down to what a scenario promises of them."""
    for actor in answer["actors"].values():
        actor["decisions"] = [{key: d.get(key) for key in AUDITED} for d in actor["decisions"]]
    return answer
