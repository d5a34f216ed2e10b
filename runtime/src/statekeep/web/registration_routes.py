"""The operations on what is registered: versions, change-points, deployments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from statekeep.service.catalogue import RegisteredPoint, RegisteredVersion
from statekeep.service.listing import Filter
from statekeep.web import answers, cursors, wire
from statekeep.web.auth import Asker, Permission
from statekeep.web.operations import Asked, Operation, PageQuery, Reply
from statekeep.web.problems import Refusal
from statekeep.web.services import Services

PREVIEW_NAMES = 10_000


class WorkflowQuery(PageQuery):
    """Which page of a list, of all workflows or of one."""

    workflow: wire.Id | None = None


class NameQuery(wire.Sent):
    """Which workflow a name belongs to, where several have it."""

    workflow: wire.Id | None = None


class PreviewQuery(wire.Sent):
    """How many ids of each kind to name, and from where on."""

    cursor: wire.Cursor | None = None
    limit: Annotated[int, Field(ge=1, le=PREVIEW_NAMES)] = PREVIEW_NAMES


class MovedQuery(PageQuery):
    """For which verdict."""

    verdict: wire.Verdict


async def deploy(services: Services, asked: Asked) -> Reply:
    body = _owned(asked)
    done = await services.deployments.deploy(asked.tenant, body, asked.asker.key_id)
    return Reply(answers.deployment(done), 200 if done.unchanged else 201)


async def preview(services: Services, asked: Asked) -> Reply:
    query: PreviewQuery = asked.query
    cursor = cursors.decode_text(query.cursor)
    made = await services.deployments.preview(asked.tenant, _owned(asked), query.limit, cursor)
    return Reply(answers.preview(made, _following(made.next)))


async def change_point(services: Services, asked: Asked) -> Reply:
    body = _owned(asked)
    done = await services.deployments.change_point(asked.tenant, body, asked.asker.key_id)
    return Reply(answers.deployment(done), 200 if done.unchanged else 201)


async def preview_point(services: Services, asked: Asked) -> Reply:
    query: PreviewQuery = asked.query
    cursor = cursors.decode_text(query.cursor)
    made = await services.deployments.preview_point(
        asked.tenant, _owned(asked), query.limit, cursor
    )
    return Reply(answers.preview(made, _following(made.next)))


async def definition(services: Services, asked: Asked) -> Reply:
    found = await services.catalogue.definition(asked.tenant, asked.path["id"])
    chosen = Filter(workflow=found.workflow, version=found.version.id)
    counts = dict.fromkeys(("active", "done", "needs_rescue"), 0)
    for group in await services.listing.groups(asked.tenant, chosen):
        counts[group.status] += group.count
    return Reply(answers.definition(found, counts))


async def definitions(services: Services, asked: Asked) -> Reply:
    query: WorkflowQuery = asked.query
    found = await services.catalogue.definitions(asked.tenant, query.workflow)
    given, following = cursors.page(found, _version_key, query.cursor, query.limit)
    items = [answers.definition(version) for version in given]
    return Reply(wire.Page[wire.DefinitionAnswer](items=items, next=following))


async def get_point(services: Services, asked: Asked) -> Reply:
    query: NameQuery = asked.query
    found = await services.catalogue.point(asked.tenant, asked.path["id"], query.workflow)
    return Reply(answers.registered_point(found))


async def points(services: Services, asked: Asked) -> Reply:
    query: WorkflowQuery = asked.query
    found = await services.catalogue.points(asked.tenant, query.workflow)
    given, following = cursors.page(found, _point_key, query.cursor, query.limit)
    items = [answers.registered_point(point) for point in given]
    return Reply(wire.Page[wire.PointAnswer](items=items, next=following))


async def close(services: Services, asked: Asked) -> Reply:
    query: NameQuery = asked.query
    name = asked.path["id"]
    found = await services.catalogue.point(asked.tenant, name, query.workflow)
    _refuse_foreign_owner(asked.asker, found.owner)
    closed = await services.deployments.close(
        asked.tenant, name, asked.asker.key_id, found.workflow
    )
    return Reply(answers.point(closed, found.workflow, found.owner))


async def deployment(services: Services, asked: Asked) -> Reply:
    return Reply(answers.deployment(await services.deployments.get(asked.tenant, asked.path["id"])))


async def deployment_actors(services: Services, asked: Asked) -> Reply:
    query: MovedQuery = asked.query
    cursor = cursors.decode_text(query.cursor)
    page = await services.deployments.actors(
        asked.tenant, asked.path["id"], query.verdict, query.limit, cursor
    )
    items = [wire.MovedItem(id=actor, verdict=query.verdict) for actor in page.actors]
    return Reply(wire.Page[wire.MovedItem](items=items, next=_following(page.next)))


def _owned(asked: Asked) -> Mapping[str, Any]:
    """The body; only the operator's key may say that a custom resource owns what it registers."""
    body = asked.raw or {}
    if body.get("owner") is not None and not asked.asker.is_operator:
        raise Refusal("RoleMissing", "only the operator's key may name an owner")
    return body


def _refuse_foreign_owner(asker: Asker, owner: object) -> None:
    if isinstance(owner, Mapping) and not asker.is_operator:
        raise Refusal("OwnedByResource", f"it belongs to {owner.get('kind')} {owner.get('name')}")


def _version_key(found: RegisteredVersion) -> cursors.Key:
    return [found.workflow, found.version.id]


def _point_key(found: RegisteredPoint) -> cursors.Key:
    return [found.workflow, found.point.name]


def _following(place: str | None) -> str | None:
    return None if place is None else cursors.encode(place)


REGISTRATION_CODES = (
    "InvalidDefinition", "UnknownVersion", "UnknownChangePoint", "UnknownRegion", "TooLarge",
    "WorkflowMismatch", "BackwardMigration", "AmbiguousAnchors", "AnchorNotAccepted",
    "RefinementChangesPoint", "MappingUnknownSource", "MappingUnknownTarget",
    "MappingHistoryTarget", "DefinitionExists", "ChangePointExists", "AmbiguousName",
)  # fmt: skip
GATE_CODES = ("TooManyStranded", "PlanDrifted", "Frozen", "Busy")

REGISTRATIONS: Sequence[Operation[Services]] = (
    Operation(
        name="deploy",
        method="POST",
        path="/v1/definitions",
        summary="Register a version, and move the actors that its migrations concern",
        permission=Permission.DEPLOY,
        body=wire.DeploymentBody,
        ordered=True,
        answer=wire.DeploymentAnswer,
        status=201,
        others=(200,),
        handle=deploy,
        audited=True,
        codes=(*REGISTRATION_CODES, *GATE_CODES),
    ),
    Operation(
        name="preview",
        method="POST",
        path="/v1/definitions/preview",
        summary="What registering this version would do; nothing is written",
        permission=Permission.DEPLOY,
        body=wire.DeploymentBody,
        ordered=True,
        query=PreviewQuery,
        answer=wire.PreviewAnswer,
        handle=preview,
        codes=(*REGISTRATION_CODES, "InvalidCursor"),
    ),
    Operation(
        name="listDefinitions",
        method="GET",
        path="/v1/definitions",
        summary="The registered versions",
        permission=Permission.READ,
        query=WorkflowQuery,
        answer=wire.Page[wire.DefinitionAnswer],
        handle=definitions,
        codes=("InvalidCursor",),
    ),
    Operation(
        name="getDefinition",
        method="GET",
        path="/v1/definitions/{id}",
        summary="One version, with its machine and how many actors are on it",
        permission=Permission.READ,
        answer=wire.DefinitionAnswer,
        handle=definition,
        codes=("UnknownVersion",),
    ),
    Operation(
        name="registerChangePoint",
        method="POST",
        path="/v1/change-points",
        summary="Register a change-point between versions that are there",
        permission=Permission.DEPLOY,
        body=wire.ChangePointBody,
        ordered=True,
        answer=wire.DeploymentAnswer,
        status=201,
        others=(200,),
        handle=change_point,
        audited=True,
        codes=(*REGISTRATION_CODES, *GATE_CODES),
    ),
    Operation(
        name="previewChangePoint",
        method="POST",
        path="/v1/change-points/preview",
        summary="What registering this change-point would do; nothing is written",
        permission=Permission.DEPLOY,
        body=wire.ChangePointBody,
        ordered=True,
        query=PreviewQuery,
        answer=wire.PreviewAnswer,
        handle=preview_point,
        codes=(*REGISTRATION_CODES, "InvalidCursor"),
    ),
    Operation(
        name="listChangePoints",
        method="GET",
        path="/v1/change-points",
        summary="The registered change-points",
        permission=Permission.READ,
        query=WorkflowQuery,
        answer=wire.Page[wire.PointAnswer],
        handle=points,
        codes=("InvalidCursor",),
    ),
    Operation(
        name="getChangePoint",
        method="GET",
        path="/v1/change-points/{id}",
        summary="One change-point",
        permission=Permission.READ,
        query=NameQuery,
        answer=wire.PointAnswer,
        handle=get_point,
        codes=("UnknownChangePoint", "AmbiguousName"),
    ),
    Operation(
        name="closeChangePoint",
        method="POST",
        path="/v1/change-points/{id}/close",
        summary="Let a change-point pick nobody any more",
        permission=Permission.DEPLOY,
        query=NameQuery,
        answer=wire.PointAnswer,
        handle=close,
        audited=True,
        codes=("UnknownChangePoint", "AmbiguousName", "OwnedByResource", "Busy"),
    ),
    Operation(
        name="getDeployment",
        method="GET",
        path="/v1/deployments/{id}",
        summary="What a registration did, or how far it is",
        permission=Permission.READ,
        answer=wire.DeploymentAnswer,
        handle=deployment,
        codes=("UnknownDeployment",),
    ),
    Operation(
        name="listDeploymentActors",
        method="GET",
        path="/v1/deployments/{id}/actors",
        summary="Who moved, stayed or stranded by a registration",
        permission=Permission.READ,
        query=MovedQuery,
        answer=wire.Page[wire.MovedItem],
        handle=deployment_actors,
        codes=("UnknownDeployment", "InvalidCursor"),
    ),
)
