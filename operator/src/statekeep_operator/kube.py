"""The few calls to the Kubernetes API that the operator makes, besides kopf's watches.

By the asynchronous half of the official client; of its generated APIs only those are imported that
are called, since each brings its models into memory. Statuses go by merge patch to the status
subresource, what we own by server-side apply, all under one field manager. It never writes a user's
spec, labels or annotations.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import Any, Final

import aiohttp
from kopf import ConnectionInfo
from kubernetes.aio.client.api.core_v1_api import CoreV1Api
from kubernetes.aio.client.api.custom_objects_api import CustomObjectsApi
from kubernetes.aio.client.api_client import ApiClient
from kubernetes.aio.client.api_response import ApiResponse
from kubernetes.aio.client.configuration import Configuration
from kubernetes.aio.client.exceptions import ApiException
from kubernetes.aio.client.models.core_v1_event import CoreV1Event
from kubernetes.aio.client.models.v1_delete_options import V1DeleteOptions
from kubernetes.aio.client.models.v1_preconditions import V1Preconditions
from pydantic import BaseModel

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
UNAUTHORIZED, NOT_FOUND, CONFLICT = 401, 404, 409
MERGE: Final = "application/merge-patch+json"
APPLY: Final = "application/apply-patch+yaml"
LEASES: Final = ("coordination.k8s.io", "v1", "leases")
HOOKS: Final = ("admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations")

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
        self._session: _Session | None = None

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.aclose()
            self._session = None

    # --- our kinds ------------------------------------------------------------------------------

    async def list(self, kind: str, namespace: str | None) -> AsyncIterator[Body]:
        """Every object of a kind, page by page."""
        token: str | None = None
        while True:
            page = await self._page(kind, namespace, token)
            for item in page["items"]:
                yield {**item, "kind": kind}
            token = page["metadata"].get("continue") or None
            if token is None:
                return

    async def patch_status(
        self, kind: str, namespace: str, name: str, uid: str, status: Body
    ) -> Body:
        """Merge into the status of this very object; answers the object as it is then."""
        body = {"metadata": {"uid": uid}, "status": status}
        return await self._call(
            lambda session: session.objects.patch_namespaced_custom_object_status(
                GROUP,
                VERSION,
                namespace,
                PLURALS[kind],
                name,
                body,
                field_manager=MANAGER,
                _content_type=MERGE,
                _request_timeout=SECONDS,
            )
        )

    async def apply(self, manifest: Body) -> Body:
        """Server-side apply of an object that is ours.

        The client reads the answer of a patch only where it is 200; an object that was created is
        answered by 201.
        """
        meta, plural = manifest["metadata"], PLURALS[manifest["kind"]]
        return await self._call(
            lambda session: session.objects.patch_namespaced_custom_object_with_http_info(
                GROUP,
                VERSION,
                meta["namespace"],
                plural,
                meta["name"],
                manifest,
                field_manager=MANAGER,
                force=True,
                _content_type=APPLY,
                _request_timeout=SECONDS,
            )
        )

    async def delete(self, kind: str, namespace: str, name: str, uid: str) -> None:
        """Delete this very object, if it is still there."""
        options = V1DeleteOptions(preconditions=V1Preconditions(uid=uid))
        try:
            await self._call(
                lambda session: session.objects.delete_namespaced_custom_object(
                    GROUP,
                    VERSION,
                    namespace,
                    PLURALS[kind],
                    name,
                    body=options,
                    _request_timeout=SECONDS,
                )
            )
        except KubeError as error:
            if error.status not in (NOT_FOUND, CONFLICT):
                raise

    async def _page(self, kind: str, namespace: str | None, token: str | None) -> Body:
        asked: Body = {"limit": PAGE, "_continue": token, "_request_timeout": SECONDS}
        plural = PLURALS[kind]
        if namespace is None:
            return await self._call(
                lambda session: session.objects.list_cluster_custom_object(
                    GROUP, VERSION, plural, **asked
                )
            )
        return await self._call(
            lambda session: session.objects.list_namespaced_custom_object(
                GROUP, VERSION, namespace, plural, **asked
            )
        )

    # --- what else is written -------------------------------------------------------------------

    async def create_event(self, event: Body) -> None:
        """Post an Event; one of that name that is there already is enough."""
        namespace, told = event["metadata"]["namespace"], CoreV1Event.model_validate(event)
        try:
            await self._call(
                lambda session: session.core.create_namespaced_event(
                    namespace, told, field_manager=MANAGER, _request_timeout=SECONDS
                )
            )
        except KubeError as error:
            if error.status != CONFLICT:
                raise

    async def lease(self, namespace: str, name: str) -> Body | None:
        group, version, plural = LEASES
        try:
            return await self._call(
                lambda session: session.objects.get_namespaced_custom_object(
                    group, version, namespace, plural, name, _request_timeout=LEASE_SECONDS
                )
            )
        except KubeError as error:
            if error.status == NOT_FOUND:
                return None
            raise

    async def create_lease(self, namespace: str, lease: Body) -> Body:
        group, version, plural = LEASES
        return await self._call(
            lambda session: session.objects.create_namespaced_custom_object(
                group, version, namespace, plural, lease, _request_timeout=LEASE_SECONDS
            )
        )

    async def replace_lease(self, namespace: str, lease: Body) -> Body:
        """Replace it if it is still what was read (its resourceVersion stands in the body)."""
        group, version, plural = LEASES
        name = lease["metadata"]["name"]
        return await self._call(
            lambda session: session.objects.replace_namespaced_custom_object(
                group, version, namespace, plural, name, lease, _request_timeout=LEASE_SECONDS
            )
        )

    # --- what the webhook needs -----------------------------------------------------------------

    async def secret(self, namespace: str, name: str) -> Body:
        """A Secret, its data in base64."""
        return await self._call(
            lambda session: session.core.read_namespaced_secret(
                name, namespace, _request_timeout=SECONDS
            )
        )

    async def fill_secret(self, namespace: str, read: Body, data: Mapping[str, str]) -> None:
        """Apply its data, if it is still what was read."""
        name = read["metadata"]["name"]
        body = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name, "resourceVersion": read["metadata"]["resourceVersion"]},
            "data": dict(data),
        }
        await self._call(
            lambda session: session.core.patch_namespaced_secret(
                name,
                namespace,
                body,
                field_manager=MANAGER,
                force=True,
                _content_type=APPLY,
                _request_timeout=SECONDS,
            )
        )

    async def webhook_configuration(self, name: str) -> Body:
        return await self._call(
            lambda session: session.objects.get_cluster_custom_object(
                *HOOKS, name, _request_timeout=SECONDS
            )
        )

    async def apply_bundle(self, name: str, hooks: Iterable[str], bundle: str) -> None:
        """Apply `caBundle` of these webhooks of a configuration, and own nothing else of it."""
        group, version, plural = HOOKS
        body = {
            "apiVersion": f"{group}/{version}",
            "kind": "ValidatingWebhookConfiguration",
            "metadata": {"name": name},
            "webhooks": [{"name": hook, "clientConfig": {"caBundle": bundle}} for hook in hooks],
        }
        await self._call(
            lambda session: session.objects.patch_cluster_custom_object(
                group,
                version,
                plural,
                name,
                body,
                field_manager=MANAGER,
                force=True,
                _content_type=APPLY,
                _request_timeout=SECONDS,
            )
        )

    # --- the wire -------------------------------------------------------------------------------

    async def _call(self, call: Callable[[_Session], Awaitable[object]]) -> Body:
        """Call; where the credentials are no longer taken, once more with new ones."""
        try:
            return await self._once(call)
        except KubeError as error:
            if error.status != UNAUTHORIZED:
                raise
        await self.aclose()
        return await self._once(call)

    async def _once(self, call: Callable[[_Session], Awaitable[object]]) -> Body:
        if self._session is None:
            self._session = _Session(self._login())
        try:
            answer = await call(self._session)
        except ApiException as error:
            raise KubeError(error.status or 0, _complaint(error)) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise KubeError(0, f"the API server does not answer: {error!r}") from error
        if isinstance(answer, ApiResponse):
            read: Body = json.loads(answer.raw_data)
            return read
        if isinstance(answer, BaseModel):
            return answer.model_dump(mode="json", by_alias=True, exclude_none=True)
        return answer if isinstance(answer, dict) else {}


class _Session:
    """The official client with kopf's credentials: one login for what is watched and written."""

    def __init__(self, info: ConnectionInfo) -> None:
        self._connector = aiohttp.TCPConnector(ssl=info.as_ssl_context(), limit=CONNECTIONS)
        configuration = Configuration(
            host=info.server.rstrip("/"), client_session_kwargs={"connector": self._connector}
        )
        self._client = ApiClient(configuration)
        self._client.default_headers.update(info.as_http_headers())
        self._client.user_agent = MANAGER
        self.objects = CustomObjectsApi(self._client)
        self.core = CoreV1Api(self._client)

    async def aclose(self) -> None:
        await self._client.rest_client.close()
        await self._connector.close()


def _complaint(error: ApiException) -> str:
    try:
        return str(json.loads(error.body or "")["message"])
    except (ValueError, KeyError, TypeError):
        return f"{error.reason}: {(error.body or '')[:200]}"
