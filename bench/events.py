"""Events over HTTP: against an echo on the same server, alone and in flight, and three workflows.

One server process (uvicorn, one worker) on one Valkey, and a client that does as little as a client
can. Echo and events are measured in turns, because the machine may be busy: what is compared has
had the same weather. The echo reads a body and sends it back, and does nothing else. What the
upkeep of fingerprints and cohorts costs is told by the same service over a plain record an actor
(plain_send.lua), which is switched on and off between the rounds.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha1
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import httpx
import uvloop
from redis.asyncio import Redis
from report import Line as Row
from report import heading, show
from starlette.routing import Route

from statekeep.client import AsyncClient
from statekeep.storage import redis_store
from statekeep.storage.embedded import EmbeddedValkey
from statekeep.storage.redis_calls import Script, script
from statekeep.storage.redis_line import Line
from statekeep.web import serving
from support.web_server import bootstrap_key, write_secrets

IN_FLIGHT = 32
ROUNDS = 6
ROUND_SECONDS = 1.0
ACTORS = 960
BATCH = 500
KEY = bootstrap_key("lending", "admin")
RING = {
    "id": "ring",
    "workflow": "ring",
    "definition": {
        "initial": "s0",
        "states": {f"s{n}": {"on": {"NEXT": f"s{(n + 1) % 8}"}} for n in range(8)},
    },
}


PLAIN = Path(__file__).with_name("plain_send.lua").read_text(encoding="utf-8")
SWITCH_ON = """
for _, key in ipairs(redis.call('KEYS', 'sk:*:c:*')) do
  local kept = redis.call('HGET', key, 'e:NEXT')
  if kept then
    local _, _, answer = cmsgpack.unpack(kept)
    redis.call('SET', 'bench:answer', answer)
    return 1
  end
end
return 0
"""


def script_or_rival(name: str, *, shared: bool = True) -> Script:
    """The script of the store; `send` begins with the plain record, where that is switched on."""
    ours = script(name, shared=shared)
    if name != "send":
        return ours
    text = PLAIN + ours.text
    return Script(name, text, sha1(text.encode(), usedforsecurity=False).hexdigest())


class Switch:
    """Turns the plain record on (body `1`) and off (body `0`)."""

    def __init__(self, line: Line) -> None:
        self._line = line

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        del scope
        body = (await receive())["body"]
        switch = SWITCH_ON if body == b"1" else "return 1 + 0 * redis.call('DEL', 'bench:answer')"
        answer = b"%d" % await self._line.ask(("EVAL", switch, 0))
        await send(
            {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]}
        )
        await send({"type": "http.response.body", "body": answer})


class Echo:
    """The route that everything is compared with: a body in, the same body out.

    With a line it asks the store once in between, which is the floor of anything that is kept.
    """

    def __init__(self, line: Line | None = None) -> None:
        self._line = line

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        del scope
        body = (await receive())["body"]
        if self._line is not None:
            await self._line.ask(("EVAL", "return redis.call('GET', KEYS[1])", 1, "nothing"))
        head = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": body})


def server(ready: Connection, directory: str) -> None:
    """The server process."""
    uvloop.run(_serve(ready, Path(directory)))


async def _serve(ready: Connection, directory: Path) -> None:
    with EmbeddedValkey(directory / "valkey") as valkey:
        settings = replace(write_secrets(directory), redis_url=valkey.url)
        client = Redis.from_url(valkey.url)
        line = Line(client)
        assembled = serving.assembled

        redis_store.script = cache(script_or_rival)  # type: ignore[attr-defined]  # a rival's part

        def with_echoes(*given: Any) -> Any:
            app, *others = assembled(*given)
            app.routes.insert(0, Route("/echo", Echo(), methods=["POST"]))
            app.routes.insert(0, Route("/echo-store", Echo(line), methods=["POST"]))
            app.routes.insert(0, Route("/plain", Switch(line), methods=["POST"]))
            return app, *others

        serving.assembled = with_echoes
        async with serving.served(settings, await serving.open_redis(settings)) as running:
            ready.send(running.url)
            await asyncio.to_thread(ready.recv)
        await line.close()
        await client.aclose()


@dataclass(frozen=True, slots=True)
class Wire:
    """One connection that asks and waits, as raw as it gets."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ask(self, request: bytes) -> bytes:
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            message = head.decode()
            raise RuntimeError(message)
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        return await self.reader.readexactly(int(length))


def request(path: str, body: str) -> bytes:
    """The bytes of a request."""
    head = f"POST {path} HTTP/1.1\r\nhost: bench\r\nx-api-key: {KEY}\r\n"
    sized = f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return (head + sized + body).encode()


async def rate(wires: Sequence[Wire], requests: Sequence[Sequence[bytes]]) -> float:
    """Requests a second, every wire busy with its own for one round."""
    end = time.perf_counter() + ROUND_SECONDS

    async def busy(wire: Wire, own: Sequence[bytes]) -> int:
        done = 0
        while time.perf_counter() < end:
            await wire.ask(own[done % len(own)])
            done += 1
        return done

    begin = time.perf_counter()
    counts = await asyncio.gather(*[busy(w, r) for w, r in zip(wires, requests, strict=True)])
    return sum(counts) / (time.perf_counter() - begin)


async def latency(wire: Wire, requests: Sequence[bytes], count: int = 300) -> float:
    """The median of one request alone, in seconds."""
    spent = []
    for number in range(count):
        begin = time.perf_counter()
        await wire.ask(requests[number % len(requests)])
        spent.append(time.perf_counter() - begin)
    return statistics.median(spent)


async def measured(url: str) -> list[Row]:
    """All lines."""
    address = httpx.URL(url)
    async with AsyncClient(url, KEY, timeout=60) as client:
        await client.deploy(RING)
        gate = asyncio.Semaphore(IN_FLIGHT)

        async def one() -> str:
            async with gate:
                return (await client.spawn("ring")).id

        actors = await asyncio.gather(*[one() for _ in range(ACTORS)])
        opened = [
            await asyncio.open_connection(address.host, address.port) for _ in range(IN_FLIGHT)
        ]
        wires = [Wire(*pair) for pair in opened]
        lines = [*await _compared(wires, actors), await _three_workflows(url)]
        for wire in wires:
            wire.writer.close()
        return lines


async def _compared(wires: Sequence[Wire], actors: Sequence[str]) -> list[Row]:
    body = '{"type":"NEXT"}'
    events = [
        [request(f"/v1/actors/{a}/event", body) for a in actors[n::IN_FLIGHT]]
        for n in range(IN_FLIGHT)
    ]
    echoes = [[request("/echo", body)] for _ in range(IN_FLIGHT)]
    floors = [[request("/echo-store", body)] for _ in range(IN_FLIGHT)]
    batches = [[_batch(actors, n)] for n in range(4)]
    await rate(wires, events)
    rates: dict[str, list[float]] = {
        "echo": [], "floor": [], "event": [], "plain": [], "batch": [], "plain batch": [],
    }  # fmt: skip
    alone: dict[str, list[float]] = {"echo": [], "event": []}
    for _ in range(ROUNDS):
        rates["echo"].append(await rate(wires, echoes))
        rates["event"].append(await rate(wires, events))
        rates["floor"].append(await rate(wires, floors))
        rates["batch"].append(BATCH * await rate(wires[:4], batches))
        await _plain(wires[0], "1")
        rates["plain"].append(await rate(wires, events))
        rates["plain batch"].append(BATCH * await rate(wires[:4], batches))
        await _plain(wires[0], "0")
        alone["echo"].append(await latency(wires[0], echoes[0]))
        alone["event"].append(await latency(wires[0], events[0]))
    ratios = [e / o for e, o in zip(rates["event"], rates["echo"], strict=True)]
    to_floor = [e / o for e, o in zip(rates["event"], rates["floor"], strict=True)]
    upkeep = [p / e - 1 for e, p in zip(rates["event"], rates["plain"], strict=True)]
    in_batches = [p / e - 1 for e, p in zip(rates["batch"], rates["plain batch"], strict=True)]
    added = [e - o for e, o in zip(alone["event"], alone["echo"], strict=True)]
    return [
        Row("an echo over HTTP, one worker", statistics.median(rates["echo"]), "/s"),
        Row("an echo that asks the store once", statistics.median(rates["floor"]), "/s"),
        Row("an event over HTTP, one worker", statistics.median(rates["event"]), "/s"),
        Row("an event over HTTP to an echo", statistics.median(ratios), "", 0.5),
        Row("an event to an echo that asks the store", statistics.median(to_floor), ""),
        Row("median added by Redis and logic", statistics.median(added), "s", 0.5e-3, "low"),
        Row("upkeep of cohorts, to a plain record", statistics.median(upkeep), "", 0.1, "low"),
        Row("events in batches over HTTP", statistics.median(rates["batch"]), "/s"),
        Row("the same upkeep in batches", statistics.median(in_batches), ""),
    ]


async def _plain(wire: Wire, switch: str) -> None:
    if await wire.ask(request("/plain", switch)) != b"1":
        message = "the plain record could not be switched"
        raise RuntimeError(message)


def _batch(actors: Sequence[str], number: int) -> bytes:
    mine = actors[number::4][:BATCH] * (BATCH // len(actors[number::4][:BATCH]) + 1)
    events = ",".join(f'{{"actorId":"{actor}","type":"NEXT"}}' for actor in mine[:BATCH])
    return request("/v1/events", f'{{"events":[{events}]}}')


async def _three_workflows(url: str) -> Row:
    """Three workflows, thirty actors each, from deployment to done, with thirty in flight."""
    spent = []
    async with AsyncClient(url, KEY, timeout=60) as client:
        for attempt in range(3):
            begin = time.perf_counter()
            await asyncio.gather(*[_life(client, f"life-{attempt}-{n}") for n in range(3)])
            spent.append(time.perf_counter() - begin)
    return Row("three workflows of 30 actors, whole lives", min(spent), "s", 0.5, "low")


async def _life(client: AsyncClient, name: str) -> None:
    states: dict[str, Any] = {f"s{n}": {"on": {"NEXT": f"s{n + 1}"}} for n in range(4)}
    machine = {"initial": "s0", "states": {**states, "s4": {"type": "final"}}}
    await client.deploy({"id": name, "workflow": name, "definition": machine})
    gate = asyncio.Semaphore(10)

    async def actor() -> None:
        async with gate:
            own = (await client.spawn(name, {"amount": 50_000})).id
            for _ in range(4):
                answer = await client.send(own, "NEXT")
            assert answer.status == "done"

    await asyncio.gather(*[actor() for _ in range(30)])


def main() -> int:
    """Measure and print."""
    ours, theirs = multiprocessing.Pipe()
    with tempfile.TemporaryDirectory() as directory:
        process = multiprocessing.Process(target=server, args=(theirs, directory))
        process.start()
        try:
            heading()
            return show(uvloop.run(measured(ours.recv())))
        finally:
            ours.send("stop")
            process.join(30)


if __name__ == "__main__":
    sys.exit(main())
