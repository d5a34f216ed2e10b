"""What is particular to the store on a server: long histories, upkeep, resends, faults."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from statekeep.service import Event, Services, Wiring
from statekeep.service.identity import actor_id
from statekeep.storage import keys
from statekeep.storage.embedded import EmbeddedValkey
from statekeep.storage.errors import StoreMismatch, StoreRefuses, StoreUnreachable
from statekeep.storage.ports import Done, Family, Recast, SendOrder
from statekeep.storage.redis_calls import Calls
from statekeep.storage.redis_open import connected, open_store
from statekeep.storage.redis_store import RedisStore, _own_key
from support.asyncs import run
from support.loans import loan_v1, loan_v2
from support.stores import opened, own_tenant

LOOP = {"initial": "a", "states": {"a": {"on": {"GO": "b", "STAY": "a"}}, "b": {"on": {"GO": "a"}}}}
REGIONS = {
    "type": "parallel",
    "states": {"left": LOOP, "right": {"initial": "x", "states": {"x": {}}}},
}


async def keys_of(store: RedisStore, pattern: str) -> list[bytes]:
    scanned = store._calls.client.scan_iter(match=pattern, count=1000)
    return [key async for key in scanned]


def test_a_long_history_is_kept_in_chunks_and_read_back_by_another_replica(valkey: str) -> None:
    async def story() -> None:
        tenant = own_tenant()
        async with opened(valkey) as store:
            services = Services(Wiring(store))
            body = {"id": "loop-v1", "definition": REGIONS}
            await services.deployments.deploy(tenant, body)
            actor = (await services.actors.spawn(tenant, "loop-v1")).actor
            types = ["GO" if n % 3 else "STAY" for n in range(300)]
            accepted = [
                event for event in types
                if (await services.actors.send(tenant, actor, Event(event))).accepted
            ]  # fmt: skip
            assert len(accepted) > 200
        async with opened(valkey) as other:
            reader = Services(Wiring(other))
            page = await reader.actors.history(tenant, actor)
            assert [item.type for item in page.items] == accepted
            await reader.deployments.deploy(
                tenant,
                {"id": "loop-v2", "parentId": "loop-v1", "regions": {"left": accepted[:70]},
                 "landing": "Same", "definition": REGIONS},
            )  # fmt: skip
            assert (await reader.actors.get(tenant, actor)).version == "loop-v2"

    run(story())


def test_a_replayed_landing_stores_the_chunks_of_its_regions(valkey: str) -> None:
    async def story() -> None:
        tenant = own_tenant()
        async with opened(valkey) as store:
            services = Services(Wiring(store))
            await services.deployments.deploy(tenant, {"id": "l-v1", "definition": LOOP})
            actor = (await services.actors.spawn(tenant, "l-v1")).actor
            for _ in range(130):
                await services.actors.send(tenant, actor, Event("GO"))
            renamed = {"type": "parallel", "states": {"inner": LOOP}}
            done = await services.deployments.deploy(
                tenant,
                {"id": "l-v2", "parentId": "l-v1", "landing": "Replay", "definition": renamed},
            )
            assert done.migrated == 1
        async with opened(valkey) as other:
            reader = Services(Wiring(other))
            answer = await reader.actors.send(tenant, actor, Event("GO"))
            assert (answer.version, answer.revision, answer.accepted) == ("l-v2", 131, True)

    run(story())


def test_upkeep_takes_away_what_nobody_needs(valkey: str) -> None:
    async def story() -> None:
        tenant = own_tenant()
        async with opened(valkey, shards=1) as store:
            assert isinstance(store, RedisStore)
            services = Services(Wiring(store))
            await services.deployments.deploy(tenant, {"id": "loop-v1", "definition": LOOP})
            actor = (await services.actors.spawn(tenant, "loop-v1")).actor
            for _ in range(2_600):
                await services.actors.send(tenant, actor, Event("GO"))
            cohorts = await keys_of(store, f"*{tenant}:c:*")
            assert len(cohorts) < 2_100
            assert len(await keys_of(store, f"*{tenant}:m:*")) == 1
            chunks = await keys_of(store, f"*{tenant}:h:*")
            assert len(chunks) == 2_600 // 64

    run(story())


def test_a_deleted_actor_leaves_nothing_of_its_own(valkey: str) -> None:
    async def story() -> None:
        tenant = own_tenant()
        async with opened(valkey) as store:
            assert isinstance(store, RedisStore)
            services = Services(Wiring(store))
            await services.deployments.deploy(tenant, loan_v1())
            await services.deployments.deploy(tenant, loan_v2())
            actor = (await services.actors.spawn(tenant, "loan-v1")).actor
            for event in ("SUBMIT_INFO", "PAY_FEE"):
                await services.actors.send(tenant, actor, Event(event))
            assert len(await services.actors.decisions(tenant, actor)) == 1
            await services.actors.delete(tenant, actor)
            assert await keys_of(store, f"*:a:{actor}") == []
            assert await keys_of(store, f"*{tenant}:m:*") == []

    run(story())


def test_a_resend_after_a_lost_answer_is_answered_and_not_done_again(valkey: str) -> None:
    async def story() -> None:
        tenant = own_tenant()
        async with opened(valkey) as store:
            services = Services(Wiring(store))
            await services.deployments.deploy(tenant, {"id": "loop-v1", "definition": LOOP})
            actor = (await services.actors.spawn(tenant, "loop-v1")).actor
            await services.actors.send(tenant, actor, Event("STAY"))
            await services.actors.send(tenant, actor, Event("STAY"))
            order = SendOrder(tenant, actor, "STAY", idempotency=_own_key())
            for _ in range(3):
                order_ = order._replace()
                outcome = await store.send(order_)
                if not isinstance(outcome, Done):
                    view = await services.registries.fresh(Family(tenant, "loop-v1"))
                    advance = services.actors._steps.advance(view, outcome, "STAY")  # type: ignore[arg-type]
                    order = order._replace(advance=advance)
            assert isinstance(outcome, Done)
            assert (outcome.revision, outcome.replayed) == (3, True)

    run(story())


class Stutter(RedisStore):
    """A store whose answers to `stage` are lost: everything is said twice."""

    async def stage(
        self, family: Family, shard: int, change: int, recasts: Sequence[Recast]
    ) -> bool:
        assert await super().stage(family, shard, change, recasts)
        return await super().stage(family, shard, change, recasts)


def test_what_is_staged_twice_is_carried_out_and_written_down_once(valkey: str) -> None:
    async def story() -> None:
        tenant, calls = own_tenant(), Calls(connected(valkey))
        try:
            services = Services(Wiring(Stutter(calls, 1)))
            await services.deployments.deploy(tenant, loan_v1())
            actor = (await services.actors.spawn(tenant, "loan-v1")).actor
            for event in ("SUBMIT_INFO", "PAY_FEE"):
                await services.actors.send(tenant, actor, Event(event))
            assert (await services.deployments.deploy(tenant, loan_v2())).migrated == 1
            made = await services.actors.decisions(tenant, actor)
            assert [item.decision.target for item in made] == ["loan-v2"]
        finally:
            await calls.close()

    run(story())


OLDER_MEMOS = """
local found = 0
for _, record in ipairs(redis.call('KEYS', ARGV[1])) do
  for _, field in ipairs(redis.call('HKEYS', record)) do
    if string.sub(field, 1, 2) == 'e:' then
      local memo = { cmsgpack.unpack(redis.call('HGET', record, field)) }
      redis.call('HSET', record, field, cmsgpack.pack(unpack(memo, 1, 5)))
      found = found + #memo
    end
  end
end
return found
"""


def test_a_memo_of_an_earlier_release_is_computed_again(valkey: str) -> None:
    async def story() -> None:
        tenant = own_tenant()
        async with opened(valkey, shards=1) as store:
            assert isinstance(store, RedisStore)
            services = Services(Wiring(store))
            await services.deployments.deploy(tenant, loan_v1())
            actors = [(await services.actors.spawn(tenant, "loan-v1")).actor for _ in range(3)]
            older = ("EVAL", OLDER_MEMOS, 0, f"*:{tenant}:c:*")
            for actor in actors:
                answer = await services.actors.send(tenant, actor, Event("SUBMIT_INFO"))
                assert (answer.revision, answer.state_value) == (1, "fee")
                assert await store._calls.command(*older) == 8
            for actor in actors:
                answer = await services.actors.send(tenant, actor, Event("PAY_FEE"))
                assert (answer.revision, answer.accepted) == (2, True)

    run(story())


def test_a_memo_tells_where_in_the_log_of_its_target_an_actor_comes(valkey: str) -> None:
    async def story() -> None:
        tenant = own_tenant()
        async with opened(valkey, shards=1) as store:
            services = Services(Wiring(store))
            await services.deployments.deploy(tenant, {"id": "l-1", "definition": LOOP})
            early = (await services.actors.spawn(tenant, "l-1")).actor
            await services.actors.send(tenant, early, Event("STAY"))
            stayed = {"id": "l-2", "parentId": "l-1", "landing": "Same", "definition": LOOP}
            assert (await services.deployments.deploy(tenant, stayed)).migrated == 1
            late = [(await services.actors.spawn(tenant, "l-2")).actor for _ in range(3)]
            for actor in (*late, early):
                await services.actors.send(tenant, actor, Event("STAY"))
            for actor, expected in ((early, 1), *((actor, 0) for actor in late)):
                assert len(await services.actors.decisions(tenant, actor)) == expected

    run(story())


def test_another_number_of_shards_is_refused(valkey: str) -> None:
    async def story() -> None:
        first = await open_store(valkey, 4)
        await first.close()
        with pytest.raises(StoreMismatch, match="has 4 shards"):
            await open_store(valkey, 8)

    run(story())


def test_a_store_of_the_layout_before_is_taken_over(valkey: str) -> None:
    async def story() -> None:
        first = await open_store(valkey, 4)
        await first.calls.command("SET", keys.LAYOUT, "2")
        await first.close()
        second = await open_store(valkey, 4)
        assert await second.calls.command("GET", keys.LAYOUT) == b"3"
        await second.close()

    run(story())


def test_a_store_of_another_layout_is_refused(valkey: str) -> None:
    async def story() -> None:
        first = await open_store(valkey, 4)
        await first.calls.command("SET", keys.LAYOUT, "1")
        await first.close()
        with pytest.raises(StoreMismatch, match="has layout 1"):
            await open_store(valkey, 4)

    run(story())


def test_a_server_that_does_not_answer_is_said_to(
    start_valkey: Callable[..., EmbeddedValkey],
) -> None:
    server = start_valkey(fsync="always")

    async def story() -> None:
        calls = Calls(connected(server.url), patience=0.2)
        store = RedisStore(calls, 4)
        services = Services(Wiring(store))
        await services.deployments.deploy("t", loan_v1())
        server.kill()
        with pytest.raises(StoreUnreachable):
            await services.actors.spawn("t", "loan-v1")
        server.start()
        assert (await services.actors.spawn("t", "loan-v1")).revision == 0
        await calls.close()

    run(story())


def test_a_full_memory_changes_nothing(start_valkey: Callable[..., EmbeddedValkey]) -> None:
    server = start_valkey()

    async def story() -> None:
        calls = Calls(connected(server.url))
        services = Services(Wiring(RedisStore(calls, 4)))
        await services.deployments.deploy("t", loan_v1())
        actor = (await services.actors.spawn("t", "loan-v1")).actor
        await calls.command("CONFIG SET", "maxmemory", "1mb")
        with pytest.raises(StoreRefuses, match="out of memory"):
            await services.actors.send("t", actor, Event("SUBMIT_INFO"))
        await calls.command("CONFIG SET", "maxmemory", "0")
        assert (await services.actors.get("t", actor)).revision == 0
        assert (await services.actors.send("t", actor, Event("SUBMIT_INFO"))).accepted
        await calls.close()

    run(story())


@pytest.mark.parametrize("number", [0, 1, 31, 32, 2**62 + 12345, 2**63 - 1])
def test_an_id_is_a_number_and_back(number: int) -> None:
    actor = keys.encode_id(number)
    assert len(actor) == 13
    assert keys.decode_id(actor) == number
    assert keys.actor_of(keys.member_of(actor).encode()) == actor


@pytest.mark.parametrize(
    "name", ["", "short", "A" * 13, "i" * 13, "z" * 13, "0_00000000000", " 00000000000 ", "٠" * 13]
)
def test_a_name_that_is_no_id_is_kept_as_it_is(name: str) -> None:
    assert keys.decode_id(name) is None
    assert keys.actor_of(keys.member_of(name).encode()) == name


def test_ids_are_spread_over_the_shards() -> None:
    counts = [0] * 16
    for number in range(4_800):
        counts[keys.shard_of("t", actor_id("t", str(number)), 16)] += 1
    assert min(counts) > 200


def test_no_tenant_can_name_anothers_keys() -> None:
    assert keys.shard_prefix(0, "a:b") != keys.shard_prefix(0, "a") + "b:"
    assert "{" not in keys.shard_prefix(0, "{x}").removeprefix("sk:{00}")
