"""Asking an API server without a kubectl: a test that waits looks many times.

A kubectl costs a tenth of a second of CPU, a request a hundredth of that. People's ways (apply,
wait, tables, complaints) stay with kubectl; this is only for what a test needs or wants to know.
"""

import ssl
from pathlib import Path
from typing import Any

import httpx

from support.parts.fault import PartError

_OURS = "apis/statekeep.dev/v1alpha1"
_RESOURCES = {
    "wd": (_OURS, "workflowdefinitions"),
    "workflowdefinition": (_OURS, "workflowdefinitions"),
    "cp": (_OURS, "changepoints"),
    "changepoint": (_OURS, "changepoints"),
    "configmap": ("api/v1", "configmaps"),
    "events": ("api/v1", "events"),
    "secret": ("api/v1", "secrets"),
    "services": ("api/v1", "services"),
    "job": ("apis/batch/v1", "jobs"),
    "validatingwebhookconfiguration": (
        "apis/admissionregistration.k8s.io/v1", "validatingwebhookconfigurations"
    ),
}  # fmt: skip
"""What is read, by the names that kubectl takes."""
_NOT_FOUND = 404


def path_of(kind: str, name: str, namespace: str) -> str | None:
    """Where an object is, or where all of a kind are; None for kinds that only kubectl knows."""
    found = _RESOURCES.get(kind.lower())
    if found is None:
        return None
    prefix, plural = found
    place = f"namespaces/{namespace}/" if namespace else ""
    return f"/{prefix}/{place}{plural}" + (f"/{name}" if name else "")


class ApiServer:
    """One API server, asked with a client's certificate over a connection that is kept."""

    def __init__(self, server: str, authority: Path, certificate: Path, key: Path) -> None:
        context = ssl.create_default_context(cafile=str(authority))
        context.load_cert_chain(certificate, key)
        transport = httpx.HTTPTransport(verify=context, retries=1)
        self._client = httpx.Client(
            base_url=server, transport=transport, timeout=30.0, trust_env=False
        )

    def close(self) -> None:
        self._client.close()

    def read(self, path: str) -> Any | None:
        """What stands there, as `kubectl get -o json` shows it; None where nothing does."""
        try:
            answer = self._ask(path)
        except httpx.HTTPError as error:
            raise PartError(f"GET {path}: {error!r}") from error
        return self._seen(path, answer)

    def send(self, method: str, path: str, body: Any = None) -> None:
        """Create or delete something; what is gone already may be deleted."""
        try:
            answer = self._client.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise PartError(f"{method} {path}: {error!r}") from error
        if not answer.is_success and (method, answer.status_code) != ("DELETE", _NOT_FOUND):
            raise PartError(f"{method} {path}: {answer.text}")

    def _seen(self, path: str, answer: httpx.Response) -> Any | None:
        if answer.status_code == _NOT_FOUND:
            return None
        if not answer.is_success:
            raise PartError(f"GET {path}: {answer.text}")
        found = answer.json()
        for item in found.get("items", [found]):
            item["metadata"].pop("managedFields", None)
        return found

    def _ask(self, path: str) -> httpx.Response:
        """Ask once more where a kept connection was that of a server that is gone."""
        try:
            return self._client.get(path)
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
            return self._client.get(path)
