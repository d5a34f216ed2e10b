"""The operator as a process: stand by, act, end.

Start: health pages → Lease → every object listed → watches and workers. It ends when it is told to,
and when the Lease is lost; whoever runs it starts it again.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from typing import Any, Final

from statekeep_operator import health, webhook
from statekeep_operator.health import Vitals
from statekeep_operator.kube import PLURALS, Kube, KubeError
from statekeep_operator.lease import Election, Identity
from statekeep_operator.mounted import Mounted
from statekeep_operator.objects import Group, Objects
from statekeep_operator.reconcile import Reconciler
from statekeep_operator.renewal import Renewal
from statekeep_operator.runtime import RuntimeAway, Runtimes
from statekeep_operator.settings import Settings
from statekeep_operator.watching import login, watch
from statekeep_operator.workqueue import WorkQueue
from statekeep_operator.writing import Writer

log = logging.getLogger(__name__)

RELIST: Final = 300.0
"""Seconds between two whole listings, which find what a watch may have lost."""
WATCHES_STOP: Final = 3.0


def _wall() -> datetime:
    return datetime.now(UTC)


class Operator:
    """One replica."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._kube = Kube(login)
        self._runtimes = Runtimes(settings.runtime_url, settings.api_key)
        self._objects = Objects()
        self._queue: WorkQueue[Group] = WorkQueue(time.monotonic)
        self._vitals = Vitals(time.monotonic)
        self._election = Election(
            self._kube,
            Identity(settings.lease_namespace, settings.lease_name, settings.identity),
            time.monotonic,
        )
        self._reconciler = Reconciler(
            self._objects,
            self._runtimes,
            Writer(self._kube, self._objects, _wall),
            pace=settings.pace,
            monotonic=time.monotonic,
            wall=_wall,
        )
        self._stop = asyncio.Event()

    async def run(self) -> int:
        """Run until told to stop (0) or until the Lease is lost (1)."""
        self._listen_to_signals()
        settings = self._settings
        try:
            async with AsyncExitStack() as pages:
                health_at = (settings.health_host, settings.health_port)
                await pages.enter_async_context(health.served(self._vitals, *health_at))
                await self._serve_webhook(pages)
                self._vitals.role = "standby"
                if await self._before_stop(self._election.win()):
                    return 0
                return await self._act()
        finally:
            await self._election.release()
            await self._kube.aclose()
            await self._runtimes.aclose()

    async def _serve_webhook(self, pages: AsyncExitStack) -> None:
        asked = self._settings.webhook
        if asked is not None:
            renewal: Renewal | Mounted = (
                Mounted(asked.directory)
                if asked.directory is not None
                else Renewal(self._kube, self._settings.lease_namespace, asked, _wall)
            )
            served = webhook.served(self._runtimes, asked.host, asked.port, renewal)
            await pages.enter_async_context(served)

    def _listen_to_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self._stop.set)

    async def _act(self) -> int:
        """Act while the Lease is ours."""
        self._vitals.role = "syncing"
        self._vitals.beat()
        tasks = [asyncio.create_task(self._election.hold(), name="lease")]
        watches_stop = asyncio.Event()
        watches: asyncio.Task[None] | None = None
        try:
            if await self._before_stop(self._list_until_done()):
                return 0
            watches = asyncio.create_task(self._watch(watches_stop), name="watches")
            tasks.append(asyncio.create_task(self._relist(), name="relist"))
            tasks += [
                asyncio.create_task(self._work(), name=f"worker-{number}")
                for number in range(self._settings.workers)
            ]
            self._vitals.role = "acting"
            stopped = asyncio.create_task(self._stop.wait(), name="stop")
            ends = [stopped, watches, *tasks]
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            return 0 if self._stop.is_set() else self._why(ends)
        finally:
            self._vitals.role = "stopping"
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            await self._election.release()
            watches_stop.set()
            if watches is not None:
                await asyncio.wait([watches], timeout=WATCHES_STOP)

    async def _watch(self, stop: asyncio.Event) -> None:
        """kopf listens to signals itself once it runs; the end is ours to order."""
        ready = asyncio.Event()
        watches = asyncio.create_task(watch(self._sighting, self._settings.namespaces, ready, stop))
        began = asyncio.create_task(ready.wait())
        await asyncio.wait([watches, began], return_when=asyncio.FIRST_COMPLETED)
        began.cancel()
        self._listen_to_signals()
        await watches

    def _why(self, ends: Iterable[asyncio.Task[Any]]) -> int:
        for task in ends:
            if task.done() and not task.cancelled():
                log.error("%s ended", task.get_name(), exc_info=task.exception())
        return 1

    async def _before_stop(self, waited: Any) -> bool:
        """Wait for one thing, or to be told to stop; whether it was the latter."""
        waiting = asyncio.create_task(waited)
        stopped = asyncio.create_task(self._stop.wait())
        await asyncio.wait([waiting, stopped], return_when=asyncio.FIRST_COMPLETED)
        for task in (waiting, stopped):
            if not task.done():
                task.cancel()
        with suppress(asyncio.CancelledError):
            await waiting
        return self._stop.is_set()

    # --- what is seen ---------------------------------------------------------------------------

    def _sighting(self, event: str | None, body: Mapping[str, Any]) -> None:
        group = self._objects.gone(body) if event == "DELETED" else self._objects.seen(body)
        if group is not None:
            self._look_soon(group)

    def _look_soon(self, group: Group) -> None:
        self._queue.settle(group, self._settings.settle)
        if group.workflow:
            for place in self._objects.groups():
                if place.namespace == group.namespace and not place.workflow:
                    self._queue.settle(place, self._settings.settle)

    async def _list_all(self) -> None:
        """List every object of both kinds."""
        wanted = frozenset(self._settings.namespaces) or None
        for kind in PLURALS:
            places = sorted(wanted) if wanted else [None]
            listed = [body for place in places async for body in self._kube.list(kind, place)]
            for group in self._objects.only(kind, wanted, listed):
                self._look_soon(group)
        self._reconciler.forget_all_but(self._objects.keys())
        self._vitals.beat()

    async def _list_until_done(self) -> None:
        """Without every object no order of registrations is known."""
        while True:
            try:
                await self._list_all()
            except KubeError as error:
                log.warning("the objects could not be listed: %s", error)
                await asyncio.sleep(1.0)
            else:
                return

    async def _relist(self) -> None:
        while True:
            await asyncio.sleep(RELIST)
            try:
                await self._list_all()
            except KubeError as error:
                log.warning("the objects could not be listed: %s", error)

    # --- work -----------------------------------------------------------------------------------

    async def _work(self) -> None:
        while True:
            group = await self._queue.take()
            try:
                await self._look(group)
            finally:
                self._queue.done(group)

    async def _look(self, group: Group) -> None:
        """The one place where a fault of ours ends: it is logged, and the look is repeated."""
        told = {"namespace": group.namespace, "workflow": group.workflow}
        try:
            if not group.workflow:
                await self._find_homes(group)
            wait = await self._reconciler.reconcile(group)
        except (RuntimeAway, KubeError) as error:
            again = self._queue.retry(group)
            log.warning("%s (again in %.1f s)", error, again, extra=told)
        except Exception:
            again = self._queue.retry(group)
            log.exception("a look failed (again in %.1f s)", again, extra=told)
        else:
            self._queue.succeeded(group)
            if self._objects.wishes(group):
                self._queue.add(group, wait)
        self._vitals.beat()

    async def _find_homes(self, group: Group) -> None:
        """Versions that no object describes may be registered over HTTP."""
        for version in self._objects.versions_without_home(group.namespace):
            home = await self._runtimes.home_of(group.namespace, version)
            if home is not None:
                for changed in self._objects.has_home(group.namespace, version, home):
                    self._queue.add(changed)
