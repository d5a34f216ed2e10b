"""`/healthz` and `/readyz`: whether the process lives, and what this replica does.

Alive: the event loop answers, and who acts has looked at something, or listed all, lately. Ready:
it stands by, or it acts and has seen every object.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from aiohttp import web

STUCK: Final = 900.0


@dataclass(slots=True)
class Vitals:
    """What the process says of itself."""

    monotonic: Callable[[], float]
    role: str = "starting"
    """starting, standby, syncing, acting."""
    beat_at: float = 0.0

    def beat(self) -> None:
        self.beat_at = self.monotonic()

    @property
    def alive(self) -> bool:
        return self.role != "acting" or self.monotonic() - self.beat_at < STUCK

    @property
    def ready(self) -> bool:
        return self.role in ("standby", "acting")


@asynccontextmanager
async def served(vitals: Vitals, host: str, port: int) -> AsyncIterator[None]:
    """The two pages, while the block runs."""

    async def healthz(_: web.Request) -> web.Response:
        return _answer(vitals.alive, {"alive": vitals.alive})

    async def readyz(_: web.Request) -> web.Response:
        return _answer(vitals.ready, {"ready": vitals.ready, "role": vitals.role})

    application = web.Application()
    application.router.add_get("/healthz", healthz)
    application.router.add_get("/readyz", readyz)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield
    finally:
        await runner.cleanup()


def _answer(good: bool, told: dict[str, object]) -> web.Response:
    return web.Response(
        status=200 if good else 503, text=json.dumps(told), content_type="application/json"
    )
