"""The cluster of a kubeconfig, by the official Kubernetes client: the one module that imports it.

It reads our kinds, and writes one annotation when a person has said so. Whatever goes wrong ends
the command in a sentence.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from statekeep.cli.adopting.remembered import ADOPT, Remembered
from statekeep.cli.exits import REFUSED, UNREACHABLE, CommandError

if TYPE_CHECKING:
    from kubernetes.client.api.custom_objects_api import CustomObjectsApi

GROUP: Final = "statekeep.dev"
VERSION: Final = "v1alpha1"
PLURALS: Final = {"WorkflowDefinition": "workflowdefinitions", "ChangePoint": "changepoints"}
SECONDS: Final = 15.0
NOT_FOUND: Final = 404


class Cluster:
    """One namespace of a cluster."""

    def __init__(self, api: CustomObjectsApi, namespace: str) -> None:
        self._api = api
        self.namespace = namespace

    def items(self) -> list[dict[str, Any]]:
        """Every object of our kinds."""
        found = []
        for kind, plural in PLURALS.items():
            with _told():
                page: Any = self._api.list_namespaced_custom_object(
                    GROUP, VERSION, self.namespace, plural, _request_timeout=SECONDS
                )
            found += [{**item, "kind": kind} for item in page["items"]]
        return found

    def adopt(self, one: Remembered, registry: str) -> None:
        """Annotate an object: with this registry it goes on."""
        body = {"metadata": {"annotations": {ADOPT: registry}}}
        with _told():
            self._api.patch_namespaced_custom_object(
                GROUP,
                VERSION,
                self.namespace,
                PLURALS[one.kind],
                one.name,
                body,
                field_manager="statekeep-adopt",
                _content_type="application/merge-patch+json",
                _request_timeout=SECONDS,
            )


def cluster_of(context: str | None, namespace: str | None) -> Cluster:
    """The cluster that a kubeconfig names; its context's namespace where none is given."""
    try:
        from kubernetes.client.api.custom_objects_api import CustomObjectsApi  # noqa: PLC0415
        from kubernetes.client.api_client import ApiClient  # noqa: PLC0415
        from kubernetes.client.configuration import Configuration  # noqa: PLC0415
        from kubernetes.config import kube_config  # noqa: PLC0415
        from kubernetes.config.config_exception import ConfigException  # noqa: PLC0415
    except ImportError as error:
        raise CommandError(
            "the Kubernetes client is not installed", hint="pip install 'statekeep[operator]'"
        ) from error
    where = os.environ.get("KUBECONFIG") or "~/.kube/config"
    configuration = Configuration()
    try:
        kube_config.load_kube_config(where, context, configuration, persist_config=False)
        contexts, current = kube_config.list_kube_config_contexts(where)
    except (ConfigException, OSError) as error:
        hint = "KUBECONFIG names a file of `kubectl config`; --kube-context one of its contexts"
        raise CommandError(f"no cluster: {error}", hint=hint) from error
    configuration.retries = False
    chosen = next((one for one in contexts if one["name"] == context), current)
    found = namespace or chosen["context"].get("namespace") or "default"
    return Cluster(CustomObjectsApi(ApiClient(configuration)), found)


@contextmanager
def _told() -> Iterator[None]:
    from kubernetes.client.exceptions import ApiException  # noqa: PLC0415
    from urllib3.exceptions import HTTPError  # noqa: PLC0415

    try:
        yield
    except ApiException as error:
        if error.status == NOT_FOUND:
            raise CommandError(
                "the cluster does not know WorkflowDefinitions, or the object is gone",
                hint="is it the right cluster? `kubectl get wd` asks the same",
                code=REFUSED,
            ) from error
        raise CommandError(f"the cluster refused: {_message(error)}", code=REFUSED) from error
    except HTTPError as error:
        hint = "is it the right cluster? `kubectl get wd` asks the same"
        raise CommandError(f"no cluster: {error}", hint=hint, code=UNREACHABLE) from error


def _message(error: Any) -> str:
    try:
        return str(json.loads(error.body)["message"])
    except (ValueError, KeyError, TypeError):
        return str(error.reason)
