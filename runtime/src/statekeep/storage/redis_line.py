"""One connection that everybody shares: what is asked in one turn of the loop goes out together.

redis-py gives a connection to each command and takes it back: a turn of the pool, a write and a
read a command. An event is one small script, so that is most of its cost. Here commands are packed
behind each other, written once a turn, and answered in their order.

It opens with redis-py's own handshake (TLS, names and passwords, databases, Sentinel) and takes
the transport over. It never sends anything twice: what was under way when a connection ended is
answered with `Disconnected`, and whoever asked knows whether asking again is safe.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import hiredis
from redis.asyncio import Redis
from redis.exceptions import (
    BusyLoadingError,
    NoScriptError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
)
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import TimeoutError as NoAnswer

Word = str | int | float | bytes
SILENCE_SECONDS: Final = 5.0
"""How long a connection with questions under way may say nothing before it is given up."""

TOGETHER: Final = 8
"""How many commands wait for each other before they are written: the server is to work on some
while we work on the next ones, and each write costs as much as a tenth of an event."""

ERRORS: Final[dict[str, type[RedisError]]] = {
    "NOSCRIPT": NoScriptError,
    "OOM": OutOfMemoryError,
    "READONLY": ReadOnlyError,
    "LOADING": BusyLoadingError,
    "MASTERDOWN": Disconnected,
}


class Line:
    """The shared connection; opened when it is first needed, and again when it has ended."""

    def __init__(
        self,
        client: Redis,
        renewed: Callable[[], None] = lambda: None,
        silence: float = SILENCE_SECONDS,
    ) -> None:
        self._client = client
        self._renewed = renewed
        self._silence = silence
        self._wire: _Wire | None = None
        self._opening: asyncio.Lock = asyncio.Lock()

    def ask(self, words: Sequence[Word]) -> Awaitable[Any]:
        """The answer of one command; an error of the server is raised."""
        wire = self._wire
        if wire is None or wire.ended:
            return self._ask_opened(words)
        return wire.ask(words)

    async def ask_all(self, commands: Sequence[Sequence[Word]]) -> list[Any]:
        """The answers of many commands; an error of the server is an answer."""
        wire = self._wire
        if wire is None or wire.ended:
            wire = await self._open()
        return await wire.ask_all(commands)

    async def _ask_opened(self, words: Sequence[Word]) -> Any:
        wire = await self._open()
        return await wire.ask(words)

    async def close(self) -> None:
        """Give the connection up."""
        if self._wire is not None:
            await self._wire.close()

    async def _open(self) -> _Wire:
        async with self._opening:
            if self._wire is None or self._wire.ended:
                first = self._wire is None
                self._wire = await _opened(self._client, self._silence)
                if not first:
                    self._renewed()
            return self._wire


async def _opened(client: Redis, silence: float) -> _Wire:
    """A connection that redis-py has opened, and lets go of."""
    connection: Any = client.connection_pool.make_connection()  # type: ignore[no-untyped-call]
    await connection.connect()
    writer = connection._writer
    connection._writer = connection._reader = None
    wire = _Wire(writer, silence)
    writer.transport.set_protocol(wire)
    return wire


class _Wire(asyncio.Protocol):
    """A connection that is open: questions in a row, answers in the same."""

    def __init__(self, writer: asyncio.StreamWriter, silence: float) -> None:
        self._writer = writer
        """Kept: on some Pythons it closes its transport when nobody holds it any more."""
        self._transport = writer.transport
        self._silence = silence
        self._loop = asyncio.get_running_loop()
        self._reader = hiredis.Reader(replyError=_error)
        self._under_way: deque[asyncio.Future[Any] | _Answers] = deque()
        self._to_write: list[bytes] = []
        self._heard_at = 0.0
        self._watch: asyncio.TimerHandle | None = None
        self._lost: asyncio.Future[None] = self._loop.create_future()
        self.ended = False

    def ask(self, words: Sequence[Word]) -> asyncio.Future[Any]:
        """Send a command with the others of this turn."""
        answer: asyncio.Future[Any] = self._loop.create_future()
        if self.ended:
            answer.set_exception(Disconnected("the connection has ended"))
        else:
            self._send(words, answer)
        return answer

    def ask_all(self, commands: Sequence[Sequence[Word]]) -> asyncio.Future[list[Any]]:
        """Send many, and have all their answers at once; errors are answers."""
        asked = _Answers(self._loop.create_future(), len(commands))
        for words in commands:
            if self.ended:
                asked.put(Disconnected("the connection has ended"))
            else:
                self._send(words, asked)
        return asked.all

    def _send(self, words: Sequence[Word], asked: asyncio.Future[Any] | _Answers) -> None:
        if not self._to_write:
            self._loop.call_soon(self._write)
        if not self._under_way:
            self._heard_at = self._loop.time()
        packed: bytes = hiredis.pack_command(tuple(words))  # type: ignore[arg-type]
        self._to_write.append(packed)
        self._under_way.append(asked)
        if len(self._to_write) >= TOGETHER:
            self._write()
        if self._watch is None:
            self._watch = self._loop.call_later(self._silence, self._listen)

    async def close(self) -> None:
        """End the connection, and wait until it has ended."""
        self._end(Disconnected("the connection was closed"))
        await self._lost

    def data_received(self, data: bytes) -> None:
        self._heard_at = self._loop.time()
        self._reader.feed(data)
        while self._under_way:
            try:
                answer = self._reader.gets()
            except hiredis.ProtocolError as error:
                self._end(Disconnected(f"the server speaks otherwise: {error}"))
                return
            if answer is False:
                return
            _give(self._under_way.popleft(), answer)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(Disconnected(f"the connection was lost: {exc or 'closed by the server'}"))
        if not self._lost.done():
            self._lost.set_result(None)

    def _write(self) -> None:
        if self._to_write and not self.ended:
            self._transport.write(b"".join(self._to_write))
            self._to_write.clear()

    def _listen(self) -> None:
        """Give up a connection that has been silent for too long."""
        self._watch = None
        if not self._under_way or self.ended:
            return
        left = self._heard_at + self._silence - self._loop.time()
        if left <= 0:
            self._end(NoAnswer(f"no answer within {self._silence:g} seconds"))
        else:
            self._watch = self._loop.call_later(left, self._listen)

    def _end(self, error: RedisError) -> None:
        if self.ended:
            return
        self.ended = True
        if self._watch is not None:
            self._watch.cancel()
        self._transport.abort()
        while self._under_way:
            _give(self._under_way.popleft(), error)


class _Answers:
    """The answers of commands that were sent together, in their order."""

    __slots__ = ("_found", "_left", "all")

    def __init__(self, all_of_them: asyncio.Future[list[Any]], count: int) -> None:
        self.all = all_of_them
        self._found: list[Any] = []
        self._left = count
        if not count:
            self.all.set_result([])

    def put(self, answer: Any) -> None:
        self._found.append(answer)
        self._left -= 1
        if not self._left and not self.all.done():
            self.all.set_result(self._found)


def _give(waiting: asyncio.Future[Any] | _Answers, answer: Any) -> None:
    if isinstance(waiting, _Answers):
        waiting.put(answer)
        return
    if waiting.done():
        return
    if isinstance(answer, RedisError):
        waiting.set_exception(answer)
    else:
        waiting.set_result(answer)


def _error(message: str) -> RedisError:
    """What redis-py would raise for an answer that is an error."""
    kind = ERRORS.get(message.partition(" ")[0], ResponseError)
    return kind(message)
