"""Kill the store and the process that changes the workflow, at random, in the middle of traffic.

Clients retry with their keys. At the end every acknowledged event is there once, every actor is in
exactly one place, counts are what a recount says, and each deployment has done what it answered.

`python -m support.chaos KILLS [SEED]` (from `make chaos`).
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
import tempfile
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from statekeep.service import Event, Services, Wiring
from statekeep.service.answers import StepAnswer
from statekeep.service.errors import ServiceError
from statekeep.service.listing import Filter
from statekeep.storage.embedded import EmbeddedValkey
from statekeep.storage.errors import StoreError
from support.chaos_changer import FENCE_SECONDS, version
from support.stores import opened

SHARDS, ACTORS, TENANT = 4, 24, "chaos"


@dataclass
class Toll:
    """What was done and what was survived."""

    accepted: Counter[str] = field(default_factory=Counter)
    retries: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    versions: int = 0

    def __str__(self) -> str:
        events = sum(self.accepted.values())
        kills = ", ".join(f"{count} of {what}" for what, count in sorted(self.kills.items()))
        return (
            f"{events} events acknowledged, {self.retries} retried, {self.versions} versions,"
            f" kills: {kills}"
        )


DEPLOYMENT_SECONDS = 120.0
"""Longer than any deployment takes, also while everything around it is being killed."""


@dataclass
class Chaos:
    """One run on one server."""

    server: EmbeddedValkey
    dice: random.Random
    toll: Toll = field(default_factory=Toll)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    deployed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set whenever a deployment has ended: what follows is the middle of the next."""

    async def run(self, kills: int) -> Toll:
        async with opened(self.server.url, SHARDS) as store:
            services = Services(Wiring(store, fence_seconds=FENCE_SECONDS))
            await services.deployments.deploy(TENANT, version(1))
            spawned = [
                await services.actors.spawn(TENANT, "w-1", {}, f"a{n}") for n in range(ACTORS)
            ]
            actors = [answer.actor for answer in spawned]
            async with asyncio.TaskGroup() as tasks:  # whoever fails ends the run for all
                for actor in actors:
                    tasks.create_task(self._client(services, actor))
                tasks.create_task(self._changer())
                for _ in range(kills):
                    self.deployed.clear()
                    async with asyncio.timeout(DEPLOYMENT_SECONDS):
                        await self.deployed.wait()
                    await asyncio.sleep(self.dice.uniform(0.0, 0.05))
                    await self._kill()
                self.over.set()
            await self._judge(services, actors)
        return self.toll

    async def _client(self, services: Services, actor: str) -> None:
        """Send one event after another, each until it is answered."""
        number = 0
        while not self.over.is_set():
            number += 1
            answer = await self._insist(services, actor, f"{actor}-{number}")
            assert answer.accepted
            self.toll.accepted[actor] += 1
            await asyncio.sleep(0)

    async def _insist(self, services: Services, actor: str, key: str) -> StepAnswer:
        while True:
            try:
                return await services.actors.send(TENANT, actor, Event("GO"), key=key)
            except (StoreError, ServiceError):
                self.toll.retries += 1
                await asyncio.sleep(0.02)

    async def _changer(self) -> None:
        """Keep a process that deploys; it dies now and then, by our hand or with the store."""
        while not self.over.is_set():
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "support.chaos_changer", self.server.url, TENANT, str(SHARDS),
                stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            )  # fmt: skip
            assert self.process.stdout is not None
            while await self.process.stdout.readline():
                self.deployed.set()
                if self.over.is_set():
                    self._kill_changer()
            await self.process.wait()

    async def _kill(self) -> None:
        if self.dice.random() < 0.5:
            self.toll.kills["the store"] += 1
            self.server.kill()
            await asyncio.sleep(self.dice.uniform(0.0, 0.1))
            await asyncio.to_thread(self.server.start)
        else:
            self.toll.kills["the process that deploys"] += 1
            self._kill_changer()

    def _kill_changer(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.process.pid, signal.SIGKILL)

    async def _judge(self, services: Services, actors: list[str]) -> None:
        """Everything that was promised, counted again."""
        for actor in actors:
            await self._insist(services, actor, f"{actor}-last")
            self.toll.accepted[actor] += 1
        async with asyncio.timeout(FENCE_SECONDS * 20):
            while (await services.deployments.view(TENANT, "w")).pending is not None:
                await asyncio.sleep(FENCE_SECONDS / 10)  # a change that died is nobody's until then
                await services.upkeep.round(queues=False)
        view = await services.deployments.view(TENANT, "w")
        self.toll.versions = len(view.registry.versions)
        places: Counter[str] = Counter()
        for actor in actors:
            found = await services.actors.get(TENANT, actor)
            places[found.version] += 1
            counts = (found.history_length, found.revision, self.toll.accepted[actor])
            assert len(set(counts)) == 1, (actor, counts)
        groups = await services.listing.groups(TENANT, Filter())
        assert sum(group.count for group in groups) == len(actors)
        assert {g.version for g in groups} == set(places) == {f"w-{self.toll.versions}"}
        await self._judge_audit(services, actors)

    async def _judge_audit(self, services: Services, actors: list[str]) -> None:
        """Every actor has one decision for each deployment, and each deployment says as many."""
        for actor in actors:
            made = await services.actors.decisions(TENANT, actor)
            steps = [(item.decision.source, item.decision.target) for item in made]
            wanted = [(f"w-{n - 1}", f"w-{n}") for n in range(2, self.toll.versions + 1)]
            assert steps == wanted, (actor, steps, wanted[-1])
        for number in range(2, self.toll.versions + 1):
            done = await services.deployments.get(TENANT, f"w-{number}")
            counts = (done.migrated, done.stayed, done.stranded)
            assert counts == (len(actors), 0, 0), (done.name, counts)


def main(kills: int, seed: int) -> Toll:
    """One run with this many kills."""
    with (
        tempfile.TemporaryDirectory() as directory,
        # At everysec a server on a busy disk answers before it writes: that is no fault of ours.
        EmbeddedValkey(Path(directory) / "valkey", fsync="always") as server,
    ):
        return asyncio.run(Chaos(server, random.Random(seed)).run(kills))


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    chosen = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(1 << 32)
    print(f"chaos: {count} kills, seed {chosen}", flush=True)
    print(f"chaos: {main(count, chosen)}")
