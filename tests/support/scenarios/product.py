"""Scenarios on the product: the services over a store, as `statekeep test` runs them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from statekeep.cli.scenario.memory_backend import ServiceBackend
from statekeep.cli.scenario.steps import read_scenario
from statekeep.cli.scenario.transcript import transcript
from support.stores import opened, own_tenant

AUDITED = ("changePoint", "clock", "verdict", "from", "to", "reason", "rescued")


def run(scenario: dict[str, Any], shards: int = 2) -> dict[str, Any]:
    """What `statekeep test --jsonl` answers for one line."""
    return asyncio.run(_answer(scenario, ServiceBackend.in_memory(shards)))


def on(address: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """The same over the store on a server, each scenario as a tenant of its own."""

    async def play(scenario: dict[str, Any]) -> dict[str, Any]:
        async with opened(address) as store:
            return await _answer(scenario, ServiceBackend.over(store, own_tenant()))

    return lambda scenario: asyncio.run(play(scenario))


async def _answer(scenario: dict[str, Any], backend: ServiceBackend) -> dict[str, Any]:
    answer = await transcript(read_scenario(scenario), backend)
    return audited(json.loads(json.dumps(answer)))


def audited(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer with decisions cut down to what a scenario promises of them."""
    for actor in answer["actors"].values():
        actor["decisions"] = [{key: d.get(key) for key in AUDITED} for d in actor["decisions"]]
    return answer
