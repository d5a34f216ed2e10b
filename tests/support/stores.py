"""The stores that one behaviour suite runs on: in memory, and on a server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from secrets import token_hex

from statekeep.service import Services, Wiring
from statekeep.storage.memory import MemoryStore
from statekeep.storage.ports import Store
from statekeep.storage.redis_calls import Calls
from statekeep.storage.redis_open import connected
from statekeep.storage.redis_store import RedisStore

MEMORY = "memory"


@asynccontextmanager
async def opened(address: str, shards: int = 4) -> AsyncIterator[Store]:
    """A store by its address; `memory` for one in this process."""
    if address == MEMORY:
        yield MemoryStore(shards)
        return
    calls = Calls(connected(address))
    try:
        yield RedisStore(calls, shards)
    finally:
        await calls.close()


@asynccontextmanager
async def services_on(address: str, shards: int = 4) -> AsyncIterator[Services]:
    """The services on a store."""
    async with opened(address, shards) as store:
        yield Services(Wiring(store))


def own_tenant() -> str:
    """A tenant that no other test has."""
    return f"t-{token_hex(6)}"
