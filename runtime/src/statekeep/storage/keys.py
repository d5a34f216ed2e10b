"""Every key that is ever written, and what an actor's id is as a member of a set.

Nobody else builds names of keys, but for the scripts, which put the kinds of section
"What a shard holds" of docs/storage.md behind the prefix that they are given.

A shard is a hash tag, so all its keys are in one slot: the same code runs on one server and on a
cluster. Names of tenants are escaped, so that none can reach another's keys.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b

PREFIX = "sk:"
UUID = f"{PREFIX}{{registry}}:uuid"
"""string: what this registry is, so that a restored or exchanged one is noticed."""
SHARDS = f"{PREFIX}{{registry}}:shards"
"""string: how many shards there are; fixed at first start."""
LAYOUT = f"{PREFIX}{{registry}}:layout"
"""string: the form of everything else, fixed at first start."""
TENANTS = f"{PREFIX}{{registry}}:tenants"
"""set: tenants that have registered something."""

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 13
_PYTHON = dict(zip(ALPHABET, "0123456789abcdefghijklmnopqrstuv", strict=True))
_DIGITS = {code: _PYTHON.get(chr(code), "!") for code in range(128)}
"""From our letters to those that Python's own base 32 has; everything else to none."""


_PAIRS = tuple(one + other for one in ALPHABET for other in ALPHABET)


def encode_id(number: int) -> str:
    """Write 63 bits as an id."""
    return ALPHABET[number >> 60 & 31] + "".join(
        [_PAIRS[number >> shift & 1023] for shift in (50, 40, 30, 20, 10, 0)]
    )


@lru_cache(maxsize=16_384)
def decode_id(actor: str) -> int | None:
    """The number of an id, None for a name that `encode_id` never writes."""
    if len(actor) != LENGTH or not actor.isascii():
        return None
    try:
        number = int(actor.translate(_DIGITS), 32)
    except ValueError:
        return None
    return number if number < 1 << 63 else None


def member_of(actor: str) -> str:
    """What stands for an actor in a set: the number of its id, or its name behind a dash."""
    number = decode_id(actor)
    return f"-{actor}" if number is None else str(number)


def actor_of(member: bytes) -> str:
    """The actor that a member stands for."""
    text = member.decode()
    return text[1:] if text.startswith("-") else encode_id(int(text))


def shard_of(tenant: str, actor: str, shards: int) -> int:
    """Where an actor lives."""
    number = decode_id(actor)
    if number is None:
        name = f"{tenant}\0{actor}".encode("utf-8", "surrogatepass")
        number = int.from_bytes(blake2b(name, digest_size=4).digest())
    return number % shards


def escaped(name: str) -> str:
    """A name that users choose, as a part of a key."""
    return name.replace("%", "%25").replace(":", "%3a").replace("{", "%7b").replace("}", "%7d")


@lru_cache(maxsize=4_096)
def shard_prefix(shard: int, tenant: str) -> str:
    """What all keys of a tenant on a shard begin with."""
    return f"{PREFIX}{{{shard:02x}}}:{escaped(tenant)}:"


def book_prefix(tenant: str) -> str:
    """What all keys of a tenant's registry begin with."""
    return f"{PREFIX}{{registry:{escaped(tenant)}}}:"


def book(tenant: str, workflow: str) -> str:
    """hash: clock, law and journal of a workflow."""
    return f"{book_prefix(tenant)}b:{escaped(workflow)}"


def entries(tenant: str, workflow: str) -> str:
    """list: the entries of a workflow's registry."""
    return f"{book_prefix(tenant)}e:{escaped(workflow)}"


def homes(tenant: str) -> str:
    """hash: v:<version> or p:<change-point> -> the workflows that have it."""
    return f"{book_prefix(tenant)}homes"


def workflows(tenant: str) -> str:
    """set: the workflows of a tenant."""
    return f"{book_prefix(tenant)}workflows"
