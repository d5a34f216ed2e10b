"""Everything that the routes call, put together once."""

from __future__ import annotations

from dataclasses import dataclass

from statekeep import service
from statekeep.service.actors import Actors
from statekeep.service.catalogue import Catalogue
from statekeep.service.deployments import Deployments
from statekeep.service.keys import KeyService
from statekeep.service.listing import Listing
from statekeep.service.overview import Overview
from statekeep.service.rescues import Rescues
from statekeep.service.transfer import Transfer
from statekeep.service.upkeep import Upkeep
from statekeep.service.wiring import Wiring
from statekeep.service.workflows import Workflows
from statekeep.web.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Services:
    """The services of one server."""

    actors: Actors
    catalogue: Catalogue
    deployments: Deployments
    keys: KeyService
    listing: Listing
    metrics: Metrics
    overview: Overview
    rescues: Rescues
    transfer: Transfer
    upkeep: Upkeep
    workflows: Workflows
    max_batch: int = 1_000


def assemble(
    wiring: Wiring, keys: KeyService, metrics: Metrics, max_batch: int = 1_000
) -> Services:
    """The services on one store."""
    core = service.Services(wiring)
    core.changes.watch = metrics.change
    return Services(
        actors=core.actors,
        catalogue=Catalogue(wiring, core.registries, core.changes),
        deployments=core.deployments,
        keys=keys,
        listing=core.listing,
        metrics=metrics,
        overview=core.overview,
        rescues=core.rescues,
        transfer=core.transfer,
        upkeep=core.upkeep,
        workflows=core.workflows,
        max_batch=max_batch,
    )
