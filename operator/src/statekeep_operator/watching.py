"""kopf's part: watches that tell of every object, and nothing else.

The handlers only pass sightings on. There is no handler that keeps state, so kopf writes neither
annotations nor finalizers; a fault in a handler could only lose a hint, and the next listing has
what it was about.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from typing import Any

import kopf

from statekeep_operator.kube import PLURALS
from statekeep_operator.models import GROUP, VERSION

Sighting = Callable[[str | None, Mapping[str, Any]], None]

_NOBODY: Any = "statekeep-operator"
"""Peering is off. Left alone kopf asks for the user's name, which a numeric user does not have."""


def login() -> kopf.ConnectionInfo:
    """Credentials: of the pod's service account, else of the kubeconfig."""
    settings = kopf.OperatorSettings()
    found = kopf.login_with_service_account(settings=settings) or kopf.login_with_kubeconfig(
        settings=settings
    )
    if found is None:
        message = "no credentials: neither a service account nor a kubeconfig (KUBECONFIG)"
        raise kopf.LoginError(message)
    return found


async def watch(
    sighting: Sighting,
    namespaces: Collection[str],
    ready: asyncio.Event,
    stop: asyncio.Event,
) -> None:
    """Watch both kinds, in these namespaces or in all, until told to stop."""
    registry = kopf.OperatorRegistry()

    @kopf.on.login(registry=registry)
    def credentials(**_: Any) -> kopf.ConnectionInfo:
        return login()

    for kind, plural in PLURALS.items():
        _pass_on(registry, kind, plural, sighting)
    await kopf.operator(
        registry=registry,
        settings=_settings(),
        standalone=True,
        clusterwide=not namespaces,
        namespaces=tuple(namespaces),
        ready_flag=ready,
        stop_flag=stop,
        identity=_NOBODY,
    )


def _pass_on(registry: kopf.OperatorRegistry, kind: str, plural: str, sighting: Sighting) -> None:
    @kopf.on.event(GROUP, VERSION, plural, registry=registry, id=f"see-{plural}")
    async def see(event: Mapping[str, Any], **_: Any) -> None:
        sighting(event["type"], {**event["object"], "kind": kind})


def _settings() -> kopf.OperatorSettings:
    settings = kopf.OperatorSettings()
    settings.posting.enabled = False
    settings.scanning.disabled = True
    settings.networking.connect_timeout = 10
    settings.networking.request_timeout = 60
    settings.watching.server_timeout = 600
    settings.watching.client_timeout = 660
    settings.process.ultimate_exiting_timeout = 10
    settings.queueing.worker_limit = 50
    settings.queueing.idle_timeout = 1
    settings.queueing.exit_timeout = 1
    return settings
