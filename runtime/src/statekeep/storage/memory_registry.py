"""The registries of all tenants, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import uuid4

from statekeep.storage.ports import Entry, Family, Pending, Registered, Seen
from statekeep.storage.records import entry_head


@dataclass(slots=True)
class _Book:
    clock: int = 0
    law: int = 0
    changes: int = 0
    entries: list[Entry] = field(default_factory=list)
    pending: Pending | None = None

    def seen(self) -> Seen:
        return Seen(self.clock, len(self.entries))

    def enter(self, entry: Entry) -> None:
        self.entries.append(entry)
        self.clock = entry.clock
        self.law = entry.law


class MemoryRegistries:
    """`storage.ports.RegistryStore` in this process."""

    def __init__(self) -> None:
        self._uuid = str(uuid4())
        self._books: dict[Family, _Book] = {}
        self._homes: dict[tuple[str, str], dict[str, None]] = {}

    def _book(self, family: Family) -> _Book:
        return self._books.setdefault(family, _Book())

    async def uuid(self) -> str:
        return self._uuid

    async def load(self, family: Family, since: int, last: Entry | None = None) -> Registered:
        book = self._books.get(family) or _Book()
        before = [entry_head(entry) for entry in book.entries[since - 1 : since]]
        anew = last is not None and before != [entry_head(last)]
        entries = tuple(book.entries if anew else book.entries[since:])
        return Registered(book.clock, book.law, len(book.entries), entries, book.pending, anew)

    async def begin(self, family: Family, seen: Seen, name: str, expires: float) -> int | None:
        book = self._book(family)
        if book.pending is not None or book.seen() != seen:
            return None
        book.changes += 1
        book.pending = Pending(book.changes, name, expires)
        return book.changes

    async def commit(
        self, family: Family, change: int, entry: Entry, names: Sequence[str], now: float
    ) -> bool:
        book = self._book(family)
        pending = book.pending
        if pending is None or pending.change != change or pending.committed:
            return False
        if now >= pending.expires or not self._claim(family, names):
            return False
        book.enter(entry)
        book.pending = replace(pending, committed=True)
        return True

    async def restore(
        self,
        family: Family,
        change: int,
        entries: Sequence[Entry],
        clock: int,
        names: Sequence[str],
    ) -> bool:
        book = self._book(family)
        pending = book.pending
        if pending is None or pending.change != change or pending.committed or book.entries:
            return False
        if not self._claim(family, names):
            return False
        for entry in entries:
            book.enter(entry)
        book.clock = clock
        book.pending = replace(pending, committed=True)
        return True

    async def become(self, uuid: str) -> bool:
        if any(book.entries for book in self._books.values()):
            return uuid == self._uuid
        self._uuid = uuid
        return True

    async def append(self, family: Family, seen: Seen, entry: Entry, names: Sequence[str]) -> bool:
        book = self._book(family)
        if book.pending is not None or book.seen() != seen or not self._claim(family, names):
            return False
        book.enter(entry)
        return True

    async def tick(self, family: Family, seen: Seen) -> bool:
        book = self._book(family)
        if book.pending is not None or book.seen() != seen:
            return False
        book.clock += 1
        return True

    async def abort(self, family: Family, change: int, now: float | None) -> bool:
        book = self._book(family)
        pending = book.pending
        if pending is None or pending.change != change or pending.committed:
            return False
        if now is not None and now < pending.expires:
            return False
        book.pending = None
        return True

    async def extend(self, family: Family, change: int, expires: float) -> bool:
        book = self._book(family)
        pending = book.pending
        if pending is None or pending.change != change or pending.committed:
            return False
        book.pending = replace(pending, expires=expires)
        return True

    async def progress(self, family: Family, change: int, applied: int) -> None:
        book = self._book(family)
        if book.pending is not None and book.pending.change == change:
            book.pending = replace(book.pending, applied=max(applied, book.pending.applied))

    async def finish(self, family: Family, change: int) -> None:
        book = self._book(family)
        pending = book.pending
        if pending is not None and pending.change == change and pending.committed:
            book.pending = None

    async def homes(self, tenant: str, name: str) -> tuple[str, ...]:
        return tuple(self._homes.get((tenant, name), ()))

    async def workflows(self, tenant: str) -> tuple[str, ...]:
        return tuple(sorted(f.workflow for f in self._books if f.tenant == tenant))

    async def tenants(self) -> tuple[str, ...]:
        return tuple(sorted({family.tenant for family in self._books}))

    def _claim(self, family: Family, names: Sequence[str]) -> bool:
        """Give the names their home; a version has only one."""
        for name in names:
            homes = self._homes.get((family.tenant, name), {})
            if name.startswith("v:") and homes and family.workflow not in homes:
                return False
        for name in names:
            self._homes.setdefault((family.tenant, name), {})[family.workflow] = None
        return True
