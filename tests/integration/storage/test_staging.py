"""A change is staged before its fence: what waits for it, what it counts, who carries it out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from statekeep.service import Event, Filter, Services, Wiring
from statekeep.service.catalogue import Catalogue
from statekeep.storage.embedded import EmbeddedValkey
from statekeep.storage.ports import Family, Store
from statekeep.storage.redis_calls import Calls
from statekeep.storage.redis_open import connected
from statekeep.storage.redis_store import RedisStore
from support.asyncs import run
from support.loans import loan_v1, loan_v2, loan_v3
from support.stores import MEMORY, opened, own_tenant

EVENTS = tuple(f"E{digit}" for digit in range(10))
LOOP = {"initial": "a", "states": {"a": {"on": dict.fromkeys(EVENTS, "a")}}}
REGION = {"initial": "x", "states": {"x": {"on": {"GO": "y"}}, "y": {"on": {"GO": "x"}}}}


class Watched:
    """A store that tells which operations there were, and does something before one of them."""

    def __init__(
        self, store: Store, before: str = "", do: Callable[[], Awaitable[object]] | None = None
    ):
        self._store = store
        self._before = before
        self._do = do
        self.told: list[str] = []

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if not callable(found) or name in ("use", "shard_of", "on_renewal", "forget"):
            return found

        async def called(*args: Any) -> Any:
            if name == self._before and self._do is not None:
                do, self._do = self._do, None
                await do()
            self.told.append(name)
            return await found(*args)

        return called


@pytest.fixture(params=["memory", "server"])
def address(request: pytest.FixtureRequest) -> str:
    if request.param == "memory":
        return MEMORY
    url: str = request.getfixturevalue("valkey_url")
    return url


async def histories(services: Services, tenant: str, count: int) -> list[str]:
    """Actors, no two with the same history."""
    await services.deployments.deploy(tenant, {"id": "w-1", "workflow": "w", "definition": LOOP})
    actors = [(await services.actors.spawn(tenant, "w-1")).actor for _ in range(count)]
    for place in range(3):
        sent = [
            (actor, Event(f"E{number // 10**place % 10}"), None)
            for number, actor in enumerate(actors)
        ]
        await services.actors.send_batch(tenant, sent)
    return actors


def next_version(number: int, **more: object) -> dict[str, object]:
    return {"id": f"w-{number}", "parentId": f"w-{number - 1}", "definition": LOOP, **more}


@pytest.mark.parametrize("landing", ["Same", "Replay"])
def test_an_event_waits_for_what_was_touched_and_not_for_records(
    address: str, landing: str
) -> None:
    async def story() -> None:
        tenant = own_tenant()
        async with opened(address) as store:
            quiet = Services(Wiring(store))
            actors = await histories(quiet, tenant, 300)
            watched = Watched(store)
            services = Services(Wiring(watched))  # type: ignore[arg-type]
            body = next_version(2, landing=landing)
            assert (await services.deployments.deploy(tenant, body)).migrated == 300
            begin, end = watched.told.index("fence"), watched.told.index("release")
            shards = store.shards
            held = [name for name in watched.told[begin:end] if name not in ("load", "workflows")]
            assert held == ["fence"] * shards + ["touched"] * shards + ["commit"]
            for actor in actors[::50]:
                assert (await quiet.actors.get(tenant, actor)).version == "w-2"

    run(story())


@pytest.mark.parametrize("step", ["stage", "touched", "extend", "commit"])
def test_what_happens_under_a_plan_is_counted(address: str, step: str) -> None:
    async def story() -> None:
        tenant = own_tenant()
        async with opened(address) as store:
            quiet = Services(Wiring(store))
            await quiet.deployments.deploy(tenant, loan_v1())
            early = [(await quiet.actors.spawn(tenant, "loan-v1")).actor for _ in range(6)]
            late: list[str] = []

            async def meanwhile() -> None:
                if step == "commit":
                    return
                for actor in early[:4]:
                    await quiet.actors.send(tenant, actor, Event("SUBMIT_INFO"))
                    await quiet.actors.send(tenant, actor, Event("PAY_FEE"))
                late.append((await quiet.actors.spawn(tenant, "loan-v1")).actor)
                await quiet.actors.delete(tenant, early[5])

            watched = Watched(store, step, meanwhile)
            services = Services(Wiring(watched))  # type: ignore[arg-type]
            done = await services.deployments.deploy(tenant, loan_v2())
            expected = (0, 6) if step == "commit" else (4, 2)
            assert (done.migrated, done.stayed) == expected
            groups = await quiet.listing.groups(tenant, Filter())
            assert sum(group.count for group in groups) == 6
            for actor in early[:4] if step != "commit" else ():
                (made,) = await quiet.actors.decisions(tenant, actor)
                assert (made.deployment, made.decision.verdict) == ("loan-v2", "migrated")
            for actor in late:
                (made,) = await quiet.actors.decisions(tenant, actor)
                assert made.decision.verdict == "stayed"

    run(story())


def test_a_kind_of_stranding_that_comes_up_under_the_plan_is_planned_for(address: str) -> None:
    async def story() -> None:
        tenant = own_tenant()
        async with opened(address) as store:
            quiet = Services(Wiring(store))
            await quiet.deployments.deploy(tenant, loan_v1())
            actor = (await quiet.actors.spawn(tenant, "loan-v1")).actor
            other = (await quiet.actors.spawn(tenant, "loan-v1")).actor

            async def meanwhile() -> None:
                await quiet.actors.send(tenant, actor, Event("SUBMIT_INFO"))

            watched = Watched(store, "extend", meanwhile)
            services = Services(Wiring(watched))  # type: ignore[arg-type]
            done = await services.deployments.deploy(tenant, loan_v3())
            assert (done.migrated, done.stranded) == (1, 1)
            assert watched.told.count("begin") == 2
            plans = {
                (await quiet.actors.decisions(tenant, name))[-1].plan for name in (actor, other)
            }
            assert plans == {done.plan_hash}

    run(story())


def test_a_landing_that_drops_a_region_changes_each_past(address: str) -> None:
    async def story() -> None:
        tenant = own_tenant()
        async with opened(address) as store:
            services = Services(Wiring(store))
            body = {
                "id": "p-1",
                "definition": {"type": "parallel", "states": {"l": REGION, "r": LOOP}},
            }
            await services.deployments.deploy(tenant, body)
            actors = [(await services.actors.spawn(tenant, "p-1")).actor for _ in range(12)]
            for number, actor in enumerate(actors):
                for event in ["GO", *[f"E{number % 4}"] * (70 if number < 4 else 2)]:
                    await services.actors.send(tenant, actor, Event(event))
            narrow = {
                "type": "parallel",
                "states": {"r": LOOP, "l": {"initial": "x", "states": {"x": {}}}},
            }
            done = await services.deployments.deploy(
                tenant,
                {"id": "p-2", "parentId": "p-1", "landing": "MappingOnly", "definition": narrow,
                 "stateMapping": {"l.y": "l.x", "r.a": "r.a"}},
            )  # fmt: skip
            assert done.migrated == 12
            plain = {"id": "p-3", "parentId": "p-2", "stateMapping": {"r.a": "a", "l": "a"},
                     "definition": LOOP}  # fmt: skip
            assert (await services.deployments.deploy(tenant, plain)).migrated == 12
            for number, actor in enumerate(actors):
                view = await services.actors.get(tenant, actor)
                assert (view.version, view.state_value) == ("p-3", "a")
                assert view.history_length == (71 if number < 4 else 3)
            catalogue = Catalogue(services.wiring, services.registries, services.changes)
            cohorts = await catalogue.cohorts(tenant, "p-1", "p-3", with_form=False)
            assert [live.cohort.regions for live in cohorts] == [()] * 8

    run(story())


def test_records_that_came_to_say_the_same_are_all_read(address: str) -> None:
    async def story() -> None:
        tenant = own_tenant()
        async with opened(address, shards=1) as store:
            services = Services(Wiring(store))
            made = []
            for version in ("w-1", "w-2"):
                body = {"id": version, "workflow": "w", "definition": LOOP}
                await services.deployments.deploy(tenant, body)
                made += [(await services.actors.spawn(tenant, version)).actor for _ in range(3)]
            both = [{"name": f"from-{n}", "from": f"w-{n}", "landing": "Same"} for n in (1, 2)]
            body = {"id": "w-3", "workflow": "w", "migrations": both, "definition": LOOP}
            assert (await services.deployments.deploy(tenant, body)).migrated == 6
            family = Family(tenant, "w")
            rows = await store.rows(family, 0)
            assert [(row.form.version, row.actors) for row in rows] == [("w-3", 3)] * 2
            assert rows[0].content == rows[1].content
            first = await services.deployments.preview(tenant, next_version(4), 4)
            assert first.counts["wouldMigrate"] == 6
            rest = await services.deployments.preview(tenant, next_version(4), 4, first.next)
            assert sorted(first.would_migrate + rest.would_migrate) == sorted(made)
            pages = await store.members(family, 0, [(row.id, "") for row in rows], 100)
            assert sorted(actor for page in pages for actor in page.actors) == sorted(made)
            assert [page.following for page in pages] == ["", ""]

    run(story())


def test_a_cursor_outlives_the_server(start_valkey: Callable[..., EmbeddedValkey]) -> None:
    server = start_valkey(fsync="always")

    async def listed(calls: Calls) -> None:
        services = Services(Wiring(RedisStore(calls, 1)))
        await services.deployments.deploy("t", {"id": "w-1", "definition": LOOP})
        keys = [f"k{number}" for number in range(3_000)]
        made = []
        for start in range(0, len(keys), 50):
            some = keys[start : start + 50]
            made += await asyncio.gather(
                *(services.actors.spawn("t", "w-1", None, key) for key in some)
            )
        found, cursor, pages = set[str](), None, 0
        while pages == 0 or cursor is not None:
            page = await services.listing.actors("t", Filter(), 500, cursor)
            found |= {actor.id for actor in page.actors}
            cursor, pages = page.next, pages + 1
            if pages in (2, 4):
                server.kill()
                server.start()
            assert pages < 60
        assert found == {answer.actor for answer in made}

    async def story() -> None:
        calls = Calls(connected(server.url))
        try:
            await listed(calls)
        finally:
            await calls.close()

    run(story())
