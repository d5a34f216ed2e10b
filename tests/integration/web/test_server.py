"""The process around the API: health, keys that go, rates, slow clients, a stop under traffic."""

import asyncio
import json
import re
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from statekeep.sealing.keyring import REREAD_SECONDS, new_key
from support.web_server import (
    LOAN_V1,
    LOAN_V2,
    Bench,
    behind_socket,
    deployed,
    in_process,
    memory_backend,
    spawned,
    write_secrets,
)


async def test_health_and_readiness_need_no_key(bench: Bench) -> None:
    anyone = bench.with_key(None)
    assert (await anyone.get("/healthz")).json() == {"alive": True}
    ready = await anyone.get("/readyz")
    assert (ready.status_code, ready.json()["ready"]) == (200, True)
    assert (ready.json()["keyIds"], ready.json()["primaryKey"]) == (["k1"], "k1")
    document = (await anyone.get("/openapi.json")).json()
    assert document["openapi"] == "3.1.0"


async def test_the_phases_of_a_registration_are_timed(bench: Bench) -> None:
    client = bench.client()
    await deployed(client, LOAN_V1)
    await spawned(client, "loan-v1", "SUBMIT")
    made = await deployed(client, LOAN_V2)
    text = (await client.get("/metrics")).text
    for phase in ("planned", "fenced", "applied"):
        assert f'statekeep_change_duration_seconds_count{{phase="{phase}"}} 1.0' in text
    held = re.search(r'change_duration_seconds_sum\{phase="fenced"\} (\S+)', text)
    assert held is not None
    assert 0.0 < made["heldSeconds"] == float(held[1]), "events waited no longer than that"
    again = (await client.post("/v1/definitions", json=LOAN_V2)).json()
    assert (again["unchanged"], again["heldSeconds"]) == (True, None)


async def test_a_broken_key_ring_makes_it_not_ready_and_keeps_serving(tmp_path: Path) -> None:
    settings = write_secrets(tmp_path)
    async with in_process(settings) as bench:
        client = bench.client()
        await deployed(client, LOAN_V1)
        (tmp_path / "keys" / "k2").write_text("broken")
        await asyncio.sleep(REREAD_SECONDS)
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()["ready"]) == (503, False)
        assert "k2" in str(ready.json()["checks"])
        assert await spawned(client, "loan-v1", "SUBMIT", amount=1)


async def test_a_lost_key_is_503_with_its_id_and_its_return_heals(tmp_path: Path) -> None:
    settings, backend = write_secrets(tmp_path), memory_backend()
    async with in_process(settings, backend) as before:
        await deployed(before.client(), LOAN_V1)
        actor = await spawned(before.client(), "loan-v1", amount=1)
    lost = (tmp_path / "keys" / "k1").rename(tmp_path / "lost")
    (tmp_path / "keys" / "k2").write_text(new_key())
    async with in_process(settings, backend) as bench:
        answer = await bench.client().get(f"/v1/actors/{actor}")
        assert (answer.status_code, answer.json()["code"]) == (503, "KeyUnavailable")
        assert "'k1'" in answer.json()["detail"]
        assert answer.headers["retry-after"] == "1"
        metrics = (await bench.with_key(None).get("/metrics")).text
        assert 'statekeep_sealing_total{key="k1",what="unavailable"} 1.0' in metrics
        plain = await bench.client().post(f"/v1/actors/{actor}/event", json={"type": "SUBMIT"})
        assert plain.json()["accepted"] is True
        (tmp_path / "keys" / "primary").write_text("k2")
        lost.rename(tmp_path / "keys" / "k1")
        healed = await bench.client().get(f"/v1/actors/{actor}")
        assert healed.json()["context"] == {"amount": 1}


async def test_a_new_primary_key_is_taken_over_without_a_restart(tmp_path: Path) -> None:
    async with in_process(write_secrets(tmp_path)) as bench:
        client = bench.client()
        await deployed(client, LOAN_V1)
        old = await spawned(client, "loan-v1", amount=1)
        (tmp_path / "keys" / "k2").write_text(new_key())
        (tmp_path / "keys" / "primary").write_text("k2")
        await asyncio.sleep(REREAD_SECONDS)
        assert (await client.get("/readyz")).json()["primaryKey"] == "k2"
        new = await spawned(client, "loan-v1", amount=2)
        found = [(await client.get(f"/v1/actors/{a}")).json()["context"] for a in (old, new)]
        assert found == [{"amount": 1}, {"amount": 2}]


async def test_a_rate_limit_says_when_to_come_back(tmp_path: Path) -> None:
    settings = replace(write_secrets(tmp_path), rate=3)
    async with in_process(settings) as bench:
        client = bench.client()
        answers = [await client.get("/v1/actors") for _ in range(5)]
        assert [answer.status_code for answer in answers[:3]] == [200, 200, 200]
        assert (answers[4].status_code, answers[4].json()["code"]) == (429, "RateLimited")
        assert int(answers[4].headers["retry-after"]) >= 1
        assert (await bench.client("read").get("/v1/actors")).status_code == 200


@pytest.fixture
async def socket_bench(tmp_path: Path) -> object:
    settings = replace(write_secrets(tmp_path), body_seconds=1)
    async with behind_socket(settings) as bench:
        yield bench


async def test_a_body_that_does_not_come_is_not_waited_for(socket_bench: Bench) -> None:
    key = socket_bench.client().headers["x-api-key"]
    head = f"POST /v1/actors HTTP/1.1\r\nhost: x\r\nx-api-key: {key}\r\ncontent-length: 100\r\n\r\n"
    answer = await _raw(socket_bench, head.encode() + b'{"defin')
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == "SlowBody"


@pytest.mark.parametrize(
    "content",
    [b"nonsense\r\n\r\n", b"GET /\x00 HTTP/1.1\r\n\r\n", b"POST /v1/actors HTTP/9.9\r\n\r\n"],
)
async def test_what_is_no_http_is_refused_and_the_server_goes_on(
    socket_bench: Bench, content: bytes
) -> None:
    answer = await _raw(socket_bench, content)
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == "InvalidHttp"
    assert (await socket_bench.with_key(None).get("/healthz")).status_code == 200


async def test_a_head_without_an_end_is_refused_and_the_server_goes_on(
    socket_bench: Bench,
) -> None:
    answer = await _raw(socket_bench, b"GET /v1/me HTTP/1.1\r\nx: " + b"x" * 70_000)
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == "HeadTooLarge"
    assert (await socket_bench.with_key(None).get("/healthz")).status_code == 200


async def test_a_client_that_hangs_up_in_the_middle_harms_nobody(socket_bench: Bench) -> None:
    client = socket_bench.client()
    await deployed(client, LOAN_V1)
    url = httpx.URL(socket_bench.base_url)
    for _ in range(20):
        _, writer = await asyncio.open_connection(url.host, url.port)
        writer.write(b"POST /v1/actors HTTP/1.1\r\nhost: x\r\ncontent-length: 50\r\n\r\n{")
        await writer.drain()
        writer.close()
    assert await spawned(client, "loan-v1", "SUBMIT")


async def test_a_stop_lets_requests_finish(tmp_path: Path) -> None:
    settings = write_secrets(tmp_path)
    backend = memory_backend()
    async with behind_socket(settings, backend) as bench:
        client = bench.client()
        await deployed(client, LOAN_V1)
        actors = [await spawned(client, "loan-v1") for _ in range(20)]
        sends = [
            asyncio.create_task(client.post(f"/v1/actors/{a}/event", json={"type": "SUBMIT"}))
            for a in actors
        ]
        answers = await asyncio.gather(*sends)
    assert [answer.status_code for answer in answers] == [200] * 20


async def _raw(bench: Bench, content: bytes) -> bytes:
    url = httpx.URL(bench.base_url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(content)
    await writer.drain()
    async with asyncio.timeout(5):
        found = b""
        while not _whole(found):
            part = await reader.read(65_536)
            if not part:
                break
            found += part
    writer.close()
    return found


def _whole(answer: bytes) -> bool:
    head, separator, body = answer.partition(b"\r\n\r\n")
    if not separator:
        return False
    lengths = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    return not lengths or len(body) >= int(lengths[0].partition(b":")[2])
