"""Ids of actors, and digests of requests.

An id is 63 bits of a hash of the tenant and the client's key, written in 13 letters: the same key
gives the same actor, however often a spawn is resent, and a store may keep ids as integers.
"""

from __future__ import annotations

from hashlib import blake2b, sha256

from statekeep.core.canonical import canonical_json
from statekeep.storage.keys import encode_id


def actor_id(tenant: str, key: str) -> str:
    """The id of the actor that this key spawns."""
    digest = blake2b(f"{tenant}\0{key}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return encode_id(int.from_bytes(digest) >> 1)


def request_digest(*parts: object) -> str:
    """What an idempotency key was used for."""
    text = canonical_json(list(parts)).encode("utf-8", "surrogatepass")
    return sha256(text).hexdigest()[:32]
