"""Lists of actors: by filter, by cohort record, by what a deployment decided.

All walk cohort records shard by shard and members inside them. A cursor names the record, the
store's own cursor in it and the last actor given, so a page is never larger than asked for, and
who stays where it is is listed at least once. The order says nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from statekeep.core.cohort import state_value
from statekeep.core.plan import state_text
from statekeep.service.answers import ActorView, actor_view
from statekeep.service.changes import Changes
from statekeep.service.contexts import Contexts
from statekeep.service.errors import InvalidRequest
from statekeep.service.registries import Registries, View
from statekeep.service.wiring import Wiring
from statekeep.storage.ports import Block, CohortRow, Entry, Family, Members

SCAN = 1_000
"""Members asked of the store at once."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some actors, and where the next ones begin; None when that was all."""

    actors: tuple[str, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class ViewPage:
    """The same with the actors read."""

    actors: tuple[ActorView, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which actors to list; None lets all pass."""

    workflow: str | None = None
    version: str | None = None
    status: str | None = None
    state: str | None = None
    """A state value as text (`open`, or canonical JSON), or a dotted path that is active."""
    reason: str | None = None
    """Why they are stranded."""


@dataclass(frozen=True, slots=True)
class Group:
    """How many actors of a version are in one state."""

    workflow: str
    version: str
    state_value: object
    status: str
    reason: str | None
    count: int


@dataclass(frozen=True, slots=True, order=True)
class _Place:
    """Where a walk is: a record, the store's cursor in it, and the last actor given."""

    workflow: str = ""
    shard: int = 0
    record: str = ""
    cursor: str = ""
    after: str = ""

    def text(self) -> str:
        return "\t".join((self.workflow, str(self.shard), self.record, self.cursor, self.after))


def _place(text: str | None) -> _Place:
    if not text:
        return _Place()
    parts = text.split("\t")
    if len(parts) != 5 or not parts[1].isdecimal():
        raise InvalidRequest("the cursor is none that was given out", "/cursor")
    return _Place(parts[0], int(parts[1]), parts[2], parts[3], parts[4])


Choice = Callable[[list[str]], Awaitable[list[str]]]


class Listing:
    """Walks over actors."""

    def __init__(self, wiring: Wiring, registries: Registries, changes: Changes) -> None:
        self._wiring = wiring
        self._store = wiring.store
        self._registries = registries
        self._changes = changes
        self._contexts = Contexts(wiring)

    async def of_records(
        self, family: Family, rows: Iterable[CohortRow], limit: int, cursor: str | None
    ) -> Page:
        """The members of these records, which come by shard and id."""
        return await self._collect(((family, row) for row in rows), limit, cursor, None)

    async def of_deployment(
        self, view: View, entry: Entry, verdict: str, limit: int, cursor: str | None
    ) -> Page:
        """The actors for which a registration came to this verdict."""
        rows = await self._changes.rows(view.family)

        async def chosen(actors: list[str]) -> list[str]:
            blocks = await self._store.blocks_of(view.family.tenant, actors)
            read = zip(actors, blocks, strict=True)
            return [actor for actor, seen in read if verdict_of(entry, seen) == verdict]

        return await self._collect(((view.family, row) for row in rows), limit, cursor, chosen)

    async def actors(self, tenant: str, chosen: Filter, limit: int, cursor: str | None) -> ViewPage:
        """The actors that a filter lets pass, read (their contexts are not)."""
        rows = ((view.family, row) for view, row in await self._rows(tenant, chosen))
        page = await self._collect(rows, limit, cursor, None)
        views = []
        for actor in page.actors:
            record = await self._store.find(tenant, actor)
            if record is not None:
                view = self._registries.known(record.family)
                if view.registry.version(record.cohort.version) is None:
                    view = await self._registries.fresh(record.family)
                views.append(actor_view(view, record, None))
        return ViewPage(tuple(views), page.next)

    async def groups(self, tenant: str, chosen: Filter) -> tuple[Group, ...]:
        """How many actors there are, by state value."""
        counts: Counter[tuple[str, str, str, str, str]] = Counter()
        values: dict[tuple[str, str, str, str, str], object] = {}
        for view, row in await self._rows(tenant, chosen):
            value = state_value(view.registry, row.form)
            reason = row.form.stranding.reason if row.form.stranding else ""
            own = (view.family.workflow, row.form.version, state_text(value))
            key = (*own, row.form.status, reason)
            counts[key] += row.actors
            values[key] = value
        return tuple(
            Group(key[0], key[1], values[key], key[3], key[4] or None, count)
            for key, count in sorted(counts.items())
        )

    async def _rows(self, tenant: str, chosen: Filter) -> list[tuple[View, CohortRow]]:
        workflows = await self._store.workflows(tenant)
        found = []
        for workflow in sorted(workflows):
            if chosen.workflow is None or chosen.workflow == workflow:
                view = await self._registries.fresh(Family(tenant, workflow))
                rows = await self._changes.rows(view.family)
                found += [(view, row) for row in rows if passes(view, row, chosen)]
        return found

    async def _collect(
        self,
        rows: Iterable[tuple[Family, CohortRow]],
        limit: int,
        cursor: str | None,
        chosen: Choice | None,
    ) -> Page:
        """Up to `limit` actors from a cursor on; the records come by workflow, shard and id."""
        start, found = _place(cursor), list[str]()
        async for place, page in self._pages(rows, start, min(limit + 1, SCAN)):
            after = place.after if page.here == place.cursor else ""
            batch = sorted(actor for actor in page.actors if actor > after)
            passed = batch if chosen is None else await chosen(batch)
            room = limit - len(found)
            if len(passed) > room:
                found += passed[:room]
                last = found[-1] if found else ""
                after = last if last in batch else after
                return Page(tuple(found), replace(place, cursor=page.here, after=after).text())
            found += passed
        return Page(tuple(found), None)

    async def _pages(
        self, rows: Iterable[tuple[Family, CohortRow]], start: _Place, most: int
    ) -> AsyncIterator[tuple[_Place, Members]]:
        """The members of records, and from which place on they were asked for."""
        for family, shard, records in _together(rows, start, most):
            left = [_Place(family.workflow, shard, record) for record in records]
            if start.record and left[0] == replace(start, cursor="", after=""):
                left[0] = start
            while left:
                asked = [(place.record, place.cursor) for place in left]
                for page in await self._store.members(family, shard, asked, SCAN):
                    place = left.pop(0)
                    yield place, page
                    if page.following:
                        left.insert(0, replace(place, cursor=page.following, after=""))
                        break


def _together(
    rows: Iterable[tuple[Family, CohortRow]], start: _Place, most: int
) -> Iterator[tuple[Family, int, list[str]]]:
    """Records from a place on, those of a shard together until they have so many members."""
    records, actors = list[str](), 0
    here: tuple[Family, int] | None = None
    for family, row in rows:
        if (family.workflow, row.shard, row.id) < (start.workflow, start.shard, start.record):
            continue
        if here is not None and (actors >= most or here != (family, row.shard)):
            yield *here, records
            records, actors = [], 0
        here = family, row.shard
        records.append(row.id)
        actors += row.actors
    if here is not None:
        yield *here, records


def verdict_of(entry: Entry, blocks: Sequence[Block] | None) -> str | None:
    """What a registration decided for an actor with these blocks, None if it was not concerned."""
    for block in blocks or ():
        if block.change == entry.name and block.law == entry.law and block.decisions:
            return block.decisions[-1].verdict
    return None


def passes(view: View, row: CohortRow, chosen: Filter) -> bool:
    """Whether the members of a record are among those asked for."""
    cohort = row.form
    if chosen.version is not None and cohort.version != chosen.version:
        return False
    if chosen.status is not None and cohort.status != chosen.status:
        return False
    if chosen.reason is not None:
        stranding = cohort.stranding
        if stranding is None or stranding.reason != chosen.reason:
            return False
    return chosen.state is None or _is_in(state_value(view.registry, cohort), chosen.state)


def _is_in(value: object, state: str) -> bool:
    """Whether a state value is this one, or has this dotted path in it."""
    return state_text(value) == state or state in _paths(value, "")


def _paths(value: object, above: str) -> set[str]:
    """The dotted paths of all active states."""
    if isinstance(value, str):
        return {f"{above}{escaped(value)}"}
    paths: set[str] = set()
    if isinstance(value, dict):
        for key, inner in value.items():
            own = f"{above}{escaped(key)}"
            paths |= {own} | _paths(inner, f"{own}.")
    return paths


def escaped(key: str) -> str:
    """A key as one step of a dotted path."""
    return key.replace("\\", "\\\\").replace(".", "\\.")
