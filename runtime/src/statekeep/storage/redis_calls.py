"""Calling scripts: loaded from the package, addressed by digest, sent again when nobody answered.

Every script is safe to send again (ports.py says how), so a lost answer is asked for once more,
with growing pauses and some chance in them, for as long as a client may be kept waiting.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha1
from importlib import resources
from typing import Any, Final, NamedTuple, TypeVar

from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster
from redis.exceptions import (
    AuthenticationError,
    NoScriptError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
)
from redis.exceptions import (
    ConnectionError as Disconnected,
)
from redis.exceptions import (
    TimeoutError as NoAnswer,
)

from statekeep.storage.errors import StoreRefuses, StoreUnreachable
from statekeep.storage.redis_line import Line

Client = Redis | RedisCluster
Argument = str | int | float | bytes
Value = TypeVar("Value")
FIRST_PAUSE, LONGEST_PAUSE = 0.01, 0.5
Watch = Callable[[str, str, float], None]
WITH_WORDS = frozenset({"send", "spawn", "place"})
ASK_AGAIN: Final = (Disconnected, NoAnswer, ReadOnlyError)
"""What may pass: a connection that ended, a server that takes no writes just now."""


@dataclass(frozen=True, slots=True)
class Script:
    """One operation of the store."""

    name: str
    text: str
    digest: str


@cache
def script(name: str, *, shared: bool = True) -> Script:
    """The script of this name, with what all scripts of a shard share before it, and before that
    its fast beginning, where it has one."""
    folder = resources.files("statekeep.storage") / "lua"
    text = (folder / f"{name}.lua").read_text(encoding="utf-8")
    if shared:
        text = (folder / "shared.lua").read_text(encoding="utf-8") + text
    fast = folder / f"{name}_fast.lua"
    if fast.is_file():
        text = fast.read_text(encoding="utf-8") + text
    return Script(name, text, sha1(text.encode(), usedforsecurity=False).hexdigest())


class Call(NamedTuple):
    """One run of a script."""

    script: Script
    keys: tuple[str, ...]
    arguments: tuple[Argument, ...]

    def by_digest(self) -> tuple[Argument, ...]:
        return ("EVALSHA", self.script.digest, len(self.keys), *self.keys, *self.arguments)

    def in_full(self) -> tuple[Argument, ...]:
        return ("EVAL", self.script.text, len(self.keys), *self.keys, *self.arguments)


class Calls:
    """Runs scripts and commands on a client."""

    def __init__(self, client: Client, patience: float = 5.0) -> None:
        self.client = client
        self._patience = patience
        self._line = None if isinstance(client, RedisCluster) else Line(client, self._renewed)
        self.on_renewal: Callable[[], None] | None = None
        """Told that the connection is a new one, and another server may be behind it."""
        self.watch: Watch | None = None
        """Told of every script: its name, the word that it answered, the seconds that it took."""

    async def run(self, call: Call) -> Any:
        """The answer of one script."""
        begin = time.monotonic()
        try:
            answer = await self._ask(call.by_digest())
        except NoScriptError:
            answer = await self.patiently(lambda: self._ask(call.in_full()))
        except RedisError as error:
            answer = await self._again(lambda: self._once(call), error, begin)
        if self.watch is not None:
            self.watch(call.script.name, word_of(call, answer), time.monotonic() - begin)
        return answer

    async def true(self, call: Call) -> bool:
        """Whether a script answers 1."""
        answer: int = await self.run(call)
        return answer == 1

    async def command(self, *words: Argument) -> Any:
        """The answer of one command, which must be safe to send again."""
        return await self.patiently(lambda: self.client.execute_command(*words))

    async def run_many(self, calls: Sequence[Call]) -> list[Any]:
        """The answers of many scripts, sent together; each is atomic on its own."""
        if not calls:
            return []
        line = self._line
        if line is None:
            return list(await asyncio.gather(*(self.run(call) for call in calls)))
        commands = [call.by_digest() for call in calls]
        begin = time.monotonic()
        answers = await self.patiently(lambda: line.ask_all(commands))
        if self.watch is not None:
            each = (time.monotonic() - begin) / len(calls)
            for call, answer in zip(calls, answers, strict=True):
                self.watch(call.script.name, word_of(call, answer), each)
        return [
            await self._repeated(call, answer) if isinstance(answer, RedisError) else answer
            for call, answer in zip(calls, answers, strict=True)
        ]

    async def _repeated(self, call: Call, error: RedisError) -> Any:
        if isinstance(error, (NoScriptError, *ASK_AGAIN)):
            return await self.run(call)
        raise _refused(error) from error

    async def patiently(self, ask: Callable[[], Awaitable[Value]]) -> Value:
        """The answer to a question that may be asked again."""
        begin = time.monotonic()
        try:
            return await ask()
        except RedisError as error:
            return await self._again(ask, error, begin)

    async def _again(
        self, ask: Callable[[], Awaitable[Value]], error: RedisError, begin: float
    ) -> Value:
        """The answer to a question that was asked at `begin` and has got an error."""
        pause = FIRST_PAUSE
        while True:
            if isinstance(error, AuthenticationError) or not isinstance(error, ASK_AGAIN):
                raise _refused(error) from error
            if time.monotonic() + pause > begin + self._patience:
                raise StoreUnreachable(f"the store does not answer: {error}") from error
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
            pause = min(pause * 2, LONGEST_PAUSE)
            try:
                return await _within(ask(), begin + self._patience)
            except RedisError as another:
                error = another

    def _renewed(self) -> None:
        if self.on_renewal is not None:
            self.on_renewal()

    async def close(self) -> None:
        """Give all connections back."""
        if self._line is not None:
            await self._line.close()
        await self.client.aclose()

    async def _once(self, call: Call) -> Any:
        try:
            return await self._ask(call.by_digest())
        except NoScriptError:
            return await self._ask(call.in_full())

    def _ask(self, words: tuple[Argument, ...]) -> Awaitable[Any]:
        if self._line is None:
            asked: Awaitable[Any] = self.client.execute_command(*words)
            return asked
        return self._line.ask(words)


async def _within(asked: Awaitable[Value], end: float) -> Value:
    """The first answer has an end of its own; what is asked again must come within our patience."""
    try:
        async with asyncio.timeout(end - time.monotonic()):
            return await asked
    except TimeoutError:
        raise NoAnswer("no answer in time") from None


def word_of(call: Call, answer: object) -> str:
    """What a script that answers with a word has said."""
    if call.script.name not in WITH_WORDS or not isinstance(answer, list):
        return ""
    word = answer[0]
    return word.decode() if isinstance(word, bytes) else ""


def _refused(error: RedisError) -> StoreRefuses:
    """What to say of an error that would come again."""
    if isinstance(error, AuthenticationError):
        return StoreRefuses("the store takes no such user or password: correct it in --redis-url")
    if isinstance(error, OutOfMemoryError):
        return StoreRefuses("the store is out of memory: nothing was written")
    return StoreRefuses(f"the store refuses: {error}")
