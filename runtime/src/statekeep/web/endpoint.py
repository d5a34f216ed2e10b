"""From ASGI to an operation and back: the only place that reads bytes and the only boundary.

Each path is one ASGI application with its methods. Whatever a handler raises becomes a problem
here; what nobody expected is logged with the request's id and answered `Internal`, and says
nothing of what was inside.
"""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar
from urllib.parse import parse_qsl

from statekeep.sealing.errors import SealingError
from statekeep.service.errors import EXPECTED
from statekeep.service.keys import KeyService
from statekeep.storage.errors import StoreError
from statekeep.web import direct, wire
from statekeep.web.auth import Asker, admitted
from statekeep.web.bodies import check_shape, read_body, read_mapping
from statekeep.web.direct import body_here, cycle_of
from statekeep.web.metrics import Metrics
from statekeep.web.operations import Asked, NoQuery, Operation, Reply
from statekeep.web.patience import Patience
from statekeep.web.problems import MEDIA_TYPE, Refusal, encoded
from statekeep.web.rate import RateLimit
from statekeep.web.refusals import refusal_of

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
S = TypeVar("S")

log = logging.getLogger("statekeep.web")

READ: Final = frozenset(
    {b"x-api-key", b"x-statekeep-tenant", b"idempotency-key", b"if-match", b"x-request-id"}
    | {b"content-length", b"content-encoding", b"authorization", b"if-none-match"}
)
REQUEST_ID: Final = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
NO_QUERY: Final = NoQuery()
BULK_LEVELS: Final = 8
"""How much deeper a body may lie in one that holds many."""
NAMES_SLASH: Final = "\ue000"
"""Stands in a path for a slash that belongs to a name; no name has it, as it cannot be printed."""
JSON: Final = (b"content-type", b"application/json")
PROBLEM: Final = (b"content-type", MEDIA_TYPE.encode())


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much a request may ask of us."""

    body_bytes: int = 1_048_576
    depth: int = 64
    bulk_bytes: int = 67_108_864
    """For a registry, which holds the bodies of all its registrations."""

    def bytes_of(self, operation: Operation[Any]) -> int:
        """The most bytes of a body of this operation."""
        return max(self.bulk_bytes, self.body_bytes) if operation.bulky else self.body_bytes

    def depth_of(self, operation: Operation[Any]) -> int:
        """The most levels of a body of this operation."""
        return self.depth + BULK_LEVELS if operation.bulky else self.depth


@dataclass(frozen=True, slots=True)
class Desk(Generic[S]):
    """What every endpoint shares."""

    services: S
    keys: KeyService
    metrics: Metrics
    bounds: Bounds = field(default_factory=Bounds)
    rate: RateLimit = field(default_factory=lambda: RateLimit(0))
    patience: Patience = field(default_factory=lambda: Patience(20.0))


class Endpoint(Generic[S]):
    """The operations of one path, as an ASGI application."""

    def __init__(self, desk: Desk[S], operations: Iterable[Operation[S]]) -> None:
        self._desk = desk
        self._operations = {operation.method: operation for operation in operations}
        self._allowed = ", ".join(sorted(self._operations))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        operation = self._operations.get(scope["method"])
        if operation is None:
            refusal = Refusal("MethodNotAllowed", headers={"allow": self._allowed})
            await problem_response(send, refusal)
            return
        started = time.perf_counter()
        headers = read_headers(scope)
        status, given, content = await self._answer(operation, scope, headers, receive)
        cycle = cycle_of(receive)
        if cycle is None:
            await respond(send, status, given, content)
        else:
            await direct.answer(cycle, status, framed(given, content), content)
        self._desk.metrics.request(operation.name, status, time.perf_counter() - started)

    async def _answer(
        self,
        operation: Operation[S],
        scope: Scope,
        headers: Mapping[bytes, str],
        receive: Receive,
    ) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        try:
            desk, key = self._desk, headers.get(b"x-api-key")
            caller = desk.keys.known(key) or await desk.keys.caller(key)
            who = admitted(caller, headers.get(b"x-statekeep-tenant"), operation.permission)
            _take_turn(desk.rate, who)
            content = b""
            if operation.body is not None:
                most = desk.bounds.bytes_of(operation)
                check_announced(headers, most)
                here = content_here(receive, most)
                patience = desk.patience
                content = await read_content(receive, most, patience) if here is None else here
            asked = self._asked(operation, scope, headers, who, content)
            reply = await operation.handle(desk.services, asked)
            if operation.audited:
                _log_done(operation, asked)
            return _written(reply)
        except Refusal as refusal:
            return _problem(refusal, _request_id(headers))
        except (*EXPECTED, SealingError, StoreError) as error:
            expected = refusal_of(error)
            _log_expected(operation.name, expected)
            return _problem(expected, _request_id(headers))
        except Exception:
            request_id = _request_id(headers)
            log.exception("request failed", extra={"op": operation.name, "request": request_id})
            return _problem(Refusal("Internal"), request_id)

    def _asked(
        self,
        operation: Operation[S],
        scope: Scope,
        headers: Mapping[bytes, str],
        who: Asker,
        content: bytes,
    ) -> Asked:
        body, raw = None, None
        if operation.body is not None:
            depth = self._desk.bounds.depth_of(operation)
            if operation.ordered:
                raw = read_mapping(operation.body, content, depth)
            else:
                body = read_body(operation.body, content, depth)
        query = _query(operation, scope["query_string"])
        return Asked(who, _names(scope), query, body, raw, headers)


def read_headers(scope: Scope) -> dict[bytes, str]:
    """The headers that mean something to us, by lower-case name."""
    return {name: value.decode("latin-1") for name, value in scope["headers"] if name in READ}


def check_announced(headers: Mapping[bytes, str], most: int) -> None:
    """Refuse a body that its headers say is not for us."""
    if headers.get(b"content-encoding", "identity") != "identity":
        raise Refusal("UnsupportedEncoding")
    declared = headers.get(b"content-length", "0")
    if declared.isdecimal() and int(declared) > most:
        raise _too_large(most)


def content_here(receive: Receive, most: int) -> bytes | None:
    """The whole body, if it has come with the head: that needs no patience."""
    cycle = cycle_of(receive)
    content = None if cycle is None else body_here(cycle)
    if content is not None and len(content) > most:
        raise _too_large(most)
    return content


async def read_content(receive: Receive, most: int, patience: Patience) -> bytes:
    """The whole body, within its limits of size and time."""
    parts: list[bytes] = []
    size, more = 0, True
    try:
        with patience:
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Refusal("SlowBody", "the connection was closed before the body's end")
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                if size > most:
                    raise _too_large(most)
                more = message.get("more_body", False)
    except TimeoutError:
        raise Refusal("SlowBody", f"the limit is {patience.seconds:g} seconds") from None
    return b"".join(parts)


def framed(headers: list[tuple[bytes, bytes]], content: bytes) -> list[tuple[bytes, bytes]]:
    """The headers with those that every answer has."""
    headers.append((b"content-length", b"%d" % len(content)))
    headers.append((b"cache-control", b"no-store"))
    return headers


async def respond(
    send: Send, status: int, headers: list[tuple[bytes, bytes]], content: bytes
) -> None:
    """Send a whole response."""
    start = {"type": "http.response.start", "status": status, "headers": framed(headers, content)}
    await send(start)
    await send({"type": "http.response.body", "body": content})


async def problem_response(send: Send, refusal: Refusal) -> None:
    """Answer a refusal that has no operation to belong to."""
    await respond(send, *_problem(refusal, None))


def answer_bytes(answer: wire.Answer) -> bytes:
    """An answer as JSON; members that were not set are left out, those set to null are null."""
    return answer.__pydantic_serializer__.to_json(answer, by_alias=True, exclude_unset=True)


def _written(reply: Reply) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    headers = [(n.encode(), v.encode()) for n, v in reply.headers.items()]
    if reply.answer is None:
        return reply.status, headers, b""
    headers.append(JSON)
    written = reply.answer if isinstance(reply.answer, bytes) else answer_bytes(reply.answer)
    return reply.status, headers, written


def _problem(
    refusal: Refusal, request_id: str | None
) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    headers = [(n.encode(), v.encode()) for n, v in refusal.headers.items()]
    headers.append(PROBLEM)
    return refusal.status, headers, encoded(refusal, request_id)


def _names(scope: Scope) -> Mapping[str, str]:
    given: Mapping[str, str] = scope["path_params"]
    if NAMES_SLASH not in scope["path"]:
        return given
    return {name: value.replace(NAMES_SLASH, "/") for name, value in given.items()}


def _query(operation: Operation[Any], text: bytes) -> Any:
    if not text and operation.query is NoQuery:
        return NO_QUERY
    try:
        pairs = parse_qsl(text.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise Refusal("InvalidQuery", "the query is no percent-encoded UTF-8") from error
    given = dict(pairs)
    if len(given) != len(pairs):
        raise Refusal("InvalidQuery", "a parameter stands twice")
    try:
        return check_shape(operation.query, given)
    except Refusal as refusal:
        raise Refusal("InvalidQuery", refusal.detail, refusal.faults) from refusal


def _request_id(headers: Mapping[bytes, str]) -> str:
    given = headers.get(b"x-request-id", "")
    return given if REQUEST_ID.fullmatch(given) else secrets.token_hex(8)


def _take_turn(rate: RateLimit, who: Asker) -> None:
    wait = rate.wait(who.key_id)
    if wait:
        raise Refusal("RateLimited", headers={"retry-after": str(max(1, round(wait)))})


def _too_large(most: int) -> Refusal:
    return Refusal("BodyTooLarge", f"the limit is {most} bytes")


def _log_done(operation: Operation[Any], asked: Asked) -> None:
    raw = asked.raw or {}
    subject = asked.path.get("id") or raw.get("id") or raw.get("name") or ""
    who = {"tenant": asked.tenant, "key_id": asked.asker.key_id}
    log.info("done", extra={"op": operation.name, "subject": subject, **who})


def _log_expected(name: str, refusal: Refusal) -> None:
    if refusal.status >= 500:
        log.error("request failed", extra={"op": name, "code": refusal.code})
