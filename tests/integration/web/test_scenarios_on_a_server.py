"""The scenarios of examples/ hold against a server, and it is as clean afterwards as before."""

from __future__ import annotations

from pathlib import Path

from statekeep.cli.scenario.files import read_file, scenario_files
from statekeep.cli.scenario.memory_backend import ServiceBackend
from statekeep.cli.scenario.report import Failure, check
from statekeep.cli.scenario.server_backend import ServerBackend
from statekeep.cli.scenario.steps import Scenario
from statekeep.cli.scenario.transcript import transcript
from statekeep.client import AsyncClient, requests
from support.asyncs import run
from support.web_server import behind_socket, bootstrap_key, write_secrets

EXAMPLES = Path(__file__).parents[3] / "examples"
SCENARIOS: list[Scenario] = [
    scenario for file in scenario_files([EXAMPLES]) for scenario in read_file(file)
]


def test_every_scenario_holds_and_leaves_no_actor(tmp_path: Path) -> None:
    async def story() -> tuple[list[Failure], int]:
        async with behind_socket(write_secrets(tmp_path)) as bench:
            key = bootstrap_key("lending", "admin")
            async with AsyncClient(bench.base_url, key) as client:
                outcomes = [await check(scenario, ServerBackend(client)) for scenario in SCENARIOS]
                left = [item async for item in client.each(requests.actors())]
        return [failure for failure in outcomes if failure is not None], len(left)

    assert run(story()) == ([], 0)


def _shown(answer: dict[str, object]) -> dict[str, object]:
    """Without what a prefix must change: the plan's hash, and sentences."""
    steps: list[dict[str, object]] = answer["steps"]  # type: ignore[assignment]
    kept = ("migrated", "stayed", "stranded", "clock", "accepted", "wouldMigrate", "wouldStrand")
    shown = [{key: step[key] for key in kept if key in step} for step in steps]
    return {"name": answer["name"], "steps": shown, "actors": answer["actors"]}


def test_a_transcript_from_a_server_is_the_one_from_memory(tmp_path: Path) -> None:
    async def story() -> None:
        async with behind_socket(write_secrets(tmp_path)) as bench:
            key = bootstrap_key("lending", "admin")
            async with AsyncClient(bench.base_url, key) as client:
                for scenario in SCENARIOS:
                    there = await transcript(scenario, ServerBackend(client))
                    here = await transcript(scenario, ServiceBackend.in_memory())
                    assert _shown(there) == _shown(here)

    run(story())
