"""Two servers on one store are as correct as one."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from statekeep.service.keys import REMEMBERED_SECONDS
from statekeep.storage.embedded import EmbeddedValkey
from statekeep.web.serving import open_redis
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
async def pair(tmp_path: Path, valkey: EmbeddedValkey) -> AsyncIterator[tuple[Bench, Bench]]:
    settings = replace(write_secrets(tmp_path), redis_url=valkey.url)
    first, second = await on_valkey(settings), await open_redis(settings)
    async with behind_socket(settings, first) as one, behind_socket(settings, second) as two:
        yield one, two


async def test_what_one_registers_the_other_knows(pair: tuple[Bench, Bench]) -> None:
    one, two = pair[0].client(), pair[1].client()
    await deployed(one, LOAN_V1)
    actor = await spawned(two, "loan-v1", "SUBMIT", amount=1)
    assert (await one.get(f"/v1/actors/{actor}")).json()["context"] == {"amount": 1}
    assert (await deployed(one, LOAN_V2))["migrated"] == 1
    answer = await two.post(f"/v1/actors/{actor}/event", json={"type": "APPROVE"})
    assert (answer.json()["version"], answer.json()["status"]) == ("loan-v2", "done")


async def test_events_through_both_happen_once_each(pair: tuple[Bench, Bench]) -> None:
    one, two = pair[0].client(), pair[1].client()
    await deployed(one, LOAN_V1)
    actors = [await spawned(one, "loan-v1") for _ in range(20)]
    sends = [
        client.post(f"/v1/actors/{actor}/event", json={"type": "SUBMIT"})
        for actor in actors
        for client in (one, two)
    ]
    answers = [response.json() for response in await asyncio.gather(*sends)]
    assert sum(answer["accepted"] for answer in answers) == len(actors)


async def test_of_two_registrations_at_once_one_is_first(pair: tuple[Bench, Bench]) -> None:
    one, two = pair[0].client(), pair[1].client()
    await deployed(one, LOAN_V1)
    bodies = [{**LOAN_V1, "id": f"loan-x{number}"} for number in range(6)]
    sends = [
        client.post("/v1/definitions", json=body)
        for body, client in zip(bodies, (one, two) * 3, strict=True)
    ]
    answers = await asyncio.gather(*sends)
    assert [answer.status_code for answer in answers] == [201] * 6
    assert sorted(answer.json()["clock"] for answer in answers) == [2, 3, 4, 5, 6, 7]


async def test_a_key_revoked_at_one_is_dead_at_the_other(pair: tuple[Bench, Bench]) -> None:
    one, two = pair
    made = (await one.client().post("/v1/keys", json={"roles": ["read"]})).json()
    reader = two.with_key(made["key"])
    assert (await reader.get("/v1/actors")).status_code == 200
    await one.client().delete(f"/v1/keys/{made['id']}")
    await asyncio.sleep(REMEMBERED_SECONDS)
    assert (await reader.get("/v1/actors")).json()["code"] == "KeyRevoked"
