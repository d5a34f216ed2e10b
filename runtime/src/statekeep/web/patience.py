"""How long a request may keep us waiting for its body: one timer for all, not one a request.

`asyncio.timeout` costs as much as reading a small body does. Here whoever waits stands in a list,
in the order in which he came, and a timer looks at the head of the list now and then.
"""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Final

LOOKS: Final = 4
"""How often the list is looked at within the patience: an end comes at most a quarter late."""


class Patience:
    """Ends waits that take longer than some seconds: `with patience:` around what is awaited. Only
    its own waits count, one a task; one that is ended raises TimeoutError."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._since: dict[asyncio.Task[object], float] = {}
        self._ended: set[asyncio.Task[object]] = set()
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> None:
        loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        if task is None:
            return
        self._since[task] = loop.time()
        if self._timer is None:
            self._timer = loop.call_later(self.seconds / LOOKS, self._look, loop)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        task = asyncio.current_task()
        if task is None:
            return
        del self._since[task]
        if task in self._ended:
            self._ended.discard(task)
            if kind is asyncio.CancelledError:
                task.uncancel()
                raise TimeoutError from None

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
