"""Changes of a workflow, interrupted at every point: all of it or nothing, and nobody lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from statekeep.service import Event, Filter, Services, Wiring
from statekeep.service.deployments import Deployed
from statekeep.storage.ports import Family, Store
from support.asyncs import run
from support.loans import loan_v1, loan_v2, loan_v3
from support.stores import MEMORY, opened, own_tenant

STORES = ("memory", "server")
STEPS = (
    "begin", "watch", "rows", "touched", "stage", "fence", "commit", "release", "complete",
    "progress", "finish",
)  # fmt: skip


SYNCHRONOUS = ("use", "shard_of", "on_renewal", "forget")


class Died(Exception):
    """The process that was making the change is gone."""


class Dying:
    """A store whose process dies before or after the n-th call of one operation."""

    def __init__(self, store: Store, step: str, nth: int, *, after: bool) -> None:
        self._store = store
        self._step = step
        self._left = nth
        self._after = after
        self.dead = False

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if not callable(found) or name in SYNCHRONOUS:
            return found

        async def called(*args: Any) -> Any:
            if self.dead:
                raise Died
            if name == self._step:
                self._left -= 1
                if self._left == 0:
                    self.dead = True
                    if self._after:
                        await found(*args)
                    raise Died
            return await found(*args)

        return called


@pytest.fixture(params=STORES)
def address(request: pytest.FixtureRequest) -> str:
    if request.param == "memory":
        return MEMORY
    url: str = request.getfixturevalue("valkey_url")
    return url


class Clock:
    """Wall time that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def replicas(address: str, clock: Clock) -> AsyncIterator[tuple[Store, Services]]:
    """A store, and one replica on it."""
    async with opened(address) as store:
        yield store, Services(Wiring(store, now=clock))


async def populated(services: Services, tenant: str) -> dict[str, str]:
    """Twelve actors: four paid, four waived, four in between."""
    await services.deployments.deploy(tenant, loan_v1())
    ways = {"paid": ["SUBMIT_INFO", "PAY_FEE"], "waived": ["SUBMIT_INFO", "WAIVE_FEE"],
            "between": ["SUBMIT_INFO"]}  # fmt: skip
    names = {}
    for way, events in ways.items():
        for number in range(4):
            actor = (await services.actors.spawn(tenant, "loan-v1")).actor
            names[f"{way}-{number}"] = actor
            for event in events:
                await services.actors.send(tenant, actor, Event(event))
    return names


async def recounted(services: Services, tenant: str) -> dict[tuple[str, object], int]:
    """Every actor asked one by one, and held against what the cohorts say."""
    groups = await services.listing.groups(tenant, Filter())
    said = {(g.version, str(g.state_value)): g.count for g in groups}
    counted: dict[tuple[str, object], int] = {}
    page = await services.listing.actors(tenant, Filter(), 1_000, None)
    for listed in page.actors:
        actor = await services.actors.get(tenant, listed.id)
        at = (actor.version, str(actor.state_value))
        counted[at] = counted.get(at, 0) + 1
    assert counted == said
    return counted


BEFORE = {("loan-v1", "awaiting_docs"): 8, ("loan-v1", "fee"): 4}
AFTER = {
    ("loan-v1", "awaiting_docs"): 4, ("loan-v1", "fee"): 4, ("loan-v2", "income_verify"): 4
}  # fmt: skip


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("nth", [1, 2, 4])
@pytest.mark.parametrize("step", STEPS)
def test_a_process_that_dies_in_a_change_leaves_all_of_it_or_nothing(
    address: str, step: str, nth: int, *, after: bool
) -> None:
    async def story() -> None:
        clock, tenant = Clock(), own_tenant()
        async with replicas(address, clock) as (store, survivor):
            names = await populated(survivor, tenant)
            dying = Dying(store, step, nth, after=after)
            victim = Services(Wiring(dying, now=clock))  # type: ignore[arg-type]
            store.use(survivor.registries.machine)
            try:
                await victim.deployments.deploy(tenant, loan_v2())
            except Died:
                clock.now += 60.0
            # Any event that meets what is left settles it, whoever sends it.
            late = await survivor.actors.send(tenant, names["between-0"], Event("NONSENSE"))
            assert not late.accepted
            counted = await recounted(survivor, tenant)
            view = await survivor.deployments.view(tenant, "loan")
            committed = view.registry.version("loan-v2") is not None
            for actor in names.values():
                await survivor.actors.send(tenant, actor, Event("NONSENSE"))
            counted = await recounted(survivor, tenant)
            assert counted == (AFTER if committed else BEFORE)
            again = await survivor.deployments.deploy(tenant, loan_v2())
            assert (again.migrated, again.stayed, again.unchanged) == (4, 8, committed)
            assert await recounted(survivor, tenant) == AFTER
            paid = await survivor.actors.decisions(tenant, names["paid-0"])
            assert [item.decision.verdict for item in paid] == ["migrated"]
            waived = await survivor.actors.decisions(tenant, names["waived-0"])
            assert [item.decision.verdict for item in waived] == ["stayed"]

    run(story())


def test_two_registrations_at_once_take_two_ticks(address: str) -> None:
    async def story() -> None:
        tenant = own_tenant()
        async with opened(address) as store:
            one, other = Services(Wiring(store)), Services(Wiring(store))
            await populated(one, tenant)
            done = await asyncio.gather(
                one.deployments.deploy(tenant, loan_v2()),
                other.deployments.deploy(tenant, loan_v3()),
            )
            assert sorted(item.clock for item in done) == [2, 3]
            assert sum((await recounted(one, tenant)).values()) == 12

    run(story())


def test_the_same_body_from_two_replicas_is_one_registration(address: str) -> None:
    async def story() -> None:
        tenant = own_tenant()
        async with opened(address) as store:
            both = [Services(Wiring(store)), Services(Wiring(store))]
            await populated(both[0], tenant)
            done: list[Deployed] = await asyncio.gather(
                *(replica.deployments.deploy(tenant, loan_v2()) for replica in both)
            )
            assert [(item.clock, item.migrated) for item in done] == [(2, 4), (2, 4)]
            assert sorted(item.unchanged for item in done) == [False, True]

    run(story())


def test_traffic_goes_on_through_registrations_and_loses_nothing(address: str) -> None:
    async def story() -> None:
        tenant = own_tenant()
        async with opened(address) as store:
            replicas_ = [Services(Wiring(store)) for _ in range(3)]
            await replicas_[0].deployments.deploy(tenant, loan_v1())
            actors = [(await replicas_[0].actors.spawn(tenant, "loan-v1")).actor for _ in range(30)]

            async def live(index: int, actor: str) -> int:
                """Send a whole life; how many events were accepted."""
                mine, accepted = replicas_[index % 3], 0
                fee = "PAY_FEE" if index % 2 else "WAIVE_FEE"
                for event in ("SUBMIT_INFO", fee, "VERIFIED", "DOCS"):
                    answer = await mine.actors.send(tenant, actor, Event(event), key=event)
                    again = await replicas_[(index + 1) % 3].actors.send(
                        tenant, actor, Event(event), key=event
                    )
                    assert (again.revision, again.accepted) == (answer.revision, answer.accepted)
                    accepted += answer.accepted
                return accepted

            async def change() -> None:
                await replicas_[1].deployments.deploy(tenant, loan_v2())
                await replicas_[2].workflows.freeze(tenant, "loan", "a look")
                await replicas_[0].workflows.unfreeze(tenant, "loan")
                await replicas_[1].deployments.close(tenant, "loan-v2.loan-v1")

            lives = [live(index, actor) for index, actor in enumerate(actors)]
            *accepted, _ = await asyncio.gather(*lives, change())
            for actor, count in zip(actors, accepted, strict=True):
                page = await replicas_[0].actors.history(tenant, actor)
                assert len(page.items) == count
                state = await replicas_[0].actors.get(tenant, actor)
                assert state.revision == count
            assert sum((await recounted(replicas_[2], tenant)).values()) == 30

    run(story())


Move = Callable[[Services, str, str], Awaitable[object]]


def test_a_fence_of_a_change_that_is_no_more_is_lifted(address: str) -> None:
    async def story() -> None:
        tenant = own_tenant()
        async with opened(address) as store:
            services = Services(Wiring(store))
            names = await populated(services, tenant)
            family = Family(tenant, "loan")
            for shard in range(store.shards):
                assert await store.fence(family, shard, 99)
            answer = await services.actors.send(tenant, names["paid-0"], Event("DOCS"))
            assert answer.accepted
            assert not await store.fence(family, 0, 7)

    run(story())


def test_a_round_of_upkeep_ends_what_a_dead_replica_has_begun(address: str) -> None:
    async def story() -> None:
        clock, tenant = Clock(), own_tenant()
        async with replicas(address, clock) as (store, survivor):
            await populated(survivor, tenant)
            dying = Dying(store, "release", 2, after=False)
            victim = Services(Wiring(dying, now=clock))  # type: ignore[arg-type]
            store.use(survivor.registries.machine)
            with pytest.raises(Died):
                await victim.deployments.deploy(tenant, loan_v2())
            assert (await survivor.deployments.get(tenant, "loan-v2")).state == "applying"
            assert await survivor.upkeep.round(queues=False) >= 1
            done = await survivor.deployments.get(tenant, "loan-v2")
            assert (done.state, done.migrated) == ("done", 4)
            assert await recounted(survivor, tenant) == AFTER

    run(story())


OWNER = {"kind": "WorkflowDefinition", "name": "loan-v2", "uid": "1", "generation": 1}


@pytest.mark.parametrize("step", [None, "release", "complete"])
def test_migrations_that_are_added_later_are_a_registration_of_their_own(
    address: str, step: str | None
) -> None:
    async def story() -> None:
        clock, tenant = Clock(), own_tenant()
        async with replicas(address, clock) as (store, services):
            await populated(services, tenant)
            body = loan_v2(owner=OWNER, workflow="loan")
            path = {"historyPath": body.pop("historyPath"), "from": body.pop("parentId")}
            paid = {"name": "loan-v2.paid", **path}
            waived = {"name": "loan-v2.waived", "from": "loan-v1",
                      "historyPath": ["SUBMIT_INFO", "WAIVE_FEE"]}  # fmt: skip
            first = await services.deployments.deploy(tenant, body)
            assert (first.clock, first.migrated) == (2, 0)
            second = await services.deployments.deploy(tenant, {**body, "migrations": [paid]})
            assert (second.clock, second.migrated, second.stayed) == (3, 4, 8)
            both = {**body, "migrations": [paid, waived]}
            if step is not None:
                dying = Dying(store, step, 2, after=False)
                victim = Services(Wiring(dying, now=clock))  # type: ignore[arg-type]
                store.use(services.registries.machine)
                with pytest.raises(Died):
                    await victim.deployments.deploy(tenant, both)
                await services.upkeep.round(queues=False)
            third = await services.deployments.deploy(tenant, both)
            assert (third.clock, third.migrated, third.stayed) == (4, 4, 4)
            assert [point.name for point in third.points] == ["loan-v2.waived"]
            known = await services.deployments.get(tenant, "loan-v2.paid")
            assert (known.clock, known.migrated) == (3, 4)
            known = await services.deployments.get(tenant, "loan-v2.waived")
            assert (known.clock, known.migrated, known.stayed) == (4, 4, 4)
            await recounted(services, tenant)

    run(story())
