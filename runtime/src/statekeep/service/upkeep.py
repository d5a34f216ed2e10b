"""What a replica does without being asked: it finishes what one that is gone has begun.

Whoever meets a fence settles its shard, so nobody waits for this. But the journal of a change stays
open until somebody has been to every shard, and a queue may have been left between the change and
its draining. Finished actors are let go here, too.
"""

from __future__ import annotations

import logging

from statekeep.service.changes import Changes
from statekeep.service.errors import EXPECTED
from statekeep.service.retention import Retention
from statekeep.service.wiring import Wiring
from statekeep.storage.ports import Family

SECONDS = 5.0
log = logging.getLogger("statekeep.upkeep")


class Upkeep:
    """Rounds over all workflows."""

    def __init__(self, wiring: Wiring, changes: Changes, retention: Retention) -> None:
        self._wiring = wiring
        self._changes = changes
        self._retention = retention

    async def run(self, seconds: float = SECONDS) -> None:
        """Round after round, until the task is cancelled. A store that is away is met again."""
        first = True
        while True:
            try:
                await self.round(queues=first)
                await self._retention.round()
                first = False
            except EXPECTED as error:
                log.warning("upkeep will try again", extra={"error": str(error)})
            await self._wiring.sleep(seconds)

    async def round(self, *, queues: bool) -> int:
        """One round; how many changes it finished. With `queues` it drains what was left, too."""
        finished = 0
        for tenant in await self._wiring.store.tenants():
            for workflow in await self._wiring.store.workflows(tenant):
                family = Family(tenant, workflow)
                if await self._changes.resume(family):
                    finished += 1
                elif queues and self._changes.afterwards is not None:
                    await self._changes.afterwards(family)
        return finished
