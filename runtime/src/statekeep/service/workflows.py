"""Whole workflows: the brake, and what is there."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from statekeep.core.cohort import state_value
from statekeep.core.plan import state_text
from statekeep.service.changes import Changes
from statekeep.service.errors import UnknownWorkflow
from statekeep.service.intents import Asker, Freezing
from statekeep.service.registries import Registries, View
from statekeep.service.wiring import Wiring
from statekeep.storage.ports import CohortRow, Family


@dataclass(frozen=True, slots=True, order=True)
class StrandedKind:
    """What actors that are stranded alike have in common."""

    change_point: str
    version: str
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Summary:
    """A whole workflow at one look: what is registered, and how many actors are where."""

    registry: str
    """The store's registry: another one is another store, or the same one emptied."""
    view: View
    actors: dict[tuple[str, str], int]
    """By version and status."""
    stranded: dict[StrandedKind, int]


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

    async def summary(self, tenant: str, workflow: str) -> Summary:
        """One workflow; one in which nothing was registered is empty, at clock 0."""
        family = Family(tenant, workflow)
        view = await self._registries.fresh(family)
        actors: Counter[tuple[str, str]] = Counter()
        stranded: Counter[StrandedKind] = Counter()
        for row in await self._changes.rows(family):
            actors[row.form.version, row.form.status] += row.actors
            kind = _kind(view, row)
            if kind is not None:
                stranded[kind] += row.actors
        return Summary(await self._wiring.store.uuid(), view, dict(actors), dict(stranded))

    async def _brake(self, tenant: str, workflow: str, reason: str | None, by: str) -> View:
        family = Family(tenant, workflow)
        view = await self._registries.fresh(family)
        if not view.length:
            raise UnknownWorkflow(workflow)
        await self._changes.run(family, Freezing(reason, Asker(by, self._wiring.now())))
        return await self._registries.fresh(family)


def _kind(view: View, row: CohortRow) -> StrandedKind | None:
    stranding = row.form.stranding
    if stranding is None or row.form.status != "needs_rescue":
        return None
    state = state_text(state_value(view.registry, row.form))
    return StrandedKind(stranding.change_point, row.form.version, state, stranding.reason)
