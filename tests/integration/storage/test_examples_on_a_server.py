"""The scenarios of examples/ come out on a server as they come out in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from statekeep.cli.scenario.files import read_file, scenario_files
from statekeep.cli.scenario.memory_backend import ServiceBackend
from statekeep.cli.scenario.steps import Scenario
from statekeep.cli.scenario.transcript import transcript
from support.asyncs import run
from support.stores import MEMORY, opened, own_tenant

EXAMPLES = Path(__file__).parents[3] / "examples"
SCENARIOS = [scenario for file in scenario_files([EXAMPLES]) for scenario in read_file(file)]


async def answered(address: str, scenario: Scenario) -> object:
    async with opened(address) as store:
        return await transcript(scenario, ServiceBackend.over(store, own_tenant()))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_scenario_answers_the_same_on_a_server(valkey_url: str, scenario: Scenario) -> None:
    assert run(answered(valkey_url, scenario)) == run(answered(MEMORY, scenario))
