"""Why a request was not done: one class a reason, each with a stable code.

Core refusals (`Refused`, `DefinitionError`) pass through the services as they are; `explain`
gives all of them one shape, for whoever writes an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from statekeep.core.errors import IllegalState, NotStable
from statekeep.core.findings import DefinitionError
from statekeep.core.refusals import Refused
from statekeep.storage.errors import StoreError


class ServiceError(Exception):
    """A request that was not done; nothing changed."""

    code: ClassVar[str] = "Internal"
    retry: ClassVar[bool] = False
    """Whether the same request may succeed later."""

    def __init__(self, message: str, **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.details: Mapping[str, object] = details


class InvalidRequest(ServiceError):
    code = "InvalidRequest"

    def __init__(self, message: str, pointer: str = "") -> None:
        super().__init__(message, pointer=pointer)
        self.pointer = pointer


class UnknownActor(ServiceError):
    code = "UnknownActor"

    def __init__(self, actor: str) -> None:
        super().__init__(f"there is no actor '{actor}'", actor=actor)


class UnknownVersion(ServiceError):
    code = "UnknownVersion"

    def __init__(self, version: str) -> None:
        super().__init__(f"there is no definition '{version}': deploy it first", version=version)


class UnknownChangePoint(ServiceError):
    code = "UnknownChangePoint"

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no change-point '{name}'", changePoint=name)


class UnknownDeployment(ServiceError):
    code = "UnknownDeployment"

    def __init__(self, name: str) -> None:
        super().__init__(f"nothing was registered as '{name}'", deployment=name)


class UnknownWorkflow(ServiceError):
    code = "UnknownWorkflow"

    def __init__(self, workflow: str) -> None:
        super().__init__(f"there is no workflow '{workflow}'", workflow=workflow)


class AmbiguousName(ServiceError):
    code = "AmbiguousName"

    def __init__(self, name: str, workflows: tuple[str, ...]) -> None:
        super().__init__(
            f"'{name}' is in several workflows ({', '.join(workflows)}): say which one",
            name=name,
            workflows=list(workflows),
        )


class ActorDone(ServiceError):
    code = "ActorDone"

    def __init__(self, actor: str) -> None:
        super().__init__(
            f"actor '{actor}' is done: it has reached a final state and stays there", actor=actor
        )


class ActorBlocked(ServiceError):
    code = "ActorBlocked"

    def __init__(self, actor: str, reason: str, message: str, change_point: str) -> None:
        super().__init__(
            f"actor '{actor}' needs rescue and takes no events: {message} ({reason}, at"
            f" change-point '{change_point}'); deploy a rescue or rescue it by hand",
            actor=actor,
            reason=reason,
            changePoint=change_point,
        )


class ActorExists(ServiceError):
    code = "ActorExists"

    def __init__(self, actor: str) -> None:
        super().__init__(f"there is an actor '{actor}' already", actor=actor)


class StaleRevision(ServiceError):
    code = "StaleRevision"

    def __init__(self, actor: str, etag: str) -> None:
        super().__init__(
            f"actor '{actor}' has changed since: its tag is now {etag}; read it again",
            actor=actor,
            etag=etag,
        )


class IdempotencyConflict(ServiceError):
    code = "IdempotencyConflict"

    def __init__(self, key: str) -> None:
        super().__init__(
            f"the idempotency key '{key}' was used for another request: use a new key", key=key
        )


class QueueOverflow(ServiceError):
    code = "QueueOverflow"
    retry = True

    def __init__(self, actor: str) -> None:
        super().__init__(f"actor '{actor}' needs rescue and its queue is full", actor=actor)


class Frozen(ServiceError):
    code = "Frozen"
    retry = True

    def __init__(self, workflow: str, reason: str) -> None:
        super().__init__(
            f"workflow '{workflow}' is frozen ({reason}): nothing registers until it is unfrozen",
            workflow=workflow,
            reason=reason,
        )


class RegistryNotEmpty(ServiceError):
    code = "RegistryNotEmpty"

    def __init__(self, workflow: str, why: str = "it has another registry here") -> None:
        super().__init__(
            f"workflow '{workflow}' cannot be imported: {why}; only one that is unknown can be",
            workflow=workflow,
        )


class TooLarge(ServiceError):
    code = "TooLarge"

    def __init__(self, what: str, found: int, limit: int) -> None:
        super().__init__(f"{what} is {found}, the limit is {limit}", found=found, limit=limit)


class EventTypeTooLong(TooLarge):
    code = "EventTypeTooLong"


class HistoryTooLong(TooLarge):
    code = "HistoryTooLong"


class TooManyActors(ServiceError):
    code = "TooManyActors"
    retry = True

    def __init__(self, found: int, limit: int) -> None:
        super().__init__(
            f"the tenant has {found} actors, the limit is {limit}", found=found, limit=limit
        )


class TooManyCohorts(ServiceError):
    code = "TooManyCohorts"
    retry = True

    def __init__(self, found: int, limit: int) -> None:
        super().__init__(
            f"the tenant has {found} live cohorts, the limit is {limit}", found=found, limit=limit
        )


class InvalidEventType(ServiceError):
    code = "InvalidEventType"

    def __init__(self, message: str) -> None:
        super().__init__(message)


class Busy(ServiceError):
    """Another change of the workflow would not end in time."""

    code = "Busy"
    retry = True

    def __init__(self, workflow: str) -> None:
        super().__init__(
            f"another change of workflow '{workflow}' is under way: try again", workflow=workflow
        )


class Unavailable(ServiceError):
    """The store does not answer, or answers that it cannot."""

    code = "Unavailable"
    retry = True


@dataclass(frozen=True, slots=True)
class Problem:
    """One shape for everything above and for what the core refuses."""

    code: str
    message: str
    details: Mapping[str, object]


EXPECTED = (ServiceError, StoreError, Refused, DefinitionError, IllegalState, NotStable)
"""Everything that a service raises on purpose."""


def explain(error: BaseException) -> Problem:
    """The code, the sentence and the details of an expected error."""
    match error:
        case ServiceError():
            return Problem(error.code, error.message, error.details)
        case StoreError():
            return Problem(error.code, str(error), {})
        case DefinitionError():
            findings = [
                {"pointer": f.pointer, "code": f.code, "message": f.message} for f in error.findings
            ]
            return Problem("InvalidDefinition", str(error), {"findings": findings})
        case Refused():
            reasons = [
                {
                    "code": r.code,
                    "message": r.message,
                    "pointer": r.pointer,
                    "objects": list(r.objects),
                }
                for r in error.reasons
            ]
            return Problem(error.reasons[0].code, error.reasons[0].message, {"reasons": reasons})
        case IllegalState():
            return Problem("IllegalState", str(error), {})
        case NotStable():
            return Problem("NotStable", str(error), {})
    raise error
