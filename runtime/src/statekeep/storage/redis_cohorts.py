"""Cohorts between the core and a server: written once, read once, remembered by content."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import Generic, TypeVar

from statekeep.core.cohort import Cohort
from statekeep.core.history import EMPTY
from statekeep.core.machine import Machine
from statekeep.storage import keys
from statekeep.storage.chunks import FIRST, Chunk
from statekeep.storage.errors import StoreMismatch
from statekeep.storage.ports import Family, Machines, Past
from statekeep.storage.records import (
    FORM_BYTES,
    FormImage,
    Image,
    PastImage,
    chunks_named,
    form_image,
    parsed,
    past_image,
    past_of,
    read_form,
    version_in,
    with_past,
)
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

    def clear(self) -> None:
        self._kept.clear()

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
        self._form_images: Recent[tuple[Family, Cohort], FormImage] = Recent(REMEMBERED)
        self._forms: Recent[tuple[Family, bytes], Cohort] = Recent(REMEMBERED)
        self._pasts: Recent[bytes, Past] = Recent(REMEMBERED)
        self._chunks: Recent[str, Chunk] = Recent(REMEMBERED)
        self.find_machine: Machines | None = None

    def forget(self) -> None:
        """Let go of what was read with the help of machines."""
        self._machines.clear()
        for kept in (self._images, self._form_images, self._forms):
            kept.clear()

    async def image(self, family: Family, cohort: Cohort) -> Image:
        """The stored form of a cohort."""
        known = self._images.get((family, cohort))
        if known is not None:
            return known
        bare = replace(cohort, history=EMPTY, regions=())
        made = Image(
            await self.form_image(family, bare), past_image(cohort.history, cohort.regions)
        )
        self._pasts.put(made.past.digest, Past(cohort.history, cohort.regions))
        return self._images.put((family, cohort), made)

    async def form_image(self, family: Family, form: Cohort) -> FormImage:
        """The stored form of a cohort without its past."""
        known = self._form_images.get((family, form))
        if known is None:
            made = form_image(await self._machine(family, form.version), form)
            known = self._form_images.put((family, form), made)
            if self._forms.get((family, made.digest)) is None:
                self._forms.put((family, made.digest), form)
        return known

    def known_form(self, family: Family, digest: bytes) -> Cohort | None:
        """The form of a digest, if it was seen."""
        return self._forms.get((family, digest[:FORM_BYTES]))

    def known_past(self, digest: bytes) -> Past | None:
        """The past of this name, if it was seen."""
        return self._pasts.get(digest)

    async def form(self, family: Family, digest: bytes, text: bytes) -> Cohort:
        """The form of a stored text."""
        known = self._forms.get((family, digest[:FORM_BYTES]))
        if known is None:
            machine = await self._machine(family, version_in(text))
            known = self._forms.put((family, digest[:FORM_BYTES]), read_form(machine, text))
        return known

    async def read(
        self, family: Family, shard: int, digest: bytes, form: bytes, past: bytes
    ) -> Cohort:
        """The cohort of stored texts."""
        (known,) = await self.pasts(family, shard, [(digest[FORM_BYTES:], past)])
        return with_past(await self.form(family, digest, form), known)

    async def pasts(
        self, family: Family, shard: int, named: Sequence[tuple[bytes, bytes]]
    ) -> list[Past]:
        """The pasts of stored texts, which come with their names."""
        found = [self._pasts.get(name) for name, _ in named]
        new = [at for at, past in enumerate(found) if past is None]
        for at, stored in zip(new, parsed([named[at][1] for at in new]), strict=True):
            lasts = chunks_named(stored)
            chains = {last: await self._chain(family, shard, last) for last in lasts}
            found[at] = self._pasts.put(named[at][0], past_of(stored, chains))
        return [past for past in found if past is not None]

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
    form, past = image.form, image.past
    head = (image.digest, form.text, past.text, form.rule, past.events, past.fingerprint)
    return (*head, *chunk_arguments(past, whole=whole))


def chunk_arguments(past: PastImage, *, whole: bool) -> tuple[Argument, ...]:
    """The chunks of a past as the scripts take them."""
    given = past.needed if whole else past.needed[-RECENT_CHUNKS:]
    flat = (part for chunk in given for part in (chunk.name, chunk.before, chunk.text))
    return (",".join(past.chunks), len(given), *flat)
