"""API key records in Redis: a hash a key, found by the id in the key, and a set a tenant.

    sk:{key:<id>}        hash: tenant, roles, digest, name, createdAt, createdBy, revokedAt
    sk:{keys:<tenant>}   set: the ids of a tenant's keys

Both grow with the keys that people make. The set is written first: a record that no list shows
could not be revoked.
"""

from __future__ import annotations

from collections.abc import Mapping

from statekeep.storage.api_keys import ApiKeyRecord
from statekeep.storage.keys import PREFIX, escaped
from statekeep.storage.redis_calls import Calls

FIELDS = ("tenant", "roles", "digest", "name", "createdAt", "createdBy")


class RedisApiKeys:
    """Key records on one server, or on a cluster."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def put(self, record: ApiKeyRecord) -> None:
        """Keep a record."""
        fields = [part for pair in _fields(record).items() for part in pair]
        await self._calls.command("SADD", _tenant(record.tenant), record.id)
        await self._calls.command("HSET", _key(record.id), *fields)

    async def get(self, key_id: str) -> ApiKeyRecord | None:
        """The record of that id, whoever's it is."""
        names = ("revokedAt", *FIELDS)
        found = await self._calls.command("HMGET", _key(key_id), *names)
        text = {name: value for name, value in zip(names, found, strict=True) if value is not None}
        return _record(key_id, text) if set(FIELDS) <= set(text) else None

    async def of_tenant(self, tenant: str) -> tuple[ApiKeyRecord, ...]:
        """All of a tenant's records, sorted by id."""
        ids = await self._calls.command("SMEMBERS", _tenant(tenant))
        records = [await self.get(key_id.decode()) for key_id in sorted(ids)]
        return tuple(record for record in records if record is not None)

    async def revoke(self, key_id: str, at: float) -> None:
        """Mark as revoked, once."""
        await self._calls.command("HSETNX", _key(key_id), "revokedAt", repr(at))


def _key(key_id: str) -> str:
    return f"{PREFIX}{{key:{escaped(key_id)}}}"


def _tenant(tenant: str) -> str:
    return f"{PREFIX}{{keys:{escaped(tenant)}}}"


def _fields(record: ApiKeyRecord) -> dict[str, str | bytes]:
    return {
        "tenant": record.tenant,
        "roles": ",".join(record.roles),
        "digest": record.digest,
        "name": record.name,
        "createdAt": repr(record.created_at),
        "createdBy": record.created_by,
    }


def _record(key_id: str, text: Mapping[str, bytes]) -> ApiKeyRecord:
    revoked = text.get("revokedAt")
    return ApiKeyRecord(
        id=key_id,
        tenant=text["tenant"].decode(),
        roles=tuple(text["roles"].decode().split(",")),
        digest=text["digest"],
        name=text["name"].decode(),
        created_at=float(text["createdAt"]),
        created_by=text["createdBy"].decode(),
        revoked_at=None if revoked is None else float(revoked),
    )
