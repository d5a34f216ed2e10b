"""Random scenarios come out on a server as they come out in memory."""

from __future__ import annotations

import os

import pytest

from statekeep.cli.scenario.memory_backend import ServiceBackend
from statekeep.cli.scenario.steps import read_scenario
from statekeep.cli.scenario.transcript import transcript
from support.asyncs import run
from support.scenarios.generate import scenario
from support.stores import MEMORY, opened, own_tenant

SEEDS = range(int(os.environ.get("STATEKEEP_SCENARIOS", "60")))
BLOCKS = [SEEDS[start : start + 20] for start in range(0, len(SEEDS), 20)]


async def answered(address: str, seed: int) -> object:
    async with opened(address) as store:
        tenant = own_tenant()
        return await transcript(read_scenario(scenario(seed)), ServiceBackend.over(store, tenant))


@pytest.mark.parametrize("seeds", BLOCKS, ids=lambda seeds: f"{seeds[0]}-{seeds[-1]}")
def test_a_random_scenario_answers_the_same_on_a_server(valkey_url: str, seeds: range) -> None:
    for seed in seeds:
        here, there = run(answered(MEMORY, seed)), run(answered(valkey_url, seed))
        assert here == there, seed
