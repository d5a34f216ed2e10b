"""The head of a request has an end in bytes and in time, however it is cut into pieces."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from statekeep.web import protocol
from statekeep.web.protocol import HEAD_BYTES, BoundedProtocol


class Wire(asyncio.Transport):
    """A connection's other end: keeps what was written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = asyncio.Event()

    def write(self, data: Any) -> None:
        self.written += data

    def close(self) -> None:
        self.closed.set()

    def is_closing(self) -> bool:
        return self.closed.is_set()

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


async def answer_200(scope: Any, receive: Any, send: Any) -> None:
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"ok"})


async def connected(keep_alive: float = 5) -> tuple[BoundedProtocol, Wire]:
    config = uvicorn.Config(answer_200, lifespan="off", timeout_keep_alive=keep_alive)  # type: ignore[arg-type]
    config.load()
    found = BoundedProtocol(config=config, server_state=ServerState(), app_state={})
    wire = Wire()
    found.connection_made(wire)
    return found, wire


async def told(pieces: Sequence[bytes]) -> bytes:
    connection, wire = await connected()
    for piece in pieces:
        connection.data_received(piece)
        for _ in range(10):
            await asyncio.sleep(0)
    connection.connection_lost(None)
    return wire.written


START = b"GET / HTTP/1.1\r\nhost: x\r\n"
HEADER = b"a: " + b"x" * 995 + b"\r\n"
POST = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 300000\r\n\r\n"


@pytest.mark.parametrize(
    "pieces",
    [
        [START + HEADER * 70],
        [START, *[HEADER] * 70],
        [START + b"a: ", *[b"x" * 1_000] * 70],
        [b"GET /", *[b"x" * 1_000] * 70],
        [START + b"\r\n", START + HEADER * 70],
        [START + b"\r\n" + START, *[HEADER] * 70],
    ],
)
async def test_a_head_over_the_limit_is_refused(pieces: list[bytes]) -> None:
    answer = await told(pieces)
    assert json.loads(answer.rpartition(b"\r\n\r\n")[2])["code"] == "HeadTooLarge"


@pytest.mark.parametrize(
    ("pieces", "answers"),
    [
        ([START + HEADER * 60 + b"\r\n"], 1),
        ([START, *[HEADER] * 60, b"\r\n"], 1),
        ([(START + HEADER * 40 + b"\r\n") * 3], 3),
        ([(START + HEADER * 40 + b"\r\n") * 3 + START, b"\r\n"], 4),
        ([POST + b" " * 300_000 + START, b"\r\n"], 2),
        ([POST, b" " * 300_000 + START, b"\r\n"], 2),
    ],
)
async def test_what_is_within_the_limit_is_answered_in_any_pieces(
    pieces: list[bytes], answers: int
) -> None:
    found = await told(pieces)
    assert (found.count(b"HTTP/1.1 200 "), found.count(b"HTTP/1.1 4")) == (answers, 0)


async def test_a_head_that_does_not_end_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.05)
    connection, wire = await connected()
    connection.data_received(START)
    connection.data_received(HEADER)
    async with asyncio.timeout(5):
        await wire.closed.wait()
    assert json.loads(wire.written.rpartition(b"\r\n\r\n")[2])["code"] == "SlowHead"


async def test_who_never_says_anything_is_not_kept() -> None:
    _, wire = await connected(keep_alive=0.05)
    async with asyncio.timeout(5):
        await wire.closed.wait()
    assert wire.written == b""


async def test_what_is_no_http_is_a_problem() -> None:
    answer = await told([b"nonsense\r\n\r\n"])
    assert json.loads(answer.rpartition(b"\r\n\r\n")[2])["code"] == "InvalidHttp"


def test_the_limit_is_documented() -> None:
    assert HEAD_BYTES == 64 * 1024
