"""Keys that want a look: each waits once, and is in the hands of one worker at a time.

A key that is added while a worker has it is given out again when the worker is done, so no change
is missed. Failures back off, key by key.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)

FIRST_BACKOFF, LONGEST_BACKOFF = 0.5, 30.0
SETTLING = 5
"""How many times over a busy key may put its look off."""


class WorkQueue(Generic[K]):
    """A queue for one event loop."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._due: dict[K, float] = {}
        self._since: dict[K, float] = {}
        self._heap: list[tuple[float, int, K]] = []
        self._order = itertools.count()
        self._held: set[K] = set()
        self._failures: dict[K, int] = {}
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._due)

    @property
    def idle(self) -> bool:
        """Whether nobody works and nothing is due."""
        now = self._now()
        return not self._held and all(due > now for due in self._due.values())

    def add(self, key: K, after: float = 0.0) -> None:
        """Look at the key after so many seconds, or earlier if that is planned already."""
        due = self._now() + after
        if due < self._due.get(key, float("inf")):
            self._put(key, due)

    def settle(self, key: K, seconds: float) -> None:
        """Look at the key when it has been quiet for so long, though not for ever later."""
        now = self._now()
        since = self._since.setdefault(key, now)
        self._put(key, min(now + seconds, since + SETTLING * seconds))

    def retry(self, key: K) -> float:
        """Look at the key again after a failure; answers after how many seconds."""
        failures = self._failures.get(key, 0)
        self._failures[key] = failures + 1
        wait = min(LONGEST_BACKOFF, FIRST_BACKOFF * 2.0**failures)
        self.add(key, wait)
        return wait

    def succeeded(self, key: K) -> None:
        self._failures.pop(key, None)

    async def take(self) -> K:
        """Wait for the next key that is due and in nobody's hands, and hold it."""
        while True:
            self._changed.clear()
            wait = self._until_next()
            if wait is not None and wait <= 0:
                return self._hold()
            try:
                async with asyncio.timeout(wait):
                    await self._changed.wait()
            except TimeoutError:
                continue

    def done(self, key: K) -> None:
        """Give a key out of one's hands."""
        self._held.discard(key)
        if key in self._due:
            self._put(key, self._due[key])

    def _put(self, key: K, due: float) -> None:
        self._due[key] = due
        heapq.heappush(self._heap, (due, next(self._order), key))
        self._changed.set()

    def _until_next(self) -> float | None:
        while self._heap:
            due, _, key = self._heap[0]
            if self._due.get(key) != due or key in self._held:
                heapq.heappop(self._heap)
                continue
            return due - self._now()
        return None

    def _hold(self) -> K:
        _, _, key = heapq.heappop(self._heap)
        del self._due[key]
        self._since.pop(key, None)
        self._held.add(key)
        return key
