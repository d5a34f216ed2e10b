"""/metrics: counts the actors, at most every few seconds, and says who may read which part."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable
from typing import Final

from statekeep.service.catalogue import Catalogue, Headcount
from statekeep.service.keys import KeyService
from statekeep.storage.errors import StoreError
from statekeep.web.metrics import Metrics, WorkflowCensus

FRESH_SECONDS: Final = 10.0
COUNT_SECONDS: Final = 5.0

log = logging.getLogger("statekeep.scrape")


class Scrape:
    """Answers scrapes."""

    def __init__(
        self,
        catalogue: Catalogue,
        keys: KeyService,
        metrics: Metrics,
        *,
        open_to_all: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._catalogue = catalogue
        self._keys = keys
        self._metrics = metrics
        self._open_to_all = open_to_all
        self._clock = clock
        self._counted_at = float("-inf")

    async def text(self, key: str | None) -> bytes:
        """The metrics that this key may read; without one, what names nobody."""
        await self._count()
        return self._metrics.exposition(named=self._open_to_all or await self._is_operator(key))

    async def _count(self) -> None:
        """Count again when the last count is old; without a store the rest is told all the same."""
        if self._clock() - self._counted_at < FRESH_SECONDS:
            return
        self._counted_at = self._clock()
        try:
            async with asyncio.timeout(COUNT_SECONDS):
                self._metrics.census(census(await self._catalogue.headcounts()))
        except (StoreError, TimeoutError) as error:
            log.warning("actors are not counted", extra={"because": str(error) or "too slow"})

    async def _is_operator(self, key: str | None) -> bool:
        if key is None:
            return False
        try:
            caller = await self._keys.caller(key)
        except StoreError:
            return False
        return not isinstance(caller, str) and "operator" in caller.roles


def census(headcounts: tuple[Headcount, ...]) -> tuple[WorkflowCensus, ...]:
    """Headcounts of cohorts, added up by workflow."""
    found: dict[tuple[str, str], list[Headcount]] = {}
    for headcount in headcounts:
        found.setdefault((headcount.tenant, headcount.workflow), []).append(headcount)
    return tuple(_of_workflow(*own, rows) for own, rows in sorted(found.items()))


def _of_workflow(tenant: str, workflow: str, rows: list[Headcount]) -> WorkflowCensus:
    statuses: Counter[str] = Counter({"active": 0, "done": 0, "needs_rescue": 0})
    stranded: Counter[tuple[str, str]] = Counter()
    for row in rows:
        statuses[row.status] += row.count
        if row.reason is not None:
            stranded[row.version, row.reason] += row.count
    return WorkflowCensus(
        tenant=tenant,
        workflow=workflow,
        cohorts=sum(1 for row in rows if row.count),
        by_status=tuple(sorted(statuses.items())),
        stranded=tuple((*key, count) for key, count in sorted(stranded.items())),
    )
