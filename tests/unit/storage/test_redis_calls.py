"""How long somebody is kept waiting for a store."""

import asyncio

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as Disconnected

from statekeep.storage.errors import StoreUnreachable
from statekeep.storage.redis_calls import Calls


async def test_a_store_that_hangs_when_it_is_asked_again_is_not_waited_for() -> None:
    asked = 0

    async def ask() -> None:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise Disconnected("cut")
        await asyncio.Event().wait()

    calls = Calls(Redis(), patience=0.1)
    async with asyncio.timeout(5):
        with pytest.raises(StoreUnreachable, match="no answer in time"):
            await calls.patiently(ask)
    assert asked == 2
    await calls.close()
