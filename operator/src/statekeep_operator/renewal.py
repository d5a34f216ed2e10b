"""Keeps the webhook's certificates in their Secret, and the `caBundle` that goes with them.

Every replica looks for itself; whoever finds them due renews them, and the resource version decides
between two. Of the webhook's configuration it owns `caBundle` alone. What is current is written
nowhere.
"""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from statekeep_operator import certificates
from statekeep_operator.certificates import Certificates
from statekeep_operator.kube import CONFLICT, NOT_FOUND, Kube, KubeError
from statekeep_operator.settings import Webhook

log = logging.getLogger(__name__)

TRIES = 3


class Renewal:
    """One replica's part in it."""

    def __init__(
        self, kube: Kube, namespace: str, webhook: Webhook, wall: Callable[[], datetime]
    ) -> None:
        self._kube = kube
        self._namespace = namespace
        self._webhook = webhook
        self._wall = wall

    async def look(self) -> Certificates:
        """What to serve now, renewed where it is due."""
        found = await self._current()
        await self._announce(found)
        return found

    async def _current(self) -> Certificates:
        for _ in range(TRIES):
            secret = await self._kube.secret(self._namespace, self._webhook.secret)
            known = certificates.read(secret.get("data") or {})
            if known is not None and certificates.is_good(known, self._webhook.names, self._wall()):
                return known
            made = certificates.issued(self._webhook.names, self._wall(), known)
            try:
                data = certificates.written(made)
                await self._kube.fill_secret(self._namespace, secret, data)
            except KubeError as error:
                if error.status != CONFLICT:
                    raise
                continue
            log.info("the webhook has a new certificate", extra={"names": self._webhook.names})
            return made
        raise KubeError(CONFLICT, "other replicas renew the webhook's certificate, too")

    async def _announce(self, made: Certificates) -> None:
        """The API server believes the webhook by what stands in its configuration."""
        bundle = b64encode(made.authorities).decode()
        name = self._webhook.configuration
        try:
            found = await self._kube.webhook_configuration(name)
            if any(_bundle(hook) != bundle for hook in found["webhooks"]):
                hooks = [hook["name"] for hook in found["webhooks"]]
                await self._kube.apply_bundle(name, hooks, bundle)
        except KubeError as error:
            if error.status != NOT_FOUND:
                raise
            log.info("there is no webhook configuration %s: the API server asks nobody", name)


def _bundle(hook: Mapping[str, Any]) -> object:
    return hook["clientConfig"].get("caBundle")
