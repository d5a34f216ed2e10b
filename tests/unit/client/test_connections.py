"""The client's own connections: kept, given up, and never used twice for one request."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
import pytest

from statekeep.client.connections import Connections, fits

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
SILENCE = b"silence"


class Host:
    """A server that answers each request with the next of its answers; `b""` hangs up."""

    def __init__(self, *answers: bytes, closing: bool = False) -> None:
        self.answers = list(answers)
        self.closing = closing
        """Whether it hangs up after each answer."""
        self.requests: list[bytes] = []
        self.connections = 0
        self.asked = asyncio.Event()
        self.closed = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while await self._answered(reader, writer):
                pass
        writer.close()
        self.closed.set()

    async def _answered(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        self.requests.append(head + await reader.readexactly(int(length or 0)))
        self.asked.set()
        answer = self.answers.pop(0)
        if answer == SILENCE:
            await reader.read()
        else:
            writer.write(answer)
        return bool(answer) and not self.closing


@asynccontextmanager
async def asking(host: Host, patience: float = 5.0) -> AsyncIterator[httpx.AsyncClient]:
    server = await asyncio.start_server(host.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    url = f"http://127.0.0.1:{port}/below"
    async with httpx.AsyncClient(base_url=url, transport=Connections(), timeout=patience) as client:
        yield client
    server.close()


async def test_a_connection_is_kept_and_used_again() -> None:
    host = Host(OK, OK, OK)
    async with asking(host) as client:
        for _ in range(3):
            answer = await client.post("/v1/x", params={"a": "b c"}, json={"n": 1})
            assert (answer.status_code, answer.text) == (200, "ok")
    assert host.connections == 1
    first = host.requests[0]
    assert first.startswith(b"POST /below/v1/x?a=b+c HTTP/1.1\r\nHost: 127.0.0.1:")
    assert first.endswith(b'\r\n\r\n{"n":1}')


async def test_many_at_once_have_a_connection_each() -> None:
    host = Host(*[OK] * 20)
    async with asking(host) as client:
        answers = await asyncio.gather(*(client.get("/") for _ in range(20)))
    assert [answer.text for answer in answers] == ["ok"] * 20
    assert 1 <= host.connections <= 20


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "text", "closing"),
    [
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, "ok", False),
        (CHUNKED + b"2;x=y\r\nok\r\n4\r\n and\r\n0\r\nt: 1\r\n\r\n", "ok and", False),
        (b"HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n", "", False),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\ncontent-length: 2\r\n\r\nok", "ok", True),
        (b"HTTP/1.1 200 OK\r\n\r\nto the end", "to the end", True),
    ],
    ids=["a 100 before", "chunks", "nothing", "closed by the server", "until the end"],
)
async def test_an_answer_is_read_whole_however_it_ends(
    answer: bytes, text: str, *, closing: bool
) -> None:
    host = Host(answer, OK, closing=closing)
    async with asking(host) as client:
        assert (await client.get("/")).text == text
        assert (await client.get("/")).text == "ok"
    assert host.connections == (2 if closing else 1)


async def test_a_connection_that_was_closed_meanwhile_is_not_used() -> None:
    host = Host(OK, OK, closing=True)
    async with asking(host) as client:
        assert (await client.get("/")).text == "ok"
        await host.closed.wait()
        await asyncio.sleep(0.01)  # for the end of the stream to arrive: nobody tells
        assert (await client.get("/")).text == "ok"
    assert (host.connections, len(host.requests)) == (2, 2)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"", httpx.ReadError),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok", httpx.ReadError),
        (b"SSH-2.0\r\n\r\n", httpx.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", httpx.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n", httpx.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\nx: " + b"long" * 30_000 + b"\r\n\r\n", httpx.RemoteProtocolError),
        (SILENCE, httpx.ReadTimeout),
    ],
)
async def test_what_is_no_whole_answer_is_an_error_that_says_so(
    answer: bytes, error: type[Exception]
) -> None:
    host = Host(answer, OK, closing=True)
    async with asking(host, patience=0.3) as client:
        with pytest.raises(error):
            await client.get("/")
        assert (await client.get("/")).text == "ok"
    assert len(host.requests) == 2, "nothing was sent twice"


async def test_a_server_that_is_not_there_is_a_connect_error() -> None:
    async with httpx.AsyncClient(transport=Connections()) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get("http://127.0.0.1:1/")


async def test_who_gives_up_leaves_no_answer_for_the_next() -> None:
    host = Host(SILENCE, OK)
    async with asking(host) as client:
        task = asyncio.create_task(client.get("/"))
        await host.asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await client.get("/")).text == "ok"
    assert host.connections == 2


@pytest.mark.parametrize(
    ("url", "proxies", "plain"),
    [
        ("http://server:8000", {}, True),
        ("https://server", {}, True),
        ("http://server", {"https_proxy": "http://p"}, True),
        ("https://server", {"https_proxy": "http://p"}, False),
        ("https://server", {"https_proxy": "http://p", "no_proxy": "server"}, True),
        ("http://server", {"all_proxy": "http://p"}, False),
        ("http://me:secret@server", {}, False),
    ],
)
def test_a_proxy_or_a_password_is_left_to_httpx(
    monkeypatch: pytest.MonkeyPatch, url: str, proxies: dict[str, str], plain: bool
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in proxies.items():
        monkeypatch.setenv(name, value)
    assert fits(url) is plain
