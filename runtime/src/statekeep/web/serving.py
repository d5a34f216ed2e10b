"""A server from its settings: what is put together, in which order, and how it ends.

Start: settings → key ring → store → services → application → uvicorn. Stop: uvicorn closes the
listener, lets requests finish for `drain_seconds`, then the store is closed.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from types import FrameType

import uvicorn
from starlette.routing import Router

from statekeep.config import Settings, described
from statekeep.sealing.envelope import Sealer
from statekeep.sealing.keyring import KeyRing
from statekeep.service.keys import KeyService, read_pepper
from statekeep.service.wiring import Limits, Wiring
from statekeep.storage.api_keys import ApiKeys
from statekeep.storage.ports import Store
from statekeep.web.app import build_app
from statekeep.web.endpoint import Bounds, Desk
from statekeep.web.health import Health, Probe
from statekeep.web.metrics import Metrics
from statekeep.web.rate import RateLimit
from statekeep.web.scrape import Scrape
from statekeep.web.services import assemble

log = logging.getLogger("statekeep.serve")


class CannotServe(Exception):
    """A server cannot start with these settings; the message names one and says what to do."""


@dataclass(frozen=True, slots=True)
class Backend:
    """A store that is open: the ports that the services use, and how it says that it is well."""

    store: Store
    api_keys: ApiKeys
    probe: Probe
    close: Callable[[], Awaitable[None]]
    durability: str = ""


@dataclass(frozen=True, slots=True)
class Served:
    """A server that runs."""

    url: str
    stopped: asyncio.Task[None]


def application(settings: Settings, backend: Backend) -> Router:
    """The application on an open store."""
    if settings.key_ring is None or settings.pepper_file is None:
        missing = "--key-ring" if settings.key_ring is None else "--pepper-file"
        raise CannotServe(f"{missing} is missing: contexts and keys need it")
    ring = KeyRing(settings.key_ring)
    limits = replace(
        Limits(),
        context_bytes=settings.max_context_bytes,
        event_type_bytes=settings.max_event_type_bytes,
    )
    wiring = Wiring(store=backend.store, sealer=Sealer(ring), limits=limits)
    keys = KeyService(backend.api_keys, read_pepper(settings.pepper_file), settings.api_keys_file)
    metrics = Metrics()
    services = assemble(wiring, keys, metrics, settings.max_batch)
    bounds = Bounds(settings.max_body_bytes, settings.max_depth, settings.body_seconds)
    desk = Desk(services, keys, metrics, bounds, RateLimit(settings.rate))
    health = Health(backend.probe, ring, backend.durability)
    scrape = Scrape(services.catalogue, keys, metrics, open_to_all=settings.open_metrics)
    return build_app(desk, health, scrape)


async def serve(settings: Settings, backend: Backend) -> None:
    """Serve until a signal says stop; requests that have begun are finished first."""
    for number in (signal.SIGINT, signal.SIGTERM):
        # uvicorn raises the signal again when it has drained, and by then we have heard it.
        signal.signal(number, _heard)
    async with served(settings, backend) as server:
        await server.stopped
    log.info("stopped")


@asynccontextmanager
async def served(settings: Settings, backend: Backend) -> AsyncIterator[Served]:
    """A server while the block runs, then the store closed."""
    try:
        app = application(settings, backend)
        listener = bind(settings)
        server = uvicorn.Server(uvicorn_config(settings, app))
        running = asyncio.create_task(server.serve(sockets=[listener]))
        url = url_of(listener)
        log.info("listening", extra={"url": url, "settings": described(settings)})
        try:
            yield Served(url, running)
        finally:
            server.should_exit = True
            await running
    finally:
        await backend.close()


def uvicorn_config(settings: Settings, app: Router) -> uvicorn.Config:
    """How uvicorn runs: the fast loop and parser, our logs, a bounded drain."""
    return uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=settings.drain_seconds,
    )


def bind(settings: Settings) -> socket.socket:
    """A listening socket: connections wait in it from now on."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        where = f"{settings.host}:{settings.port}"
        raise CannotServe(f"cannot listen on {where}: {error.strerror}") from error


def url_of(listener: socket.socket) -> str:
    """Where a socket can be reached."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _heard(number: int, frame: FrameType | None) -> None:
    del number, frame
