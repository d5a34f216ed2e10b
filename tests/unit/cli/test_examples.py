"""The scenarios of examples/ hold, and what they answer is what they have always answered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from statekeep.cli.scenario.files import read_file, scenario_files
from statekeep.cli.scenario.memory_backend import ServiceBackend
from statekeep.cli.scenario.report import check
from statekeep.cli.scenario.steps import Scenario
from statekeep.cli.scenario.transcript import transcript
from support.asyncs import run
from support.golden import compare

ROOT = Path(__file__).parents[3]
FILES = [
    (file.relative_to(ROOT / "examples"), scenario)
    for file in scenario_files([ROOT / "examples"])
    for scenario in read_file(file)
]
NAMES = [f"{file}: {scenario.name}" for file, scenario in FILES]


@pytest.mark.parametrize(("file", "scenario"), FILES, ids=NAMES)
def test_a_scenario_holds_in_any_number_of_shards(file: Path, scenario: Scenario) -> None:
    for shards in (1, 3, 16):
        assert run(check(scenario, ServiceBackend.in_memory(shards))) is None, file


@pytest.mark.parametrize(("file", "scenario"), FILES, ids=NAMES)
def test_a_scenario_answers_as_it_always_has(file: Path, scenario: Scenario) -> None:
    answer = run(transcript(scenario, ServiceBackend.in_memory()))
    name = f"{file.with_suffix('').as_posix().replace('/', '-')}-{len(scenario.steps)}.json"
    compare(f"examples/{name}", json.dumps(answer, indent=1, ensure_ascii=False) + "\n")


def test_there_are_scenarios() -> None:
    assert len(FILES) >= 15
