"""The registry of a tenant as one document: exported whole, imported whole where there is none.

An import is the only thing that sets a clock. It is a change like any other: every shard is fenced,
all entries become true at once, and the shards go on under the law that they bring; nobody is
evaluated, because nobody can be there yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from statekeep.service import bodies
from statekeep.service.changes import Changes
from statekeep.service.errors import InvalidRequest, RegistryNotEmpty
from statekeep.service.fields import as_object
from statekeep.service.registries import Registries
from statekeep.service.wiring import Wiring
from statekeep.storage.ports import Entry, Family

FORMAT = 1
FIELDS = ("kind", "name", "clock", "law", "body", "by", "at", "result")


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import brought."""

    uuid: str
    adopted: bool
    """Whether the registry has the identity of the exported one now."""
    workflows: tuple[str, ...]
    entries: int


@dataclass(frozen=True, slots=True)
class _Book:
    workflow: str
    clock: int
    entries: tuple[Entry, ...]


class Transfer:
    """Exports and imports."""

    def __init__(self, wiring: Wiring, registries: Registries, changes: Changes) -> None:
        self._store = wiring.store
        self._registries = registries
        self._changes = changes

    async def export(self, tenant: str) -> dict[str, object]:
        """Everything that is registered, entry by entry, with clocks."""
        workflows = []
        for workflow in await self._store.workflows(tenant):
            loaded = await self._store.load(Family(tenant, workflow), 0)
            entries = [{name: getattr(entry, name) for name in FIELDS} for entry in loaded.entries]
            workflows.append({"workflow": workflow, "clock": loaded.clock, "entries": entries})
        return {"format": FORMAT, "uuid": await self._store.uuid(), "workflows": workflows}

    async def restore(self, tenant: str, document: object) -> Imported:
        """Import what `export` wrote. All its workflows must be unknown here."""
        uuid, books = _read(document)
        for book in books:
            if (await self._registries.fresh(Family(tenant, book.workflow))).length:
                raise RegistryNotEmpty(book.workflow)
        adopted = await self._store.become(uuid)
        for book in books:
            names = [name for entry in book.entries for name in names_of(entry)]
            family = Family(tenant, book.workflow)
            await self._changes.restore(family, book.entries, book.clock, names)
        return Imported(
            uuid=await self._store.uuid(),
            adopted=adopted,
            workflows=tuple(book.workflow for book in books),
            entries=sum(len(book.entries) for book in books),
        )


def names_of(entry: Entry) -> tuple[str, ...]:
    """The names for which an entry makes its workflow the home."""
    if entry.kind not in ("deployment", "migrations", "point"):
        return ()
    version = (f"v:{entry.name}",) if entry.kind == "deployment" else ()
    return (*version, *(f"p:{name}" for name in sorted(bodies.point_names(entry.body))))


def _read(document: object) -> tuple[str, tuple[_Book, ...]]:
    written: Mapping[str, Any] = as_object(document)
    if written.get("format") != FORMAT:
        raise InvalidRequest(f"an export of format {FORMAT} is wanted", "/format")
    try:
        books = tuple(
            _Book(str(book["workflow"]), int(book["clock"]), _entries(book["entries"]))
            for book in written["workflows"]
        )
        return str(written["uuid"]), books
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidRequest(f"this is no whole export: {error!r}", "/workflows") from error


def _entries(written: Sequence[Mapping[str, Any]]) -> tuple[Entry, ...]:
    return tuple(Entry(**{name: item[name] for name in FIELDS}) for item in written)
