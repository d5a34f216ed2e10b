"""A server from its settings: what is put together, in which order, and how it ends.

Start: settings → key ring → store → services → application → uvicorn. Stop: uvicorn closes the
listener, lets requests finish for `drain_seconds`, then the store is closed.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from types import FrameType

import uvicorn
from starlette.routing import Router

from statekeep.config import Settings, described
from statekeep.sealing.envelope import Sealer
from statekeep.sealing.keyring import KeyRing
from statekeep.service.keys import KeyService, read_pepper
from statekeep.service.upkeep import Upkeep
from statekeep.service.wiring import Limits, Wiring
from statekeep.storage.api_keys import ApiKeys
from statekeep.storage.errors import StoreError, StoreMismatch, StoreUnreachable
from statekeep.storage.ports import Store
from statekeep.storage.redis_api_keys import RedisApiKeys
from statekeep.storage.redis_calls import Watch
from statekeep.storage.redis_health import check_redis, durability
from statekeep.storage.redis_open import OpenStore, open_store
from statekeep.web import wire
from statekeep.web.app import build_app
from statekeep.web.endpoint import Bounds, Desk
from statekeep.web.health import Health, Probe
from statekeep.web.metrics import Metrics
from statekeep.web.patience import Patience
from statekeep.web.protocol import BoundedProtocol
from statekeep.web.rate import RateLimit
from statekeep.web.scrape import Scrape
from statekeep.web.services import assemble

STORE_TRIES = 6
"""How often a store is tried before giving up, each time for some seconds (redis_calls)."""

KEEP_ALIVE_SECONDS = 75
"""Longer than clients and balancers keep an idle connection, so that it is they who close it."""
GOODBYE_SECONDS = 5.5
"""How long an idle connection is kept after SIGTERM, so that its next answer can say farewell."""
GOODBYE_LOOKS = 275
YOUNG_OBJECTS = 10_000
"""How many more objects there are than at the last look when Python looks for cycles among them."""

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
    watched_by: Callable[[Watch], None] = lambda _: None
    """Asks the store to tell somebody of its round trips."""


@dataclass(frozen=True, slots=True)
class Served:
    """A server that runs."""

    url: str
    stopped: asyncio.Task[None]


async def open_redis(settings: Settings) -> Backend:
    """The store on Redis or Valkey that the settings name."""
    if settings.redis_url is None:
        raise CannotServe("--redis-url is missing: name a store, or use --embedded")
    opened = await _opened(settings.redis_url, settings.shards)
    client = opened.calls.client

    async def probe() -> Sequence[wire.Check]:
        checks = await check_redis(client, allow_no_aof=settings.allow_no_aof)
        if checks[0].ok:
            try:
                await opened.check()
            except StoreMismatch as error:
                checks = (replace(checks[0], ok=False, detail=str(error)), *checks[1:])
            except StoreError:
                log.debug("the store was not looked at")
        return [wire.Check(name=c.name, ok=c.ok, detail=c.detail) for c in checks]

    promised = durability(await check_redis(client, allow_no_aof=True))

    def watched_by(watch: Watch) -> None:
        opened.calls.watch = watch

    keys = RedisApiKeys(opened.calls)
    return Backend(opened.store, keys, probe, opened.close, promised, watched_by)


async def _opened(url: str, shards: int) -> OpenStore:
    """The store as soon as it answers: a server and its store may start together."""
    for left in range(STORE_TRIES - 1, -1, -1):
        try:
            return await open_store(url, shards)
        except StoreUnreachable as error:
            if left == 0:
                raise
            told = {"tries_left": left, "because": str(error)}
            log.warning("the store does not answer yet", extra=told)
    raise AssertionError


def application(settings: Settings, backend: Backend) -> Router:
    """The application on an open store."""
    return assembled(settings, backend)[0]


def assembled(settings: Settings, backend: Backend) -> tuple[Router, Upkeep]:
    """The application, and what a server does without being asked."""
    if settings.key_ring is None or settings.pepper_file is None:
        missing = "--key-ring" if settings.key_ring is None else "--pepper-file"
        raise CannotServe(f"{missing} is missing: contexts and keys need it")
    ring = KeyRing(settings.key_ring)
    limits = replace(
        Limits(),
        context_bytes=settings.max_context_bytes,
        event_type_bytes=settings.max_event_type_bytes,
        history_events=settings.max_history,
        actors=settings.max_actors,
        cohorts=settings.max_cohorts,
    )
    sealer = Sealer(ring)
    wiring = Wiring(
        store=backend.store, sealer=sealer, limits=limits, retain_done=settings.retain_done
    )
    keys = KeyService(backend.api_keys, read_pepper(settings.pepper_file), settings.api_keys_file)
    metrics = Metrics()
    backend.watched_by(metrics.store)
    sealer.watch = metrics.sealing
    services = assemble(wiring, keys, metrics, settings.max_batch)
    bounds = Bounds(settings.max_body_bytes, settings.max_depth, settings.max_bulk_bytes)
    patience = Patience(settings.body_seconds)
    desk = Desk(services, keys, metrics, bounds, RateLimit(settings.rate), patience)
    health = Health(backend.probe, ring, backend.durability)
    scrape = Scrape(services.catalogue, keys, metrics, open_to_all=settings.open_metrics)
    return build_app(desk, health, scrape), services.upkeep


async def serve(settings: Settings, backend: Backend) -> None:
    """Serve until a signal says stop; requests that have begun are finished first."""
    async with served(settings, backend) as server:
        await server.stopped
    log.info("stopped")


class _Server(uvicorn.Server):
    """uvicorn, but a signal is an end and not an abort: it is not raised again after the drain.

    And who keeps a connection is told before it is closed: an answer says `Connection: close`. Else
    a request that is under way just then would be lost, and nobody could know whether it counted.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()
        self._told_to_stop = False

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # A person at a terminal is not kept waiting.
        self._told_to_stop = sig == signal.SIGTERM
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        if self._told_to_stop:
            await self._say_goodbye()
        await super().shutdown(sockets)

    async def _say_goodbye(self) -> None:
        """Every answer from now on is the last of its connection; wait for those that come."""
        state = self.server_state
        state.default_headers = [*state.default_headers, (b"connection", b"close")]
        for _ in range(GOODBYE_LOOKS):
            if not state.connections or self.force_exit:
                return
            await asyncio.sleep(GOODBYE_SECONDS / GOODBYE_LOOKS)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        heard = (signal.SIGINT, signal.SIGTERM) if _in_main_thread() else ()
        loop = asyncio.get_running_loop()
        for number in heard:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in heard:
                loop.remove_signal_handler(number)


@asynccontextmanager
async def served(settings: Settings, backend: Backend) -> AsyncIterator[Served]:
    """A server while the block runs, then the store closed."""
    try:
        app, upkeep = assembled(settings, backend)
        listener = bind(settings)
        server = _Server(uvicorn_config(settings, app))
        running = asyncio.create_task(server.serve(sockets=[listener]))
        await server.up.wait()
        url = url_of(listener)
        rounds = asyncio.create_task(upkeep.run())
        log.info("listening", extra={"url": url, "settings": described(settings)})
        try:
            with seldom_collecting():
                yield Served(url, running)
        finally:
            rounds.cancel()
            server.should_exit = True
            await running
    finally:
        await backend.close()


@contextmanager
def seldom_collecting() -> Iterator[None]:
    """While we serve, Python looks for cycles where there may be some.

    A request makes none, but by its own rule Python looks whenever 700 objects are there at once:
    some requests in flight, or one batch. And what was made at the start stays until the end, so
    it is not looked through again and again. That is a tenth of an event, and a quarter in batches.
    """
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


def uvicorn_config(settings: Settings, app: Router) -> uvicorn.Config:
    """How uvicorn runs: the fast loop and parser, our logs, a bounded drain."""
    return uvicorn.Config(
        app,
        interface="asgi3",  # not guessed: uvicorn guesses well of coroutine functions only
        loop="uvloop",
        http=BoundedProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=settings.drain_seconds,
    )


def bind(settings: Settings) -> socket.socket:
    """A listening socket: connections wait in it from now on."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listener = socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        where = f"{settings.host}:{settings.port}"
        raise CannotServe(f"cannot listen on {where}: {error.strerror}") from error
    # What it accepts inherits this: else an answer's second part waits 40 ms for the first's ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def url_of(listener: socket.socket) -> str:
    """Where a socket can be reached."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()
