"""Running coroutines in tests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

Value = TypeVar("Value")


def run(awaitable: Awaitable[Value]) -> Value:
    """What the awaitable comes to, in an event loop of its own."""

    async def awaited() -> Value:
        return await awaitable

    return asyncio.run(awaited())
