"""The operations on a tenant's whole registry: out as one document, in where there is none."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic_core import to_json

from statekeep.web import wire
from statekeep.web.auth import Permission
from statekeep.web.operations import Asked, Operation, Reply
from statekeep.web.services import Services


class ExportQuery(wire.Sent):
    """Of which workflow; all of them unless one is named."""

    workflow: wire.Id | None = None


async def export(services: Services, asked: Asked) -> Reply:
    """Written as it is stored: a model would only be built to be taken apart again."""
    query: ExportQuery = asked.query
    return Reply(to_json(await services.transfer.export(asked.tenant, query.workflow)))


async def restore(services: Services, asked: Asked) -> Reply:
    done = await services.transfer.restore(asked.tenant, asked.raw)
    answer = wire.ImportAnswer(
        uuid=done.uuid,
        adopted=done.adopted,
        workflows=list(done.workflows),
        entries=done.entries,
        unchanged=list(done.unchanged),
    )
    return Reply(answer)


REGISTRY: Sequence[Operation[Services]] = (
    Operation(
        name="exportRegistry",
        method="GET",
        path="/v1/registry",
        summary="Everything that is registered, entry by entry, with its clocks",
        permission=Permission.OPERATE,
        query=ExportQuery,
        answer=wire.RegistryExport,
        handle=export,
    ),
    Operation(
        name="importRegistry",
        method="POST",
        path="/v1/registry",
        summary="Enter an exported registry where its workflows are unknown; once only",
        permission=Permission.OPERATE,
        body=wire.RegistryDocument,
        ordered=True,
        bulky=True,
        answer=wire.ImportAnswer,
        handle=restore,
        audited=True,
        codes=("RegistryNotEmpty", "Busy"),
    ),
)
