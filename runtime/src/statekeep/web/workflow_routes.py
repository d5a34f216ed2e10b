"""The operations on whole workflows, on cohorts and on API keys."""

from __future__ import annotations

import json
from collections.abc import Sequence

from statekeep.service.catalogue import Live
from statekeep.storage.api_keys import ApiKeyRecord
from statekeep.web import answers, cursors, wire
from statekeep.web.auth import Permission
from statekeep.web.operations import Asked, Operation, PageQuery, Reply
from statekeep.web.problems import Refusal
from statekeep.web.services import Services


class CohortsQuery(PageQuery):
    """Which cohorts, and whether with the form that `statekeep plan` reads."""

    workflow: wire.Id | None = None
    definition_id: wire.Id | None = None
    digest: bool = False


async def workflow(services: Services, asked: Asked) -> Reply:
    return Reply(answers.summary(await services.workflows.summary(asked.tenant, asked.path["id"])))


async def freeze(services: Services, asked: Asked) -> Reply:
    body: wire.FreezeBody = asked.body
    view = await services.workflows.freeze(
        asked.tenant, asked.path["id"], body.reason, asked.asker.key_id
    )
    return Reply(answers.workflow(view))


async def unfreeze(services: Services, asked: Asked) -> Reply:
    view = await services.workflows.unfreeze(asked.tenant, asked.path["id"], asked.asker.key_id)
    return Reply(answers.workflow(view))


async def cohorts(services: Services, asked: Asked) -> Reply:
    query: CohortsQuery = asked.query
    found = await services.catalogue.cohorts(
        asked.tenant, query.workflow, query.definition_id, with_form=query.digest
    )
    ordered = sorted(found, key=_cohort_key)
    given, following = cursors.page(ordered, _cohort_key, query.cursor, query.limit)
    items = [answers.cohort(live) for live in given]
    return Reply(wire.Page[wire.CohortItem](items=items, next=following))


async def create_key(services: Services, asked: Asked) -> Reply:
    body: wire.KeyBody = asked.body
    if "operator" in body.roles:
        raise Refusal("RoleMissing", "the operator's key comes from the bootstrap file only")
    made = await services.keys.create(
        asked.tenant, tuple(body.roles), body.name, asked.asker.key_id
    )
    return Reply(answers.new_key(made), 201)


async def keys(services: Services, asked: Asked) -> Reply:
    query: PageQuery = asked.query
    found = await services.keys.of_tenant(asked.tenant)
    given, following = cursors.page(found, _key_key, query.cursor, query.limit)
    items = [answers.key(record) for record in given]
    return Reply(wire.Page[wire.KeyAnswer](items=items, next=following))


async def revoke_key(services: Services, asked: Asked) -> Reply:
    if not await services.keys.revoke(asked.tenant, asked.path["id"]):
        raise Refusal("UnknownKey", f"there is no key '{asked.path['id']}'")
    return Reply(None, 204)


def _cohort_key(live: Live) -> cursors.Key:
    cohort = live.cohort
    value = json.dumps(live.state_value, sort_keys=True)
    by = cohort.stranding.change_point if cohort.stranding else ""
    return [
        live.workflow, cohort.version, cohort.position, cohort.history.identity, value, by,
        hash_of_regions(live),
    ]  # fmt: skip


def hash_of_regions(live: Live) -> str:
    """What tells cohorts apart that differ in their region histories only."""
    return ",".join(history.identity for _, history in live.cohort.regions)


def _key_key(record: ApiKeyRecord) -> cursors.Key:
    return [record.id]


WORKFLOWS: Sequence[Operation[Services]] = (
    Operation(
        name="getWorkflow",
        method="GET",
        path="/v1/workflows/{id}",
        summary="A whole workflow: what is registered, and how many actors are where",
        permission=Permission.READ,
        answer=wire.WorkflowSummary,
        handle=workflow,
    ),
    Operation(
        name="freezeWorkflow",
        method="POST",
        path="/v1/workflows/{id}/freeze",
        summary="Stop registrations and landings of a workflow; events go on",
        permission=Permission.OPERATE,
        body=wire.FreezeBody,
        answer=wire.WorkflowAnswer,
        handle=freeze,
        audited=True,
        codes=("UnknownWorkflow", "Busy"),
    ),
    Operation(
        name="unfreezeWorkflow",
        method="POST",
        path="/v1/workflows/{id}/unfreeze",
        summary="Let a workflow go on, and evaluate what is due",
        permission=Permission.OPERATE,
        answer=wire.WorkflowAnswer,
        handle=unfreeze,
        audited=True,
        codes=("UnknownWorkflow", "Busy"),
    ),
    Operation(
        name="listCohorts",
        method="GET",
        path="/v1/cohorts",
        summary="The classes of actors that are there, without anything of theirs",
        permission=Permission.READ,
        query=CohortsQuery,
        answer=wire.Page[wire.CohortItem],
        handle=cohorts,
        codes=("InvalidCursor",),
    ),
    Operation(
        name="createKey",
        method="POST",
        path="/v1/keys",
        summary="Make an API key of this tenant; it is shown once",
        permission=Permission.KEYS,
        body=wire.KeyBody,
        answer=wire.KeyAnswer,
        status=201,
        handle=create_key,
        audited=True,
    ),
    Operation(
        name="listKeys",
        method="GET",
        path="/v1/keys",
        summary="The API keys of this tenant, without the keys themselves",
        permission=Permission.KEYS,
        query=PageQuery,
        answer=wire.Page[wire.KeyAnswer],
        handle=keys,
        codes=("InvalidCursor",),
    ),
    Operation(
        name="revokeKey",
        method="DELETE",
        path="/v1/keys/{id}",
        summary="Revoke an API key",
        permission=Permission.KEYS,
        answer=None,
        status=204,
        handle=revoke_key,
        audited=True,
        codes=("UnknownKey",),
    ),
)
