"""What fifty open dashboards cost: events over HTTP with and without them, in turns.

Each dashboard asks as a browser on a version's page does (dashboard/src/api/live.ts): the overview
and the states, each with the ETag of its last answer, every two seconds or as seldom as the server
says, and a little later by chance. They are opened once, and rest in the rounds in which nobody is
to look. The events change all counts all the time, so nearly every answer has a body: the worst
case. Server and client are those of events.py; the dashboards are a process of their own, as
browsers are, so that the client does not measure itself. The processor time that the server takes
for an event says the same on a machine that is busy with something else.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import events
import httpx
import uvloop
from events import IN_FLIGHT, KEY, RING, Wire
from report import Line as Row
from report import heading, show

from statekeep.client import AsyncClient

DASHBOARDS = 50
EVERY_SECONDS = 2.0
LONGEST_QUIET_SECONDS = 60.0
SPREAD = 0.25
STEP_SECONDS = 0.2
WARM_SECONDS = 10.0
ROUNDS = 20
ROUND_SECONDS = 4.0
ACTORS = 960
LOOKS = ("/v1/overview/ring", "/v1/overview/ring/states?definitionId=ring")


class Dashboard:
    """One that is open. Its time stands still while nobody is to look."""

    def __init__(self, address: httpx.URL, seed: int, looking: asyncio.Event) -> None:
        self._address = address
        self._etags = dict.fromkeys(LOOKS, "")
        self._chance = random.Random(seed)
        self._looking = looking
        self.looks = 0

    async def look(self) -> None:
        """Ask until it is closed."""
        await self._wait(self._chance.random() * EVERY_SECONDS)
        await asyncio.gather(*[self._look(path) for path in LOOKS])

    async def _look(self, path: str) -> None:
        reader, writer = await asyncio.open_connection(self._address.host, self._address.port)
        while True:
            quiet = min(await self._ask(reader, writer, path), LONGEST_QUIET_SECONDS)
            late = 1 + SPREAD * self._chance.random()
            await self._wait(max(EVERY_SECONDS, quiet) * late)

    async def _ask(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str
    ) -> float:
        """Look once; in how many seconds the server wants to be asked again."""
        known = f"if-none-match: {self._etags[path]}\r\n" if self._etags[path] else ""
        writer.write(f"GET {path} HTTP/1.1\r\nhost: x\r\nx-api-key: {KEY}\r\n{known}\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        given = dict(line.split(": ", 1) for line in head.strip().splitlines()[1:])
        await reader.readexactly(int(given["content-length"]))
        self._etags[path] = given["etag"]
        self.looks += 1
        return float(given.get("retry-after", 0))

    async def _wait(self, seconds: float) -> None:
        while seconds > 0:
            await self._looking.wait()
            await asyncio.sleep(min(STEP_SECONDS, seconds))
            seconds -= STEP_SECONDS


def dashboards(line: Connection, url: str) -> None:
    """The process of the dashboards."""
    uvloop.run(_open(line, httpx.URL(url)))


async def _open(line: Connection, address: httpx.URL) -> None:
    """They look, or rest, as they are told; each time they tell how often they have looked."""
    looking = asyncio.Event()
    boards = [Dashboard(address, seed, looking) for seed in range(DASHBOARDS)]
    tasks = [asyncio.create_task(board.look()) for board in boards]
    while (told := await asyncio.to_thread(line.recv)) != "stop":
        (looking.set if told == "look" else looking.clear)()
        line.send(sum(board.looks for board in boards))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@dataclass(slots=True)
class Audience:
    """The dashboards, as this process sees them."""

    line: Connection
    looks: int = 0
    seconds: float = 0.0

    @contextmanager
    def watching(self) -> Iterator[None]:
        """They look while the block runs."""
        began, before = time.perf_counter(), self._told("look")
        yield
        self.seconds += time.perf_counter() - began
        self.looks += self._told("rest") - before

    def _told(self, what: str) -> int:
        self.line.send(what)
        return int(self.line.recv())


@dataclass(frozen=True, slots=True)
class Round:
    """Events for a while: how many a second, and what one took of the server's processor."""

    rate: float
    spent: float


async def played(wires: Sequence[Wire], requests: Sequence[Sequence[bytes]], server: int) -> Round:
    before, began = processor(server), time.perf_counter()
    rate = await events.rate(wires, requests)
    done = rate * (time.perf_counter() - began)
    return Round(rate, (processor(server) - before) / done)


def processor(process: int) -> float:
    """The processor time that a process has had, in seconds."""
    after_name = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


async def measured(url: str, server: int, audience: Audience) -> list[Row]:
    """All lines."""
    address = httpx.URL(url)
    async with AsyncClient(url, KEY, timeout=60) as client:
        await client.deploy(RING)
        gate = asyncio.Semaphore(IN_FLIGHT)

        async def one() -> str:
            async with gate:
                return (await client.spawn("ring")).id

        actors = await asyncio.gather(*[one() for _ in range(ACTORS)])
    pairs = [await asyncio.open_connection(address.host, address.port) for _ in range(IN_FLIGHT)]
    wires = [Wire(*pair) for pair in pairs]
    lines = await _compared(wires, actors, server, audience)
    for wire in wires:
        wire.writer.close()
    return lines


async def _compared(
    wires: Sequence[Wire], actors: Sequence[str], server: int, audience: Audience
) -> list[Row]:
    body = '{"type":"NEXT"}'
    requests = [
        [events.request(f"/v1/actors/{actor}/event", body) for actor in actors[n::IN_FLIGHT]]
        for n in range(IN_FLIGHT)
    ]
    with audience.watching():
        await events.rate(wires, requests)
        await asyncio.sleep(WARM_SECONDS)
    audience.looks, audience.seconds = 0, 0.0
    alone, watched = list[Round](), list[Round]()
    for turn in range(ROUNDS):
        if turn % 2 == 0:
            alone.append(await played(wires, requests, server))
        with audience.watching():
            watched.append(await played(wires, requests, server))
        if turn % 2 == 1:
            alone.append(await played(wires, requests, server))
    pairs = list(zip(watched, alone, strict=True))
    rates = statistics.median(w.rate / a.rate for w, a in pairs)
    costs = statistics.median(a.spent / w.spent for w, a in pairs)
    told = f"with {DASHBOARDS} dashboards to without"
    return [
        Row("events over HTTP, nobody looks", statistics.median(a.rate for a in alone), "/s"),
        Row("looks of all dashboards", audience.looks / audience.seconds, "/s"),
        Row(f"event rate {told}", rates, "", 0.95),
        Row(f"events a processor second {told}", costs, "", 0.95),
    ]


def main() -> int:
    """Measure and print."""
    events.ROUND_SECONDS = ROUND_SECONDS
    ours, theirs = multiprocessing.Pipe()
    near, far = multiprocessing.Pipe()
    with tempfile.TemporaryDirectory() as directory:
        process = multiprocessing.Process(target=events.server, args=(theirs, directory))
        process.start()
        url = ours.recv()
        lookers = multiprocessing.Process(target=dashboards, args=(far, url), daemon=True)
        lookers.start()
        try:
            heading()
            return show(uvloop.run(measured(url, process.pid or 0, Audience(near))))
        finally:
            near.send("stop")
            ours.send("stop")
            process.join(30)


if __name__ == "__main__":
    sys.exit(main())
