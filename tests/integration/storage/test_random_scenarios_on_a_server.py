"""On a server too, random scenarios come out as the slow obvious model says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from statekeep.cli.scenario.memory_backend import ServiceBackend
from statekeep.cli.scenario.steps import read_scenario
from statekeep.cli.scenario.transcript import transcript
from support import model
from support.asyncs import run
from support.scenarios.compare import differences
from support.scenarios.generate import scenario
from support.scenarios.product import audited
from support.stores import opened, own_tenant

SEEDS = 60
AT_ONCE = 15


async def played(address: str, seeds: range) -> list[dict[str, Any]]:
    answers = []
    async with opened(address) as store:
        for seed in seeds:
            backend = ServiceBackend.over(store, own_tenant())
            answer = await transcript(read_scenario(scenario(seed)), backend)
            answers.append(audited(json.loads(json.dumps(answer))))
    return answers


@pytest.mark.parametrize("first", range(0, SEEDS, AT_ONCE))
def test_a_server_does_what_the_model_does(valkey_url: str, first: int) -> None:
    seeds = range(first, first + AT_ONCE)
    for seed, answer in zip(seeds, run(played(valkey_url, seeds)), strict=True):
        found = differences(model.run(scenario(seed)), answer)
        assert not found, f"seed {seed}\n" + "\n".join(str(one) for one in found)
