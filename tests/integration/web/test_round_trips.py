"""What is another tenant's costs the store exactly what is nobody's: the clock tells nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from statekeep.storage.embedded import EmbeddedValkey
from statekeep.storage.keys import decode_id, encode_id
from support.web_server import (
    LOAN_V1,
    LOAN_V2,
    Bench,
    deployed,
    in_process,
    on_valkey,
    spawned,
    write_secrets,
)

pytestmark = pytest.mark.valkey
RESCUE = {"to": "loan-v2", "stateValue": "draft", "reason": "r"}
OURS = ("info", "config|resetstat")


@pytest.fixture
async def bench(tmp_path: Path, valkey: EmbeddedValkey) -> AsyncIterator[Bench]:
    settings = replace(write_secrets(tmp_path), redis_url=valkey.url)
    backend = await on_valkey(settings)
    async with in_process(settings, backend) as found:
        yield found
    await backend.close()


async def _cost(
    bench: Bench, server: Redis, method: str, path: str, body: Any
) -> tuple[dict[str, int], dict[str, Any]]:
    """Which commands the server ran for a request, inside scripts too, and what was answered."""
    client = bench.client("admin", "claims")
    await client.request(method, path, json=body)  # keys and scripts are known from here on
    await server.config_resetstat()
    answer = await client.request(method, path, json=body)
    stats = await server.info("commandstats")
    ran = {name.removeprefix("cmdstat_"): found["calls"] for name, found in stats.items()}
    told = answer.json() if answer.content else {}
    said = {"status": answer.status_code, "code": told.get("code"), "keys": sorted(told)}
    return {name: calls for name, calls in ran.items() if name not in OURS}, said


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/actors/{actor}", None),
        ("GET", "/v1/actors/{actor}/history", None),
        ("GET", "/v1/actors/{actor}/decisions", None),
        ("DELETE", "/v1/actors/{actor}", None),
        ("POST", "/v1/actors/{actor}/event", {"type": "APPROVE"}),
        ("POST", "/v1/actors/{actor}/event", {"type": "APPROVE", "context": {"a": 1}}),
        ("POST", "/v1/actors/{actor}/rescue", RESCUE),
        ("POST", "/v1/events", {"events": [{"actorId": "{actor}", "type": "APPROVE"}]}),
        ("POST", "/v1/actors", {"definitionId": "{version}"}),
        ("GET", "/v1/definitions/{version}", None),
        ("GET", "/v1/actors?definitionId={version}", None),
        ("GET", "/v1/deployments/{version}", None),
        ("GET", "/v1/deployments/{version}/actors?verdict=migrated", None),
        ("GET", "/v1/change-points/{version}.loan-v1", None),
        ("POST", "/v1/change-points/{version}.loan-v1/close", None),
        ("POST", "/v1/change-points", {"name": "n", "from": "{version}", "to": "{version}"}),
        ("GET", "/v1/workflows/{workflow}", None),
        ("POST", "/v1/workflows/{workflow}/freeze", {"reason": "r"}),
        ("GET", "/v1/cohorts?workflow={workflow}", None),
        ("DELETE", "/v1/keys/{key}", None),
    ],
)
async def test_what_is_anothers_costs_what_is_nobodys(
    bench: Bench, valkey: EmbeddedValkey, method: str, path: str, body: Any
) -> None:
    mine = bench.client()
    await deployed(mine, LOAN_V1)
    actor = await spawned(mine, "loan-v1", "SUBMIT", amount=1)
    await deployed(mine, LOAN_V2)
    key = (await mine.post("/v1/keys", json={"roles": ["read"]})).json()["id"]
    number = decode_id(actor)
    assert number is not None
    theirs = {"actor": actor, "version": "loan-v2", "workflow": "loan", "key": key}
    nobodys = {
        "actor": encode_id(number ^ bench.backend.store.shards << 20),
        "version": "none-v2",
        "workflow": "none",
        "key": key[::-1],
    }
    async with Redis.from_url(valkey.url) as server:
        costs = []
        for names in (theirs, nobodys):
            filled = None if body is None else _filled(body, names)
            costs.append(await _cost(bench, server, method, path.format(**names), filled))
    assert costs[0] == costs[1]
    assert costs[0][0], "the store was asked at all"
    assert (await mine.get(f"/v1/actors/{actor}")).json()["version"] == "loan-v2"


def _filled(body: Any, names: dict[str, str]) -> Any:
    if isinstance(body, str):
        return body.format(**names) if "{" in body else body
    if isinstance(body, list):
        return [_filled(item, names) for item in body]
    if isinstance(body, dict):
        return {name: _filled(value, names) for name, value in body.items()}
    return body
