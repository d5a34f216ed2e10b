"""Past ASGI's messages a connection says the same, byte for byte, and is left the same."""

import asyncio
import gc
from collections.abc import Sequence
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from statekeep.web import direct
from statekeep.web.protocol import BoundedProtocol

GET = b"GET / HTTP/1.1\r\nhost: x\r\n"
POST = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n"
LAST = b"connection: close\r\n"
ETAG = [(b"etag", b'"1.0"')]


class Wire(asyncio.Transport):
    """A connection's other end: keeps what was written, a part a write."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[bytes] = []
        self.closed = False

    def write(self, data: Any) -> None:
        self.parts.append(bytes(data))

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


async def body_of(scope: Any, receive: Any) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        more = message.get("more_body", False)
        body += message.get("body", b"")
    return body


async def by_messages(scope: Any, receive: Any, send: Any) -> None:
    body = await body_of(scope, receive)
    head = [*ETAG, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": body})


async def directly(scope: Any, receive: Any, send: Any) -> None:
    cycle = direct.cycle_of(receive)
    assert cycle is not None
    body = direct.body_here(cycle)
    if body is None:
        body = await body_of(scope, receive)
    head = [*ETAG, (b"content-length", b"%d" % len(body))]
    await direct.answer(cycle, 200, head, body)


def connected(app: Any, *always: tuple[bytes, bytes]) -> tuple[BoundedProtocol, Wire]:
    config = uvicorn.Config(app, lifespan="off", log_config=None)
    config.load()
    state = ServerState()
    state.default_headers = list(always)
    found = BoundedProtocol(config=config, server_state=state, app_state={})
    wire = Wire()
    found.connection_made(wire)
    return found, wire


async def turns() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def told(app: Any, pieces: Sequence[bytes], *always: tuple[bytes, bytes]) -> Wire:
    connection, wire = connected(app, *always)
    for piece in pieces:
        connection.data_received(piece)
        await turns()
    connection.connection_lost(None)
    return wire


@pytest.mark.parametrize(
    ("pieces", "always"),
    [
        ([GET + b"\r\n"], ()),
        ([GET + b"\r\n", POST + b"\r\nbody", GET + b"\r\n"], ()),
        ([(POST + b"\r\nbody") * 3], ()),
        ([POST + b"\r\n", b"bo", b"dy"], ()),
        ([POST + b"expect: 100-continue\r\n\r\n", b"body"], ()),
        ([GET + LAST + b"\r\n"], ()),
        ([GET.replace(b"1.1", b"1.0") + b"\r\n"], ()),
        ([GET + b"\r\n"], ((b"date", b"now"), (b"connection", b"close"))),
        ([GET + LAST + b"\r\n"], ((b"connection", b"close"),)),
    ],
)
async def test_the_answer_is_the_same_and_the_connection_too(
    pieces: list[bytes], always: tuple[tuple[bytes, bytes], ...]
) -> None:
    expected, found = (
        await told(by_messages, pieces, *always),
        await told(directly, pieces, *always),
    )
    assert b"".join(found.parts) == b"".join(expected.parts)
    assert found.closed == expected.closed


async def test_an_answer_is_one_write() -> None:
    assert len((await told(directly, [POST + b"\r\nbody"])).parts) == 1


async def test_an_answer_waits_for_a_connection_that_takes_no_more() -> None:
    connection, wire = connected(directly)
    connection.pause_writing()
    connection.data_received(GET + b"\r\n")
    await turns()
    before = len(wire.parts)
    connection.resume_writing()
    await turns()
    assert (before, len(wire.parts)) == (0, 1)
    connection.connection_lost(None)


async def test_who_has_gone_is_told_nothing() -> None:
    connection, wire = connected(directly)
    connection.data_received(POST + b"\r\nbody")
    connection.connection_lost(None)
    await turns()
    assert wire.parts == []


async def test_a_header_cannot_hold_another() -> None:
    async def split(scope: Any, receive: Any, send: Any) -> None:
        cycle = direct.cycle_of(receive)
        assert cycle is not None
        await direct.answer(cycle, 200, [(b"location", b"/x\r\nset-cookie: a=b")], b"")

    wire = await told(split, [GET + b"\r\n"])
    assert wire.parts[0].startswith(b"HTTP/1.1 500 ")
    assert b"set-cookie" not in b"".join(wire.parts)


@pytest.mark.parametrize("app", [by_messages, directly])
async def test_requests_leave_nothing_for_the_collector(app: Any) -> None:
    connection, _ = connected(app)
    collected = []
    gc.disable()
    try:
        for count in (1, 40):
            gc.collect()
            for _ in range(count):
                connection.data_received(POST + b"\r\nbody")
                await turns()
            collected.append(gc.collect())
    finally:
        gc.enable()
    assert collected[0] == collected[1]
    connection.connection_lost(None)


def test_elsewhere_there_is_no_short_way() -> None:
    async def receive() -> dict[str, object]:
        return {"type": "http.request"}

    assert direct.cycle_of(receive) is None
