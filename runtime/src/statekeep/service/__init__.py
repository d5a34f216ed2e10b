"""The services: what the runtime does, whoever asks and wherever it is kept.

`Services` is built from a `Wiring` (store, sealer, clock, limits) and offers

    actors       spawn, send, send_batch, get, history, decisions, delete
    rescues      rescue by hand
    deployments  deploy, change_point, preview, preview_point, close, get, actors, view
    workflows    freeze, unfreeze
    transfer     export and import of a tenant's registry
    listing      actors by filter, groups by state value
    overview     how many actors are where, lately, for dashboards

Each takes the tenant first and raises `EXPECTED` errors, which `explain` puts into one shape. The
services know nothing of HTTP, and nothing of how a store keeps what it is given.
"""

from __future__ import annotations

from statekeep.service.actors import Actors, Event, HistoryItem
from statekeep.service.answers import ActorView, DecisionView, Hop, StepAnswer
from statekeep.service.changes import Changes
from statekeep.service.deployments import Deployed, Deployments, Preview
from statekeep.service.errors import EXPECTED, Problem, ServiceError, explain
from statekeep.service.listing import Filter, Group, Listing
from statekeep.service.overview import Overview
from statekeep.service.quotas import Quotas
from statekeep.service.registries import Registries, View
from statekeep.service.rescues import Rescues
from statekeep.service.retention import Retention
from statekeep.service.steps import Steps
from statekeep.service.transfer import Transfer
from statekeep.service.upkeep import Upkeep
from statekeep.service.wiring import Limits, PlainSealer, Sealer, Wiring
from statekeep.service.workflows import Workflows
from statekeep.storage.ports import Family

__all__ = [
    "EXPECTED",
    "ActorView",
    "Actors",
    "DecisionView",
    "Deployed",
    "Deployments",
    "Event",
    "Filter",
    "Group",
    "HistoryItem",
    "Hop",
    "Limits",
    "Listing",
    "Overview",
    "PlainSealer",
    "Preview",
    "Problem",
    "Rescues",
    "Sealer",
    "ServiceError",
    "Services",
    "StepAnswer",
    "Transfer",
    "Upkeep",
    "View",
    "Wiring",
    "Workflows",
    "explain",
]


class Services:
    """All services over one store."""

    def __init__(self, wiring: Wiring) -> None:
        self.wiring = wiring
        self.registries = Registries(wiring.store)
        wiring.store.use(self.registries.machine)
        self.changes = Changes(wiring, self.registries)
        self.listing = Listing(wiring, self.registries, self.changes)
        self.retention = Retention(wiring)
        self.actors = Actors(
            wiring, self.registries, self.changes, Steps(wiring), Quotas(wiring), self.retention
        )
        self.rescues = Rescues(wiring, self.registries, self.changes)
        self.deployments = Deployments(wiring, self.registries, self.changes, self.listing)
        self.transfer = Transfer(wiring, self.registries, self.changes)
        self.workflows = Workflows(wiring, self.registries, self.changes)
        self.overview = Overview(wiring, self.registries, self.changes)
        self.changes.afterwards = self._afterwards
        self.upkeep = Upkeep(wiring, self.changes, self.retention)

    async def _afterwards(self, family: Family) -> None:
        """What a change may have set free: queues, and actors that it landed in a final state."""
        self.retention.look(family)
        await self.actors.drain(family)
