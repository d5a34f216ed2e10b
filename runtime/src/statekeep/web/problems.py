"""Every problem that the API can answer: code → status, title and way out, in one table.

Rule 1: a code is in the table or it does not exist; a test walks both ways.
Rule 2: a detail names what, where, found and expected; it never holds a context, a key or another
tenant's id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from statekeep.web.wire import Problem, ProblemError

MEDIA_TYPE: Final = "application/problem+json"
TYPE_BASE: Final = "https://statekeep.dev/problems/"


@dataclass(frozen=True, slots=True)
class Kind:
    """What is the same for every problem with one code."""

    status: int
    title: str
    way_out: str


KINDS: Final[Mapping[str, Kind]] = {
    # the request
    "InvalidJson": Kind(400, "The body is no JSON", "Send one JSON object in UTF-8."),
    "LoneSurrogate": Kind(
        400,
        "The body holds half of a surrogate pair",
        "Send whole Unicode characters: \\ud800 to \\udfff only in pairs.",
    ),
    "InvalidNumber": Kind(
        400, "The body holds a number that JSON does not have", "Send finite numbers."
    ),
    "InvalidRequest": Kind(
        422, "The body has the wrong shape", "See `errors`: each names a member by JSON pointer."
    ),
    "InvalidQuery": Kind(
        400, "A query parameter is wrong", "See `errors`, and /openapi.json for what is allowed."
    ),
    "InvalidCursor": Kind(
        400, "The cursor is not one of ours", "Pass `next` of the page before, unchanged."
    ),
    "InvalidEventType": Kind(
        422,
        "This is no event type that can be sent",
        "Send a string that is not empty, and none of the interpreter's own (xstate.init,"
        " xstate.done.state.*).",
    ),
    "InvalidIdempotencyKey": Kind(
        400, "The Idempotency-Key is malformed", "Send 1 to 255 visible ASCII characters."
    ),
    "IdempotencyConflict": Kind(
        422,
        "The Idempotency-Key was used with another body",
        "Use a new key for a new request; repeat a key only with the same request.",
    ),
    "InvalidIfMatch": Kind(
        400, "If-Match is no ETag of ours", "Send the ETag of an answer, unchanged, or `*`."
    ),
    "StaleRevision": Kind(
        412,
        "The actor has changed since that ETag",
        "Read the actor again, decide again, and send with its new ETag.",
    ),
    "UnknownRoute": Kind(404, "There is no such route", "See /openapi.json."),
    "MethodNotAllowed": Kind(405, "The route has no such method", "See the Allow header."),
    "InvalidHttp": Kind(400, "This is no HTTP request", "Send HTTP/1.1."),
    "SlowHead": Kind(408, "The request's head did not arrive in time", "Send the request again."),
    "SlowBody": Kind(408, "The body did not arrive in time", "Send the request again."),
    # size and rate
    "HeadTooLarge": Kind(431, "The request's head is over the limit", "Send fewer headers."),
    "UnsupportedEncoding": Kind(
        415, "The body is compressed", "Send it as it is, without Content-Encoding."
    ),
    "BodyTooLarge": Kind(413, "The body is over the limit", "Send less, or in several requests."),
    "TooDeep": Kind(413, "The body is nested too deeply", "Flatten it."),
    "TooLarge": Kind(
        413,
        "A context or a definition is over the limit",
        "Keep large data in your own store, and a reference to it here.",
    ),
    "TooManyEvents": Kind(413, "The batch is over the limit", "Send several batches."),
    "RateLimited": Kind(429, "Too many requests", "Wait as long as Retry-After says."),
    "EventTypeTooLong": Kind(
        413,
        "The event type is over the limit",
        "Name events shortly, and send what varies as `data` or `context`.",
    ),
    "HistoryTooLong": Kind(
        413,
        "The actor's history is at the limit",
        "End the actor and spawn a new one with its context, or raise --max-history.",
    ),
    "TooManyActors": Kind(
        429,
        "The tenant has as many actors as it may",
        "Delete finished actors, let --retain-done do it, or raise --max-actors.",
    ),
    "TooManyCohorts": Kind(
        429,
        "The tenant's actors differ in as many ways as they may",
        "Delete finished actors, let --retain-done do it, or raise --max-cohorts.",
    ),
    # who asks
    "KeyMissing": Kind(401, "No API key", "Send it in the header x-api-key."),
    "KeyUnknown": Kind(401, "The API key is not valid", "`statekeep keys create` makes one."),
    "KeyRevoked": Kind(401, "The API key was revoked", "Use another; `statekeep keys create`."),
    "RoleMissing": Kind(
        403, "The API key lacks the role", "Use a key with a role that `detail` names."
    ),
    "ForeignTenant": Kind(
        403,
        "The API key serves another tenant",
        "Leave x-statekeep-tenant out: only the operator's key may name a tenant.",
    ),
    "TenantMissing": Kind(
        400, "The operator's key must name a tenant", "Send the header x-statekeep-tenant."
    ),
    "InvalidTenant": Kind(
        400, "The tenant's name is malformed", "Send a namespace: a DNS label of at most 63."
    ),
    "OwnedByResource": Kind(
        409,
        "A custom resource owns this object",
        "Change the resource in its repository; over HTTP it is read-only.",
    ),
    # what is not there, for whom it is not there
    "UnknownActor": Kind(404, "There is no such actor", "Look for it with GET /v1/actors."),
    "UnknownVersion": Kind(
        404, "There is no such version", "Deploy it first: POST /v1/definitions."
    ),
    "UnknownChangePoint": Kind(404, "There is no such change-point", "See GET /v1/change-points."),
    "UnknownDeployment": Kind(
        404, "There is no such deployment", "Use the id that the registration answered."
    ),
    "UnknownWorkflow": Kind(404, "There is no such workflow", "See GET /v1/definitions."),
    "AmbiguousName": Kind(
        409, "Several workflows have something of this name", "Name the workflow too."
    ),
    "UnknownKey": Kind(404, "There is no such API key", "See GET /v1/keys."),
    # actors
    "ActorDone": Kind(409, "The actor is done", "Actors in a final configuration stay there."),
    "ActorExists": Kind(409, "The actor exists", "Use another id."),
    "ActorBlocked": Kind(
        409,
        "The actor is stranded, and its change-point blocks events",
        "Deploy a migration that lands it, or rescue it by hand; then send again.",
    ),
    "QueueOverflow": Kind(
        429,
        "The queue of the stranded actor is full",
        "Deploy a migration that lands it, or rescue it by hand; then send again.",
    ),
    "NotStable": Kind(
        422, "The event leads into an endless loop", "Break the `always` loop in the definition."
    ),
    "IllegalState": Kind(
        422, "The state value is not one of the version's", "Name states that may be active."
    ),
    # registrations
    "InvalidDefinition": Kind(
        422, "The definition is wrong", "See `errors`: each names a place by JSON pointer."
    ),
    "DefinitionExists": Kind(
        409, "The version exists with another content", "Versions are immutable: use a new id."
    ),
    "ChangePointExists": Kind(
        409,
        "The change-point exists with another content",
        "Change-points are immutable: use a new name, or refine it.",
    ),
    "RegistryNotEmpty": Kind(
        409,
        "There is another registry here",
        "Import into a server where the workflow is unknown, or name another tenant.",
    ),
    "UnknownRegion": Kind(
        422, "There is no such region", "Name a child of a parallel state, by its dotted path."
    ),
    "WorkflowMismatch": Kind(
        422, "Source and target belong to different workflows", "Actors stay in their workflow."
    ),
    "BackwardMigration": Kind(
        409,
        "The target is the source or leads to it",
        "Publish the old content as a new version, and migrate to that.",
    ),
    "AmbiguousAnchors": Kind(
        409,
        "Two anchors can match one history, and neither is more specific",
        "Lengthen one of them, or let one contradict the other.",
    ),
    "AnchorNotAccepted": Kind(
        422,
        "The target does not accept the anchor, so nothing can be replayed",
        "Use `landing: Same`, or say where they land with stateMapping.",
    ),
    "RefinementChangesPoint": Kind(
        422,
        "A refinement shares source and anchor with its point",
        "Leave from, historyPath and regions out.",
    ),
    "MappingUnknownSource": Kind(
        422,
        "A mapped state is not in the source",
        "Name states of the source or of a version on the way to it.",
    ),
    "MappingUnknownTarget": Kind(
        422, "A mapped state is not in the target", "Name states of the target version."
    ),
    "MappingHistoryTarget": Kind(
        422, "A history state is no target of a mapping", "Name the state itself."
    ),
    "LandingNotStable": Kind(
        422, "The landing leads into an endless loop", "Break the `always` loop in the target."
    ),
    "TooManyStranded": Kind(
        409,
        "More actors would strand than the gate allows; nobody was moved",
        "Preview it, map the states that strand, or raise maxStranded.",
    ),
    "PlanDrifted": Kind(
        409,
        "The plan is no longer the one expected; nobody was moved",
        "Preview it again, read what changed, and send the new planHash.",
    ),
    "Frozen": Kind(
        409, "The workflow is frozen", "`statekeep unfreeze` it when the reason is gone."
    ),
    "Busy": Kind(409, "Another registration of this workflow is being applied", "Send it again."),
    # the runtime itself
    "KeyUnavailable": Kind(
        503,
        "The encryption key is not in the key ring",
        "Mount the key that `detail` names; nothing is lost meanwhile.",
    ),
    "Tampered": Kind(
        500,
        "Sealed data was altered",
        "Restore the record from a backup, and find out who can write to the store.",
    ),
    "Unavailable": Kind(
        503, "The store does not answer", "Send it again with the same Idempotency-Key."
    ),
    "StoreMismatch": Kind(
        503,
        "The store holds what this server must not touch",
        "Point the server at its own store, with the number of shards it was begun with.",
    ),
    "Internal": Kind(500, "A fault of ours", "Report it with the request id in `instance`."),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, and where."""

    code: str
    message: str
    pointer: str = ""


@dataclass(slots=True)
class Refusal(Exception):
    """An answer that is a problem. Raised in the web layer only, and answered in one place."""

    code: str
    detail: str = ""
    faults: tuple[Fault, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def status(self) -> int:
        return KINDS[self.code].status

    def __str__(self) -> str:
        return f"{self.code}: {self.detail or KINDS[self.code].title}"


def problem(refusal: Refusal, instance: str | None = None) -> Problem:
    """The RFC 9457 body of a refusal."""
    kind = KINDS[refusal.code]
    return Problem(
        type=TYPE_BASE + refusal.code,
        title=kind.title,
        status=kind.status,
        code=refusal.code,
        detail=refusal.detail,
        way_out=kind.way_out,
        errors=_errors(refusal.faults),
        instance=instance,
    )


def encoded(refusal: Refusal, instance: str | None = None) -> bytes:
    """The bytes of a refusal's body."""
    return problem(refusal, instance).model_dump_json(by_alias=True, exclude_none=True).encode()


def _errors(faults: Iterable[Fault]) -> list[ProblemError]:
    return [ProblemError(code=f.code, message=f.message, pointer=f.pointer) for f in faults]
