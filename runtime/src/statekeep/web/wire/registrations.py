"""Versions, change-points and deployments on the wire: what is asked for, and what came of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from statekeep.web.wire.base import (
    Answer,
    Evaluation,
    Guards,
    HistoryPath,
    Id,
    Journal,
    JsonObject,
    KeyOrder,
    Landing,
    Limit,
    NullIsEmptyList,
    NullIsEmptyObject,
    Path,
    Sent,
    Sha,
    StateValue,
    Targets,
    Verdict,
    WhileStranded,
)


class Owner(Sent):
    """The custom resource that owns a registration; only the operator's key may name one."""

    kind: Literal["WorkflowDefinition", "ChangePoint"]
    name: Id
    uid: Annotated[str, StringConstraints(max_length=64)] = ""
    generation: Annotated[int, Field(ge=0)] = 0


class OwnedBy(Answer):
    """The same in an answer: a newer server may say more of it."""

    kind: str
    name: str
    uid: str = ""
    generation: int = 0


class Accepted(Sent):
    """A kind of stranding that the author accepts."""

    version: Id
    state: StateValue
    reason: Id
    max: Annotated[int, Field(ge=0)] | None = None


class Gate(Sent):
    """What must hold for a registration to move anybody; it belongs to no digest."""

    max_stranded: Limit | None = None
    expect_plan: Sha | None = None
    accept: Annotated[list[Accepted], Field(max_length=100)] | None = None


class Rules(Sent):
    """What a migration and a change-point have in common."""

    history_path: Annotated[HistoryPath, NullIsEmptyList] = Field(default_factory=list)
    regions: Annotated[dict[Path, HistoryPath], NullIsEmptyObject] = Field(default_factory=dict)
    state_mapping: Annotated[dict[Path, Path | Targets], NullIsEmptyObject] = Field(
        default_factory=dict
    )
    landing: Landing | None = None
    rescues: bool = True
    evaluation: Evaluation = "Continuous"
    while_stranded: WhileStranded = "Continue"


class MigrationBody(Rules):
    """One of several migrations of a deployment; its name is `<id>.<from>` if it has none."""

    name: Id | None = None
    source: Annotated[Id, Field(alias="from")]


class DeploymentBody(Rules, Gate):
    """A version, and how actors that are in flight come to it (`POST /v1/definitions`)."""

    id: Id
    workflow: Id | None = None
    name: Id | None = None
    parent_id: Id | None = None
    migrations: Annotated[list[MigrationBody], Field(max_length=64)] | None = None
    definition: JsonObject | None = None
    definition_json: Annotated[str | None, Field(alias="definitionJSON")] = None
    key_order: KeyOrder = "Written"
    guards: Guards = "Ignore"
    journal: Journal = "Types"
    owner: Owner | None = None


class ChangePointBody(Rules, Gate):
    """A change-point written by hand (`POST /v1/change-points`)."""

    name: Id
    workflow: Id | None = None
    source: Annotated[Id | None, Field(alias="from")] = None
    to: Id
    refines: Id | None = None
    owner: Owner | None = None


class Warned(Answer):
    """Something that a deployment may do but that its author should know."""

    code: str
    message: str
    pointer: str | None = None
    change_point: str | None = None
    count: int | None = None


class ByState(Answer):
    """One line of the breakdown of a registration."""

    version: str
    state: str
    verdict: Verdict
    reason: str | None = None
    count: int


class PointResult(Answer):
    """What the registration of a change-point did, together with those of the same clock."""

    plan_hash: str | None = None
    migrated: int = 0
    stayed: int = 0
    stranded: int = 0


class PointAnswer(Answer):
    """A registered change-point; `result` stands there where it is read by itself."""

    name: str
    workflow: str
    clock: int
    source: Annotated[str, Field(alias="from")]
    to: str
    refinement: int = 0
    refines: str | None = None
    history_path: list[str] = Field(default_factory=list)
    regions: dict[str, list[str]] = Field(default_factory=dict)
    state_mapping: dict[str, list[str]] = Field(default_factory=dict)
    landing: Landing
    landing_defaulted: bool = False
    rescues: bool = True
    evaluation: Evaluation = "Continuous"
    while_stranded: WhileStranded = "Continue"
    closed: bool = False
    anchor_hash: str = ""
    owner: OwnedBy | None = None
    result: PointResult | None = None
    deployed_by: str = ""
    deployed_at: float | None = None


class DeploymentAnswer(Answer):
    """What a registration did. While `state` is `applying`, `applied` of `shards` are done.

    `heldSeconds` stands in the answer to whoever registered it: events waited no longer than that.
    """

    id: str
    workflow: str
    clock: int
    unchanged: bool = False
    digest: str | None = None
    change_points: list[PointAnswer] = Field(default_factory=list)
    migrated: int = 0
    stayed: int = 0
    stranded: int = 0
    plan_hash: str | None = None
    by_state: list[ByState] = Field(default_factory=list)
    warnings: list[Warned] = Field(default_factory=list)
    state: Literal["applying", "done"] = "done"
    applied: int = 0
    shards: int = 0
    deployed_by: str = ""
    deployed_at: float | None = None
    held_seconds: float | None = None


class DefinitionAnswer(Answer):
    """A registered version; `definition` stands in the answer for one version only."""

    id: str
    workflow: str
    clock: int
    digest: str
    guards: Guards = "Ignore"
    journal: Journal = "Types"
    definition: JsonObject | None = None
    event_types: list[str] = Field(default_factory=list)
    actors: dict[str, int] = Field(default_factory=dict)
    owner: OwnedBy | None = None
    deployed_by: str = ""
    deployed_at: float | None = None


class Counts(Answer):
    """How many actors a plan concerns, by what would become of them."""

    would_migrate: int = 0
    would_stay: int = 0
    would_strand: int = 0


class Would(Answer):
    """Ids of the actors concerned, bounded; `next` continues all three lists."""

    would_migrate: list[str] = Field(default_factory=list)
    would_stay: list[str] = Field(default_factory=list)
    would_strand: list[str] = Field(default_factory=list)
    next: str | None = None


class Unlandable(Answer):
    """A kind of stranding that the rules allow, whether or not an actor is there now."""

    version: str
    state: str
    reason: str


class FlowItem(Answer):
    """Actors that a plan takes from one state to one other, or leaves there."""

    version: str
    state: str
    verdict: Verdict
    reason: str | None = None
    message: str = ""
    to_version: str
    to_state: str
    count: int


class PreviewAnswer(Answer):
    """What a registration would do; nothing was written."""

    workflow: str
    migration: Would
    counts: Counts
    plan_hash: str
    unchanged: bool = False
    by_state: list[ByState] = Field(default_factory=list)
    flows: list[FlowItem] = Field(default_factory=list)
    unlandable: list[Unlandable] = Field(default_factory=list)
    change_points: list[PointAnswer] = Field(default_factory=list)
    warnings: list[Warned] = Field(default_factory=list)
