"""The runtime on a store: migrations of many actors, events in batches, memory an actor.

Each figure that has a ratio for a budget is measured beside its rival on the same server in the
same run; loop and collector are those of `serve`. `BENCH_ACTORS` says how many actors (a million
are meant; loading them takes a while), and `BENCH_CLASSES` in how many classes; `BENCH_DIFFERENT`
how many actors the case of all different histories has, and `BENCH_ONLY` names one of `alike`,
`batches`, `different`.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import time
from collections.abc import Awaitable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha1
from itertools import count
from pathlib import Path
from typing import Any

import uvloop
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
from statekeep.web.serving import seldom_collecting

ACTORS = int(os.environ.get("BENCH_ACTORS", "100000"))
CLASSES = int(os.environ.get("BENCH_CLASSES", "1000"))
ALIKE = min(ACTORS, 20_000)
"""How many actors events are measured on."""
DIFFERENT = int(os.environ.get("BENCH_DIFFERENT", str(min(ACTORS, 100_000))))
"""How many actors whose histories are all different."""
SENDERS = 8
"""Events in flight while a migration is under way."""
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
                pipe.hset(f"plain:{number}", mapping={"version": "w-2", "state": "a"})
            await pipe.execute()
    return time.perf_counter() - began


@dataclass
class Traffic:
    """Events one after another, and the longest that any has taken."""

    services: Services
    actors: int
    longest: float = 0.0
    events: int = 0

    async def sender(self, own: int) -> None:
        for number in count(own, SENDERS):
            event = Event(EVENTS[number // self.actors % len(EVENTS)])
            began = time.perf_counter()
            await self.services.actors.send("bench", actor(number % self.actors), event)
            self.longest = max(self.longest, time.perf_counter() - began)
            self.events += 1

    async def during(self, doing: Awaitable[Any]) -> tuple[float, float]:
        """The longest that an event took before, and while something is done."""
        senders = [asyncio.create_task(self.sender(own)) for own in range(SENDERS)]
        await asyncio.sleep(1.0)
        before, self.longest = self.longest, 0.0
        await doing
        for sender in senders:
            sender.cancel()
        await asyncio.gather(*senders, return_exceptions=True)
        return before, self.longest


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
    following = {**body, "id": "w-3", "historyPath": [], "definition": machine(3)}
    phases: dict[str, float] = {}
    services.changes.watch = phases.__setitem__
    traffic = Traffic(services, min(ACTORS, 5_000))
    before_it, longest = await traffic.during(services.deployments.deploy("bench", following))
    plain = await rewritten(opened.calls, ACTORS)
    told(f"load, {ACTORS:,} actors", ACTORS / loading, "/s")
    told("memory an actor, 100 bytes of context", (after - before) / ACTORS, "B", 400, "low")
    told(f"preview, {CLASSES:,} classes, 1,000 ids of each verdict", preview, "s", 0.25, "low")
    told(f"migrate, {CLASSES:,} classes, applied and audited", deploy, "s", 0.5, "low")
    name = f"  against rewriting {ACTORS:,} records"
    told(name, plain / deploy, " times", 25 if ACTORS >= MILLION else None)
    told("longest event while all of it is migrated again", longest, "s", 0.1, "low")
    told("  longest event in the second before", before_it, "s")
    told("  held by fences", phases["fenced"], "s", 0.1, "low")
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


async def used_memory(calls: Calls) -> int:
    found: dict[str, int] = await calls.client.info("memory")
    return found["used_memory"]


async def different(url: str) -> None:
    """No two histories alike, ten events each; beside a store that keeps a record an actor."""
    opened = await open_store(url)
    services = Services(Wiring(opened.store))
    await services.deployments.deploy(
        "bench", {"id": "w-1", "workflow": "w", "definition": machine(1)}
    )
    view = await services.registries.fresh(FAMILY)
    classes = cohorts(view.registry, DIFFERENT, more=10 - max(3, len(str(DIFFERENT - 1))))
    before = await used_memory(opened.calls)
    await load(services, view.law, classes, DIFFERENT)
    await forget_keys(opened.calls)
    after = await used_memory(opened.calls)
    phases: dict[str, float] = {}
    services.changes.watch = phases.__setitem__
    body = {"id": "w-2", "parentId": "w-1", "landing": "Same", "definition": machine(2)}
    deploy = await seconds(services.deployments.deploy("bench", body))
    audited = await used_memory(opened.calls)
    replay = {"id": "w-3", "parentId": "w-2", "landing": "Replay", "definition": machine(3)}
    replayed = await seconds(services.deployments.deploy("bench", replay))
    plain = PlainStore(opened.calls.client, await used_memory(opened.calls))
    await plain.load(classes)
    theirs = await used_memory(opened.calls)
    rewriting = await seconds(plain.migrate(len(classes)))
    own, at_first = plain.began_with, DIFFERENT / rewriting
    named = f"migrate, {DIFFERENT:,} actors, all histories different"
    told(f"{named}, Same", DIFFERENT / deploy, "/s", 50_000)
    told("  held by fences", phases["fenced"], "s")
    told(
        "  time to that of a plain record an actor",
        at_first / (DIFFERENT / deploy),
        "",
        1.25,
        "low",
    )
    told(f"{named}, Replay", DIFFERENT / replayed, "/s", 10_000)
    told("  memory an actor there", (after - before) / DIFFERENT, "B")
    ratio = (after - before) / (theirs - own)
    told("  to that of a plain record an actor", ratio, "", 1.25, "low")
    now = await used_memory(opened.calls)
    told(
        "  the same, with the audit of one migration",
        (audited - before) / (now - own),
        "",
        1.25,
        "low",
    )
    await opened.close()


@dataclass
class PlainStore:
    """What one would write without cohorts: a hash an actor, read, judged and written in pipelines.

    Its decision says what ours says. It takes no care of traffic, of crashes or of what an event
    does meanwhile.
    """

    client: Any
    began_with: int

    async def load(self, classes: Sequence[Cohort]) -> None:
        for start in range(0, len(classes), BATCH):
            async with self.client.pipeline(transaction=False) as pipe:
                for number in range(start, min(start + BATCH, len(classes))):
                    pipe.hset(f"plain:{actor(number)}", mapping=plain_record(classes[number]))
                await pipe.execute()

    async def migrate(self, actors: int) -> None:
        for start in range(0, actors, BATCH):
            names = [f"plain:{actor(n)}" for n in range(start, min(start + BATCH, actors))]
            async with self.client.pipeline(transaction=False) as pipe:
                for name in names:
                    pipe.hmget(name, "version", "configuration", "history", "fingerprint")
                found = await pipe.execute()
            async with self.client.pipeline(transaction=False) as pipe:
                for name, (version, state, _, fingerprint) in zip(names, found, strict=True):
                    if version == b"w-1":
                        told = plain_decision(state.decode(), fingerprint.decode())
                        pipe.hset(name, mapping={"version": "w-2", "position": 2, "audit": told})
                await pipe.execute()


def plain_record(cohort: Cohort) -> dict[str, str | int | bytes]:
    """All that an actor's record has to say."""
    return {
        "workflow": "w",
        "version": cohort.version,
        "position": cohort.position,
        "configuration": "a",
        "history": json.dumps(cohort.history.types(), separators=(",", ":")),
        "fingerprint": f"{cohort.history.fingerprint:016x}",
        "revision": cohort.history.length,
        "context": b"c" * 100,
    }


def plain_decision(state: str, fingerprint: str) -> str:
    """The audit of one actor, as short as it can be written."""
    decision = {
        "changePoint": "w-2.w-1", "clock": 2, "verdict": "migrated", "from": "w-1", "to": "w-2",
        "fingerprint": fingerprint, "anchorHash": "sha256:" + "0" * 64, "fromState": state,
        "toState": state, "at": 1_700_000_000, "by": "bench", "plan": "sha256:" + "0" * 64,
    }  # fmt: skip
    return json.dumps([decision], separators=(",", ":"))


def main() -> None:
    heading()
    chosen = os.environ.get("BENCH_ONLY")
    for measure in (alike, batches, different):
        if chosen not in (None, measure.__name__):
            continue
        with (
            tempfile.TemporaryDirectory() as directory,
            EmbeddedValkey(Path(directory) / "valkey") as server,
            seldom_collecting(),
        ):
            uvloop.run(measure(server.url))


if __name__ == "__main__":
    main()
