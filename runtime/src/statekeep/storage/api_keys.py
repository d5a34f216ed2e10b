"""API key records and where they are kept: the port, and the adapter in memory.

A record never holds a key, only what a key hashes to. Records are found by the id that stands in
the key itself, whoever's they are: the tenant is what a record says, not what a request says.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyRecord:
    """A key as it is stored."""

    id: str
    tenant: str
    roles: tuple[str, ...]
    digest: bytes
    name: str
    created_at: float
    created_by: str
    revoked_at: float | None = None


class ApiKeys(Protocol):
    """Where key records are kept."""

    async def put(self, record: ApiKeyRecord) -> None: ...

    async def get(self, key_id: str) -> ApiKeyRecord | None: ...

    async def of_tenant(self, tenant: str) -> tuple[ApiKeyRecord, ...]:
        """All of a tenant's records, sorted by id."""
        ...

    async def revoke(self, key_id: str, at: float) -> None:
        """Mark as revoked; the record stays, so that a revoked key can be told from none."""
        ...


class MemoryApiKeys:
    """Key records in memory."""

    def __init__(self) -> None:
        self._records: dict[str, ApiKeyRecord] = {}

    async def put(self, record: ApiKeyRecord) -> None:
        self._records[record.id] = record

    async def get(self, key_id: str) -> ApiKeyRecord | None:
        return self._records.get(key_id)

    async def of_tenant(self, tenant: str) -> tuple[ApiKeyRecord, ...]:
        mine = (record for record in self._records.values() if record.tenant == tenant)
        return tuple(sorted(mine, key=lambda record: record.id))

    async def revoke(self, key_id: str, at: float) -> None:
        record = self._records.get(key_id)
        if record is not None and record.revoked_at is None:
            self._records[key_id] = replace(record, revoked_at=at)
