"""Whole workflows, API keys, and what a server says of itself, on the wire."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from statekeep.web.wire.base import (
    Answer,
    Id,
    JsonObject,
    Role,
    Sent,
)
from statekeep.web.wire.registrations import OwnedBy


class FreezeBody(Sent):
    """Why a workflow is stopped; it is shown to everybody who meets the brake."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=1_000)]


class WorkflowAnswer(Answer):
    """A workflow and its brake."""

    workflow: str
    clock: int
    frozen: bool = False
    reason: str | None = None


class VersionSummary(Answer):
    """A version, and its actors by status."""

    id: str
    clock: int
    digest: str
    actors: dict[str, int] = Field(default_factory=dict)
    owner: OwnedBy | None = None


class OwnCounts(Answer):
    """What one of several change-points of a registration did to those whom it picked."""

    migrated: int
    stayed: int
    stranded: int


class PointSummary(Answer):
    """A change-point, and what its registration did (together with those of the same clock).

    `own` is its own part of that, where several were registered together.
    """

    name: str
    clock: int
    source: Annotated[str, Field(alias="from")]
    to: str
    refinement: int = 0
    closed: bool = False
    anchor_hash: str = ""
    plan_hash: str | None = None
    migrated: int = 0
    stayed: int = 0
    stranded: int = 0
    own: OwnCounts | None = None
    owner: OwnedBy | None = None


class StrandedItem(Answer):
    """Actors that are stranded by one change-point, in one state, for one reason."""

    change_point: str
    version: str
    state: str
    reason: str
    count: int


class WorkflowSummary(WorkflowAnswer):
    """A whole workflow at one look. `law` changes with all that can change a verdict."""

    registry: str
    law: int = 0
    versions: list[VersionSummary] = Field(default_factory=list)
    points: list[PointSummary] = Field(default_factory=list)
    stranded: list[StrandedItem] = Field(default_factory=list)


class RegistryEntry(Sent):
    """One line of a workflow's registry, as it was written down."""

    kind: Literal["deployment", "migrations", "point", "close", "freeze", "unfreeze", "owner"]
    name: Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
    clock: Annotated[int, Field(ge=0)]
    law: Annotated[int, Field(ge=0)]
    body: JsonObject
    by: str
    at: float
    result: JsonObject


class RegistryBook(Sent):
    """Everything that is registered of one workflow, oldest first, and its clock."""

    workflow: Id
    clock: Annotated[int, Field(ge=0)]
    entries: Annotated[list[RegistryEntry], Field(min_length=1)]


class RegistryDocument(Sent):
    """A tenant's registry, whole. The order of keys in bodies means something: keep it."""

    format: Literal[1]
    uuid: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    workflows: list[RegistryBook]


class RegistryExport(Answer):
    """The same as an answer."""

    format: int
    uuid: str
    workflows: list[JsonObject]


class ImportAnswer(Answer):
    """What an import brought. `unchanged` are workflows that were here already, entry for entry."""

    uuid: str
    adopted: bool
    workflows: list[str]
    entries: int
    unchanged: list[str] = Field(default_factory=list)


class KeyBody(Sent):
    """A new API key of the caller's tenant."""

    roles: Annotated[list[Role], Field(min_length=1, max_length=5)]
    name: Annotated[str, StringConstraints(max_length=200)] = ""


class KeyAnswer(Answer):
    """An API key; `key` itself is answered once, when it is created."""

    id: str
    tenant: str
    roles: list[Role]
    name: str = ""
    created_at: float
    created_by: str = ""
    revoked: bool = False
    key: str | None = None


class Check(Answer):
    """One of the things that readiness depends on."""

    name: str
    ok: bool
    detail: str = ""


class Readiness(Answer):
    """Whether this replica may take traffic, what it promises, and which keys it holds."""

    ready: bool
    checks: list[Check] = Field(default_factory=list)
    durability: str = ""
    key_ids: list[str] = Field(default_factory=list)
    primary_key: str = ""
