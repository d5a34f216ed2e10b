"""The HTTP API as an ASGI application: routes only.

Every route under `/v1` comes from the table of operations; what is served besides (health,
metrics, the OpenAPI document, the files of the dashboard) needs no key and says nothing of any
tenant.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import cache
from typing import Any
from urllib.parse import unquote

from starlette.routing import BaseRoute, Route, Router

from statekeep.web.actor_routes import ACTORS
from statekeep.web.endpoint import (
    JSON,
    NAMES_SLASH,
    Desk,
    Endpoint,
    Receive,
    Scope,
    Send,
    answer_bytes,
    problem_response,
    read_headers,
    respond,
)
from statekeep.web.health import Health
from statekeep.web.openapi import rendered
from statekeep.web.operations import Operation
from statekeep.web.overview_routes import OVERVIEW
from statekeep.web.problems import Refusal
from statekeep.web.registration_routes import REGISTRATIONS
from statekeep.web.registry_routes import REGISTRY
from statekeep.web.scrape import Scrape
from statekeep.web.services import Services
from statekeep.web.ui import ui_routes
from statekeep.web.workflow_routes import WORKFLOWS

OPERATIONS: tuple[Operation[Services], ...] = (
    *ACTORS,
    *REGISTRATIONS,
    *WORKFLOWS,
    *REGISTRY,
    *OVERVIEW,
)
Page = tuple[int, tuple[bytes, bytes], bytes]
EVENTS = "/v1/actors/{id}/event"
EVENT_BEGIN, EVENT_END = EVENTS.split("{id}")
ESCAPED_SLASH = re.compile("%2[fF]")
API_VERSION = "v1alpha1"
TEXT = (b"content-type", b"text/plain; version=0.0.4; charset=utf-8")


def build_app(desk: Desk[Services], health: Health, scrape: Scrape) -> Router:
    """The application on these services."""
    endpoints = {path: Endpoint(desk, own) for path, own in _by_path().items()}
    routes = [Route(path, endpoint) for path, endpoint in endpoints.items()]
    return Api([*routes, *_around(scrape, health), *ui_routes()], endpoints[EVENTS])


@cache
def openapi_json() -> bytes:
    """The OpenAPI document of this release."""
    return rendered(OPERATIONS, API_VERSION).encode()


def _by_path() -> dict[str, list[Operation[Services]]]:
    paths: dict[str, list[Operation[Services]]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, []).append(operation)
    return paths


def _around(scrape: Scrape, health: Health) -> list[BaseRoute]:
    async def healthz(_: Scope) -> Page:
        return 200, JSON, b'{"alive":true}'

    async def readyz(_: Scope) -> Page:
        found = await health.readiness()
        return 200 if found.ready else 503, JSON, answer_bytes(found)

    async def metrics(scope: Scope) -> Page:
        return 200, TEXT, await scrape.text(_presented(scope))

    async def openapi(_: Scope) -> Page:
        return 200, JSON, openapi_json()

    pages = {"/healthz": healthz, "/readyz": readyz, "/metrics": metrics, "/openapi.json": openapi}
    return [Route(path, _Get(page)) for path, page in pages.items()]


class Api(Router):
    """All routes. Events have a short way: they are most requests, and matching a path costs as
    much as reading a body."""

    def __init__(self, routes: Sequence[BaseRoute], events: Endpoint[Services]) -> None:
        super().__init__(routes, redirect_slashes=False, default=_unknown_route)
        self._events = events

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Coroutine[Any, Any, None]:
        path: str = scope["path"]
        if path.endswith(EVENT_END) and path.startswith(EVENT_BEGIN):
            actor = path[len(EVENT_BEGIN) : -len(EVENT_END)]
            if actor and "/" not in actor:
                scope["path_params"] = {"id": actor}
                return self._events(scope, receive, send)
        if b"%2" in scope.get("raw_path", b""):
            scope["path"] = _with_names_whole(scope["raw_path"])
        return super().__call__(scope, receive, send)


class _Get:
    """An application that answers GET and HEAD only. (A class: Starlette wraps functions.)"""

    def __init__(self, page: Callable[[Scope], Awaitable[Page]]) -> None:
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del receive
        if scope["method"] not in ("GET", "HEAD"):
            refusal = Refusal("MethodNotAllowed", headers={"allow": "GET, HEAD"})
            await problem_response(send, refusal)
            return
        status, kind, content = await self._page(scope)
        await respond(send, status, [kind], content)


def _with_names_whole(raw_path: bytes) -> str:
    """A path in which a slash that belongs to a name parts nothing."""
    return unquote(ESCAPED_SLASH.sub(NAMES_SLASH, raw_path.decode("ascii")))


def _presented(scope: Scope) -> str | None:
    """The key of a scrape: in our header, or as a bearer token, which is what Prometheus sends."""
    headers = read_headers(scope)
    bearer = headers.get(b"authorization", "")
    if bearer.lower().startswith("bearer "):
        return bearer[len("bearer ") :].strip()
    return headers.get(b"x-api-key")


async def _unknown_route(scope: Scope, receive: Receive, send: Send) -> None:
    del receive
    if scope["type"] == "http":
        await problem_response(send, Refusal("UnknownRoute"))
