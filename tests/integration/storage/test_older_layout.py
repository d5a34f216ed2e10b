"""Records of layout 2 have their heads among their own fields: they are read, and recast."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from statekeep.service import Event, Filter, Services, Wiring
from statekeep.storage.ports import Done, Family, Recast, SendOrder, SendOutcome
from statekeep.storage.redis_calls import Calls
from statekeep.storage.redis_open import connected
from statekeep.storage.redis_store import RedisStore
from support.asyncs import run
from support.loans import loan_v1, loan_v2, loan_v3
from support.stores import own_tenant

AGE = """
local aged = 0
for _, heads in ipairs(redis.call('KEYS', ARGV[1] .. 'v:*')) do
  local prefix, workflow = string.match(heads, '^(.*:)v:(.*)$')
  local forms = prefix .. 'f:' .. workflow
  local all = redis.call('HGETALL', heads)
  for n = 1, #all, 2 do
    local digest, label, length, log, rule = cmsgpack.unpack(all[n + 1])
    local record = prefix .. 'c:' .. all[n]
    local form = redis.call('HGET', forms, string.sub(digest, 1, 12))
    redis.call('HSET', record, 'd', digest, 't', form)
    if label > 0 then redis.call('HSET', record, 'l', label) end
    if length > 0 then redis.call('HSET', record, 'g', length, 'k', log) end
    if rule ~= '' then redis.call('HSET', record, 'r', rule) end
    aged = aged + 1
  end
  redis.call('DEL', heads, forms)
end
return aged
"""
FAULTS = """
local faults = {}
local function fault(what) faults[#faults + 1] = what end
for _, records in ipairs(redis.call('KEYS', ARGV[1] .. 'o:*')) do
  local prefix, workflow = string.match(records, '^(.*:)o:(.*)$')
  local heads, index = prefix .. 'v:' .. workflow, prefix .. 'i:' .. workflow
  local forms = prefix .. 'f:' .. workflow
  local counts, indexed, kept = {}, 0, 0
  for _, cohort in ipairs(redis.call('SMEMBERS', records)) do
    local packed = redis.call('HGET', heads, cohort)
    local own = redis.call('HGET', prefix .. 'c:' .. cohort, 'd')
    if packed then
      local digest, _, length, log, _, held = cmsgpack.unpack(packed)
      local form = string.sub(digest, 1, 12)
      counts[form] = (counts[form] or 0) + 1
      if held ~= (redis.call('HGET', index, digest) == cohort) then fault('index') end
      if held then indexed = indexed + 1 end
      local _, blocks = string.gsub(log, '%S+', '')
      if blocks ~= length then fault('log') end
      if own then fault('two heads') end
    elseif not own then
      fault('no head')
    elseif redis.call('HGET', index, own) == cohort then
      indexed = indexed + 1
    end
  end
  if redis.call('HLEN', index) ~= indexed then fault('index too long') end
  for form, count in pairs(counts) do
    kept = kept + 2
    if redis.call('HGET', forms, 'x' .. form) ~= tostring(count) then fault('count of a form') end
    if not redis.call('HGET', forms, form) then fault('no form') end
  end
  if redis.call('HLEN', forms) ~= kept then fault('forms too long') end
end
return faults
"""


class Older(RedisStore):
    """A store whose records become of layout 2 again before each of the named operations."""

    before: frozenset[str] = frozenset()
    aged = 0

    async def age(self, name: str) -> None:
        if name in self.before:
            aged = await self._calls.command("EVAL", AGE, 0, "sk:*:t-*:")
            self.aged += aged

    async def send(self, order: SendOrder) -> SendOutcome:
        await self.age("send")
        return await super().send(order)

    async def rows(self, family: Family, shard: int) -> Any:
        await self.age("rows")
        return await super().rows(family, shard)

    async def stage(
        self, family: Family, shard: int, change: int, recasts: Sequence[Recast]
    ) -> bool:
        await self.age("stage")
        return await super().stage(family, shard, change, recasts)

    async def complete(self, family: Family, shard: int, change: int) -> None:
        await self.age("complete")
        await super().complete(family, shard, change)


async def lived(services: Services, tenant: str) -> list[object]:
    """What some lives of loans say of themselves."""
    await services.deployments.deploy(tenant, loan_v1())
    actors = [(await services.actors.spawn(tenant, "loan-v1")).actor for _ in range(9)]
    told: list[object] = []

    async def send(some: Sequence[str], event: str) -> None:
        for actor in some:
            answer = await services.actors.send(tenant, actor, Event(event))
            told.append((answer.version, answer.revision, answer.state_value, answer.accepted))

    async def seen() -> None:
        for actor in actors:
            view = await services.actors.get(tenant, actor)
            made = await services.actors.decisions(tenant, actor)
            decided = [(item.decision.verdict, item.decision.fingerprint) for item in made]
            told.append((view.version, view.revision, view.state_value, view.etag, decided))
        groups = await services.listing.groups(tenant, Filter())
        told.append(sorted((group.count, group.version) for group in groups))

    await send(actors[:6], "SUBMIT_INFO")
    await send(actors[:4], "PAY_FEE")
    done = await services.deployments.deploy(tenant, loan_v2())
    told.append((done.migrated, done.stayed, done.stranded))
    await seen()
    await send(actors, "SUBMIT_INFO")
    await send(actors, "PAY_FEE")
    done = await services.deployments.deploy(tenant, loan_v3())
    told.append((done.migrated, done.stayed, done.stranded))
    await seen()
    await send(actors, "SUBMIT_DOCS")
    await seen()
    return [*told, *[await services.actors.delete(tenant, actor) for actor in actors[::2]]]


NAMES = ("send", "rows", "stage", "complete")


@pytest.mark.parametrize("before", [*((name,) for name in NAMES), NAMES], ids="-".join)
def test_records_of_layout_2_live_on(valkey: str, before: tuple[str, ...]) -> None:
    async def story() -> None:
        calls = Calls(connected(valkey))
        try:
            plain, older = RedisStore(calls, 1), Older(calls, 1)
            expected = await lived(Services(Wiring(plain)), own_tenant())
            older.before = frozenset(before)
            assert await lived(Services(Wiring(older)), own_tenant()) == expected
            assert older.aged > 0
            assert await calls.command("EVAL", FAULTS, 0, "sk:*:t-*:") == []
        finally:
            await calls.close()

    run(story())


STORED = json.loads((Path(__file__).parents[2] / "golden" / "layout-2.json").read_text())
"""What the last release that wrote layout 2 left: five loans, two deployments after the first."""


async def restore(calls: Calls) -> None:
    for key, (kind, value) in STORED.items():
        if kind == "string":
            await calls.command("SET", key, value.encode("latin-1"))
            continue
        flat = [part for pair in value.items() for part in pair] if kind == "hash" else value
        word = {"hash": "HSET", "set": "SADD", "list": "RPUSH"}[kind]
        await calls.command(word, key, *[part.encode("latin-1") for part in flat])


def test_what_an_earlier_release_has_stored_is_read_and_migrated(valkey: str) -> None:
    async def story() -> None:
        calls, tenant = Calls(connected(valkey)), "layout-2"
        try:
            await restore(calls)
            services = Services(Wiring(RedisStore(calls, 1)))

            async def seen(actor: str) -> list[object]:
                view = await services.actors.get(tenant, actor)
                made = await services.actors.decisions(tenant, actor)
                steps = [item.decision.target or item.decision.verdict for item in made]
                return [view.version, view.state_value, view.status, view.etag, *steps]

            moved, lagging, lost, last, fresh = [
                "25taw0qvtv81s", "6dg3fks9p6ap2", "6n2dzj9qd6r4s", "0k3d1ym7c202t", "6qdwr04tth18t"
            ]  # fmt: skip
            on_v2 = ["loan-v2", "income_verify", "active", "2.1", "loan-v2"]
            assert await seen(moved) == await seen(lagging) == on_v2
            stranded = ["loan-v1", "fee", "needs_rescue", "1.1", "stayed", "stranded"]
            assert await seen(lost) == await seen(last) == stranded
            assert await seen(fresh) == [
                "loan-v3", "submitted", "active", "0.1", "stayed", "loan-v3"
            ]  # fmt: skip
            again = {**loan_v2(), "id": "loan-v4", "parentId": "loan-v2", "landing": "Same"}
            again.pop("historyPath", None)
            done = await services.deployments.deploy(tenant, again)
            assert (done.migrated, done.stayed, done.stranded) == (2, 0, 0)
            on_v4 = ["loan-v4", "income_verify", "active", "2.2", "loan-v2", "loan-v4"]
            assert await seen(moved) == await seen(lagging) == on_v4
            assert await seen(lost) == stranded
            assert (await services.actors.send(tenant, fresh, Event("SUBMIT_INFO"))).revision == 1
            assert await calls.command("EVAL", FAULTS, 0, f"sk:*:{tenant}:") == []
        finally:
            await calls.close()

    run(story())


def test_a_plain_event_needs_no_head(valkey: str) -> None:
    async def story() -> None:
        calls, tenant = Calls(connected(valkey)), own_tenant()
        try:
            store = Older(calls, 1)
            services = Services(Wiring(store))
            await services.deployments.deploy(tenant, loan_v1())
            actors = [(await services.actors.spawn(tenant, "loan-v1")).actor for _ in range(3)]
            await services.actors.send(tenant, actors[0], Event("SUBMIT_INFO"))
            store.before = frozenset(["send"])
            outcome = await store.send(SendOrder(tenant, actors[1], "SUBMIT_INFO"))
            assert isinstance(outcome, Done)
            assert (outcome.revision, store.aged) == (1, 2)
        finally:
            await calls.close()

    run(story())
