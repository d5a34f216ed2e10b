"""Which of several replicas acts: the holder of a Lease.

The holder renews it; another takes it when it was given up, or has not been renewed for as long as
it says, by the taker's own clock. Who cannot renew in time must stop acting: `hold` ends then.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from statekeep_operator.kube import CONFLICT, Kube, KubeError

log = logging.getLogger(__name__)

DURATION: Final = 15
RENEW: Final = 5.0
RETRY: Final = 2.0


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose lease, and where it stands."""

    namespace: str
    name: str
    holder: str


class Election:
    """One replica's part in the election."""

    def __init__(self, kube: Kube, identity: Identity, monotonic: Callable[[], float]) -> None:
        self._kube = kube
        self._identity = identity
        self._monotonic = monotonic
        self._seen: tuple[str, float] = ("", 0.0)
        self.leading = False

    async def win(self) -> None:
        """Wait until the lease is ours."""
        told = False
        while not await self._try():
            if not told:
                log.info("another replica acts; this one stands by")
                told = True
            await asyncio.sleep(RETRY)
        self.leading = True
        log.info("this replica acts", extra={"holder": self._identity.holder})

    async def hold(self) -> None:
        """Renew the lease; returns when it is lost."""
        renewed = self._monotonic()
        while self._monotonic() - renewed < DURATION - RETRY:
            await asyncio.sleep(RENEW)
            if await self._try():
                renewed = self._monotonic()
        self.leading = False
        log.error("the lease is lost: another replica may act now")

    async def release(self) -> None:
        """Give the lease up, so that another replica acts at once."""
        if not self.leading:
            return
        self.leading = False
        try:
            found = await self._kube.lease(self._identity.namespace, self._identity.name)
            if found is not None and found["spec"].get("holderIdentity") == self._identity.holder:
                found["spec"]["holderIdentity"] = ""
                found["spec"]["leaseDurationSeconds"] = 1
                await self._kube.replace_lease(self._identity.namespace, found)
        except KubeError as error:
            log.warning("the lease was not given up: %s", error)

    async def _try(self) -> bool:
        try:
            return await self._take()
        except KubeError as error:
            if error.status != CONFLICT:
                log.warning("the lease cannot be reached: %s", error)
            return False

    async def _take(self) -> bool:
        me = self._identity
        found = await self._kube.lease(me.namespace, me.name)
        if found is None:
            body = {
                "apiVersion": "coordination.k8s.io/v1",
                "kind": "Lease",
                "metadata": {"name": me.name, "namespace": me.namespace},
                "spec": self._spec({}),
            }
            await self._kube.create_lease(me.namespace, body)
            return True
        spec = found.get("spec") or {}
        if spec.get("holderIdentity") != me.holder and not self._is_free(spec):
            return False
        await self._kube.replace_lease(me.namespace, {**found, "spec": self._spec(spec)})
        return True

    def _is_free(self, spec: dict[str, Any]) -> bool:
        """Clocks of machines differ, so what counts is how long we have seen no renewal."""
        if not spec.get("holderIdentity"):
            return True
        renewal = f"{spec.get('holderIdentity')} {spec.get('renewTime')}"
        if self._seen[0] != renewal:
            self._seen = (renewal, self._monotonic())
        duration = spec.get("leaseDurationSeconds") or DURATION
        return self._monotonic() - self._seen[1] >= duration

    def _spec(self, before: dict[str, Any]) -> dict[str, Any]:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        mine = before.get("holderIdentity") == self._identity.holder
        return {
            "holderIdentity": self._identity.holder,
            "leaseDurationSeconds": DURATION,
            "acquireTime": before.get("acquireTime", now) if mine else now,
            "renewTime": now,
            "leaseTransitions": (before.get("leaseTransitions") or 0) + (0 if mine else 1),
        }
