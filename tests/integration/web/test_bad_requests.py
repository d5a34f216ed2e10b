"""Requests that are wrong: each has a problem of its own, and nothing changes."""

import json
from collections.abc import Iterator

import httpx
import pytest

from statekeep.web.problems import KINDS
from support.web_server import LOAN_V1, Bench, deployed, spawned


@pytest.fixture
async def client(bench: Bench) -> httpx.AsyncClient:
    admin = bench.client()
    await deployed(admin, LOAN_V1)
    return admin


EVENT_CASES = [
    (b"no json", 400, "InvalidJson"),
    (b'{"type":"SUBMIT"', 400, "InvalidJson"),
    (b'{"type":"\\ud800"}', 400, "LoneSurrogate"),
    (b'{"type":"SUBMIT","context":{"a":"\\udfff"}}', 400, "LoneSurrogate"),
    (b'{"type":"SUBMIT","context":{"a":NaN}}', 400, "InvalidNumber"),
    (b'{"type":"SUBMIT","data":[1e400]}', 400, "InvalidNumber"),
    (b'{"type":7}', 422, "InvalidEventType"),
    (b'{"type":""}', 422, "InvalidEventType"),
    (b'{"type":"xstate.init"}', 422, "InvalidEventType"),
    (b'{"type":"xstate.done.state.x"}', 422, "InvalidEventType"),
    (b'{"type":"' + b"A" * 257 + b'"}', 413, "EventTypeTooLong"),
    (b'{"type":"SUBMIT","contxt":{}}', 422, "InvalidRequest"),
    (b'{"type":"SUBMIT","context":[]}', 422, "InvalidRequest"),
    (b'{"type":"SUBMIT","context":{"a":"' + b"x" * 70_000 + b'"}}', 413, "TooLarge"),
    (b'{"type":"SUBMIT","data":' + b"[" * 100 + b"]" * 100 + b"}", 413, "TooDeep"),
    (b'{"type":"SUBMIT","data":"' + b"x" * 1_100_000 + b'"}', 413, "BodyTooLarge"),
]


@pytest.mark.parametrize(("content", "status", "code"), EVENT_CASES)
async def test_a_bad_event_is_refused_and_changes_nothing(
    client: httpx.AsyncClient, content: bytes, status: int, code: str
) -> None:
    actor = await spawned(client, "loan-v1", amount=1)
    before = (await client.get(f"/v1/actors/{actor}")).json()
    answer = await client.post(f"/v1/actors/{actor}/event", content=content)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await client.get(f"/v1/actors/{actor}")).json() == before


async def test_a_body_without_a_length_is_counted_as_it_comes(client: httpx.AsyncClient) -> None:
    def parts() -> Iterator[bytes]:
        for _ in range(40):
            yield b" " * 65_536

    async def stream() -> object:
        for part in parts():
            yield part

    answer = await client.post("/v1/actors", content=stream())  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["code"]) == (413, "BodyTooLarge")


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Idempotency-Key": "x" * 256}, 400, "InvalidIdempotencyKey"),
        ({"Idempotency-Key": "two words"}, 400, "InvalidIdempotencyKey"),
        ({"Idempotency-Key": ""}, 400, "InvalidIdempotencyKey"),
        ({"If-Match": "yesterday"}, 400, "InvalidIfMatch"),
        ({"If-Match": '"99.99"'}, 412, "StaleRevision"),
        ({"Content-Encoding": "gzip"}, 415, "UnsupportedEncoding"),
    ],
)
async def test_a_bad_header_is_refused(
    client: httpx.AsyncClient, headers: dict[str, str], status: int, code: str
) -> None:
    actor = await spawned(client, "loan-v1")
    answer = await client.post(
        f"/v1/actors/{actor}/event", json={"type": "SUBMIT"}, headers=headers
    )
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await client.get(f"/v1/actors/{actor}")).json()["revision"] == 0


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/v1/actors?limit=0", "InvalidQuery"),
        ("/v1/actors?limit=1001", "InvalidQuery"),
        ("/v1/actors?limit=many", "InvalidQuery"),
        ("/v1/actors?colour=red", "InvalidQuery"),
        ("/v1/actors?limit=1&limit=2", "InvalidQuery"),
        ("/v1/actors?status=asleep", "InvalidQuery"),
        ("/v1/actors?state=%ff", "InvalidQuery"),
        ("/v1/actors?cursor=nonsense", "InvalidCursor"),
        ("/v1/actors?groupBy=stateValue&cursor=MQ", "InvalidCursor"),
        ("/v1/definitions?cursor=bm8", "InvalidCursor"),
        ("/v1/definitions?cursor=WzEsMl0", "InvalidCursor"),
    ],
)
async def test_a_bad_query_is_refused(client: httpx.AsyncClient, path: str, code: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize(
    ("key", "code"), [(None, "KeyMissing"), ("wrong", "KeyUnknown"), ("x" * 5_000, "KeyUnknown")]
)
async def test_without_a_good_key_nothing_is_said(bench: Bench, key: str | None, code: str) -> None:
    for path in ("/v1/actors", "/v1/actors/nobody", "/v1/definitions/nothing"):
        answer = await bench.with_key(key).get(path)
        assert (answer.status_code, answer.json()["code"]) == (401, code)
        assert "www-authenticate" in answer.headers


async def test_a_problem_carries_the_id_of_its_request(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/actors/nobody", headers={"x-request-id": "trace-7"})
    assert answer.json()["instance"] == "trace-7"
    crooked = await client.get("/v1/actors/nobody", headers={"x-request-id": "a b"})
    assert len(crooked.json()["instance"]) == 16


@pytest.mark.parametrize("name", ["ä", "a b", "a%2Fb", "%00", "x" * 2_000, "..", "%F0%9F%98%80"])
async def test_strange_ids_are_ids_that_are_not_there(client: httpx.AsyncClient, name: str) -> None:
    answer = await client.get(f"/v1/actors/{name}")
    assert answer.status_code == 404
    assert answer.json()["code"] in {"UnknownActor", "UnknownRoute"}


async def test_a_problem_is_one_of_the_table(client: httpx.AsyncClient) -> None:
    answer = (await client.get("/v1/actors/nobody")).json()
    kind = KINDS[answer["code"]]
    assert (answer["status"], answer["title"], answer["wayOut"]) == (
        kind.status,
        kind.title,
        kind.way_out,
    )


async def test_an_empty_batch_and_one_over_the_limit(client: httpx.AsyncClient) -> None:
    assert (await client.post("/v1/events", json={"events": []})).json() == {"items": []}
    many = {"events": [{"actorId": "a", "type": "X"}] * 1_001}
    answer = await client.post("/v1/events", content=json.dumps(many).encode())
    assert (answer.status_code, answer.json()["code"]) == (413, "TooManyEvents")


async def test_a_name_with_a_slash_is_reached_and_dots_are_no_names(
    client: httpx.AsyncClient,
) -> None:
    body = {**LOAN_V1, "id": "team/loan?#%2F-v1", "workflow": "team/loan"}
    assert (await client.post("/v1/definitions", json=body)).status_code == 201
    id_ = "team%2Floan%3F%23%252F-v1"
    for path in (f"definitions/{id_}", f"deployments/{id_}", "workflows/team%2floan"):
        assert (await client.get(f"/v1/{path}")).status_code == 200
    assert (await client.get("/v1/definitions/team/loan")).json()["code"] == "UnknownRoute"
    for dots in (".", ".."):
        refused = await client.post("/v1/definitions", json={**body, "id": dots})
        assert (refused.status_code, refused.json()["code"]) == (422, "InvalidRequest")
