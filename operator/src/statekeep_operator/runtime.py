"""The runtime as the operator sees it: over HTTP, in the wire models, one client a tenant.

A refusal is a value, and so is an answer; that nobody answers, or nobody who understands, is an
exception. It decides nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Any, TypeVar

import httpx

from statekeep.client.aio import AsyncClient
from statekeep.client.errors import AnswerUnreadable, ClientError, NoServer, ProblemAnswer
from statekeep.client.exchange import Retries
from statekeep.web import wire
from statekeep_operator import reasons
from statekeep_operator.facts import Counts, Point, Runtime, Stranded, Version
from statekeep_operator.plan import Obstacle
from statekeep_operator.status import Preview

SHOWN_ERRORS = 8
TEMPORARY = frozenset(
    {
        "Busy", "RateLimited", "Unavailable", "Internal", "KeyUnavailable", "Tampered", "SlowBody",
        "KeyMissing", "KeyUnknown", "KeyRevoked", "RoleMissing", "ForeignTenant", "TenantMissing",
    }
)  # fmt: skip
"""Problems that say nothing of the object: another try, or a person at the runtime, cures them."""
FOREIGN = frozenset({"UnknownRoute", "MethodNotAllowed"})
"""What a runtime answers that lacks what this operator needs."""

Answer = TypeVar("Answer")


class RuntimeAway(Exception):
    """Nothing can be learned or done just now; `reason` and the message go into conditions."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Runtimes:
    """The runtime, for any number of tenants."""

    def __init__(
        self,
        url: str,
        api_key: str,
        *,
        seconds: float = 30.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._url = url
        self._api_key = api_key
        self._seconds = seconds
        self._transport = _Shared(transport)
        self._clients: dict[str, AsyncClient] = {}

    async def aclose(self) -> None:
        """Give the connections back."""
        await self._transport.really_close()

    async def workflow(self, tenant: str, workflow: str) -> Runtime:
        """All that is known of one workflow."""
        found = await self._ask(self._of(tenant).workflow(workflow))
        if isinstance(found, Obstacle):
            raise RuntimeAway(reasons.RUNTIME_UNAVAILABLE, found.message)
        return runtime_from(found)

    async def home_of(self, tenant: str, version: str) -> str | None:
        """The workflow that a version belongs to, if it is registered."""
        found = await self._ask(self._of(tenant).definition(version))
        return None if isinstance(found, Obstacle) else found.workflow

    async def register_version(
        self, tenant: str, body: Mapping[str, Any]
    ) -> wire.DeploymentAnswer | Obstacle:
        return await self._ask(self._of(tenant).deploy(body))

    async def register_point(
        self, tenant: str, body: Mapping[str, Any]
    ) -> wire.DeploymentAnswer | Obstacle:
        return await self._ask(self._of(tenant).change_point(body))

    async def close_point(
        self, tenant: str, workflow: str, name: str
    ) -> wire.PointAnswer | Obstacle:
        return await self._ask(self._of(tenant).close(name, workflow))

    async def preview_version(
        self, tenant: str, body: Mapping[str, Any]
    ) -> wire.PreviewAnswer | Obstacle:
        return await self._ask(self._of(tenant).preview(body, limit=1))

    async def preview_point(
        self, tenant: str, body: Mapping[str, Any]
    ) -> wire.PreviewAnswer | Obstacle:
        return await self._ask(self._of(tenant).preview_change_point(body, limit=1))

    def _of(self, tenant: str) -> AsyncClient:
        if tenant not in self._clients:
            self._clients[tenant] = AsyncClient(
                self._url,
                self._api_key,
                tenant=tenant,
                timeout=self._seconds,
                retries=Retries(tries=2),
                transport=self._transport,
            )
        return self._clients[tenant]

    async def _ask(self, asked: Awaitable[Answer]) -> Answer | Obstacle:
        try:
            return await asked
        except ProblemAnswer as error:
            if error.code in FOREIGN:
                raise RuntimeAway(reasons.RUNTIME_TOO_OLD, _TOO_OLD) from error
            if error.code in TEMPORARY or error.status >= httpx.codes.INTERNAL_SERVER_ERROR:
                raise RuntimeAway(reasons.RUNTIME_UNAVAILABLE, _told(error.problem)) from error
            return Obstacle(error.code, _told(error.problem))
        except AnswerUnreadable as error:
            raise RuntimeAway(reasons.RUNTIME_TOO_OLD, str(error)) from error
        except NoServer as error:
            message = f"{error}; the log of the runtime's pods says why"
            raise RuntimeAway(reasons.RUNTIME_UNAVAILABLE, message) from error
        except ClientError as error:
            raise RuntimeAway(reasons.RUNTIME_UNAVAILABLE, str(error)) from error


_TOO_OLD = "the runtime does not know what this operator asks: upgrade the runtime first"


class _Shared(httpx.AsyncBaseTransport):
    """One pool of connections for the clients of all tenants; none of them may close it."""

    def __init__(self, pool: httpx.AsyncBaseTransport | None) -> None:
        limits = httpx.Limits(max_connections=32, max_keepalive_connections=16)
        self._pool = pool or httpx.AsyncHTTPTransport(limits=limits)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._pool.handle_async_request(request)

    async def really_close(self) -> None:
        await self._pool.aclose()


def runtime_from(found: wire.WorkflowSummary) -> Runtime:
    """The facts in a summary."""
    return Runtime(
        registry=found.registry,
        clock=found.clock,
        law=found.law,
        frozen=(found.reason or "no reason given") if found.frozen else None,
        versions={v.id: Version(v.clock, v.digest, v.actors) for v in found.versions},
        points={point.name: _point(point) for point in found.points},
        stranded=tuple(
            Stranded(s.change_point, s.version, s.state, s.reason, s.count) for s in found.stranded
        ),
    )


def preview_from(found: wire.PreviewAnswer) -> Preview:
    """The facts in a preview."""
    return Preview(
        plan_hash=found.plan_hash,
        would_migrate=found.counts.would_migrate,
        would_stay=found.counts.would_stay,
        would_strand=found.counts.would_strand,
        kinds=tuple(
            Stranded("", row.version, row.state, row.reason or "", row.count)
            for row in found.by_state
            if row.verdict == "stranded"
        ),
    )


def _point(found: wire.PointSummary) -> Point:
    return Point(
        clock=found.clock,
        source=found.source,
        target=found.to,
        closed=found.closed,
        refinement=found.refinement,
        anchor_hash=found.anchor_hash,
        plan_hash=found.plan_hash,
        migrated=found.migrated,
        stayed=found.stayed,
        stranded=found.stranded,
        own=_own(found.own) if found.own else None,
    )


def _own(found: wire.OwnCounts) -> Counts:
    return Counts(found.migrated, found.stayed, found.stranded)


def _told(problem: wire.Problem) -> str:
    """A problem as a sentence or two. Its errors say where and what to do, if it has any."""
    if not problem.errors:
        return f"{_sentence(problem.detail or problem.title)} {problem.way_out}".strip()
    listed = [_line(error) for error in problem.errors[:SHOWN_ERRORS]]
    more = len(problem.errors) - len(listed)
    return "; ".join([*listed, f"and {more} more"] if more else listed)


def _line(error: wire.ProblemError) -> str:
    named = error.pointer not in ("", "/id", "/name")
    return f"{error.pointer}: {error.message}" if named else error.message


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
