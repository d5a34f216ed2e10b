"""Contexts of actors: JSON objects, merged by events, bounded, sealed before they are stored."""

from __future__ import annotations

import json
from collections.abc import Mapping

from statekeep.service.errors import InvalidRequest, TooLarge
from statekeep.service.fields import as_object
from statekeep.service.wiring import Wiring

CONTEXT, QUEUE, JOURNAL = "context", "queue", "journal"


def merged(target: object, patch: object) -> object:
    """RFC 7396: objects merge, null removes, anything else replaces."""
    if not isinstance(patch, Mapping):
        return patch
    result = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


class Contexts:
    """Seals and opens what actors carry."""

    def __init__(self, wiring: Wiring) -> None:
        self._sealer = wiring.sealer
        self._limit = wiring.limits.context_bytes

    def seal(self, tenant: str, actor: str, revision: int, context: object) -> bytes:
        """The sealed context, b"" for an empty one."""
        plain = self._text(as_object(context if context is not None else {}, "/context"))
        if plain == b"{}":
            return b""
        return self._sealer.encrypt(tenant, actor, CONTEXT, revision, plain)

    def open(self, tenant: str, actor: str, sealed: bytes) -> object:
        if not sealed:
            return {}
        return json.loads(self._sealer.decrypt(tenant, actor, CONTEXT, sealed))

    def seal_value(
        self, tenant: str, actor: str, field: str, revision: int, value: object
    ) -> bytes:
        """Any other value that an event carries."""
        return self._sealer.encrypt(tenant, actor, field, revision, self._text(value))

    def open_value(self, tenant: str, actor: str, field: str, sealed: bytes) -> object:
        return json.loads(self._sealer.decrypt(tenant, actor, field, sealed))

    def _text(self, value: object) -> bytes:
        try:
            text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
            plain = text.encode()
        except (ValueError, TypeError, RecursionError) as error:
            raise InvalidRequest(f"this cannot be kept as JSON: {error}", "/context") from error
        if len(plain) > self._limit:
            raise TooLarge("the context in bytes", len(plain), self._limit)
        return plain
