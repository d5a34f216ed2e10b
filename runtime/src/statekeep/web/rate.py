"""Rate limits: a token bucket a key, in this replica.

Bounded: the buckets used longest ago are forgotten, and a forgotten bucket is a full one.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

BUCKETS: Final = 10_000


class RateLimit:
    """`rate` requests a second and key, in bursts of as many; 0 is no limit."""

    def __init__(self, rate: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, key: str) -> float:
        """Take a token: 0, or the seconds until there is one again."""
        if self._rate == 0:
            return 0.0
        now = self._clock()
        left, then = self._buckets.pop(key, (float(self._rate), now))
        left = min(float(self._rate), left + (now - then) * self._rate)
        wait = 0.0 if left >= 1 else (1 - left) / self._rate
        self._buckets[key] = (left if wait else left - 1, now)
        if len(self._buckets) > BUCKETS:
            self._buckets.popitem(last=False)
        return wait
