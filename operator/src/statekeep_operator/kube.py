"""The few calls to the Kubernetes API that the operator makes, besides kopf's watches.

Statuses go by merge patch to the status subresource, what we own by server-side apply, both under
one field manager. It never writes a user's spec, labels or annotations.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final
from urllib.parse import quote

import aiohttp
from kopf import ConnectionInfo

from statekeep_operator.models import GROUP, VERSION

MANAGER: Final = "statekeep-operator"
PLURALS: Final[Mapping[str, str]] = {
    "WorkflowDefinition": "workflowdefinitions",
    "ChangePoint": "changepoints",
}
PAGE = 250
SECONDS = 30.0
LEASE_SECONDS = 4.0
"""A lease must be renewed in time, so one call that hangs must not be waited for."""
CONNECTIONS = 16
FIRST_ERROR, UNAUTHORIZED, NOT_FOUND, CONFLICT = 400, 401, 404, 409
JSON: Final = "application/json"
MERGE: Final = "application/merge-patch+json"
APPLY: Final = "application/apply-patch+yaml"

Body = dict[str, Any]


class KubeError(Exception):
    """The API server did not do it, or did not answer (status 0)."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Kube:
    """One API server."""

    def __init__(self, login: Callable[[], ConnectionInfo]) -> None:
        """`login` is asked again when the API server no longer takes what it gave."""
        self._login = login
        self._session: aiohttp.ClientSession | None = None
        self._server = ""

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    # --- our kinds ------------------------------------------------------------------------------

    async def list(self, kind: str, namespace: str | None) -> AsyncIterator[Body]:
        """Every object of a kind, page by page."""
        token = ""
        while True:
            query = {"limit": str(PAGE), **({"continue": token} if token else {})}
            page = await self._call("GET", _path(kind, namespace), query=query)
            for item in page["items"]:
                yield {**item, "kind": kind}
            token = page["metadata"].get("continue") or ""
            if not token:
                return

    async def patch_status(
        self, kind: str, namespace: str, name: str, uid: str, status: Body
    ) -> Body:
        """Merge into the status of this very object; answers the object as it is then."""
        path = f"{_path(kind, namespace, name)}/status"
        query = {"fieldManager": MANAGER}
        return await self._call(
            "PATCH", path, {"metadata": {"uid": uid}, "status": status}, query=query, kind=MERGE
        )

    async def apply(self, manifest: Body) -> Body:
        """Server-side apply of an object that is ours."""
        meta = manifest["metadata"]
        path = _path(manifest["kind"], meta["namespace"], meta["name"])
        query = {"fieldManager": MANAGER, "force": "true"}
        return await self._call("PATCH", path, manifest, query=query, kind=APPLY)

    async def delete(self, kind: str, namespace: str, name: str, uid: str) -> None:
        """Delete this very object, if it is still there."""
        body = {"preconditions": {"uid": uid}}
        try:
            await self._call("DELETE", _path(kind, namespace, name), body)
        except KubeError as error:
            if error.status not in (NOT_FOUND, CONFLICT):
                raise

    # --- what else is written -------------------------------------------------------------------

    async def create_event(self, event: Body) -> None:
        """Post an Event; one of that name that is there already is enough."""
        path = f"/api/v1/namespaces/{quote(event['metadata']['namespace'])}/events"
        try:
            await self._call("POST", path, event, query={"fieldManager": MANAGER})
        except KubeError as error:
            if error.status != CONFLICT:
                raise

    async def lease(self, namespace: str, name: str) -> Body | None:
        try:
            return await self._call("GET", _lease(namespace, name), seconds=LEASE_SECONDS)
        except KubeError as error:
            if error.status == NOT_FOUND:
                return None
            raise

    async def create_lease(self, namespace: str, lease: Body) -> Body:
        return await self._call("POST", _lease(namespace), lease, seconds=LEASE_SECONDS)

    async def replace_lease(self, namespace: str, lease: Body) -> Body:
        """Replace it if it is still what was read (its resourceVersion stands in the body)."""
        path = _lease(namespace, lease["metadata"]["name"])
        return await self._call("PUT", path, lease, seconds=LEASE_SECONDS)

    # --- the wire -------------------------------------------------------------------------------

    async def _call(
        self,
        method: str,
        path: str,
        body: Body | None = None,
        *,
        query: Mapping[str, str] | None = None,
        kind: str = JSON,
        seconds: float = SECONDS,
    ) -> Body:
        arguments: dict[str, Any] = {
            "params": dict(query or {}),
            "data": None if body is None else json.dumps(body).encode(),
            "headers": {"Content-Type": kind, "Accept": JSON},
            "timeout": aiohttp.ClientTimeout(total=seconds),
        }
        try:
            return await self._once(method, path, arguments)
        except KubeError as error:
            if error.status != UNAUTHORIZED:
                raise
        await self.aclose()
        return await self._once(method, path, arguments)

    async def _once(self, method: str, path: str, arguments: Mapping[str, Any]) -> Body:
        session = self._opened()
        try:
            async with session.request(method, self._server + path, **arguments) as response:
                text = await response.text()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise KubeError(0, f"the API server does not answer: {error!r}") from error
        if response.status >= FIRST_ERROR:
            raise KubeError(response.status, f"{method} {path}: {_complaint(text)}")
        answer: Body = json.loads(text) if text else {}
        return answer

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            info = self._login()
            self._server = info.server.rstrip("/")
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=info.as_ssl_context(), limit=CONNECTIONS),
                headers={**info.as_http_headers(), "User-Agent": MANAGER},
            )
        return self._session


def _path(kind: str, namespace: str | None, name: str | None = None) -> str:
    inside = f"/namespaces/{quote(namespace)}" if namespace is not None else ""
    one = f"/{quote(name)}" if name is not None else ""
    return f"/apis/{GROUP}/{VERSION}{inside}/{PLURALS[kind]}{one}"


def _lease(namespace: str, name: str | None = None) -> str:
    one = f"/{quote(name)}" if name is not None else ""
    return f"/apis/coordination.k8s.io/v1/namespaces/{quote(namespace)}/leases{one}"


def _complaint(text: str) -> str:
    try:
        return str(json.loads(text)["message"])
    except (ValueError, KeyError, TypeError):
        return text[:200]
