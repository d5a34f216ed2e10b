"""A connection as uvicorn reads it, with bounds on what nobody has shown a key for yet.

uvicorn bounds neither how large the head of a request is nor how long it takes, and keeps a
connection that never says anything. Here a head has an end in bytes and in time, and silence has
the end that an idle connection has. What is no HTTP is answered as a problem like all the rest.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from statekeep.web.problems import MEDIA_TYPE, Refusal, encoded

HEAD_BYTES: Final = 65_536
HEAD_SECONDS: Final = 20.0


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol; costs a whole head that arrives in one piece next to nothing."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._heads = 0
        self._reading_head = False
        self._head_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_ended()
        self._unset_keepalive_if_required()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        heads = self._heads
        super().data_received(data)
        if self._reading_head and not self.transport.is_closing():
            self._head_goes_on(len(data) if self._all_of_head(heads) else 0)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._heads += 1
        self._reading_head = True

    def on_headers_complete(self) -> None:
        self._head_ended()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """What uvicorn says to what it cannot read."""
        self._refuse(Refusal("InvalidHttp", msg))

    def _all_of_head(self, heads: int) -> bool:
        """Whether all of a piece is of the head that it ends in; before it came there were `heads`.

        If not, what came before the head is not counted as its own, and where it began is unknown.
        """
        if self._heads == heads:
            return True
        last: RequestResponseCycle | None = self.cycle
        nothing_before = last is None or (last.response_complete and not last.more_body)
        return nothing_before and self._heads == heads + 1

    def _head_goes_on(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > HEAD_BYTES:
            self._refuse(Refusal("HeadTooLarge", f"the limit is {HEAD_BYTES} bytes"))
        elif self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self._head_is_late)

    def _head_ended(self) -> None:
        self._reading_head = False
        self._head_bytes = 0
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_is_late(self) -> None:
        if not self.transport.is_closing():
            self._refuse(Refusal("SlowHead", f"the limit is {HEAD_SECONDS:g} seconds"))

    def _refuse(self, refusal: Refusal) -> None:
        content = encoded(refusal, None)
        lines = (
            STATUS_LINE[refusal.status],
            b"content-type: %b\r\n" % MEDIA_TYPE.encode(),
            b"content-length: %d\r\n" % len(content),
            b"connection: close\r\n\r\n",
            content,
        )
        self.transport.write(b"".join(lines))
        self.transport.close()
