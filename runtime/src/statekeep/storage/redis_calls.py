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
from typing import Any, TypeVar

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


@dataclass(frozen=True, slots=True)
class Call:
    """One run of a script."""

    script: Script
    keys: tuple[str, ...]
    arguments: tuple[Argument, ...]

    @property
    def by_digest(self) -> tuple[Argument, ...]:
        return (self.script.digest, len(self.keys), *self.keys, *self.arguments)

    @property
    def in_full(self) -> tuple[Argument, ...]:
        return (self.script.text, len(self.keys), *self.keys, *self.arguments)


class Calls:
    """Runs scripts and commands on a client."""

    def __init__(self, client: Client, patience: float = 5.0) -> None:
        self.client = client
        self._patience = patience
        self._line = None if isinstance(client, RedisCluster) else Line(client)
        self.watch: Watch | None = None
        """Told of every script: its name, the word that it answered, the seconds that it took."""

    async def run(self, call: Call) -> Any:
        """The answer of one script."""
        begin = time.perf_counter()
        answer = await self.patiently(lambda: self._once(call))
        if self.watch is not None:
            self.watch(call.script.name, word_of(call, answer), time.perf_counter() - begin)
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
        commands = [("EVALSHA", *call.by_digest) for call in calls]
        begin = time.perf_counter()
        answers = await self.patiently(lambda: line.ask_all(commands))
        if self.watch is not None:
            each = (time.perf_counter() - begin) / len(calls)
            for call, answer in zip(calls, answers, strict=True):
                self.watch(call.script.name, word_of(call, answer), each)
        return [
            await self.run(call) if _must_repeat(answer) else _raised(answer)
            for call, answer in zip(calls, answers, strict=True)
        ]

    async def patiently(self, ask: Callable[[], Awaitable[Value]]) -> Value:
        """The answer to a question that may be asked again."""
        loop = asyncio.get_running_loop()
        end, pause = loop.time() + self._patience, FIRST_PAUSE
        while True:
            try:
                return await ask()
            except AuthenticationError as error:  # no answer to wait for: it would be the same
                message = "the store takes no such user or password: correct it in --redis-url"
                raise StoreRefuses(message) from error
            except (Disconnected, NoAnswer, ReadOnlyError) as error:
                if loop.time() + pause > end:
                    message = f"the store does not answer: {error}"
                    raise StoreUnreachable(message) from error
                await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
                pause = min(pause * 2, LONGEST_PAUSE)
            except OutOfMemoryError as error:
                raise StoreRefuses("the store is out of memory: nothing was written") from error
            except RedisError as error:
                raise StoreRefuses(f"the store refuses: {error}") from error

    async def close(self) -> None:
        """Give all connections back."""
        if self._line is not None:
            await self._line.close()
        await self.client.aclose()

    async def _once(self, call: Call) -> Any:
        try:
            return await self._ask(("EVALSHA", *call.by_digest))
        except NoScriptError:
            return await self._ask(("EVAL", *call.in_full))

    async def _ask(self, words: tuple[Argument, ...]) -> Any:
        if self._line is None:
            return await self.client.execute_command(*words)
        return await self._line.ask(words)


def word_of(call: Call, answer: object) -> str:
    """What a script that answers with a word has said."""
    if call.script.name not in WITH_WORDS or not isinstance(answer, list):
        return ""
    word = answer[0]
    return word.decode() if isinstance(word, bytes) else ""


def _must_repeat(answer: object) -> bool:
    return isinstance(answer, NoScriptError | Disconnected | NoAnswer | ReadOnlyError)


def _raised(answer: Any) -> Any:
    if isinstance(answer, OutOfMemoryError):
        raise StoreRefuses("the store is out of memory: nothing was written") from answer
    if isinstance(answer, RedisError):
        raise StoreRefuses(f"the store refuses: {answer}") from answer
    return answer
