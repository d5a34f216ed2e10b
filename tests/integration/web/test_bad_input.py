"""Bad input, a line each: a problem type of its own, and nothing changes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from statekeep.config import Settings
from statekeep.web.problems import KINDS, TYPE_BASE
from support.web_server import LOAN_V1, Bench, deployed, in_process, spawned, write_secrets

EVENT = "/v1/actors/{actor}/event"
NOBODY = "/v1/actors/0000000000000/event"


@dataclass(frozen=True)
class Bad:
    sentence: str
    code: str
    status: int
    body: Any = None
    path: str = EVENT
    headers: tuple[tuple[str, str], ...] = ()


TABLE = (
    Bad("an unknown actor", "UnknownActor", 404, {"type": "SUBMIT"}, NOBODY),
    Bad("an unknown version", "UnknownVersion", 404, {"definitionId": "loan-v9"}, "/v1/actors"),
    Bad("an event type of the wrong shape", "InvalidEventType", 422, {"type": ["SUBMIT"]}),
    Bad("lone surrogates", "LoneSurrogate", 400, b'{"type": "SUBMIT", "data": "\\ud83d"}'),
    Bad(
        "a context over the limit",
        "TooLarge",
        413,
        {"type": "SUBMIT", "context": {"a": "x" * 65_600}},
    ),
    Bad(
        "a stale If-Match",
        "StaleRevision",
        412,
        {"type": "APPROVE"},
        headers=(("If-Match", '"0.0"'),),
    ),
    Bad(
        "an Idempotency-Key reused with another body",
        "IdempotencyConflict",
        422,
        {"type": "REVISE"},
        headers=(("Idempotency-Key", "used"),),
    ),
    Bad(
        "a revoked key",
        "KeyRevoked",
        401,
        {"type": "APPROVE"},
        headers=(("x-api-key", "{revoked}"),),
    ),
    Bad(
        "a foreign tenant",
        "ForeignTenant",
        403,
        {"type": "APPROVE"},
        headers=(("x-statekeep-tenant", "claims"),),
    ),
    Bad("a body that is no JSON", "InvalidJson", 400, b"type=SUBMIT"),
)


async def _whole(bench: Bench, actor: str) -> list[Any]:
    """Everything that a tenant can see of itself."""
    client = bench.client()
    paths = (f"/v1/actors/{actor}", f"/v1/actors/{actor}/history", f"/v1/actors/{actor}/decisions")
    paths += ("/v1/actors", "/v1/actors?groupBy=stateValue", "/v1/cohorts", "/v1/registry")
    return [(await client.get(path)).json() for path in paths]


@pytest.mark.parametrize("bad", TABLE, ids=[bad.sentence for bad in TABLE])
async def test_it_has_a_problem_type_of_its_own_and_nothing_changes(bench: Bench, bad: Bad) -> None:
    client = bench.client()
    await deployed(client, LOAN_V1)
    actor = await spawned(client, "loan-v1", amount=1)
    first = {"type": "SUBMIT"}
    await client.post(EVENT.format(actor=actor), json=first, headers={"Idempotency-Key": "used"})
    made = (await client.post("/v1/keys", json={"roles": ["send"]})).json()
    await client.delete(f"/v1/keys/{made['id']}")
    before = await _whole(bench, actor)

    headers = {name: value.format(revoked=made["key"]) for name, value in bad.headers}
    raw = bad.body if isinstance(bad.body, bytes) else None
    answer = await client.post(
        bad.path.format(actor=actor),
        content=raw,
        json=None if raw is not None else bad.body,
        headers=headers,
    )
    told = answer.json()
    assert (answer.status_code, told["code"], told["type"]) == (
        bad.status,
        bad.code,
        TYPE_BASE + bad.code,
    )
    assert answer.headers["content-type"] == "application/problem+json"
    assert told["wayOut"] == KINDS[bad.code].way_out
    assert await _whole(bench, actor) == before


def test_no_two_of_them_are_one_type() -> None:
    assert len({bad.code for bad in TABLE}) == len(TABLE) == 10


async def _at_limits(settings: Settings) -> list[httpx.Response]:
    """One answer over each limit of a tenant."""
    async with in_process(settings) as bench:
        client = bench.client()
        loop = {"initial": "a", "states": {"a": {"on": {"*": "a"}}}}
        await deployed(client, {"id": "w", "definition": loop})
        first, second = [await spawned(client, "w") for _ in range(2)]
        await client.post(EVENT.format(actor=first), json={"type": "A"})
        return [
            await client.post("/v1/actors", json={"definitionId": "w"}),
            await client.post(EVENT.format(actor=second), json={"type": "B"}),
            await client.post(EVENT.format(actor=first), json={"type": "A"}),
            await client.post(EVENT.format(actor=first), json={"type": "A" * 9}),
            await client.post(
                EVENT.format(actor=first), json={"type": "A", "context": {"a": 12345}}
            ),
        ]


async def test_each_limit_of_a_tenant_has_its_problem_with_a_way_out(tmp_path: Path) -> None:
    settings = replace(
        write_secrets(tmp_path), max_actors=2, max_cohorts=2, max_history=1,
        max_event_type_bytes=8, max_context_bytes=10,
    )  # fmt: skip
    answers = await _at_limits(settings)
    assert [(a.status_code, a.json()["code"]) for a in answers] == [
        (429, "TooManyActors"),
        (429, "TooManyCohorts"),
        (413, "HistoryTooLong"),
        (413, "EventTypeTooLong"),
        (413, "TooLarge"),
    ]
    assert [a.headers.get("retry-after") for a in answers] == ["60", "60", None, None, None]
    assert all(answer.json()["wayOut"] and answer.json()["detail"] for answer in answers)
