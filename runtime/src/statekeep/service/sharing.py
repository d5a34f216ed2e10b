"""One task for all who want the same thing done at the same time.

A thousand events that meet one fence must not ask a thousand times what became of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar

Value = TypeVar("Value")


class Shared:
    """What is being done now, by name."""

    def __init__(self) -> None:
        self._under_way: dict[Hashable, asyncio.Task[Any]] = {}

    async def once(self, name: Hashable, do: Callable[[], Awaitable[Value]]) -> Value:
        """What `do` comes to, done by the first who asks; who leaves early stops nobody."""
        task = self._under_way.get(name)
        if task is None:
            task = asyncio.ensure_future(_awaited(do))
            self._under_way[name] = task
            task.add_done_callback(lambda done: self._forget(name, done))
        value: Value = await asyncio.shield(task)
        return value

    def _forget(self, name: Hashable, done: asyncio.Task[Any]) -> None:
        self._under_way.pop(name, None)
        if not done.cancelled():
            done.exception()


async def _awaited(do: Callable[[], Awaitable[Value]]) -> Value:
    return await do()
