"""From a call to a request, and from a response to an answer, a problem or another try.

Shared by both clients; sends nothing and never sleeps. When a try is worth repeating, and after
how long, is decided here and nowhere else.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from statekeep.client.errors import AnswerUnreadable, ClientError, NoServer, ProblemAnswer
from statekeep.client.requests import Call
from statekeep.web.wire import Problem

AGAIN: Final = frozenset({408, 425, 429, 502, 503, 504})
REFUSED: Final = frozenset({425, 429, 503})
"""Of these, the answers by which the server says that it has done nothing."""
NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
LONGEST_WAIT: Final = 20.0
LIMITS: Final = httpx.Limits(max_connections=100, max_keepalive_connections=100)
"""Whoever keeps more than twenty requests in flight keeps their connections too."""
Answer = TypeVar("Answer", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Retries:
    """How often, and how long between tries: full jitter under a doubling ceiling."""

    tries: int = 5
    first_wait: float = 0.1
    ceiling: float = 5.0
    chance: Callable[[], float] = field(default=random.random)

    def wait(self, attempt: int) -> float:
        """Seconds before the try after `attempt` (from 1)."""
        return self.chance() * min(self.ceiling, self.first_wait * 2.0 ** (attempt - 1))


def headers(api_key: str | None, tenant: str | None) -> dict[str, str]:
    """What every request of a client carries."""
    named = {"x-api-key": api_key, "x-statekeep-tenant": tenant}
    return {name: value for name, value in named.items() if value is not None}


def arguments(call: Call[Any]) -> dict[str, Any]:
    """The keyword arguments of httpx for a call."""
    given: dict[str, Any] = {"params": dict(call.query), "headers": dict(call.headers)}
    if call.body is not None:
        given["content"] = _encoded(call.body)
        given["headers"]["Content-Type"] = "application/json"
    return given


def wait_after(
    call: Call[Any], retries: Retries, attempt: int, found: httpx.Response | httpx.TransportError
) -> float | None:
    """Seconds until the next try, or None where there is none."""
    if attempt >= retries.tries or isinstance(found, httpx.UnsupportedProtocol):
        return None
    if isinstance(found, httpx.TransportError):
        again = not call.once or isinstance(found, NEVER_SENT)
        return retries.wait(attempt) if again else None
    if found.status_code not in (REFUSED if call.once else AGAIN):
        return None
    asked = _retry_after(found)
    if asked is not None and asked > LONGEST_WAIT:
        return None
    return max(asked or 0.0, retries.wait(attempt))


def answered(call: Call[Answer], attempt: int, response: httpx.Response) -> Answer:
    """The answer in a response to a try, or the problem that it is."""
    if response.is_error:
        fault = _problem(response)
        if call.gone_is_done and attempt > 1 and _says_not_found(fault):
            return call.answer()
        raise fault
    content = response.content or b"{}"
    try:
        return call.answer.model_validate_json(content)
    except ValidationError as error:
        raise AnswerUnreadable(str(response.url), response.status_code, str(error)) from error


def no_answer(call: Call[Any], base: str, tries: int, error: httpx.TransportError) -> NoServer:
    """The error for a call that nobody answered."""
    return NoServer(base.rstrip("/") + call.path, tries, str(error) or type(error).__name__)


def _problem(response: httpx.Response) -> ClientError:
    try:
        return ProblemAnswer(Problem.model_validate_json(response.content))
    except ValidationError:
        shown = response.text[:200] or "an empty body"
        return AnswerUnreadable(str(response.url), response.status_code, shown)


def _says_not_found(fault: ClientError) -> bool:
    return isinstance(fault, ProblemAnswer) and fault.status == httpx.codes.NOT_FOUND


def _retry_after(response: httpx.Response) -> float | None:
    text = response.headers.get("Retry-After", "")
    try:
        return max(0.0, float(text))
    except ValueError:
        return None


def _encoded(body: Mapping[str, Any]) -> bytes:
    try:
        text = json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode()
    except (TypeError, ValueError) as error:
        message = f"the request cannot be written as JSON: {error}"
        raise ClientError(message) from error
