"""HTTP/1.1 on kept connections, as a transport of httpx: what many requests in flight go through.

httpx's own pool looks at every connection for every request, with a system call each; with thirty
in flight that costs ten times what the request does. Here a connection that is free is taken from
a stack, and put back. Answers are read whole, because all of ours are used whole.

It must never send anything twice: whoever called knows whether that is safe (`exchange`).
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from urllib.request import getproxies, proxy_bypass

import httpx

MOST: Final = 100
"""Connections at once; who comes later waits."""
HEAD_BYTES: Final = 65_536
PORTS: Final = {"http": 80, "https": 443}


def fits(base_url: str) -> bool:
    """Whether the plain way is enough: no proxy stands between, and no password in the address."""
    url = httpx.URL(base_url)
    proxies = getproxies()
    proxied = url.scheme in proxies or "all" in proxies
    return url.scheme in PORTS and not url.userinfo and (not proxied or _bypassed(url.host))


def _bypassed(host: str) -> bool:
    return bool(proxy_bypass(host))


@dataclass(frozen=True, slots=True)
class _Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @property
    def usable(self) -> bool:
        """Whether the other side has not closed it, and said nothing that nobody asked for."""
        return not (self.reader.at_eof() or self.writer.is_closing())


class Connections(httpx.AsyncBaseTransport):
    """A transport to one origin."""

    def __init__(self) -> None:
        self._free: list[_Connection] = []
        self._places = asyncio.Semaphore(MOST)
        self._tls: ssl.SSLContext | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Ask, and read the whole answer."""
        timeout: dict[str, float | None] = request.extensions.get("timeout", {})
        content = await request.aread()
        async with self._places:
            connection = self._kept() or await self._opened(request.url, timeout.get("connect"))
            whole = False
            try:
                async with asyncio.timeout(timeout.get("read")):
                    connection.writer.write(_head(request) + content)
                    answer, kept = await _answer(connection.reader, request)
                whole = kept
            except TimeoutError:
                raise httpx.ReadTimeout("no answer in time", request=request) from None
            except (OSError, asyncio.IncompleteReadError) as error:
                told = str(error) or "the connection was closed"
                raise httpx.ReadError(told, request=request) from error
            except (ValueError, asyncio.LimitOverrunError) as error:
                told = f"this is no HTTP: {error}"
                raise httpx.RemoteProtocolError(told, request=request) from error
            finally:
                if whole:
                    self._free.append(connection)
                else:
                    connection.writer.close()
        return answer

    async def aclose(self) -> None:
        """Give all connections up."""
        while self._free:
            writer = self._free.pop().writer
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    def _kept(self) -> _Connection | None:
        while self._free:
            connection = self._free.pop()
            if connection.usable:
                return connection
            connection.writer.close()
        return None

    async def _opened(self, url: httpx.URL, seconds: float | None) -> _Connection:
        port = url.port or PORTS[url.scheme]
        tls = self._context() if url.scheme == "https" else None
        try:
            async with asyncio.timeout(seconds):
                opened = await asyncio.open_connection(url.host, port, ssl=tls, limit=HEAD_BYTES)
        except TimeoutError:
            raise httpx.ConnectTimeout("no connection in time") from None
        except OSError as error:
            raise httpx.ConnectError(str(error)) from error
        return _Connection(*opened)

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = httpx.create_ssl_context()
        return self._tls


def _head(request: httpx.Request) -> bytes:
    lines = [b"%b %b HTTP/1.1" % (request.method.encode("ascii"), request.url.raw_path)]
    lines += [b"%b: %b" % header for header in request.headers.raw]
    return b"\r\n".join(lines) + b"\r\n\r\n"


async def _answer(
    reader: asyncio.StreamReader, request: httpx.Request
) -> tuple[httpx.Response, bool]:
    """The answer, and whether the connection may be used again."""
    status, headers = 100, list[tuple[bytes, bytes]]()
    while status < 200:
        status, headers = _read_head(await reader.readuntil(b"\r\n\r\n"))
    told = {name.lower(): value for name, value in headers}
    kept = told.get(b"connection", b"").lower() != b"close"
    if status in (204, 304) or request.method == "HEAD":
        content = b""
    elif b"chunked" in told.get(b"transfer-encoding", b"").lower():
        content = await _chunks(reader)
    elif b"content-length" in told:
        content = await reader.readexactly(int(told[b"content-length"]))
    else:
        content, kept = await reader.read(), False
    return httpx.Response(status, headers=headers, content=content, request=request), kept


def _read_head(head: bytes) -> tuple[int, list[tuple[bytes, bytes]]]:
    first, *lines = head[:-4].split(b"\r\n")
    version, status, *_ = first.split(b" ", 2)
    if not version.startswith(b"HTTP/1.") or len(status) != 3:
        message = f"an answer begins with {first[:40]!r}"
        raise ValueError(message)
    headers = []
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon:
            message = f"a header is {line[:40]!r}"
            raise ValueError(message)
        headers.append((name.strip(), value.strip()))
    return int(status), headers


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    parts = []
    while True:
        size = int((await reader.readuntil(b"\r\n")).partition(b";")[0], 16)
        parts.append(await reader.readexactly(size))
        if size == 0:
            break
        await reader.readexactly(2)
    while await reader.readuntil(b"\r\n") != b"\r\n":
        pass
    return b"".join(parts)
