"""The registries of all tenants, on a Redis or Valkey server.

All keys of a tenant's registry have one hash tag, so a change is committed in one script together
with the names that it brings.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import uuid4

from statekeep.storage import keys
from statekeep.storage.ports import Entry, Family, Pending, Registered, Seen
from statekeep.storage.records import entry_head, entry_text, read_entry
from statekeep.storage.redis_calls import Argument, Call, Calls, script


def _call(name: str, names: Sequence[str], *arguments: Argument) -> Call:
    return Call(script(f"registry_{name}", shared=False), tuple(names), arguments)


class RedisRegistries:
    """`storage.ports.RegistryStore` on a server."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def uuid(self) -> str:
        await self._calls.command("SET", keys.UUID, str(uuid4()), "NX")
        found: bytes = await self._calls.command("GET", keys.UUID)
        return found.decode()

    async def load(self, family: Family, since: int, last: Entry | None = None) -> Registered:
        known = entry_head(last) if last is not None else ""
        answer = await self._calls.run(_call("load", _book(family), since, known))
        clock, law, length, change, name, expires, committed, applied, anew, *entries = answer
        pending = None
        if change:
            pending = Pending(
                change=int(change),
                name=name.decode(),
                expires=float(expires),
                committed=committed == b"1",
                applied=int(applied),
            )
        read = tuple(read_entry(entry) for entry in entries)
        return Registered(int(clock), int(law), int(length), read, pending, anew == 1)

    async def begin(self, family: Family, seen: Seen, name: str, expires: float) -> int | None:
        await self._note_tenant(family)
        call = _call("begin", _book(family), seen.clock, seen.length, name, repr(expires))
        return int(await self._calls.run(call)) or None

    async def commit(
        self, family: Family, change: int, entry: Entry, names: Sequence[str], now: float
    ) -> bool:
        return await self._enter(family, entry, names, change, now, Seen(0, 0))

    async def restore(
        self,
        family: Family,
        change: int,
        entries: Sequence[Entry],
        clock: int,
        names: Sequence[str],
    ) -> bool:
        where = (*_book(family), keys.homes(family.tenant), keys.workflows(family.tenant))
        law = entries[-1].law if entries else 0
        texts = [entry_text(entry) for entry in entries]
        counts: tuple[Argument, ...] = (family.workflow, change, clock, law, len(texts))
        arguments = (*counts, *texts, *names)
        return await self._calls.true(_call("restore", where, *arguments))

    async def become(self, uuid: str) -> bool:
        await self.uuid()
        return await self._calls.true(_call("become", (keys.UUID, keys.TENANTS), uuid))

    async def append(self, family: Family, seen: Seen, entry: Entry, names: Sequence[str]) -> bool:
        await self._note_tenant(family)
        return await self._enter(family, entry, names, "", 0.0, seen)

    async def tick(self, family: Family, seen: Seen) -> bool:
        call = _call("tick", _book(family), seen.clock, seen.length)
        return await self._calls.true(call)

    async def abort(self, family: Family, change: int, now: float | None) -> bool:
        return await self._end(family, "abort", change, "" if now is None else repr(now))

    async def extend(self, family: Family, change: int, expires: float) -> bool:
        return await self._end(family, "extend", change, repr(expires))

    async def progress(self, family: Family, change: int, applied: int) -> None:
        await self._end(family, "progress", change, applied)

    async def finish(self, family: Family, change: int) -> None:
        await self._end(family, "finish", change, "")

    async def homes(self, tenant: str, name: str) -> tuple[str, ...]:
        found: bytes | None = await self._calls.command("HGET", keys.homes(tenant), name)
        return tuple(found.decode().split("\n")) if found else ()

    async def workflows(self, tenant: str) -> tuple[str, ...]:
        return await self._members(keys.workflows(tenant))

    async def tenants(self) -> tuple[str, ...]:
        return await self._members(keys.TENANTS)

    async def _members(self, key: str) -> tuple[str, ...]:
        found: Iterable[bytes] = await self._calls.command("SMEMBERS", key)
        return tuple(sorted(name.decode() for name in found))

    async def _note_tenant(self, family: Family) -> None:
        await self._calls.command("SADD", keys.TENANTS, family.tenant)

    async def _enter(
        self,
        family: Family,
        entry: Entry,
        names: Sequence[str],
        change: int | str,
        now: float,
        seen: Seen,
    ) -> bool:
        where = (*_book(family), keys.homes(family.tenant), keys.workflows(family.tenant))
        call = _call(
            "enter", where, family.workflow, entry_text(entry), entry.clock, entry.law, change,
            repr(now), seen.clock, seen.length, *names,
        )  # fmt: skip
        return await self._calls.true(call)

    async def _end(self, family: Family, word: str, change: int, value: Argument) -> bool:
        where = (keys.book(family.tenant, family.workflow),)
        return await self._calls.true(_call("end", where, word, change, value))


def _book(family: Family) -> tuple[str, str]:
    return (
        keys.book(family.tenant, family.workflow),
        keys.entries(family.tenant, family.workflow),
    )
