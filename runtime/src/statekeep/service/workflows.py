"""Whole workflows: the brake, and what is there."""

from __future__ import annotations

from statekeep.service.changes import Changes
from statekeep.service.errors import UnknownWorkflow
from statekeep.service.intents import Asker, Freezing
from statekeep.service.registries import Registries, View
from statekeep.service.wiring import Wiring
from statekeep.storage.ports import Family


class Workflows:
    """The operations on workflows."""

    def __init__(self, wiring: Wiring, registries: Registries, changes: Changes) -> None:
        self._wiring = wiring
        self._registries = registries
        self._changes = changes

    async def freeze(self, tenant: str, workflow: str, reason: str, by: str = "") -> View:
        """Stop registrations and landings. Events go on; nothing is lost."""
        return await self._brake(tenant, workflow, reason, by)

    async def unfreeze(self, tenant: str, workflow: str, by: str = "") -> View:
        """Go on, and evaluate what is due."""
        return await self._brake(tenant, workflow, None, by)

    async def _brake(self, tenant: str, workflow: str, reason: str | None, by: str) -> View:
        family = Family(tenant, workflow)
        view = await self._registries.fresh(family)
        if not view.length:
            raise UnknownWorkflow(workflow)
        await self._changes.run(family, Freezing(reason, Asker(by, self._wiring.now())))
        return await self._registries.fresh(family)
