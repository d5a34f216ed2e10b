"""Past ASGI's messages, on our own connections: a body that is all here, an answer that is whole.

uvicorn hands a body over through an event and a message. It takes an answer in two messages, looks
at each header with two regular expressions and makes a write of each message: a fifth of an event.
Here both are done at once, on the cycle that uvicorn has for a request and whose method `receive`
is. Where there is none (another server, a test) ASGI's messages are the way.

Invariants: a cycle is left as uvicorn's own `receive` and `send` leave it, and nothing that it
refers to refers to it: what is left of a request is gone with it, and waits for no collector.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from uvicorn.protocols.http.httptools_impl import (
    HEADER_VALUE_RE,
    STATUS_LINE,
    RequestResponseCycle,
)


def cycle_of(receive: Callable[[], Awaitable[Any]]) -> RequestResponseCycle | None:
    """What uvicorn has of this request, if it is uvicorn's."""
    owner = getattr(receive, "__self__", None)
    return owner if isinstance(owner, RequestResponseCycle) else None


def body_here(cycle: RequestResponseCycle) -> bytes | None:
    """The body, if all of it is here and somebody still waits for the answer."""
    if cycle.more_body or cycle.disconnected or cycle.response_complete:
        return None
    content = bytes(cycle.body)
    cycle.body = bytearray()
    return content


async def answer(
    cycle: RequestResponseCycle,
    status: int,
    headers: Iterable[tuple[bytes, bytes]],
    content: bytes,
) -> None:
    """Write a whole answer at once. Names of headers are ours, and so in lower case."""
    if cycle.flow.write_paused and not cycle.disconnected:
        await cycle.flow.drain()
    if cycle.disconnected:
        return
    given = [*cycle.default_headers, *headers]
    if HEADER_VALUE_RE.search(b"".join([value for _, value in given])):
        raise RuntimeError("the value of a header holds a control character")
    if (b"connection", b"close") in given:
        cycle.keep_alive = False
    elif not cycle.keep_alive:
        given.append((b"connection", b"close"))
    lines = [b"%b: %b\r\n" % header for header in given]
    cycle.response_started = True
    cycle.waiting_for_100_continue = False
    cycle.transport.write(b"".join([STATUS_LINE[status], *lines, b"\r\n", content]))
    cycle.response_complete = True
    cycle.message_event.set()
    if not cycle.keep_alive:
        cycle.transport.close()
    cycle.on_response()
