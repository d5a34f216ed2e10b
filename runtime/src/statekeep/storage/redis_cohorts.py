"""Cohorts between the core and a server: written once, read once, remembered by content."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

from statekeep.core.cohort import Cohort
from statekeep.core.machine import Machine
from statekeep.storage import keys
from statekeep.storage.chunks import FIRST, Chunk
from statekeep.storage.errors import StoreMismatch
from statekeep.storage.ports import Family, Machines
from statekeep.storage.records import Image, cohort_image, named_in, read_cohort
from statekeep.storage.redis_calls import Argument, Calls

REMEMBERED = 20_000
RECENT_CHUNKS = 2
"""How many chunks are sent along with a cohort; more only where the shard lacks them."""
Name = TypeVar("Name", bound=Hashable)
Kept = TypeVar("Kept")


class Recent(Generic[Name, Kept]):
    """The entries that were used last."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Name, Kept] = OrderedDict()

    def get(self, name: Name) -> Kept | None:
        kept = self._kept.get(name)
        if kept is not None:
            self._kept.move_to_end(name)
        return kept

    def put(self, name: Name, value: Kept) -> Kept:
        self._kept[name] = value
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return value


class Cohorts:
    """Writes and reads cohorts."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._machines: dict[tuple[Family, str], Machine] = {}
        self._images: Recent[tuple[Family, Cohort], Image] = Recent(REMEMBERED)
        self._cohorts: Recent[tuple[Family, str], Cohort] = Recent(REMEMBERED)
        self._chunks: Recent[str, Chunk] = Recent(REMEMBERED)
        self.find_machine: Machines | None = None

    async def image(self, family: Family, cohort: Cohort) -> Image:
        """The stored form of a cohort."""
        known = self._images.get((family, cohort))
        if known is not None:
            return known
        made = cohort_image(await self._machine(family, cohort.version), cohort)
        self._cohorts.put((family, made.digest), cohort)
        return self._images.put((family, cohort), made)

    def known(self, family: Family, digest: bytes) -> Cohort | None:
        """The cohort of this digest, if it was seen."""
        return self._cohorts.get((family, digest.decode()))

    async def read(self, family: Family, shard: int, digest: bytes, text: bytes) -> Cohort:
        """The cohort of a stored text."""
        name = (family, digest.decode())
        known = self._cohorts.get(name)
        if known is not None:
            return known
        version, named = named_in(text.decode())
        chains = {last: await self._chain(family, shard, last) for last in named}
        machine = await self._machine(family, version)
        return self._cohorts.put(name, read_cohort(machine, text.decode(), chains))

    async def _machine(self, family: Family, version: str) -> Machine:
        known = self._machines.get((family, version))
        if known is None:
            if self.find_machine is None:
                raise StoreMismatch("the store was not told where machines are found")
            known = await self.find_machine(family, version)
            self._machines[family, version] = known
        return known

    async def _chain(self, family: Family, shard: int, last: str) -> tuple[Chunk, ...]:
        """All chunks up to this one, oldest first."""
        chain: list[Chunk] = []
        name = last
        while name != FIRST:
            chunk = self._chunks.get(name) or await self._load(family, shard, name)
            chain.append(chunk)
            name = chunk.before
        return tuple(reversed(chain))

    async def _load(self, family: Family, shard: int, name: str) -> Chunk:
        key = f"{keys.shard_prefix(shard, family.tenant)}h:{name}"
        before, text = await self._calls.command("HMGET", key, "p", "t")
        if before is None or text is None:
            raise StoreMismatch(f"a part of a history is missing: {key}")
        return self._chunks.put(name, Chunk(name, before.decode(), text.decode()))


def cohort_arguments(image: Image, *, whole: bool = False) -> tuple[Argument, ...]:
    """A cohort as the scripts take it; `whole` with all chunks of its histories."""
    given = image.needed if whole else image.needed[-RECENT_CHUNKS:]
    flat = (part for chunk in given for part in (chunk.name, chunk.before, chunk.text))
    joined = ",".join(image.chunks)
    return (image.digest, image.text, image.rule, image.events, joined, len(given), *flat)
