"""Histories in chunks: a chunk is 64 event types and the name of the chunk before it.

A name is the digest of both, so equal beginnings have equal names, are stored once on a shard, and
are never rewritten. A cohort's text holds the name of its last full chunk and the types after it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

from statekeep.core.history import CHUNK, History

FIRST = ""
"""The name of what is before the first chunk."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """One stored chunk."""

    name: str
    before: str
    text: str

    def types(self) -> tuple[str, ...]:
        return _types(self.text)


@lru_cache(maxsize=16_384)
def _types(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


@dataclass(frozen=True, slots=True)
class Cut:
    """A history as it is stored: its full chunks, oldest first, and the types after them."""

    chunks: tuple[Chunk, ...]
    tail: tuple[str, ...]

    @property
    def last(self) -> str:
        """The name of the last full chunk."""
        return self.chunks[-1].name if self.chunks else FIRST


@lru_cache(maxsize=50_000)
def chunk_after(before: str, types: tuple[str, ...]) -> Chunk:
    """The chunk of these types."""
    text = json.dumps(types, ensure_ascii=False, separators=(",", ":"))
    digest = blake2b(f"{before}\n{text}".encode(), digest_size=15)
    return Chunk(digest.hexdigest(), before, text)


def cut(history: History) -> Cut:
    """Take a history apart."""
    types = history.types()
    full = len(types) // CHUNK * CHUNK
    chunks: list[Chunk] = []
    before = FIRST
    for start in range(0, full, CHUNK):
        chunks.append(chunk_after(before, types[start : start + CHUNK]))
        before = chunks[-1].name
    return Cut(tuple(chunks), types[full:])


def joined(empty: History, chunks: Sequence[Chunk], tail: Sequence[str]) -> History:
    """Put a history together again; `empty` is the one it began as."""
    return empty.holding(tuple([chunk.types() for chunk in chunks]), tuple(tail))
