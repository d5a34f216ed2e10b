"""The runtime on a store: migrations of many actors, events in batches, memory an actor.

Each figure that has a ratio for a budget is measured beside its rival on the same server in the
same run. `BENCH_ACTORS` says how many actors (a million are meant; loading them takes a while), and
`BENCH_CLASSES` in how many classes.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Iterator, Sequence
from hashlib import sha1
from pathlib import Path
from typing import Any

from report import Line, heading, show

from statekeep.core.cohort import Cohort
from statekeep.core.evaluate import advance, spawn
from statekeep.core.registry import Registry
from statekeep.service import Event, Services, Wiring
from statekeep.service.identity import actor_id
from statekeep.storage.embedded import EmbeddedValkey
from statekeep.storage.ports import Family, SpawnOrder
from statekeep.storage.redis_calls import Call, Calls, Script
from statekeep.storage.redis_open import open_store

ACTORS = int(os.environ.get("BENCH_ACTORS", "100000"))
CLASSES = int(os.environ.get("BENCH_CLASSES", "1000"))
ALIKE = min(ACTORS, 20_000)
"""How many actors the case of all different histories and the events are measured on."""
MILLION = 1_000_000
BATCH = 1_000
EVENTS = tuple(f"E{number}" for number in range(10))
FAMILY = Family("bench", "w")
BARE = """
local v = redis.call('GET', KEYS[1])
redis.call('HMGET', 'bare-hash', 'a', 'b', 'c', 'd', 'e')
redis.call('HMGET', 'bare-hash', 'a', 'b')
redis.call('HMGET', 'bare-hash', 'a', 'b')
redis.call('GET', KEYS[1] .. ARGV[3])
redis.call('SADD', 'bare-set', ARGV[1])
redis.call('SREM', 'bare-set', ARGV[1])
redis.call('SET', KEYS[1], v)
redis.call('SET', KEYS[1] .. ARGV[3], v, 'EX', 60)
return {'done', 1, 0, '[]', 0}
"""
"""The same reads and writes as an event, and nothing decided."""


def machine(version: int) -> dict[str, object]:
    """One state that takes every event: as many histories as one likes."""
    states: dict[str, object] = {"a": {"on": dict.fromkeys(EVENTS, "a")}}
    return {"initial": "a", "states": states | {f"only-{version}": {}}}


def histories(classes: int) -> Iterator[tuple[str, ...]]:
    """Different histories, all of one length."""
    length = max(3, len(str(classes - 1)))
    for number in range(classes):
        yield tuple(f"E{digit}" for digit in f"{number:0{length}d}")


def cohorts(registry: Registry, classes: int, more: int = 0) -> list[Cohort]:
    """One cohort a history; `more` events that all have before it."""
    root = spawn(registry, "w-1").cohort
    for _ in range(more):
        root = advance(registry, root, "E0").evaluation.cohort
    known: dict[tuple[str, ...], Cohort] = {(): root}
    for history in histories(classes):
        for end in range(1, len(history) + 1):
            way = history[:end]
            if way not in known:
                known[way] = advance(registry, known[way[:-1]], way[-1]).evaluation.cohort
    return [known[history] for history in histories(classes)]


def told(*measured: Any) -> None:
    """One line of the report."""
    show([Line(*measured)])


def actor(number: int) -> str:
    """An id as ids are: spread over all shards, whatever the class."""
    return actor_id("bench", str(number))


async def load(services: Services, law: int, classes: Sequence[Cohort], actors: int) -> None:
    """Actors straight into their classes, as many events would have brought them there."""
    orders = (
        SpawnOrder(FAMILY, actor(n), law, classes[n % len(classes)], "[]", b"c" * 100)
        for n in range(actors)
    )
    batch: list[SpawnOrder] = []
    for order in orders:
        batch.append(order)
        if len(batch) == BATCH:
            await services.wiring.store.spawn_many(batch)
            batch = []
    await services.wiring.store.spawn_many(batch)


async def forget_keys(calls: Calls) -> None:
    """Idempotency records expire; what is left is what an actor costs."""
    found = [key async for key in calls.client.scan_iter(match="*:k:*", count=1_000)]
    for start in range(0, len(found), BATCH):
        await calls.client.unlink(*found[start : start + BATCH])


async def seconds(doing: Awaitable[Any]) -> float:
    began = time.perf_counter()
    await doing
    return time.perf_counter() - began


async def rewritten(calls: Calls, actors: int) -> float:
    """The rival of a migration: each actor's record rewritten, in pipelines."""
    began = time.perf_counter()
    for start in range(0, actors, BATCH):
        async with calls.client.pipeline(transaction=False) as pipe:
            for number in range(start, start + BATCH):
                pipe.hset(f"plain:{actor(number)}", mapping={"version": "w-2", "state": "a"})
            await pipe.execute()
    return time.perf_counter() - began


async def bare(calls: Calls, actors: int) -> float:
    """The rival of events in batches: a script of the same shape that decides nothing."""
    digest = sha1(BARE.encode(), usedforsecurity=False).hexdigest()
    script = Script("bare", BARE, digest)
    words = ("1", "E1", "key", 1_700_000_000)
    for start in range(0, actors, BATCH):
        await calls.run_many(
            [Call(script, (f"plain-text:{n}",), words) for n in range(start, start + BATCH)]
        )
    return 0.0


async def in_batches(services: Services, actors: int, event: str) -> None:
    for start in range(0, actors, BATCH):
        sent = [(actor(n), Event(event), None) for n in range(start, start + BATCH)]
        await services.actors.send_batch("bench", sent)


async def alike(url: str) -> None:
    """A thousand classes."""
    opened = await open_store(url)
    services = Services(Wiring(opened.store))
    await services.deployments.deploy(
        "bench", {"id": "w-1", "workflow": "w", "definition": machine(1)}
    )
    view = await services.registries.fresh(FAMILY)
    classes = cohorts(view.registry, CLASSES)
    await opened.calls.command("CONFIG", "RESETSTAT")
    before = (await opened.calls.client.info("memory"))["used_memory"]
    loading = await seconds(load(services, view.law, classes, ACTORS))
    await forget_keys(opened.calls)
    after = (await opened.calls.client.info("memory"))["used_memory"]
    body = {
        "id": "w-2",
        "parentId": "w-1",
        "historyPath": ["E1"],
        "landing": "Same",
        "definition": machine(2),
    }
    preview = await seconds(services.deployments.preview("bench", body, 1_000))
    deploy = await seconds(services.deployments.deploy("bench", body))
    plain = await rewritten(opened.calls, ALIKE) * ACTORS / ALIKE
    told(f"load, {ACTORS:,} actors", ACTORS / loading, "/s")
    told("memory an actor, 100 bytes of context", (after - before) / ACTORS, "B", 400, "low")
    told(f"preview, {CLASSES:,} classes, 1,000 ids of each verdict", preview, "s", 0.25, "low")
    told(f"migrate, {CLASSES:,} classes, applied and audited", deploy, "s", 0.5, "low")
    name = f"  against rewriting {ACTORS:,} records"
    told(name, plain / deploy, " times", 25 if ACTORS >= MILLION else None)
    await opened.close()


async def batches(url: str) -> None:
    """Events that somebody has taken before."""
    opened = await open_store(url)
    services = Services(Wiring(opened.store))
    await services.deployments.deploy(
        "bench", {"id": "w-1", "workflow": "w", "definition": machine(1)}
    )
    view = await services.registries.fresh(FAMILY)
    await load(services, view.law, cohorts(view.registry, 10), ALIKE)
    await in_batches(services, BATCH, "E1")
    ours = await seconds(in_batches(services, ALIKE, "E2"))
    for number in range(0, ALIKE, BATCH):
        async with opened.calls.client.pipeline(transaction=False) as pipe:
            for n in range(number, number + BATCH):
                pipe.set(f"plain-text:{n}", "x" * 150)
            await pipe.execute()
    theirs = await seconds(bare(opened.calls, ALIKE))
    told("events in batches of 1,000", ALIKE / ours, "/s")
    told("  against a bare EVALSHA pipeline", theirs / ours, " of it", 0.6)
    await opened.close()


async def different(url: str) -> None:
    """No two histories alike, ten events each."""
    opened = await open_store(url)
    services = Services(Wiring(opened.store))
    await services.deployments.deploy(
        "bench", {"id": "w-1", "workflow": "w", "definition": machine(1)}
    )
    view = await services.registries.fresh(FAMILY)
    classes = cohorts(view.registry, ALIKE, more=10 - max(3, len(str(ALIKE - 1))))
    before = (await opened.calls.client.info("memory"))["used_memory"]
    await load(services, view.law, classes, ALIKE)
    await forget_keys(opened.calls)
    after = (await opened.calls.client.info("memory"))["used_memory"]
    body = {"id": "w-2", "parentId": "w-1", "landing": "Same", "definition": machine(2)}
    deploy = await seconds(services.deployments.deploy("bench", body))
    told(
        f"migrate, {ALIKE:,} actors, all histories different, Same",
        ALIKE / deploy,
        "/s",
        50_000,
    )
    told("  memory an actor there", (after - before) / ALIKE, "B")
    await opened.close()


def main() -> None:
    heading()
    for measure in (alike, batches, different):
        with (
            tempfile.TemporaryDirectory() as directory,
            EmbeddedValkey(Path(directory) / "valkey") as server,
        ):
            asyncio.run(measure(server.url))


if __name__ == "__main__":
    main()
