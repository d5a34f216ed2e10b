"""Events from inside the cluster, until a file appears; the last line says what became of them.

`--strict`: each request has one try, and whatever is not answered 200 has failed. Otherwise every
event is sent until it is acknowledged, under one idempotency key, and counted once: at the end each
actor must have exactly the events that were acknowledged, in its history and in its revision.
"""

import argparse
import asyncio
import json
import os
import random
import time
from collections import Counter
from pathlib import Path

import httpx

URL, KEY = os.environ["STATEKEEP_URL"], os.environ["STATEKEEP_API_KEY"]


class Traffic:
    def __init__(self, asked: argparse.Namespace) -> None:
        self.asked = asked
        self.stop = Path(asked.stop)
        self.acknowledged: Counter[str] = Counter()
        self.requests = 0
        self.retries = 0
        self.slowest = 0.0
        self.failed: Counter[str] = Counter()
        self.longest_silence = 0.0
        self.last_answer = time.monotonic()

    async def run(self) -> dict[str, object]:
        kept = 0 if self.asked.fresh else 100
        limits = httpx.Limits(max_connections=200, max_keepalive_connections=kept)
        headers = {"x-api-key": KEY}
        async with httpx.AsyncClient(
            base_url=URL, headers=headers, limits=limits, timeout=20.0
        ) as http:
            actors = [await self.spawned(http) for _ in range(self.asked.actors)]
            print("under way", flush=True)
            self.last_answer = time.monotonic()
            await asyncio.gather(*(self.drive(http, actor) for actor in actors))
            lost = {} if self.asked.strict else await self.judged(http, actors)
        return {
            "actors": actors,
            "requests": self.requests,
            "acknowledged": sum(self.acknowledged.values()),
            "retries": self.retries,
            "failed": dict(self.failed),
            "slowest": round(self.slowest, 3),
            "silence": round(self.longest_silence, 3),
            "lost": lost,
        }

    async def spawned(self, http: httpx.AsyncClient) -> str:
        answer = await http.post("/v1/actors", json={"definitionId": self.asked.version})
        answer.raise_for_status()
        return str(answer.json()["id"])

    async def drive(self, http: httpx.AsyncClient, actor: str) -> None:
        while not self.stop.exists():
            await self.event(http, actor)
            await asyncio.sleep(random.uniform(0.0, 2 * self.asked.pause))

    async def event(self, http: httpx.AsyncClient, actor: str) -> None:
        key = f"{actor}-{self.acknowledged[actor]}"
        while True:
            said = await self.sent(http, actor, key)
            if said is None:
                self.acknowledged[actor] += 1
                return
            if self.asked.strict:
                self.failed[said] += 1
                return
            self.retries += 1
            await asyncio.sleep(0.1)

    async def sent(self, http: httpx.AsyncClient, actor: str, key: str) -> str | None:
        """One try; nothing to say where it was answered."""
        began = time.monotonic()
        self.requests += 1
        try:
            answer = await http.post(
                f"/v1/actors/{actor}/event", json={"type": "GO"}, headers={"Idempotency-Key": key}
            )
        except httpx.HTTPError as error:
            return type(error).__name__
        now = time.monotonic()
        if answer.status_code != httpx.codes.OK:
            return f"{answer.status_code} {answer.json().get('code')}"
        assert answer.json()["accepted"], answer.text
        self.slowest = max(self.slowest, now - began)
        self.longest_silence = max(self.longest_silence, now - self.last_answer)
        self.last_answer = now
        return None

    async def judged(self, http: httpx.AsyncClient, actors: list[str]) -> dict[str, str]:
        """Who has not exactly what was acknowledged."""
        wrong = {}
        for actor in actors:
            found = (await http.get(f"/v1/actors/{actor}")).raise_for_status().json()
            if found["revision"] != self.acknowledged[actor]:
                wrong[actor] = f"{found['revision']} of {self.acknowledged[actor]}"
        return wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stop", required=True)
    parser.add_argument("--version", required=True)
    parser.add_argument("--actors", type=int, default=20)
    parser.add_argument("--pause", type=float, default=0.05)
    parser.add_argument("--strict", action="store_true")
    parser.add_argument("--fresh", action="store_true", help="a connection a request")
    print(json.dumps(asyncio.run(Traffic(parser.parse_args()).run())), flush=True)


main()
