"""Reading the cohort records of a shard: rows, what their pasts say, and who is in them.

A row is made of what one page of the server says. A form is read where its digest is new, a past
only when somebody asks for it. A record to which a recast is due is brought up to date when it is
met; else nothing is written here.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, compress

from statekeep.core.cohort import Cohort
from statekeep.storage import keys
from statekeep.storage.ports import CohortRow, Family, Members, Touched
from statekeep.storage.records import FORM_BYTES, PLAIN, with_past
from statekeep.storage.redis_calls import Argument, Call, Calls, script
from statekeep.storage.redis_cohorts import Cohorts

ROWS_A_PAGE = 250
"""So few that the script takes a millisecond or two: an event may stand behind it."""
PASTS_AT_ONCE = 2 * ROWS_A_PAGE
"""How many are read, and parsed, before others have their turn."""
SCANS = (("i", 2 * ROWS_A_PAGE), *[("o", ROWS_A_PAGE)] * 3)
"""Where records are looked for, one after the other, before a count that does not fit is put down
to traffic: by content, which is quick and leaves out the second of one content; then all."""


class RedisRows:
    """The part of the store that reads records."""

    _calls: Calls
    _cohorts: Cohorts

    async def rows(self, family: Family, shard: int) -> tuple[CohortRow, ...]:
        """All records. A cursor does not outlive the server, which may be started anew between
        two pages; so what was found is held against the number of actors."""
        found: dict[str, CohortRow] = {}
        for kind, most in SCANS:
            found, actors, cursor = {}, 0, b"0"
            while True:
                call = self._shard_call("rows", family, shard, kind, cursor, most)
                cursor, actors, *page = await self._calls.run(call)
                rows = await self._rows(family, shard, *page)
                found.update((row.id, row) for row in rows if row.actors)
                if cursor == b"0":
                    break
            if sum(row.actors for row in found.values()) == actors:
                break
        return tuple(found[name] for name in sorted(found))

    async def _rows(
        self, family: Family, shard: int, said: list[bytes], counts: list[int]
    ) -> list[CohortRow]:
        """A page of records; a form is read only where its digest is new to us."""
        digests, cohorts = said[::2], b" ".join(said[1::2]).decode().split()
        names = [digest[:FORM_BYTES] for digest in digests]
        forms = {name: self._cohorts.known_form(family, name) for name in dict.fromkeys(names)}
        strange = [name for name, form in forms.items() if form is None]
        if strange:
            examples = {digest[:FORM_BYTES]: at for at, digest in enumerate(digests)}
            asked = [cohorts[examples[name]] for name in strange]
            for digest, text in await self._contents(family, shard, "t", asked):
                if digest[:FORM_BYTES] in forms:
                    forms[digest[:FORM_BYTES]] = await self._cohorts.form(family, digest, text)
        make, plain = tuple.__new__, PLAIN[0]  # as CohortRow(...) does, in half the time
        return [
            make(CohortRow, (shard, cohort, form, digest, digest[FORM_BYTES] == plain, count, None))
            for cohort, name, digest, count in zip(cohorts, names, digests, counts, strict=True)
            if (form := forms[name]) is not None
        ]

    async def _contents(
        self, family: Family, shard: int, part: str, cohorts: Sequence[Argument]
    ) -> list[tuple[bytes, bytes]]:
        """Digest and form of records ("t"), or digest and past ("y")."""
        pages = [cohorts[at : at + ROWS_A_PAGE] for at in range(0, len(cohorts), ROWS_A_PAGE)]
        calls = [self._shard_call("content", family, shard, "o", part, *page) for page in pages]
        found = list(chain.from_iterable(await self._calls.run_many(calls)))
        return list(zip(found[::2], found[1::2], strict=True))

    async def wholes(self, family: Family, rows: Sequence[CohortRow]) -> list[Cohort | None]:
        found: list[Cohort | None] = [self._whole(row) for row in rows]
        missing: dict[int, list[int]] = {}
        for at, row in enumerate(rows):
            if found[at] is None:
                missing.setdefault(row.shard, []).append(at)
        for shard, places in sorted(missing.items()):
            for start in range(0, len(places), PASTS_AT_ONCE):
                some = places[start : start + PASTS_AT_ONCE]
                read = await self._wholes_of(family, shard, [rows[at] for at in some])
                for at, whole in zip(some, read, strict=True):
                    found[at] = whole
        return found

    async def _wholes_of(
        self, family: Family, shard: int, rows: Sequence[CohortRow]
    ) -> list[Cohort | None]:
        """The same for some rows of a shard of which nothing is known."""
        said = await self._contents(family, shard, "y", [row.id for row in rows])
        named = [(digest[FORM_BYTES:], past) for digest, past in said]
        stays = [name == _past_of(row) for row, (name, _) in zip(rows, named, strict=True)]
        pasts = iter(await self._cohorts.pasts(family, shard, list(compress(named, stays))))
        return [
            with_past(row.form, next(pasts)) if same else None
            for row, same in zip(rows, stays, strict=True)
        ]

    def _whole(self, row: CohortRow) -> Cohort | None:
        past = self._cohorts.known_past(_past_of(row))
        return None if past is None else with_past(row.form, past)

    async def members(
        self, family: Family, shard: int, places: Sequence[tuple[str, str]], limit: int
    ) -> list[Members]:
        named = tuple(shard_key(family, shard, "m", cohort_id) for cohort_id, _ in places)
        cursors = (cursor for _, cursor in places)
        pages = await self._calls.run(
            Call(script("members", shared=False), named, (limit, *cursors))
        )
        return [
            Members(tuple(map(keys.actor_of, found)), here.decode(), following.decode())
            for following, here, found in pages
        ]

    async def touched(self, family: Family, shard: int, change: int, asked: int) -> Touched:
        call = self._shard_call("touched", family, shard, "w", change, asked, ROWS_A_PAGE)
        left, actors, *page = await self._calls.run(call)
        return Touched(tuple(await self._rows(family, shard, *page)), left, actors)

    def _shard_call(
        self, name: str, family: Family, shard: int, kind: str, *arguments: Argument
    ) -> Call:
        """A script on what a shard holds of a workflow."""
        return Call(script(name), (shard_key(family, shard, kind),), arguments)


def shard_key(family: Family, shard: int, kind: str, name: str | None = None) -> str:
    """The key of what a shard holds of a workflow, or of the record of a name."""
    prefix = keys.shard_prefix(shard, family.tenant)
    return f"{prefix}{kind}:{family.workflow if name is None else name}"


def _past_of(row: CohortRow) -> bytes:
    """The name of the past of a row that was read here."""
    if not isinstance(row.content, bytes):
        raise TypeError("a row of another store")
    return row.content[FORM_BYTES:]
