"""What a server does when its store is full, slow, cut off or gone, and when clocks jump."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from random import Random

import httpx
import pytest
from redis.asyncio import Redis

from statekeep.service import Event, Services, Wiring
from statekeep.storage import keys
from statekeep.storage.embedded import EmbeddedValkey
from statekeep.web import scrape
from statekeep.web.serving import open_redis
from support.loans import chain
from support.stores import opened, own_tenant
from support.web_server import (
    LOAN_V1,
    LOAN_V2,
    Bench,
    behind_socket,
    deployed,
    on_valkey,
    spawned,
    write_secrets,
)

pytestmark = pytest.mark.valkey


@pytest.fixture
async def bench(tmp_path: Path, valkey: EmbeddedValkey) -> AsyncIterator[Bench]:
    settings = replace(write_secrets(tmp_path), redis_url=valkey.url)
    async with behind_socket(settings, await on_valkey(settings)) as found:
        yield found


@pytest.fixture
async def server(valkey: EmbeddedValkey) -> AsyncIterator[Redis]:
    async with Redis.from_url(valkey.url) as client:
        yield client


async def test_a_full_memory_is_503_and_changes_nothing(bench: Bench, server: Redis) -> None:
    client = bench.client()
    await deployed(client, LOAN_V1)
    actor = await spawned(client, "loan-v1", amount=1)
    before = (await client.get(f"/v1/actors/{actor}")).json()
    await server.config_set("maxmemory", "1mb")
    try:
        refused = [
            await client.post(f"/v1/actors/{actor}/event", json={"type": "SUBMIT"}),
            await client.post("/v1/actors", json={"definitionId": "loan-v1"}),
            await client.post("/v1/definitions", json=LOAN_V2),
        ]
    finally:
        await server.config_set("maxmemory", "0")
    told = [(answer.status_code, answer.json()["code"]) for answer in refused]
    assert told == [(503, "Unavailable")] * 3
    assert all("out of memory" in answer.json()["detail"] for answer in refused)
    assert all(answer.headers["retry-after"] == "1" for answer in refused)
    assert (await client.get(f"/v1/actors/{actor}")).json() == before
    assert (await deployed(client, LOAN_V2))["stayed"] == 1
    sent = await client.post(f"/v1/actors/{actor}/event", json={"type": "SUBMIT"})
    assert sent.json()["version"] == "loan-v2"


async def test_a_slow_store_makes_it_not_ready_and_loses_nothing(
    bench: Bench, server: Redis
) -> None:
    client = bench.client()
    client.timeout = httpx.Timeout(30)
    await deployed(client, LOAN_V1)
    actor = await spawned(client, "loan-v1")
    await server.client_pause(2_600, all=True)
    sent = asyncio.create_task(client.post(f"/v1/actors/{actor}/event", json={"type": "SUBMIT"}))
    ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()["ready"]) == (503, False)
    assert "no answer within 2 seconds" in str(ready.json()["checks"])
    assert (await client.get("/healthz")).status_code == 200
    assert (await sent).json()["revision"] == 1
    assert (await client.get("/readyz")).status_code == 200


async def test_a_store_that_is_away_leaves_the_metrics_of_the_process(
    bench: Bench, server: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scrape, "COUNT_SECONDS", 0.1)
    operator = bench.operator()
    await server.client_pause(1_000, all=True)
    found = await operator.get("/metrics")
    assert found.status_code == 200
    assert "statekeep_store_duration_seconds" in found.text


@pytest.mark.parametrize(
    ("before", "told", "after"),
    [
        ("REPLICAOF 127.0.0.1 1", "a replica, which takes no writes", "REPLICAOF NO ONE"),
        ("ACL SETUSER default -eval", "runs no script: User", "ACL SETUSER default +@all"),
    ],
)
async def test_a_store_that_takes_nothing_makes_it_not_ready(
    bench: Bench, server: Redis, before: str, told: str, after: str
) -> None:
    await server.execute_command(*before.split())
    try:
        ready = await bench.client().get("/readyz")
    finally:
        await server.execute_command(*after.split())
    assert ready.status_code == 503
    assert told in ready.json()["checks"][0]["detail"]
    assert (await bench.client().get("/readyz")).status_code == 200


async def test_a_store_that_was_emptied_is_begun_again(bench: Bench, server: Redis) -> None:
    client = bench.client()
    await deployed(client, LOAN_V1)
    await deployed(client, LOAN_V2)
    await spawned(client, "loan-v2")
    await server.flushall()
    assert (await client.get("/readyz")).status_code == 200
    assert await server.get(keys.SHARDS) == b"16"
    alone = {"id": "loan-v2", "workflow": "loan", "definition": LOAN_V2["definition"]}
    again = await deployed(client, alone)
    assert (again["unchanged"], again["clock"]) == (False, 1)
    await spawned(client, "loan-v2", "SUBMIT")


async def test_a_registration_that_a_failover_lost_is_forgotten_by_whoever_knew_it(
    bench: Bench, server: Redis
) -> None:
    """Another registration in its place is not taken for it, although it has its clock."""
    knew = bench.client()
    await deployed(knew, LOAN_V1)
    actor = await spawned(knew, "loan-v1", "SUBMIT")
    held = {key: await server.dump(key) for key in await server.keys("*")}
    await deployed(knew, LOAN_V2)
    assert (await knew.get(f"/v1/actors/{actor}")).json()["version"] == "loan-v2"
    await server.flushall()
    for key, content in held.items():
        await server.restore(key, 0, content)
    await server.client_kill_filter(_type="normal", skipme=True)
    settings = bench.settings
    async with behind_socket(settings, await open_redis(settings)) as other:
        machine, mapping = chain("draft", "filed", "kept", draft="SUBMIT"), {"review": "filed"}
        instead = {**LOAN_V2, "definition": machine, "stateMapping": mapping}
        assert (await deployed(other.client(), instead))["clock"] == 2
    sent = await knew.post(f"/v1/actors/{actor}/event", json={"type": "TO_KEPT"})
    assert (sent.json()["version"], sent.json()["stateValue"]) == ("loan-v2", "kept")


async def test_connections_that_are_cut_between_script_and_answer_do_nothing_twice(
    bench: Bench, server: Redis
) -> None:
    client = bench.client()
    client.timeout = httpx.Timeout(30)
    body = {"id": "ring", "definition": {"initial": "a", "states": {"a": {"on": {"GO": "a"}}}}}
    await deployed(client, body)
    actors = [await spawned(client, "ring") for _ in range(8)]
    over = asyncio.Event()

    async def cutter() -> None:
        dice = Random(7)
        while not over.is_set():
            await asyncio.sleep(dice.uniform(0.002, 0.02))
            await server.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")

    async def sender(actor: str) -> int:
        accepted = 0
        for number in range(40):
            sent = await client.post(
                f"/v1/actors/{actor}/event",
                json={"type": "GO"},
                headers={"Idempotency-Key": f"{number}"},
            )
            accepted += sent.json()["accepted"]
        return accepted

    cutting = asyncio.create_task(cutter())
    accepted = await asyncio.gather(*(sender(actor) for actor in actors))
    over.set()
    await cutting
    assert accepted == [40] * len(actors)
    for actor in actors:
        found = (await client.get(f"/v1/actors/{actor}")).json()
        assert (found["historyLength"], found["revision"]) == (40, 40)


async def test_clocks_that_jump_neither_lose_nor_repeat_anything(valkey: EmbeddedValkey) -> None:
    """Every replica's clock jumps by up to a day at every look: decisions read no wall time."""
    dice, tenant = Random(11), own_tenant()
    machine = chain("a", "b", "c", "d", "done")

    def jumping() -> float:
        return 1_800_000_000.0 + dice.uniform(-86_400.0, 86_400.0)

    async with opened(valkey.url, 2) as one, opened(valkey.url, 2) as two:
        replicas = [Services(Wiring(store, now=jumping)) for store in (one, two)]
        await replicas[0].deployments.deploy(
            tenant, {"id": "w-0", "workflow": "w", "definition": machine}
        )
        spawned = [await replicas[n % 2].actors.spawn(tenant, "w-0") for n in range(12)]

        async def life(number: int) -> None:
            for event in ("TO_B", "TO_C", "TO_D"):
                sent = await replicas[number % 2].actors.send(
                    tenant, spawned[number].actor, Event(event), key=f"{number}{event}"
                )
                assert sent.accepted

        async def deployer() -> None:
            for number in range(1, 6):
                body = {"id": f"w-{number}", "parentId": f"w-{number - 1}", "definition": machine}
                done = await replicas[number % 2].deployments.deploy(tenant, body)
                assert (done.clock, done.migrated) == (number + 1, len(spawned))

        await asyncio.gather(deployer(), *(life(number) for number in range(len(spawned))))
        for each in spawned:
            found = await replicas[0].actors.get(tenant, each.actor)
            assert (found.version, found.state_value, found.history_length) == ("w-5", "d", 3)
            decided = await replicas[1].actors.decisions(tenant, each.actor)
            assert [item.decision.clock for item in decided] == [2, 3, 4, 5, 6]
