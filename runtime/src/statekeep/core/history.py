"""The history of an actor: the accepted event types since its spawn, in order.

A `History` is immutable. Extending it makes a new one that shares all full chunks with the old, so
keeping every prefix of a long life costs little more than keeping its end.

Two digests are kept up to date with each event. The *fingerprint* is fast and collides when someone
tries: it may preselect and never decides. The *identity* is a chained SHA-256 over the types: two
histories with one identity are the same history.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

FNV_OFFSET = 0xCBF29CE484222325
FNV_PRIME = 0x100000001B3
FNV_MASK = 0xFFFFFFFFFFFFFFFF
END_OF_TYPE = b"\xff"
"""Closes an event type. UTF-8 never contains it, so ("ab", "c") and ("a", "bc") differ."""
END_OF_SEED = b"\xfe"
"""Closes the path of a region in its seed, so that a seed is never a history."""
CHUNK = 64


def fnv1a(data: bytes, start: int = FNV_OFFSET) -> int:
    """Continue the 64-bit FNV-1a hash `start` over `data`."""
    fingerprint = start
    for byte in data:
        fingerprint = ((fingerprint ^ byte) * FNV_PRIME) & FNV_MASK
    return fingerprint


def region_seed(region: str) -> int:
    """Where the fingerprints of a region's history begin: no two regions look alike."""
    return fnv1a(region.encode() + END_OF_SEED)


def fingerprint_of(types: Iterable[str], seed: int = FNV_OFFSET) -> int:
    """The fingerprint of a sequence of event types."""
    fingerprint = seed
    for event_type in types:
        fingerprint = fnv1a(event_type.encode() + END_OF_TYPE, fingerprint)
    return fingerprint


Digests = tuple[int, bytes]
"""Fingerprint and identity."""


def digested(types: Iterable[str], fingerprint: int, identity: bytes) -> Digests:
    """Both digests after some more types."""
    for event_type in types:
        closed = event_type.encode() + END_OF_TYPE
        fingerprint = fnv1a(closed, fingerprint)
        identity = sha256(identity + closed).digest()
    return fingerprint, identity


class History:
    """Accepted event types, oldest first. Never changes; extend it to get another."""

    __slots__ = ("_chunks", "_digests", "_tail", "length", "seed")

    length: int
    seed: int
    _digests: Digests | None

    def __init__(self, seed: int = FNV_OFFSET) -> None:
        """Make the empty history whose fingerprints begin at `seed`."""
        self._set(seed, (), (), 0, (seed, sha256(b"").digest()))

    @classmethod
    def of(cls, types: Iterable[str]) -> History:
        """The history of an actor that accepted `types`."""
        return EMPTY.extend(types)

    @classmethod
    def for_region(cls, region: str) -> History:
        """The empty history of a region, named by its dotted path."""
        return cls(region_seed(region))

    @property
    def fingerprint(self) -> int:
        """The fingerprint of all types."""
        return self._known()[0]

    @property
    def identity(self) -> str:
        """The SHA-256 that names the class of this history, in hexadecimal."""
        return self._known()[1].hex()

    def holding(self, chunks: tuple[tuple[str, ...], ...], tail: tuple[str, ...]) -> History:
        """This empty history after the types of full chunks and those of a tail. Its digests are
        worked out when somebody asks: most that are read back are only looked at."""
        made = History.__new__(History)
        made._set(self.seed, chunks, tail, len(chunks) * CHUNK + len(tail), None)
        return made

    def append(self, event_type: str) -> History:
        """The history one accepted event later."""
        return self.extend((event_type,))

    def extend(self, types: Iterable[str]) -> History:
        """The history after all of `types` were accepted."""
        chunks, tail, length = self._chunks, list(self._tail), self.length
        added = []
        for event_type in types:
            added.append(event_type)
            tail.append(event_type)
            length += 1
            if len(tail) == CHUNK:
                chunks, tail = (*chunks, tuple(tail)), []
        extended = History.__new__(History)
        extended._set(self.seed, chunks, tuple(tail), length, digested(added, *self._known()))
        return extended

    def starts_with(self, path: Sequence[str]) -> bool:
        """Whether the first events are `path`. Compares types, so no collision can lie here."""
        wanted = len(path)
        if wanted > self.length:
            return False
        return not wanted or self.first(wanted) == tuple(path)

    def first(self, count: int) -> tuple[str, ...]:
        """The first `count` types, or all of them if there are fewer."""
        chunks = self._chunks
        if count <= CHUNK:
            return (chunks[0] if chunks else self._tail)[:count]
        whole, rest = divmod(min(count, self.length), CHUNK)
        types = [event_type for chunk in chunks[:whole] for event_type in chunk]
        following = chunks[whole] if whole < len(chunks) else self._tail
        return (*types, *following[:rest])

    def types(self) -> tuple[str, ...]:
        """All event types, oldest first."""
        return self.first(self.length)

    def prefix_fingerprint(self, count: int) -> int:
        """The fingerprint after the first `count` events, which must be there."""
        if not 0 <= count <= self.length:
            message = f"a history of {self.length} events has no prefix of {count}"
            raise IndexError(message)
        return fingerprint_of(self.first(count), self.seed)

    def __len__(self) -> int:
        """How many events were accepted."""
        return self.length

    def __bool__(self) -> bool:
        """Whether any event was accepted."""
        return self.length > 0

    def __eq__(self, other: object) -> bool:
        """Whether both are the same class of history (and, for regions, of the same region)."""
        if not isinstance(other, History):
            return NotImplemented
        return self._known()[1] == other._known()[1] and self.seed == other.seed

    def __hash__(self) -> int:
        """Agree with equality."""
        return hash(self._known()[1])

    def __repr__(self) -> str:
        """Show the events, shortened."""
        shown = ", ".join(self.first(8))
        return f"History({shown}{', …' if self.length > 8 else ''}; {self.length})"

    def _known(self) -> Digests:
        if self._digests is None:
            self._digests = digested(self.types(), self.seed, sha256(b"").digest())
        return self._digests

    def _set(
        self,
        seed: int,
        chunks: tuple[tuple[str, ...], ...],
        tail: tuple[str, ...],
        length: int,
        digests: Digests | None,
    ) -> None:
        self.seed, self._chunks, self._tail = seed, chunks, tail
        self.length, self._digests = length, digests


EMPTY = History()
"""The history of an actor that has just been spawned."""
