"""What fifty open dashboards cost: events over HTTP with and without them, in turns.

Each dashboard asks as a browser on a version's page does: the overview and the states, every two
seconds, with the ETag of its last answer. The events change all counts all the time, so nearly
every answer has a body: the worst case. Server and client are those of events.py. The processor
time that the server takes for an event says the same on a machine that is busy with something else.
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
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
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
ROUNDS = 20
ROUND_SECONDS = 4.0
ACTORS = 960
LOOKS = ("/v1/overview/ring", "/v1/overview/ring/states?definitionId=ring")


class Dashboard:
    """One that is open."""

    def __init__(self, address: httpx.URL, seed: int) -> None:
        self._address = address
        self._etags = dict.fromkeys(LOOKS, "")
        self._chance = random.Random(seed)
        self.answers: list[int] = []
        self.has_seen = asyncio.Event()

    async def look(self) -> None:
        """Ask until it is closed."""
        wire = await asyncio.open_connection(self._address.host, self._address.port)
        try:
            await asyncio.sleep(self._chance.random() * EVERY_SECONDS)
            while True:
                for path in LOOKS:
                    await self._ask(*wire, path)
                await asyncio.sleep(EVERY_SECONDS)
        finally:
            wire[1].close()

    async def _ask(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str
    ) -> None:
        known = f"if-none-match: {self._etags[path]}\r\n" if self._etags[path] else ""
        writer.write(f"GET {path} HTTP/1.1\r\nhost: x\r\nx-api-key: {KEY}\r\n{known}\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        given = dict(line.split(": ", 1) for line in head.strip().splitlines()[1:])
        await reader.readexactly(int(given["content-length"]))
        self._etags[path] = given["etag"]
        self.answers.append(int(head.split(" ", 2)[1]))
        self.has_seen.set()


@asynccontextmanager
async def opened(address: httpx.URL, count: int) -> AsyncIterator[list[Dashboard]]:
    """So many dashboards while the block runs, all of them past their first look."""
    boards = [Dashboard(address, seed) for seed in range(count)]
    looking = [asyncio.create_task(board.look()) for board in boards]
    try:
        for board in boards:
            await board.has_seen.wait()
        yield boards
    finally:
        for task in looking:
            task.cancel()
        await asyncio.gather(*looking, return_exceptions=True)


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


async def measured(url: str, server: int) -> list[Row]:
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
    lines = await _compared(address, wires, actors, server)
    for wire in wires:
        wire.writer.close()
    return lines


async def _compared(
    address: httpx.URL, wires: Sequence[Wire], actors: Sequence[str], server: int
) -> list[Row]:
    body = '{"type":"NEXT"}'
    requests = [
        [events.request(f"/v1/actors/{actor}/event", body) for actor in actors[n::IN_FLIGHT]]
        for n in range(IN_FLIGHT)
    ]
    await events.rate(wires, requests)
    alone, watched, asked, spent = list[Round](), list[Round](), 0, 0.0
    for turn in range(ROUNDS):
        if turn % 2 == 0:
            alone.append(await played(wires, requests, server))
        async with opened(address, DASHBOARDS) as boards:
            began, before = time.perf_counter(), sum(len(board.answers) for board in boards)
            watched.append(await played(wires, requests, server))
            asked += sum(len(board.answers) for board in boards) - before
            spent += time.perf_counter() - began
        if turn % 2 == 1:
            alone.append(await played(wires, requests, server))
    pairs = list(zip(watched, alone, strict=True))
    rates = statistics.median(w.rate / a.rate for w, a in pairs)
    costs = statistics.median(a.spent / w.spent for w, a in pairs)
    told = f"with {DASHBOARDS} dashboards to without"
    return [
        Row("events over HTTP, nobody looks", statistics.median(a.rate for a in alone), "/s"),
        Row("looks of all dashboards", asked / spent, "/s"),
        Row(f"event rate {told}", rates, "", 0.95),
        Row(f"events a processor second {told}", costs, "", 0.95),
    ]


def main() -> int:
    """Measure and print."""
    events.ROUND_SECONDS = ROUND_SECONDS
    ours, theirs = multiprocessing.Pipe()
    with tempfile.TemporaryDirectory() as directory:
        process = multiprocessing.Process(target=events.server, args=(theirs, directory))
        process.start()
        try:
            heading()
            return show(uvloop.run(measured(ours.recv(), process.pid or 0)))
        finally:
            ours.send("stop")
            process.join(30)


if __name__ == "__main__":
    sys.exit(main())
