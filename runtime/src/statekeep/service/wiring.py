"""What the services are given: the store, the sealer, the clock, chance, and the limits.

Everything that is not a function of its arguments comes through here, so that a test can hold it.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from statekeep.storage.ports import Store


class Sealer(Protocol):
    """Encrypts what a tenant's actors carry. What is sealed names its own revision and key."""

    def encrypt(
        self, tenant: str, actor: str, field: str, revision: int, plain: bytes
    ) -> bytes: ...

    def decrypt(self, tenant: str, actor: str, field: str, sealed: bytes) -> bytes: ...


class PlainSealer:
    """Seals nothing. For scenarios, which have no secrets."""

    def encrypt(self, tenant: str, actor: str, field: str, revision: int, plain: bytes) -> bytes:
        del tenant, actor, field, revision
        return plain

    def decrypt(self, tenant: str, actor: str, field: str, sealed: bytes) -> bytes:
        del tenant, actor, field
        return sealed


@dataclass(frozen=True, slots=True)
class Limits:
    """What one tenant may ask for; 0 actors or cohorts is no limit."""

    actors: int = 0
    cohorts: int = 0

    context_bytes: int = 65_536
    event_type_bytes: int = 256
    history_events: int = 100_000
    definition_bytes: int = 131_072
    name_characters: int = 253
    page: int = 1_000
    preview_names: int = 10_000


@dataclass(frozen=True, slots=True)
class Wiring:
    store: Store
    sealer: Sealer = field(default_factory=PlainSealer)
    limits: Limits = field(default_factory=Limits)
    now: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    token: Callable[[], str] = lambda: secrets.token_hex(16)
    shard_order: Callable[[int], tuple[int, ...]] = lambda shards: tuple(range(shards))
    """In which order shards are fenced and applied: it must not matter, and tests vary it."""
    fence_seconds: float = 10.0
    """How long a change that is not committed outlives the process that makes it, which says four
    times as often that it lives: so long may events, and whoever registers next, wait for a dead
    one. Longer than the clocks of replicas differ."""
    retention_seconds: int = 86_400
    """How long an idempotency key is remembered."""
    retain_done: float | None = None
    """How long an actor is kept when it is done, in seconds; None is for ever."""
