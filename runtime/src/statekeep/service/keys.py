"""API keys: made, recognised, listed, revoked.

A key is `stk_<id>_<secret>`: the id finds its record, the secret has 256 random bits and is kept
nowhere. A record holds BLAKE2b of it, keyed by a pepper that the store never sees (ADR 0601 says
why no slow hash). Comparison is in constant time, and is done for unknown ids too.

Bootstrap keys stand in a mounted file and in no store: they are how the first key is made.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from statekeep.storage.api_keys import ApiKeyRecord, ApiKeys

PREFIX: Final = "stk"
ALPHABET: Final = "abcdefghijkmnpqrstuvwxyz23456789"
ID_LENGTH: Final = 10
SECRET_LENGTH: Final = 52
KEY: Final = re.compile(rf"{PREFIX}_([{ALPHABET}]{{{ID_LENGTH}}})_[{ALPHABET}]{{{SECRET_LENGTH}}}")
MIN_PEPPER: Final = 16
MIN_BOOTSTRAP: Final = 32
REMEMBERED_SECONDS: Final = 2.0
REMEMBERED_KEYS: Final = 1_000
EVERY_TENANT: Final = "*"
TENANT: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
ROLES: Final = ("read", "send", "deploy", "admin", "operator")

log = logging.getLogger("statekeep.keys")

Denial = Literal["KeyMissing", "KeyUnknown", "KeyRevoked"]


class KeyFileInvalid(Exception):
    """The pepper's or the bootstrap keys' file cannot be used."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: which key, for which tenant (`*`: for the one that the request names)."""

    key_id: str
    tenant: str
    roles: tuple[str, ...]
    name: str


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made: the only moment at which it can be read."""

    key: str
    record: ApiKeyRecord


class KeyService:
    """Makes keys, and tells who presents one."""

    def __init__(
        self,
        keys: ApiKeys,
        pepper: bytes,
        bootstrap: Path | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        if len(pepper) < MIN_PEPPER:
            raise KeyFileInvalid(f"the pepper must have at least {MIN_PEPPER} bytes")
        self._keys = keys
        peppered = hashlib.blake2b(pepper, digest_size=32).digest()
        self._peppered = hashlib.blake2b(key=peppered, digest_size=32)
        self._bootstrap = bootstrap
        self._now = now
        self._remembered: OrderedDict[bytes, tuple[float, ApiKeyRecord]] = OrderedDict()
        self._seeds: dict[bytes, Caller] = {}
        self._seeds_read_at = float("-inf")
        self._trouble = ""
        if bootstrap is not None:
            self._read_bootstrap(bootstrap)

    async def create(
        self, tenant: str, roles: tuple[str, ...], name: str, created_by: str
    ) -> NewKey:
        """A new key of a tenant."""
        key_id, secret = _random(ID_LENGTH), _random(SECRET_LENGTH)
        key = f"{PREFIX}_{key_id}_{secret}"
        record = ApiKeyRecord(
            id=key_id,
            tenant=tenant,
            roles=tuple(role for role in ROLES if role in roles),
            digest=self._digest(key),
            name=name,
            created_at=self._now(),
            created_by=created_by,
        )
        await self._keys.put(record)
        return NewKey(key, record)

    async def of_tenant(self, tenant: str) -> tuple[ApiKeyRecord, ...]:
        """A tenant's keys, revoked ones too."""
        return await self._keys.of_tenant(tenant)

    async def revoke(self, tenant: str, key_id: str) -> bool:
        """Revoke a key of this tenant; false when the tenant has none of that id."""
        record = await self._keys.get(key_id)
        if record is None or record.tenant != tenant:
            return False
        await self._keys.revoke(key_id, self._now())
        self._remembered.clear()
        return True

    def known(self, presented: str | None) -> Caller | None:
        """Who presents this key, if that needs no look into the store."""
        if not presented:
            return None
        digest = self._digest(presented)
        seed = self._seed(digest)
        if seed is not None:
            return seed
        kept = self._kept(digest)
        told = None if kept is None else _told(digest, kept)
        return told if isinstance(told, Caller) else None

    async def caller(self, presented: str | None) -> Caller | Denial:
        """Who presents this key."""
        if not presented:
            return "KeyMissing"
        digest = self._digest(presented)
        seed = self._seed(digest)
        if seed is not None:
            return seed
        return _told(digest, await self._record(presented, digest))

    async def _record(self, presented: str, digest: bytes) -> ApiKeyRecord | None:
        kept = self._kept(digest)
        if kept is not None:
            return kept
        shape = KEY.fullmatch(presented)
        record = await self._keys.get(shape[1]) if shape else None
        if record is not None and hmac.compare_digest(record.digest, digest):
            self._remember(digest, record)
        return record

    def _kept(self, digest: bytes) -> ApiKeyRecord | None:
        kept = self._remembered.get(digest)
        if kept is None or self._now() - kept[0] >= REMEMBERED_SECONDS:
            return None
        return kept[1]

    def _remember(self, digest: bytes, record: ApiKeyRecord) -> None:
        self._remembered[digest] = (self._now(), record)
        self._remembered.move_to_end(digest)
        if len(self._remembered) > REMEMBERED_KEYS:
            self._remembered.popitem(last=False)

    def _seed(self, digest: bytes) -> Caller | None:
        self._look_at_bootstrap_again()
        # A look-up by a hash that is keyed with the pepper: what it takes says nothing of any key.
        return self._seeds.get(digest)

    def _look_at_bootstrap_again(self) -> None:
        if self._bootstrap is None or self._now() - self._seeds_read_at < REMEMBERED_SECONDS:
            return
        try:
            self._read_bootstrap(self._bootstrap)
        except KeyFileInvalid as error:
            # A mounted file is away for a moment while it is replaced: the keys read last stay.
            self._seeds_read_at = self._now()
            self._complain(str(error))

    def _complain(self, trouble: str) -> None:
        if trouble != self._trouble:
            log.warning("API keys are not read anew", extra={"because": trouble})
        self._trouble = trouble

    def _read_bootstrap(self, file: Path) -> None:
        callers = read_bootstrap(file)
        self._trouble = ""
        self._seeds = {self._digest(key): caller for key, caller in callers}
        self._seeds_read_at = self._now()

    def _digest(self, key: str) -> bytes:
        hashed = self._peppered.copy()
        hashed.update(key.encode("utf-8", "surrogatepass"))
        return hashed.digest()


def _told(digest: bytes, record: ApiKeyRecord | None) -> Caller | Denial:
    """What a record says of the key with this digest; as much is compared where there is none."""
    expected = b"\0" * len(digest) if record is None else record.digest
    if not hmac.compare_digest(digest, expected) or record is None:
        return "KeyUnknown"
    if record.revoked_at is not None:
        return "KeyRevoked"
    return Caller(record.id, record.tenant, record.roles, record.name)


def read_bootstrap(file: Path) -> tuple[tuple[str, Caller], ...]:
    """The keys of a bootstrap file: a line each, `KEY [TENANT ROLE[,ROLE…]]`.

    A key alone is an operator's, for every tenant.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFileInvalid(f"{file} cannot be read: {type(error).__name__}") from error
    words = [(number, line.split()) for number, line in enumerate(lines, 1)]
    seeds: dict[str, Caller] = {}
    for number, parts in words:
        if parts and not parts[0].startswith("#"):
            key, caller = _seed_of(file, number, parts)
            if key in seeds:
                raise KeyFileInvalid(f"{file}, line {number}: this key stands there twice")
            seeds[key] = caller
    return tuple(seeds.items())


def read_pepper(file: Path) -> bytes:
    """The pepper: the bytes of a file, without white space around them."""
    try:
        pepper = file.read_bytes().strip()
    except OSError as error:
        raise KeyFileInvalid(f"{file} cannot be read: {error.strerror}") from error
    if len(pepper) < MIN_PEPPER:
        raise KeyFileInvalid(f"{file}: a pepper has at least {MIN_PEPPER} bytes")
    return pepper


def _seed_of(file: Path, number: int, parts: list[str]) -> tuple[str, Caller]:
    where = f"{file}, line {number}"
    if len(parts) not in (1, 3):
        raise KeyFileInvalid(f"{where}: write KEY, or KEY TENANT ROLE[,ROLE]")
    if len(parts[0]) < MIN_BOOTSTRAP:
        raise KeyFileInvalid(f"{where}: a key has at least {MIN_BOOTSTRAP} characters")
    name = f"bootstrap-{number}"
    if len(parts) == 1:
        return parts[0], Caller(name, EVERY_TENANT, ("operator",), "bootstrap")
    if not TENANT.fullmatch(parts[1]):
        raise KeyFileInvalid(f"{where}: {parts[1]!r} is no tenant: a DNS label of at most 63")
    roles = tuple(parts[2].split(","))
    unknown = [role for role in roles if role not in ROLES or role == "operator"]
    if unknown:
        raise KeyFileInvalid(f"{where}: {unknown[0]!r} is no role of a tenant's key")
    return parts[0], Caller(name, parts[1], roles, "bootstrap")


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
