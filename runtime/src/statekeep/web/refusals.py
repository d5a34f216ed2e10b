"""From what services raise on purpose to problems: codes, faults, headers.

The services' codes are the API's codes; this page only gives the few that carry more than a
sentence their form, and holds no sentence of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from statekeep.sealing.errors import SealingError
from statekeep.service.errors import Problem, explain
from statekeep.storage.errors import StoreError
from statekeep.web.problems import KINDS, Fault, Refusal


def refusal_of(error: BaseException) -> Refusal:
    """The problem that an expected error is."""
    if isinstance(error, SealingError | StoreError):
        return Refusal(error.code, str(error), headers=_retry(error.code))
    return from_service(explain(error))


def from_service(problem: Problem) -> Refusal:
    """The problem that a service describes."""
    code = problem.code if problem.code in KINDS else "Internal"
    return Refusal(code, problem.message, _faults(problem.details), _retry(code))


def _faults(details: Mapping[str, Any]) -> tuple[Fault, ...]:
    listed = details.get("findings") or details.get("reasons") or ()
    faults = tuple(
        Fault(str(item["code"]), str(item["message"]), str(item.get("pointer") or ""))
        for item in listed
    )
    if faults or not details.get("pointer"):
        return faults
    return (Fault("InvalidRequest", "", str(details["pointer"])),)


FULL: Final = frozenset({"TooManyActors", "TooManyCohorts", "QueueOverflow"})
"""What somebody must make room for: sending again at once only costs."""


def _retry(code: str) -> dict[str, str]:
    if KINDS[code].status not in (429, 503):
        return {}
    return {"retry-after": "60" if code in FULL else "1"}
