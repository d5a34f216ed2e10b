"""The two kinds as pydantic models: the source from which the CRDs in ``crds/`` are generated.

Rule 1: every string, number, list and map has a bound; the API server's CEL cost budget depends on
it.
Rule 2: every field has a description, because ``kubectl explain`` prints it.
Rule 3: what the API server cannot check (a machine, a mapping's values) is marked as preserved here
and judged by the runtime; nothing else is preserved.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

GROUP = "statekeep.dev"
VERSION = "v1alpha1"

DEFINITION_BYTES = 128 * 1024
NAME_LENGTH = 63
PATH_LENGTH = 512
EVENT_LENGTH = 256
MIGRATIONS = 16
HISTORY_EVENTS = 64
REGIONS = 16
MAPPINGS = 128
ACCEPTED_KINDS = 64
STRANDED_KINDS = 21  # the top 20 and Other
CLOCK_MAX = 2**53 - 1  # whole numbers beyond it are not the same number to every JSON reader

_NAME_PATTERN = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"
_OBJECT_NAME_PATTERN = r"^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$"
_HASH_PATTERN = r"^sha256:[0-9a-f]{64}$"


def _rule(rule: str, message: str, field_path: str | None = None) -> dict[str, str]:
    extra = {"fieldPath": field_path} if field_path else {}
    return {"rule": rule, "message": message, **extra}


def _x(**extensions: Any) -> dict[str, Any]:
    """Schema extensions: ``list_type="atomic"`` is ``x-kubernetes-list-type: atomic``."""
    return {f"x-kubernetes-{name.replace('_', '-')}": value for name, value in extensions.items()}


Name = Annotated[str, Field(min_length=1, max_length=NAME_LENGTH, pattern=_NAME_PATTERN)]
PointName = Annotated[
    str, Field(min_length=1, max_length=2 * NAME_LENGTH + 1, pattern=_OBJECT_NAME_PATTERN)
]
StatePath = Annotated[str, Field(min_length=1, max_length=PATH_LENGTH)]
EventType = Annotated[str, Field(min_length=1, max_length=EVENT_LENGTH)]
PlanHash = Annotated[str, Field(max_length=71, pattern=_HASH_PATTERN)]
Clock = Annotated[int, Field(ge=1, le=CLOCK_MAX)]
Count = Annotated[int, Field(ge=0, le=CLOCK_MAX, json_schema_extra={"format": "int64"})]
HistoryPath = Annotated[
    list[EventType],
    Field(max_length=HISTORY_EVENTS, json_schema_extra=_x(list_type="atomic")),
]
Code = Annotated[str, Field(min_length=1, max_length=128)]
Text = Annotated[str, Field(max_length=1024)]
StateText = Annotated[str, Field(max_length=2048)]


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class AcceptedKind(Model):
    """One kind of stranding that the author accepts."""

    version: Text = Field(description="The version on which the actors stand.")
    state: StateText = Field(description="The state value as the preview prints it.")
    reason: Code = Field(description="The reason code as the preview prints it.")
    max: Count | None = Field(
        None, description="At most so many actors of this kind; without it, any number."
    )


class Gate(Model):
    """What must hold before anyone is moved. All or nothing, and part of no digest."""

    max_stranded: int | str | None = Field(
        None,
        alias="maxStranded",
        description=(
            "At most so many of those concerned may strand: a count, or a percentage such as `5%`."
        ),
        json_schema_extra={
            **_x(
                int_or_string=True,
                validations=[
                    _rule(
                        "type(self) == int ? self >= 0 : self.matches('^(100|[0-9]{1,2})%$')",
                        "`maxStranded` must be a count of at least 0 or a percentage such as `5%`",
                    ),
                ],
            ),
            "maxLength": 4,
        },
    )
    expect_plan: PlanHash | None = Field(
        None,
        alias="expectPlan",
        description=(
            "The planHash of the preview that was approved; if the plan differs, nobody is moved."
        ),
    )
    accept: list[AcceptedKind] | None = Field(
        None,
        max_length=ACCEPTED_KINDS,
        description=(
            "The kinds of stranding that are accepted; a kind that is not listed is PlanDrifted."
        ),
        json_schema_extra=_x(list_type="atomic"),
    )
    deadline: str | None = Field(
        None,
        max_length=16,
        pattern=r"^([0-9]{1,6}(s|m|h))+$",
        description=(
            "How long to wait for what time or another change can cure, such as `10m`; then "
            "Stalled."
        ),
    )


StateMapping = Annotated[
    dict[str, Any],
    Field(
        max_length=MAPPINGS,
        description=(
            "Source state path to the target path or the list of target paths in which "
            "those in the source state "
            "land. Paths are dotted keys; a dot inside a key is written `\\.`."
        ),
        json_schema_extra={
            "additionalProperties": {"x-kubernetes-preserve-unknown-fields": True},
            **_x(map_type="atomic"),
        },
    ),
]
Regions = Annotated[
    dict[str, HistoryPath],
    Field(
        max_length=REGIONS,
        description="Region path to the beginning that this region's own history must have.",
        json_schema_extra=_x(map_type="atomic"),
    ),
]
Landing = Literal["Replay", "Same", "MappingOnly"]
Evaluation = Literal["Continuous", "Once"]
WhileStranded = Literal["Continue", "Block", "Buffer"]

_LANDING = (
    "How those land whom the mapping does not cover: Replay walks their history through the"
    " target, Same keeps their "
    "state, MappingOnly strands them. Default: Replay where there is an anchor that the "
    "target accepts, else Same."
)
_RESCUES = "Whether this point also takes actors that stranded on their way to its source."
_EVALUATION = "Continuous: also those who match later. Once: closed after its registration."
_WHILE_STRANDED = (
    "What an event meets while its actor is stranded by this point: Continue takes it on "
    "the old version, Block "
    "answers 409, Buffer queues it until the rescue."
)
_HISTORY_PATH = (
    "The accepted event types with which an actor's history must begin; omitted or empty: any "
    "history."
)


class Migration(Model):
    """One change-point into this definition."""

    name: Name = Field(description="The change-point's name within this definition.")
    from_: Name = Field(
        alias="from", description="The version whose actors this migration concerns."
    )
    history_path: HistoryPath | None = Field(None, alias="historyPath", description=_HISTORY_PATH)
    regions: Regions | None = None
    state_mapping: StateMapping | None = Field(None, alias="stateMapping")
    landing: Landing | None = Field(None, description=_LANDING)
    rescues: bool = Field(True, description=_RESCUES)
    evaluation: Evaluation = Field("Continuous", description=_EVALUATION)
    while_stranded: WhileStranded = Field(
        "Continue", alias="whileStranded", description=_WHILE_STRANDED
    )


class WorkflowDefinitionSpec(Model):
    """One immutable version of a workflow and the migrations into it."""

    workflow: Name = Field(
        description="The workflow (family of versions) to which this version belongs.",
        json_schema_extra=_x(
            validations=[
                _rule(
                    "self == oldSelf",
                    "`workflow` must not change: publish the machine under a new name instead",
                ),
            ]
        ),
    )
    definition: dict[str, Any] | None = Field(
        None,
        description=(
            "The XState machine as an object. The API server sorts its keys: where the "
            "order of `states` decides, use "
            'definitionJSON. Quote the key "on".'
        ),
        json_schema_extra=_x(preserve_unknown_fields=True, map_type="atomic"),
    )
    definition_json: str | None = Field(
        None,
        alias="definitionJSON",
        min_length=2,
        max_length=DEFINITION_BYTES,
        description="The XState machine as JSON text, with the order of its keys kept.",
    )
    guards: Literal["Ignore", "Deny"] = Field(
        "Ignore",
        description="Guards are not evaluated: Ignore takes a guarded transition, Deny never does.",
        json_schema_extra=_x(
            validations=[
                _rule(
                    "self == oldSelf",
                    "`guards` must not change: publish the machine under a new name instead",
                ),
            ]
        ),
    )
    journal: Literal["Types", "Full"] = Field(
        "Types",
        description=(
            "Types: histories hold event types only. Full: times and data of events are kept "
            "too, sealed."
        ),
        json_schema_extra=_x(
            validations=[
                _rule(
                    "self == oldSelf",
                    "`journal` must not change: what was not kept cannot be kept later; publish "
                    "the machine under a new name instead",
                ),
            ]
        ),
    )
    migrations: list[Migration] | None = Field(
        None,
        max_length=MIGRATIONS,
        description="The change-points into this version; they register together, at one clock.",
        json_schema_extra=_x(list_type="map", list_map_keys=["name"]),
    )
    gate: Gate | None = Field(None, description="What must hold before anyone is moved.")
    close: list[Name] | None = Field(
        None,
        max_length=MIGRATIONS,
        description=(
            "Names of this object's migrations that take nobody any more. Names are only ever "
            "added."
        ),
        json_schema_extra=_x(list_type="set"),
    )
    clock: Clock | None = Field(
        None,
        description=(
            "Pins the order of registrations where it cannot be known otherwise (OrderUnknown)."
        ),
        json_schema_extra={"format": "int64"},
    )
    suspend: bool | None = Field(
        None, description="Do not register yet; says nothing about what is registered."
    )


class ChangePointSpec(Model):
    """A change-point written by hand: a later migration, a hotfix, a rescue."""

    from_: Name | None = Field(
        None, alias="from", description="The source version; left out in a refinement."
    )
    to: Name = Field(description="The version in which the actors land.")
    history_path: HistoryPath | None = Field(None, alias="historyPath", description=_HISTORY_PATH)
    regions: Regions | None = None
    state_mapping: StateMapping | None = Field(None, alias="stateMapping")
    refines: PointName | None = Field(
        None,
        description=(
            "The change-point of which this is a hotfix: it shares its clock, source and anchor."
        ),
    )
    landing: Landing | None = Field(None, description=_LANDING)
    rescues: bool = Field(True, description=_RESCUES)
    evaluation: Evaluation = Field("Continuous", description=_EVALUATION)
    while_stranded: WhileStranded = Field(
        "Continue", alias="whileStranded", description=_WHILE_STRANDED
    )
    gate: Gate | None = Field(None, description="What must hold before anyone is moved.")
    closed: bool | None = Field(None, description="Takes nobody any more. Once true it stays true.")
    clock: Clock | None = Field(
        None,
        description=(
            "Pins the order of registrations where it cannot be known otherwise (OrderUnknown)."
        ),
        json_schema_extra={"format": "int64"},
    )
    suspend: bool | None = Field(
        None, description="Do not register yet; says nothing about what is registered."
    )


class Condition(Model):
    """A metav1.Condition."""

    type: str = Field(min_length=1, max_length=64, description="The condition's type.")
    status: Literal["True", "False", "Unknown"] = Field(description="True, False or Unknown.")
    observed_generation: Count | None = Field(
        None,
        alias="observedGeneration",
        description="The generation that this condition speaks of.",
    )
    last_transition_time: str = Field(
        alias="lastTransitionTime",
        description="When the status last changed.",
        json_schema_extra={"format": "date-time"},
        max_length=32,
    )
    reason: Code = Field(description="A code for programs.")
    message: str = Field(max_length=4096, description="A sentence for people.")


class StrandedKind(Model):
    """How many actors stand stranded in one state for one reason."""

    version: Text = Field(description="The version on which they stand.")
    state: StateText = Field(description="Their state value.")
    reason: Code = Field(description="Why they have no landing.")
    count: Count = Field(description="How many they are.")


class Preview(Model):
    """What a registration would do now; it has not been done."""

    plan_hash: PlanHash | None = Field(
        None, alias="planHash", description="The name of this plan, for gate.expectPlan."
    )
    would_migrate: Count = Field(alias="wouldMigrate", description="Actors that would move.")
    would_stay: Count = Field(alias="wouldStay", description="Actors that would stay.")
    would_strand: Count = Field(alias="wouldStrand", description="Actors that would be stranded.")
    by_state: list[StrandedKind] | None = Field(
        None,
        alias="byState",
        max_length=STRANDED_KINDS,
        description="Who would strand, by version, state and reason, most first.",
        json_schema_extra=_x(list_type="atomic"),
    )
    accept: list[AcceptedKind] | None = Field(
        None,
        max_length=STRANDED_KINDS,
        description="The same, ready to paste into gate.accept.",
        json_schema_extra=_x(list_type="atomic"),
    )


class MigrationStatus(Model):
    """What became of one migration."""

    name: Name = Field(description="The migration's name.")
    clock: Clock | None = Field(
        None, description="Its clock, once it is registered.", json_schema_extra={"format": "int64"}
    )
    plan_hash: PlanHash | None = Field(
        None, alias="planHash", description="The plan that was applied."
    )
    migrated: Count | None = Field(None, description="Actors that moved at its registration.")
    stayed: Count | None = Field(None, description="Actors that stayed.")
    stranded: Count | None = Field(None, description="Actors that were stranded.")


class ActorCounts(Model):
    """How many actors the version has, as last counted."""

    total: Count = Field(description="All of them.")
    active: Count = Field(description="Those under way.")
    done: Count = Field(description="Those in a final configuration.")
    stranded: Count = Field(description="Those that need a rescue.")


class Result(Model):
    """What a change-point's registration answered."""

    plan_hash: PlanHash | None = Field(
        None, alias="planHash", description="The plan that was applied."
    )
    migrated: Count = Field(description="Actors that moved.")
    stayed: Count = Field(description="Actors that stayed.")
    stranded: Count = Field(description="Actors that were stranded.")


_OBSERVED = Field(
    -1,
    alias="observedGeneration",
    ge=-1,
    le=CLOCK_MAX,
    description="The generation that the operator last looked at; -1 before it has.",
    json_schema_extra={"format": "int64"},
)
_CONDITIONS = Field(
    None,
    max_length=16,
    description="Ready, Reconciling, Stalled, Registered, Previewed, Applied, Stranded.",
    json_schema_extra=_x(list_type="map", list_map_keys=["type"]),
)
_WAITING = Field(
    None,
    alias="waitingSince",
    max_length=32,
    description="Since when this generation waits for time or another change: gate.deadline.",
    json_schema_extra={"format": "date-time"},
)
_STRANDED = Field(
    None, description="Actors that stand stranded by this object; always written, 0 too."
)
_STRANDED_BY = Field(
    None,
    alias="strandedBy",
    max_length=STRANDED_KINDS,
    description="The same by version, state and reason: the top 20, the rest as Other.",
    json_schema_extra=_x(list_type="atomic"),
)


class WorkflowDefinitionStatus(Model):
    """Written by the operator only."""

    observed_generation: int = _OBSERVED
    conditions: list[Condition] | None = _CONDITIONS
    registry: str | None = Field(
        None, max_length=64, description="The runtime's registry that this status speaks of."
    )
    digest: PlanHash | None = Field(None, description="The digest of the machine as registered.")
    clock: Clock | None = Field(
        None, description="The clock of the version.", json_schema_extra={"format": "int64"}
    )
    migrations: list[MigrationStatus] | None = Field(
        None,
        max_length=MIGRATIONS,
        description="What became of each migration.",
        json_schema_extra=_x(list_type="map", list_map_keys=["name"]),
    )
    preview: Preview | None = Field(
        None, description="What the registration of what is pending would do."
    )
    actors: ActorCounts | None = Field(None, description="The version's actors, as last counted.")
    waiting_since: str | None = _WAITING
    stranded: Count | None = _STRANDED
    stranded_by: list[StrandedKind] | None = _STRANDED_BY


class ChangePointStatus(Model):
    """Written by the operator only."""

    observed_generation: int = _OBSERVED
    conditions: list[Condition] | None = _CONDITIONS
    registry: str | None = Field(
        None, max_length=64, description="The runtime's registry that this status speaks of."
    )
    clock: Clock | None = Field(
        None, description="Its clock, once it is registered.", json_schema_extra={"format": "int64"}
    )
    refinement: Count | None = Field(
        None, description="0, or how many hotfixes came before it at this point."
    )
    anchor_hash: PlanHash | None = Field(
        None, alias="anchorHash", description="The name of its anchor."
    )
    preview: Preview | None = Field(None, description="What its registration would do.")
    result: Result | None = Field(None, description="What its registration did.")
    waiting_since: str | None = _WAITING
    stranded: Count | None = _STRANDED
    stranded_by: list[StrandedKind] | None = _STRANDED_BY
