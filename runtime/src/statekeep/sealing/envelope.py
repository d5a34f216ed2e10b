"""Envelopes: AES-256-GCM under a data key of the actor's own, which a key of the ring wraps.

    "SK" version(1) | n(1) key-id(n) | revision(8) | wrap-nonce(12) wrapped(48) | nonce(12) sealed

Everything that says what the content is and where it belongs is authenticated: both layers bind
format, key id, tenant and actor; the content binds the field and the context's revision as well.
Each part is bound with its length in front, so that no two bindings share their bytes.

Rule 1: the header names the key. No key is ever tried blindly.
Rule 2: an envelope opens only at the place it was sealed for.

An actor's data key goes on from one revision to the next while this process remembers it (each
wrap costs a use of the ring's key, and 2**32 random nonces are the most that a key may see); a
new one is made when the primary key has changed, and every MAX_USES revisions.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from statekeep.sealing.errors import KeyUnavailable, Tampered
from statekeep.sealing.keyring import KEY_BYTES, KeyRing

FORMAT: Final = b"SK\x01"
NONCE: Final = 12
TAG: Final = 16
WRAPPED: Final = NONCE + KEY_BYTES + TAG
MAX_USES: Final = 1 << 20
CACHED_KEYS: Final = 10_000
Watch = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Place:
    """Where sealed data belongs."""

    tenant: str
    actor: str
    field: str

    def __str__(self) -> str:
        return f"{self.field} of actor {self.actor}"


@dataclass(frozen=True, slots=True)
class Header:
    """What stands in front of sealed content, in the clear."""

    key_id: str
    revision: int
    wrapped: bytes
    body: int
    """Where nonce and sealed content begin."""


@dataclass(frozen=True, slots=True)
class DataKey:
    """An actor's key, and how it is wrapped in that actor's envelopes."""

    wrapped: bytes
    cipher: AESGCM


class Sealer:
    """Seals and opens; keeps the data keys that it has met lately."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring
        self._data_keys: OrderedDict[bytes, DataKey] = OrderedDict()
        self.watch: Watch | None = None
        """Told of every wrap, and of everything that does not open: what, and under which key."""

    @property
    def ring(self) -> KeyRing:
        return self._ring

    def encrypt(self, tenant: str, actor: str, field: str, revision: int, plain: bytes) -> bytes:
        """Seal for this place and revision."""
        place = Place(tenant, actor, field)
        key_id = self._ring.current().primary
        key = self._key_to_seal_with(key_id, place, revision)
        nonce = os.urandom(NONCE)
        bound = _bound(key_id, place, revision, key.wrapped)
        return (
            _header(key_id, revision, key.wrapped) + nonce + key.cipher.encrypt(nonce, plain, bound)
        )

    def decrypt(self, tenant: str, actor: str, field: str, sealed: bytes) -> bytes:
        """The content, if the envelope is whole and belongs to this place."""
        place = Place(tenant, actor, field)
        header = read_header(place, sealed)
        cipher = self._data_key(place, header).cipher
        nonce, content = sealed[header.body : header.body + NONCE], sealed[header.body + NONCE :]
        try:
            return cipher.decrypt(
                nonce, content, _bound(header.key_id, place, header.revision, header.wrapped)
            )
        except InvalidTag:
            self._tell("tampered", header.key_id)
            raise Tampered("content", str(place)) from None

    def _key_to_seal_with(self, key_id: str, place: Place, revision: int) -> DataKey:
        owner = _owner(key_id, place)
        kept = self._data_keys.get(owner)
        if kept is not None and revision % MAX_USES:
            return kept
        plain = AESGCM.generate_key(KEY_BYTES * 8)
        nonce = os.urandom(NONCE)
        wrapped = nonce + self._ring.cipher(key_id).encrypt(nonce, plain, owner)
        self._tell("wrapped", key_id)
        return self._keep(owner, DataKey(wrapped, AESGCM(plain)))

    def _data_key(self, place: Place, header: Header) -> DataKey:
        ring_key = self._ring_key(header.key_id)
        owner = _owner(header.key_id, place)
        kept = self._data_keys.get(owner)
        if kept is not None and kept.wrapped == header.wrapped:
            self._data_keys.move_to_end(owner)
            return kept
        nonce, wrapped = header.wrapped[:NONCE], header.wrapped[NONCE:]
        try:
            plain = ring_key.decrypt(nonce, wrapped, owner)
        except InvalidTag:
            self._tell("tampered", header.key_id)
            raise Tampered("data key", str(place)) from None
        return self._keep(owner, DataKey(header.wrapped, AESGCM(plain)))

    def _ring_key(self, key_id: str) -> AESGCM:
        try:
            return self._ring.cipher(key_id)
        except KeyUnavailable:
            self._tell("unavailable", key_id)
            raise

    def _tell(self, what: str, key_id: str) -> None:
        if self.watch is not None:
            self.watch(what, key_id)

    def _keep(self, owner: bytes, key: DataKey) -> DataKey:
        self._data_keys[owner] = key
        if len(self._data_keys) > CACHED_KEYS:
            self._data_keys.popitem(last=False)
        return key


def read_header(place: Place, envelope: bytes) -> Header:
    """Take an envelope's header apart; nothing in it is trusted before the content opens."""
    id_length = envelope[len(FORMAT)] if len(envelope) > len(FORMAT) else 0
    id_end = len(FORMAT) + 1 + id_length
    body = id_end + 8 + WRAPPED
    whole = len(envelope) >= body + NONCE + TAG
    if not envelope.startswith(FORMAT) or not id_length or not whole:
        raise Tampered("header", str(place))
    try:
        key_id = envelope[len(FORMAT) + 1 : id_end].decode("ascii")
    except UnicodeDecodeError:
        raise Tampered("header", str(place)) from None
    revision = int.from_bytes(envelope[id_end : id_end + 8], "big")
    return Header(key_id, revision, envelope[id_end + 8 : body], body)


def _header(key_id: str, revision: int, wrapped: bytes) -> bytes:
    name = key_id.encode("ascii")
    return FORMAT + bytes([len(name)]) + name + revision.to_bytes(8, "big") + wrapped


def _owner(key_id: str, place: Place) -> bytes:
    return _joined(FORMAT, key_id.encode(), place.tenant.encode(), place.actor.encode())


def _bound(key_id: str, place: Place, revision: int, wrapped: bytes) -> bytes:
    where = _joined(place.field.encode(), revision.to_bytes(8, "big"), wrapped)
    return _owner(key_id, place) + where


def _joined(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)
