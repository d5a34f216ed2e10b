"""How long a request may keep us waiting for its body: one timer for all, not one a request.

`asyncio.timeout` costs as much as reading a small body does. Here whoever waits stands in a list,
in the order in which he came, and a timer looks at the head of the list now and then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Final, TypeVar

Value = TypeVar("Value")
LOOKS: Final = 4
"""How often the list is looked at within the patience: an end comes at most a quarter late."""


class Patience:
    """Ends waits that take longer than some seconds."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._since: dict[asyncio.Task[object], float] = {}
        self._ended: set[asyncio.Task[object]] = set()
        self._timer: asyncio.TimerHandle | None = None

    async def of(self, waited_for: Awaitable[Value]) -> Value:
        """What is waited for, or TimeoutError. Only its own waits count, one a task."""
        task = asyncio.current_task()
        if task is None:
            return await waited_for
        loop = task.get_loop()
        self._since[task] = loop.time()
        if self._timer is None:
            self._timer = loop.call_later(self.seconds / LOOKS, self._look, loop)
        try:
            return await waited_for
        except asyncio.CancelledError:
            if task in self._ended:
                task.uncancel()
                raise TimeoutError from None
            raise
        finally:
            del self._since[task]
            self._ended.discard(task)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        oldest = loop.time() - self.seconds
        for task, since in self._since.items():
            if since > oldest:
                break
            if task not in self._ended:
                self._ended.add(task)
                task.cancel()
        if self._since:
            self._timer = loop.call_later(self.seconds / LOOKS, self._look, loop)
