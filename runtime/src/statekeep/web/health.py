"""Whether a server lives, and whether it may take traffic.

`/healthz` says only that the process answers. `/readyz` asks everything that traffic depends on,
and says what an acknowledged write is worth with the store as it is set up. It names key ids, so
that a rotation can see that every replica has a key before it is made primary; it needs no API
key, and so tells nothing of any tenant.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from statekeep.sealing.keyring import KeyRing
from statekeep.web import wire

CHECK_SECONDS: Final = 2.0

log = logging.getLogger("statekeep.health")

Probe = Callable[[], Awaitable[Sequence[wire.Check]]]


@dataclass(slots=True)
class Health:
    """What readiness depends on."""

    probe: Probe
    """Asks the store; an adapter says what its checks are."""
    ring: KeyRing | None = None
    durability: str = ""
    _known: tuple[str, ...] = field(default=(), init=False)

    async def readiness(self) -> wire.Readiness:
        """Every check, and the verdict of all together."""
        checks = [*await self._store(), *self._keys()]
        self._log(tuple(f"{check.name}: {check.detail}" for check in checks if not check.ok))
        keys = self.ring.current() if self.ring else None
        return wire.Readiness(
            ready=all(check.ok for check in checks),
            checks=checks,
            durability=self.durability,
            key_ids=list(keys.ids) if keys else [],
            primary_key=keys.primary if keys else "",
        )

    def _log(self, faults: tuple[str, ...]) -> None:
        """Say once why, and once that it is over: whoever finds a pod not ready reads its log."""
        if faults and faults != self._known:
            log.warning("not ready", extra={"because": "; ".join(faults)})
        elif self._known and not faults:
            log.info("ready again")
        self._known = faults

    async def _store(self) -> Sequence[wire.Check]:
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                return await self.probe()
        except TimeoutError:
            told = f"no answer within {CHECK_SECONDS:g} seconds"
            return [wire.Check(name="store", ok=False, detail=told)]

    def _keys(self) -> Sequence[wire.Check]:
        if self.ring is None:
            return []
        self.ring.current()
        fault = self.ring.fault
        return [wire.Check(name="keyRing", ok=fault is None, detail=fault or "")]


async def always() -> Sequence[wire.Check]:
    """The probe of a store that lives in this process."""
    return [wire.Check(name="store", ok=True, detail="in memory")]
