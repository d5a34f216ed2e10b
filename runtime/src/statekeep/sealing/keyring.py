"""The key ring: a directory of keys (a mounted Secret), read again while we run.

One file a key, named by its id, holding 32 bytes as base64 or hex; the file `primary` names the
key that new data is sealed with, and may be absent while there is one key only. Names that start
with a dot are Kubernetes' own and are skipped.

Invariant: what callers hold is an immutable `KeySet`; a directory that is broken for a moment
leaves the last good set in place. Key bytes are in no message, no repr and no log.
"""

from __future__ import annotations

import base64
import binascii
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from statekeep.sealing.errors import KeyRingInvalid, KeyUnavailable

KEY_BYTES: Final = 32
PRIMARY_FILE: Final = "primary"
KEY_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")
REREAD_SECONDS: Final = 1.0

Signature = tuple[tuple[str, int, int, int], ...]


@dataclass(frozen=True, slots=True)
class KeySet:
    """The keys of one reading of the ring."""

    primary: str
    ciphers: Mapping[str, AESGCM] = field(repr=False)

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(sorted(self.ciphers))


class KeyRing:
    """The current key set of a directory; safe to share between tasks of one event loop."""

    def __init__(self, directory: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._directory = directory
        self._clock = clock
        self._signature = _signature(directory)
        self._keys = read_key_set(directory)
        self._looked_at = clock()
        self.fault: str | None = None

    def current(self) -> KeySet:
        """The keys, looked at again when the last look is older than a second."""
        if self._clock() - self._looked_at >= REREAD_SECONDS:
            self.reread()
        return self._keys

    def cipher(self, key_id: str) -> AESGCM:
        """The key of that id; one that is not there is looked for on the disk first."""
        found = self.current().ciphers.get(key_id)
        if found is None:
            self.reread()
            found = self._keys.ciphers.get(key_id)
        if found is None:
            raise KeyUnavailable(key_id)
        return found

    def reread(self) -> None:
        """Take over what the directory holds now, unless it is broken."""
        self._looked_at = self._clock()
        try:
            signature = _signature(self._directory)
            if signature == self._signature and self.fault is None:
                return
            self._keys = read_key_set(self._directory)
        except KeyRingInvalid as error:
            self.fault = str(error)
            return
        self._signature, self.fault = signature, None


def read_key_set(directory: Path) -> KeySet:
    """Read a ring's directory, or say what is wrong with it."""
    ciphers = {name: AESGCM(_key_bytes(directory / name)) for name in _names(directory)}
    if not ciphers:
        raise KeyRingInvalid(f"{directory} holds no key: `openssl rand -base64 32` makes one")
    return KeySet(_primary(directory, tuple(ciphers)), MappingProxyType(ciphers))


def new_key() -> str:
    """A fresh key in the form that a ring's file has."""
    return base64.b64encode(AESGCM.generate_key(KEY_BYTES * 8)).decode()


def _names(directory: Path) -> list[str]:
    try:
        entries = sorted(entry.name for entry in directory.iterdir())
    except OSError as error:
        raise KeyRingInvalid(f"{directory} cannot be read: {error.strerror}") from error
    names = [name for name in entries if not name.startswith(".") and name != PRIMARY_FILE]
    for name in names:
        if not KEY_ID.fullmatch(name):
            raise KeyRingInvalid(f"{directory / name}: a key id is {KEY_ID.pattern}")
    return names


def _primary(directory: Path, ids: tuple[str, ...]) -> str:
    file = directory / PRIMARY_FILE
    if not file.exists():
        if len(ids) > 1:
            raise KeyRingInvalid(f"{directory} holds {len(ids)} keys: name one in {file}")
        return ids[0]
    name = _content(file).decode("utf-8", "replace").strip()
    if name not in ids:
        raise KeyRingInvalid(f"{file} names {name!r}, and there is no such key")
    return name


def _key_bytes(file: Path) -> bytes:
    key = _decoded(_content(file))
    if len(key) != KEY_BYTES:
        raise KeyRingInvalid(f"{file}: a key is {KEY_BYTES} bytes in base64 or hex")
    return key


def _decoded(content: bytes) -> bytes:
    text = content.strip()
    try:
        if len(text) == KEY_BYTES * 2:
            return bytes.fromhex(text.decode("ascii"))
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return b""


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise KeyRingInvalid(f"{file} cannot be read: {error.strerror}") from error


def _signature(directory: Path) -> Signature:
    try:
        stats = [(entry.name, entry.stat()) for entry in sorted(directory.iterdir())]
    except OSError as error:
        raise KeyRingInvalid(f"{directory} cannot be read: {error.strerror}") from error
    return tuple((name, stat.st_ino, stat.st_mtime_ns, stat.st_size) for name, stat in stats)
