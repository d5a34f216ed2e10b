"""The registry of a tenant as one document: exported whole, imported whole where there is none.

An import is the only thing that sets a clock. For each workflow it is a change like any other:
every shard is fenced, all entries become true at once, and the shards go on under the law that
they bring; nobody is evaluated, because nobody can be there yet. So a workflow is there whole or
not at all, and an import that was cut off is sent again: what is there already is left as it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from statekeep.core.registry import Registry
from statekeep.service import bodies
from statekeep.service.changes import Changes
from statekeep.service.errors import EXPECTED, InvalidRequest, RegistryNotEmpty
from statekeep.service.fields import as_object
from statekeep.service.registries import Registries, View, folded
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
    unchanged: tuple[str, ...] = ()
    """Those of the workflows that were here already, entry for entry."""


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

    async def export(self, tenant: str, only: str | None = None) -> dict[str, object]:
        """Everything that is registered (in one workflow), entry by entry, with clocks."""
        workflows = []
        for workflow in await self._store.workflows(tenant):
            if only is not None and only != workflow:
                continue
            loaded = await self._store.load(Family(tenant, workflow), 0)
            if not loaded.entries:
                continue
            entries = [{name: getattr(entry, name) for name in FIELDS} for entry in loaded.entries]
            workflows.append({"workflow": workflow, "clock": loaded.clock, "entries": entries})
        return {"format": FORMAT, "uuid": await self._store.uuid(), "workflows": workflows}

    async def restore(self, tenant: str, document: object) -> Imported:
        """Import what `export` wrote. Its workflows must be unknown here, or just these."""
        uuid, books = _read(document)
        here = [book.workflow for book in books if await self._is_here(tenant, book)]
        await self._store.become(uuid)
        for book in books:
            if book.workflow not in here:
                names = [name for entry in book.entries for name in names_of(entry)]
                family = Family(tenant, book.workflow)
                await self._changes.restore(family, book.entries, book.clock, names)
        own = await self._store.uuid()
        return Imported(
            uuid=own,
            adopted=own == uuid,
            workflows=tuple(book.workflow for book in books),
            entries=sum(len(book.entries) for book in books),
            unchanged=tuple(here),
        )

    async def _is_here(self, tenant: str, book: _Book) -> bool:
        """Whether the workflow is here as the book has it; it must not be here otherwise."""
        family = Family(tenant, book.workflow)
        if await self._changes.resume(family):
            await self._registries.fresh(family)
        loaded = await self._store.load(family, 0)
        if not loaded.entries:
            for name in (name for entry in book.entries for name in names_of(entry)):
                if name.startswith("v:") and await self._store.homes(tenant, name):
                    raise RegistryNotEmpty(book.workflow, f"version '{name[2:]}' is known here")
            return False
        if (loaded.clock, _forms(loaded.entries)) != (book.clock, _forms(book.entries)):
            raise RegistryNotEmpty(book.workflow)
        return True


def _forms(entries: Sequence[Entry]) -> list[object]:
    """Entries as JSON has them, so that one that was stored compares with one that was sent."""
    return [json.loads(json.dumps([getattr(entry, name) for name in FIELDS])) for entry in entries]


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
        uuid = str(written["uuid"])
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidRequest(f"this is no whole export: {error!r}", "/workflows") from error
    for index, book in enumerate(books):
        _check(book, f"/workflows/{index}")
    return uuid, books


def _entries(written: Sequence[Mapping[str, Any]]) -> tuple[Entry, ...]:
    return tuple(Entry(**{name: item[name] for name in FIELDS}) for item in written)


def _check(book: _Book, pointer: str) -> None:
    """Insist that the entries are ones that a registry can have: nothing that is stored must be
    unreadable ever after."""
    view = View(Family("", book.workflow), Registry(book.workflow))
    for index, entry in enumerate(book.entries):
        at = f"{pointer}/entries/{index}"
        if entry.clock < view.registry.clock or entry.law < view.law or entry.clock > book.clock:
            raise InvalidRequest("clocks only grow, and the workflow's is the last", at)
        try:
            view = folded(view, entry)
        except (*EXPECTED, TypeError, ValueError, KeyError, AttributeError) as error:
            raise InvalidRequest(f"this entry cannot follow those before it: {error}", at) from None
    if not book.entries:
        raise InvalidRequest("a workflow without entries is none", pointer)
