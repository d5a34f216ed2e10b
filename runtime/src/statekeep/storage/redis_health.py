"""What a Redis is set up for, asked of the server itself: does it keep what it acknowledges?

Asks `INFO`, which managed servers allow too, on a cluster every node that holds data; and runs a
script that does nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from redis.asyncio.cluster import RedisCluster
from redis.exceptions import RedisError, ResponseError

from statekeep.storage import keys
from statekeep.storage.redis_calls import Client

Info = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StoreCheck:
    """One thing that the store must be."""

    name: str
    ok: bool
    detail: str


async def check_redis(client: Client, *, allow_no_aof: bool) -> tuple[StoreCheck, ...]:
    """Whether the store takes our writes, never evicts, and writes an append-only file."""
    try:
        infos = await _infos(client)
        refused = await _refused(client)
    except (RedisError, OSError) as error:
        return (StoreCheck("store", False, f"does not answer: {type(error).__name__}"),)
    return (
        _check_use(infos, refused),
        _check_policy(infos),
        _check_aof(infos, allow_no_aof=allow_no_aof),
    )


def durability(checks: Iterable[StoreCheck]) -> str:
    """What an acknowledged write is worth, in a sentence."""
    kept = any(check.name == "appendOnly" and check.detail == "on" for check in checks)
    if kept:
        return (
            "append-only file: with appendfsync always nothing acknowledged is lost, "
            "with everysec a death can cost up to two seconds"
        )
    return "no append-only file: what is acknowledged is lost when the server ends"


async def _infos(client: Client) -> list[Info]:
    if not isinstance(client, RedisCluster):
        return [await client.info()]
    return [await node.execute_command("INFO") for node in client.get_primaries()]


async def _refused(client: Client) -> str | None:
    """Why the server would run no script of ours, or None."""
    try:
        await client.execute_command("EVAL", "return 1", 1, keys.UUID)
    except ResponseError as error:
        return str(error)
    return None


def _check_use(infos: list[Info], refused: str | None) -> StoreCheck:
    if refused is not None:
        return StoreCheck("store", False, f"runs no script: {refused}")
    if any(info.get("role") == "slave" for info in infos):
        return StoreCheck("store", False, "a replica, which takes no writes: name its primary")
    versions = sorted({str(info.get("valkey_version", info["redis_version"])) for info in infos})
    return StoreCheck("store", True, f"version {', '.join(versions)}")


def _check_policy(infos: list[Info]) -> StoreCheck:
    policies = sorted({str(info.get("maxmemory_policy", "unknown")) for info in infos})
    ok = policies == ["noeviction"]
    told = ", ".join(policies)
    return StoreCheck("maxmemoryPolicy", ok, told if ok else f"{told}; it must be noeviction")


def _check_aof(infos: list[Info], *, allow_no_aof: bool) -> StoreCheck:
    if all(info.get("aof_enabled") for info in infos):
        return StoreCheck("appendOnly", True, "on")
    if allow_no_aof:
        return StoreCheck("appendOnly", True, "off, as --allow-no-aof permits")
    return StoreCheck("appendOnly", False, "off; set appendonly yes, or pass --allow-no-aof")
