"""The same code on a real cluster of three servers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from statekeep.cli.scenario.files import read_file, scenario_files
from statekeep.cli.scenario.memory_backend import ServiceBackend
from statekeep.cli.scenario.report import Failure, check
from statekeep.service import Event, Services, Wiring
from statekeep.web.serving import open_redis
from support.asyncs import run
from support.command_line import Ended, statekeep
from support.loans import loan_v1
from support.stores import opened, own_tenant
from support.valkey_cluster import cluster
from support.web_server import behind_socket, bootstrap_key, write_secrets

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture(scope="module")
def cluster_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with cluster(tmp_path_factory.mktemp("valkey-cluster")) as url:
        yield url


def test_every_scenario_holds_on_a_cluster(cluster_url: str) -> None:
    async def failures() -> list[Failure]:
        async with opened(cluster_url, shards=16) as store:
            outcomes = [
                await check(scenario, ServiceBackend.over(store, own_tenant()))
                for file in scenario_files([EXAMPLES])
                for scenario in read_file(file)
            ]
        return [failure for failure in outcomes if failure is not None]

    assert run(failures()) == []


def test_every_scenario_holds_over_http_with_its_server_on_a_cluster(
    cluster_url: str, tmp_path: Path
) -> None:
    """`statekeep test --server` against `statekeep serve` whose store is a cluster."""

    async def ended() -> tuple[Ended, int]:
        settings = replace(write_secrets(tmp_path), redis_url=cluster_url)
        async with behind_socket(settings, await open_redis(settings)) as bench:
            key = bootstrap_key("lending", "admin")
            reach = ("--server", bench.base_url, "--api-key", key)
            done = await asyncio.to_thread(statekeep, "test", str(EXAMPLES), *reach)
            ready = await bench.with_key(None).get("/readyz")
            return done, ready.status_code

    done, ready = run(ended())
    assert (done.code, ready) == (0, 200), done.out
    count = sum(len(read_file(file)) for file in scenario_files([EXAMPLES]))
    assert f"{count} passed" in done.out


def test_a_batch_goes_to_all_nodes_of_a_cluster(cluster_url: str) -> None:
    async def accepted() -> int:
        tenant = own_tenant()
        async with opened(cluster_url, shards=16) as store:
            services = Services(Wiring(store))
            await services.deployments.deploy(tenant, loan_v1())
            spawned = await asyncio.gather(
                *(services.actors.spawn(tenant, "loan-v1") for _ in range(60))
            )
            events = [(actor.actor, Event("SUBMIT_INFO"), None) for actor in spawned]
            answers = await services.actors.send_batch(tenant, events)
            return sum(getattr(answer, "accepted", False) for answer in answers)

    assert run(accepted()) == 60
