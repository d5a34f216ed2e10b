"""Runtime and store are killed in the middle of traffic; clients that retry lose nothing.

`STATEKEEP_KILLS` says how often (6 here, and as often as one likes). Each client sends its actor
event after event, and goes on only when one was answered; meanwhile versions are deployed. In the
end every history is exactly what was acknowledged, every actor is on one version, and every count
agrees with a recount.
"""

from __future__ import annotations

import asyncio
import os
import random
import socket
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from statekeep.client import AsyncClient, NoServer, ProblemAnswer
from statekeep.client.exchange import Retries
from statekeep.storage.embedded import EmbeddedValkey
from statekeep.storage.leash import Leashed
from support.command_line import environment
from support.web_server import bootstrap_key, write_secrets

pytestmark = pytest.mark.valkey
KILLS = int(os.environ.get("STATEKEEP_KILLS", "6"))
SEED = int(os.environ.get("STATEKEEP_SEED", "7"))
ACTORS = 12
KEY = bootstrap_key("lending", "admin")
PATIENT = Retries(tries=300, ceiling=0.3)
STEPS = ("A", "B", "C")


def version(number: int) -> dict[str, Any]:
    """A machine that takes A, B, C round and round, and a migration from the one before."""
    states = {f"s{n}": {"on": {step: f"s{(n + 1) % len(STEPS)}"}} for n, step in enumerate(STEPS)}
    body = {"id": f"v{number}", "definition": {"initial": "s0", "states": states}}
    if number == 1:
        return {**body, "workflow": "w"}
    return {**body, "parentId": f"v{number - 1}", "landing": "Same"}


class Parts:
    """The store and the runtime, each of which can be killed and started again where it was."""

    def __init__(self, directory: Path) -> None:
        self.valkey = EmbeddedValkey(directory / "valkey", fsync="always")
        self._directory = directory
        self._settings = write_secrets(directory)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self._port = int(probe.getsockname()[1])
        self._runtime: Leashed | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start what does not run."""
        self.valkey.start()
        if self._runtime is not None and self._runtime.ended() is None:
            return
        settings = self._settings
        variables = {
            **environment(),
            "STATEKEEP_PORT": str(self._port),
            "STATEKEEP_REDIS_URL": self.valkey.url,
            "STATEKEEP_KEY_RING": str(settings.key_ring),
            "STATEKEEP_PEPPER_FILE": str(settings.pepper_file),
            "STATEKEEP_API_KEYS_FILE": str(settings.api_keys_file),
        }
        command = [sys.executable, "-m", "statekeep.cli.main", "serve"]
        self._runtime = Leashed(command, log=self._directory / "runtime.log", env=variables)

    def kill(self, which: str) -> None:
        """Kill one of them as a crash would."""
        if which == "store":
            self.valkey.kill()
        elif self._runtime is not None:
            self._runtime.kill()

    def stop(self) -> None:
        if self._runtime is not None:
            self._runtime.stop()
        self.valkey.stop()


async def walk(client: AsyncClient, actor: str, done: list[str], end: asyncio.Event) -> None:
    """Event after event, each acknowledged before the next."""
    while not end.is_set():
        step = STEPS[len(done) % len(STEPS)]
        answer = await client.send(actor, step)
        assert answer.accepted, f"{actor} refused {step} after {done[-3:]}"
        done.append(step)


async def deploy(client: AsyncClient, end: asyncio.Event) -> int:
    """Version after version; the number of the last one."""
    number = 1
    while not end.is_set():
        number += 1
        try:
            await client.deploy(version(number))
        except ProblemAnswer as error:
            assert error.code in {"Busy", "Unavailable"}, error  # noqa: PT017 - a retry
            number -= 1
        await asyncio.sleep(0.2)
    return number


async def kills(parts: Parts, client: AsyncClient, end: asyncio.Event) -> None:
    """Kill and start again, at random, as soon as what was killed last answers again."""
    chance = random.Random(SEED)
    for _ in range(KILLS):
        await asyncio.sleep(chance.uniform(0.3, 0.9))
        await asyncio.to_thread(parts.kill, chance.choice(("store", "runtime")))
        await asyncio.to_thread(parts.start)
        await client.definition("v1")
    await asyncio.sleep(1.0)
    end.set()


async def test_nothing_acknowledged_is_lost_and_nothing_happens_twice(tmp_path: Path) -> None:
    parts = Parts(tmp_path)
    await asyncio.to_thread(parts.start)
    try:
        async with AsyncClient(parts.url, KEY, timeout=10, retries=PATIENT) as client:
            await client.deploy(version(1))
            spawned = [(await client.spawn("v1", {"n": n})).id for n in range(ACTORS)]
            walked: dict[str, list[str]] = {actor: [] for actor in spawned}
            end = asyncio.Event()
            walks = [walk(client, actor, walked[actor], end) for actor in spawned]
            ends = await asyncio.gather(kills(parts, client, end), deploy(client, end), *walks)
            await _nothing_lost(client, walked, last=ends[1])
    except NoServer as error:
        log = (tmp_path / "runtime.log").read_text()[-2000:]
        pytest.fail(f"{error}: {log}")
    finally:
        await asyncio.to_thread(parts.stop)


async def _nothing_lost(client: AsyncClient, walked: dict[str, list[str]], last: int) -> None:
    for actor, done in walked.items():
        assert len(done) >= KILLS
        assert [item.type async for item in client.history(actor)] == done
        found = await client.actor(actor)
        assert found.version == f"v{last}"
        assert found.state_value == f"s{len(done) % len(STEPS)}"
        moves = [d async for d in client.decisions(actor) if d.verdict == "migrated"]
        assert [move.to for move in moves] == [f"v{number}" for number in range(2, last + 1)]
    listed = [item.id async for item in client.actors()]
    assert sorted(listed) == sorted(walked)
    groups = [group async for group in client.groups()]
    states = Counter(f"s{len(done) % len(STEPS)}" for done in walked.values())
    assert {str(group.state_value): group.count for group in groups} == dict(states)
    assert sum([cohort.count async for cohort in client.cohorts()]) == len(walked)
