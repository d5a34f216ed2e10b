"""Opening a store on a server: what an address means, and that it is shared out as we think.

    redis://, rediss://, unix://                one server
    redis+sentinel://host:port,host:port/NAME   the primary that Sentinel knows by this name
    redis+cluster://host:port                   a cluster

How many shards there are is decided at the first start and read ever after: an actor's shard
follows from its id, so another number would look for everybody in the wrong place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool

from statekeep.storage import keys
from statekeep.storage.errors import StoreError, StoreMismatch, StoreRefuses
from statekeep.storage.redis_calls import Calls, Client
from statekeep.storage.redis_store import RedisStore

SOCKET_SECONDS = 5.0
CONNECTIONS = 64
LAYOUT = 3
READABLE = 2
"""Records of layout 2 are read as they are, and rewritten when a change comes to them."""
SENTINEL, CLUSTER = "redis+sentinel", "redis+cluster"


@dataclass(frozen=True, slots=True)
class OpenStore:
    """A store, and what it is spoken to with."""

    store: RedisStore
    calls: Calls

    async def check(self) -> None:
        """Whether it still is the store that was opened: one that was emptied is begun again.
        Raises StoreMismatch where another process has begun it otherwise."""
        await _fix_layout(self.calls)
        await _fix_shards(self.calls, self.store.shards)

    async def close(self) -> None:
        """Give every connection back, those to Sentinels too."""
        await self.calls.close()
        pool = getattr(self.calls.client, "connection_pool", None)
        if isinstance(pool, SentinelConnectionPool):
            for sentinel in pool.sentinel_manager.sentinels:
                await sentinel.aclose()


async def open_store(url: str, shards: int = 16) -> OpenStore:
    """Connect, and fix or check the number of shards. Raises StoreError."""
    calls = Calls(connected(url))
    opened = OpenStore(RedisStore(calls, shards), calls)
    try:
        await _fix_layout(calls)
        await _fix_shards(calls, shards)
    except StoreError:
        await opened.close()
        raise
    return opened


def connected(url: str) -> Client:
    """A client for an address; connects when it is first used. Raises StoreRefuses."""
    try:
        return _client(url, urlsplit(url))
    except ValueError:
        # Nothing of the address is told: where it is malformed, any part may be the password.
        raise StoreRefuses(
            "--redis-url is no address of a store: write redis://host:port/db, rediss://… for TLS,"
            " unix://path, redis+sentinel://host:port,host:port/NAME or redis+cluster://host:port"
        ) from None


def _client(url: str, parts: SplitResult) -> Client:
    if parts.scheme == SENTINEL:
        return _by_sentinel(parts)
    options: dict[str, Any] = {"socket_timeout": SOCKET_SECONDS}
    if parts.scheme == CLUSTER:
        plain = url.replace(CLUSTER, "redis", 1)
        return RedisCluster.from_url(plain, **options)
    if parts.scheme != "unix":
        int(parts.path.strip("/") or 0)  # redis-py takes what is no number for database 0
    return Redis.from_url(url, max_connections=CONNECTIONS, **options)


def _by_sentinel(parts: SplitResult) -> Redis:
    credentials, _, hosts = parts.netloc.rpartition("@")
    user, _, password = credentials.partition(":")
    addresses = [
        (host or "127.0.0.1", int(port or 26379))
        for host, _, port in (item.rpartition(":") for item in hosts.split(","))
    ]
    sentinel = Sentinel(addresses, socket_timeout=SOCKET_SECONDS)  # type: ignore[no-untyped-call]
    name = parts.path.strip("/") or "mymaster"
    primary: Redis = sentinel.master_for(
        name,
        username=unquote(user) or None,
        password=unquote(password) or None,
        socket_timeout=SOCKET_SECONDS,
    )
    return primary


async def _fix_layout(calls: Calls) -> None:
    """Stores from before there was a layout were never released."""
    found = await calls.command("GET", keys.LAYOUT)
    if found is None and await calls.command("EXISTS", keys.SHARDS):
        found = await calls.command("GET", keys.LAYOUT) or b"1"
    if found is None:
        await calls.command("SET", keys.LAYOUT, LAYOUT, "NX")
        found = await calls.command("GET", keys.LAYOUT)
    if int(found) == READABLE:
        await calls.command("SET", keys.LAYOUT, LAYOUT)
        found = LAYOUT
    if int(found) != LAYOUT:
        raise StoreMismatch(
            f"this store has layout {int(found)}, and this release reads and writes layout"
            f" {LAYOUT}: start on an empty store, or use the release that wrote this one"
        )


async def _fix_shards(calls: Calls, shards: int) -> None:
    found = await calls.command("GET", keys.SHARDS)
    if found is None:
        await calls.command("SET", keys.SHARDS, shards, "NX")
        found = await calls.command("GET", keys.SHARDS)
    found = int(found)
    if found != shards:
        raise StoreMismatch(
            f"this store has {found} shards, and this process was told {shards}: the number is"
            f" fixed at the first start; set it to {found}"
        )
