"""The shapes that cross the wire: one set of models for server, client and operator.

Owns names, types and bounds of every request and answer under `/v1`, and nothing else: no routing
law, no storage, no HTTP. It imports pydantic and the standard library only, because operator and
runtime may run different releases and share nothing but this page.

Rule 1: what comes from a user is refused when it has an unknown member (a typo must not be silent).
Rule 2: what comes from a server is read leniently (a newer server may say more).
"""

from __future__ import annotations

from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)
from pydantic.alias_generators import to_camel

MAX_ID = 253
MAX_PATH = 10_000

Id = Annotated[str, StringConstraints(min_length=1, max_length=MAX_ID)]
EventType = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
Path = Annotated[str, StringConstraints(max_length=2_000)]
HistoryPath = Annotated[list[EventType], Field(max_length=MAX_PATH)]
Targets = Annotated[list[Path], Field(min_length=1, max_length=100)]
NullIsEmptyList = BeforeValidator(lambda value: [] if value is None else value)
NullIsEmptyObject = BeforeValidator(lambda value: {} if value is None else value)
Sha = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
Percentage = Annotated[str, StringConstraints(pattern=r"^(100|[0-9]{1,2})(\.[0-9]{1,3})?%$")]
Limit = Annotated[int, Field(ge=0)] | Percentage
Cursor = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
PageSize = Annotated[int, Field(ge=1, le=1_000)]
JsonObject = dict[str, Any]
StateValue = str | dict[str, Any]

Status = Literal["active", "done", "needs_rescue"]
Verdict = Literal["migrated", "stayed", "stranded"]
Landing = Literal["Replay", "Same", "MappingOnly"]
Evaluation = Literal["Continuous", "Once"]
WhileStranded = Literal["Continue", "Block", "Buffer"]
Guards = Literal["Ignore", "Deny"]
Journal = Literal["Types", "Full"]
KeyOrder = Literal["Written", "Lost"]
Role = Literal["read", "send", "deploy", "admin", "operator"]


class Sent(BaseModel):
    """A request body: unknown members are refused."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
    )


class Answer(BaseModel):
    """An answer: members that this release does not know are ignored."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="ignore", frozen=True
    )


# ---- problems ----


class ProblemError(Answer):
    """One of the things that are wrong, and where."""

    code: str
    message: str
    pointer: str = ""


class Problem(Answer):
    """RFC 9457, with the code that programs read and the way out that people read."""

    type: str
    title: str
    status: int
    code: str
    detail: str = ""
    way_out: str = ""
    errors: list[ProblemError] = Field(default_factory=list)
    instance: str | None = None


# ---- registrations ----


class Owner(Sent):
    """The custom resource that owns a registration; only the operator's key may name one."""

    kind: Literal["WorkflowDefinition", "ChangePoint"]
    name: Id
    uid: Annotated[str, StringConstraints(max_length=64)] = ""
    generation: Annotated[int, Field(ge=0)] = 0


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


class PointAnswer(Answer):
    """A registered change-point."""

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
    owner: Owner | None = None


class DeploymentAnswer(Answer):
    """What a registration did. While `state` is `applying`, `applied` shards of it are done."""

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
    deployed_by: str = ""
    deployed_at: float | None = None


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
    owner: Owner | None = None
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


class PreviewAnswer(Answer):
    """What a registration would do; nothing was written."""

    workflow: str
    migration: Would
    counts: Counts
    plan_hash: str
    unchanged: bool = False
    by_state: list[ByState] = Field(default_factory=list)
    unlandable: list[Unlandable] = Field(default_factory=list)
    change_points: list[PointAnswer] = Field(default_factory=list)
    warnings: list[Warned] = Field(default_factory=list)


# ---- actors ----


class SpawnBody(Sent):
    """A new actor (`POST /v1/actors`)."""

    definition_id: Id
    initial_context: JsonObject = Field(default_factory=dict)


class EventBody(Sent):
    """An event for one actor; `context` is a JSON merge patch on the actor's context."""

    type: EventType
    context: JsonObject | None = None
    data: Any = None


class BatchEvent(EventBody):
    """One event of a batch."""

    actor_id: Id
    idempotency_key: Annotated[str, StringConstraints(min_length=1, max_length=255)] | None = None


class BatchFrame(Sent):
    """Events for many actors, each a `BatchEvent`, judged one by one and answered in this order."""

    events: list[Any] = Field(
        json_schema_extra={"items": {"$ref": "#/components/schemas/BatchEvent"}}
    )


class RescueBody(Sent):
    """A rescue by hand; a partial state value is completed by initial states."""

    to: Id
    state_value: StateValue = Field(default_factory=dict)
    reason: Annotated[str, StringConstraints(min_length=1, max_length=1_000)]


class Stranding(Answer):
    """Why an actor is stranded: the change-point that picked it, and where it was to go."""

    change_point: str
    reason: str
    message: str = ""
    way: list[str] = Field(default_factory=list)


class ActorAnswer(Answer):
    """One actor. `context` is there for keys that may see it."""

    id: str
    actor_id: str
    workflow: str
    version: str
    state_value: StateValue
    status: Status
    revision: int
    stranding: Stranding | None = None
    history_length: int = 0
    queued: int = 0
    context: JsonObject | None = None


class Hop(Answer):
    """A change-point that somebody was led over."""

    change_point: str | None
    source: Annotated[str, Field(alias="from")]
    to: str


class StepAnswer(Answer):
    """Where an actor is after something happened to it."""

    actor_id: str
    version: str
    state_value: StateValue
    status: Status
    revision: int
    migrated: bool = False
    via: list[Hop] = Field(default_factory=list)


class SpawnAnswer(StepAnswer):
    """A new actor; `id` and `actorId` are the same."""

    id: str


class EventAnswer(StepAnswer):
    """What an event did. `queued` means that it waits for the rescue of a stranded actor."""

    accepted: bool
    queued: bool = False


class BatchItem(Answer):
    """The answer to one event of a batch: its `status`, and either an answer or a problem."""

    actor_id: str
    status: int
    answer: EventAnswer | None = None
    problem: Problem | None = None


class BatchAnswer(Answer):
    """As many items as events, in their order."""

    items: list[BatchItem]


class HistoryItem(Answer):
    """An accepted event; `at` and `data` where the workflow keeps a full journal."""

    type: str
    at: float | None = None
    data: Any = None


class DecisionItem(Answer):
    """The audit record of one verdict for one actor; `changePoint` is null for a person's."""

    change_point: str | None
    clock: int
    verdict: Verdict
    source: Annotated[str, Field(alias="from")]
    to: str | None = None
    reason: str | None = None
    message: str = ""
    rescued: bool = False
    fingerprint: str = ""
    anchor_hash: str = ""
    from_state: StateValue | None = None
    to_state: StateValue | None = None
    deployment: str | None = None
    plan_hash: str | None = None
    note: str | None = None
    at: float
    by: str = ""


class ActorItem(Answer):
    """An actor in a listing, without its context."""

    id: str
    workflow: str
    version: str
    state_value: StateValue
    status: Status
    reason: str | None = None


class GroupItem(Answer):
    """Actors that are in the same state of the same version."""

    workflow: str
    version: str
    state_value: StateValue
    status: Status
    reason: str | None = None
    count: int


class CohortItem(Answer):
    """A cohort: what its actors share, without anything of theirs.

    `form` is the cohort as text, for `statekeep plan`; it stands there when asked for.
    """

    workflow: str
    version: str
    position: int
    state_value: StateValue
    status: Status
    fingerprint: str
    history_length: int
    stranding: Stranding | None = None
    count: int
    form: str | None = None


class MovedItem(Answer):
    """An actor that a deployment concerned."""

    id: str
    verdict: Verdict


# ---- workflows, keys, lists ----


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
    actors: dict[Status, int] = Field(default_factory=dict)
    owner: Owner | None = None


class PointSummary(Answer):
    """A change-point, and what its registration did (together with those of the same clock)."""

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
    owner: Owner | None = None


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


Item = TypeVar("Item")


class Page(Answer, Generic[Item]):
    """A page of a list; `next` is the cursor of the following page, null at the end."""

    items: list[Item]
    next: str | None = None


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
