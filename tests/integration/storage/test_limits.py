"""What a tenant may have, at most, and what it is told; and finished actors that are let go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest

from statekeep.service import Event, Limits, Services, Wiring
from statekeep.service.answers import StepAnswer
from statekeep.service.errors import (
    EventTypeTooLong,
    HistoryTooLong,
    ServiceError,
    TooManyActors,
    TooManyCohorts,
    UnknownActor,
)
from statekeep.service.listing import Filter
from statekeep.service.quotas import FRESH_SECONDS, Quota
from support.asyncs import run
from support.loans import loan_v1
from support.stores import MEMORY, opened, own_tenant

LOOP = {"id": "w", "definition": {"initial": "a", "states": {"a": {"on": {"*": "a"}}}}}


@pytest.fixture(params=["memory", "server"])
def address(request: pytest.FixtureRequest) -> str:
    if request.param == "memory":
        return MEMORY
    url: str = request.getfixturevalue("valkey_url")
    return url


@dataclass
class Hands:
    """A clock that a test moves."""

    at: float = 1_000_000.0

    def __call__(self) -> float:
        return self.at


@dataclass
class House:
    """Some replicas on one store."""

    replicas: list[Services]
    tenant: str = field(default_factory=own_tenant)
    clock: Hands = field(default_factory=Hands)


@asynccontextmanager
async def house(
    address: str,
    limits: Limits,
    replicas: int = 1,
    retain_done: float | None = None,
    shards: int = 2,
) -> AsyncIterator[House]:
    async with opened(address, shards) as store:
        clock = Hands()
        wiring = Wiring(store, limits=limits, now=clock, retain_done=retain_done)
        yield House([Services(replace(wiring)) for _ in range(replicas)], clock=clock)


async def tried(services: Services, tenant: str, version: str, key: str) -> str:
    try:
        return (await services.actors.spawn(tenant, version, {}, key)).actor
    except ServiceError as error:
        return error.code


async def went(services: Services, tenant: str) -> int:
    """How many of the tenant's actors a round lets go; others may be on the same server."""
    before = (await services.wiring.store.census(tenant)).actors
    await services.retention.round()
    return before - (await services.wiring.store.census(tenant)).actors


def test_a_tenant_has_no_more_actors_than_it_may_and_one_that_goes_makes_room(address: str) -> None:
    async def story() -> None:
        async with house(address, Limits(actors=5)) as at:
            only, tenant = at.replicas[0], at.tenant
            await only.deployments.deploy(tenant, loan_v1())
            first = [await tried(only, tenant, "loan-v1", f"k{n}") for n in range(5)]
            with pytest.raises(TooManyActors, match="has 5 actors, the limit is 5"):
                await only.actors.spawn(tenant, "loan-v1", {}, "k5")
            again = await only.actors.spawn(tenant, "loan-v1", {}, "k3")
            assert (again.replayed, again.actor) == (True, first[3])
            assert (await only.actors.send(tenant, first[0], Event("SUBMIT_INFO"))).accepted
            await only.actors.delete(tenant, first[1])
            assert (await only.actors.spawn(tenant, "loan-v1", {}, "k5")).revision == 0
            other = own_tenant()
            await only.deployments.deploy(other, loan_v1())
            assert (await only.actors.spawn(other, "loan-v1")).revision == 0

    run(story())


@pytest.mark.parametrize(("replicas", "over"), [(1, 0), (3, 26)])
def test_spawns_at_once_exceed_the_limit_by_no_more_than_is_said(
    address: str, replicas: int, over: int
) -> None:
    """One replica: not at all. Each other: by a sixteenth of 48, and by ten that are under way."""

    async def story() -> None:
        async with house(address, Limits(actors=48), replicas) as at:
            tenant = at.tenant
            await at.replicas[0].deployments.deploy(tenant, loan_v1())

            async def client(number: int) -> list[str]:
                services = at.replicas[number % replicas]
                return [await tried(services, tenant, "loan-v1", f"{number}-{n}") for n in range(9)]

            answers = await asyncio.gather(*(client(n) for n in range(10 * replicas)))
            told = [one for answer in answers for one in answer]
            there = sum(g.count for g in await at.replicas[0].listing.groups(tenant, Filter()))
            assert there == len(told) - told.count("TooManyActors")
            assert 48 <= there <= 48 + over

    run(story())


def test_an_event_that_would_make_a_cohort_too_many_is_refused_and_others_go_on(
    address: str,
) -> None:
    async def story() -> None:
        async with house(address, Limits(cohorts=3), shards=1) as at:
            only, tenant = at.replicas[0], at.tenant
            await only.deployments.deploy(tenant, LOOP)
            a, b, c, d = [(await only.actors.spawn(tenant, "w")).actor for _ in range(4)]
            for actor, event in ((a, "A"), (b, "B")):
                assert (await only.actors.send(tenant, actor, Event(event))).accepted
            with pytest.raises(TooManyCohorts, match="has 3 live cohorts, the limit is 3"):
                await only.actors.send(tenant, c, Event("C"))
            assert (await only.actors.get(tenant, c)).revision == 0

            batch = [(c, Event("A"), None), (d, Event("D"), None), (a, Event("xstate"), None)]
            first, *others = await only.actors.send_batch(tenant, batch)
            assert isinstance(first, StepAnswer)
            assert first.accepted
            assert [type(other) for other in others] == [TooManyCohorts, TooManyCohorts]
            assert (await only.actors.spawn(tenant, "w")).revision == 0
            await only.actors.delete(tenant, b)
            assert (await only.actors.send(tenant, d, Event("D"))).accepted

    run(story())


def test_a_history_and_an_event_type_end_where_they_are_said_to(address: str) -> None:
    async def story() -> None:
        async with house(address, Limits(history_events=3, event_type_bytes=4)) as at:
            only, tenant = at.replicas[0], at.tenant
            await only.deployments.deploy(tenant, LOOP)
            actor = (await only.actors.spawn(tenant, "w")).actor
            for event in ("ääb", "äääää"):
                with pytest.raises(EventTypeTooLong):
                    await only.actors.send(tenant, actor, Event(event))
            for _ in range(3):
                await only.actors.send(tenant, actor, Event("ää"))
            with pytest.raises(HistoryTooLong, match="in events is 4, the limit is 3"):
                await only.actors.send(tenant, actor, Event("B"))
            assert (await only.actors.get(tenant, actor)).history_length == 3

    run(story())


def test_a_count_is_asked_for_seldom_far_from_the_limit_and_always_near_it() -> None:
    async def story() -> None:
        asked, clock = [0], Hands(0.0)

        async def count(_: str) -> int:
            asked[0] += 1
            return stored[0]

        stored, quota = [0], Quota(1_600, count, clock)
        for _ in range(100):
            assert await quota.take("t")
            stored[0] += 1
            quota.settle("t", made=True)
        assert asked == [1]
        assert await quota.take("t")
        assert asked == [2], "a sixteenth was used up"
        clock.at += FRESH_SECONDS + 1
        assert await quota.take("t")
        assert asked == [3]
        stored[0] = 1_598 - 1
        clock.at += FRESH_SECONDS + 1
        assert [await quota.take("t") for _ in range(3)] == [True, False, False]
        assert asked == [6]

    run(story())


def test_finished_actors_are_let_go_after_their_time_and_nobody_else_ever(address: str) -> None:
    async def story() -> None:
        async with house(address, Limits(), retain_done=60.0) as at:
            only, tenant, clock = at.replicas[0], at.tenant, at.clock
            await only.deployments.deploy(tenant, loan_v1())
            way = ("SUBMIT_INFO", "PAY_FEE", "DOCS")
            ended = (await only.actors.spawn(tenant, "loan-v1", {"a": 1}, "spawned-once")).actor
            waits = (await only.actors.spawn(tenant, "loan-v1")).actor
            for number, event in enumerate(way):
                last = await only.actors.send(tenant, ended, Event(event), key=f"e{number}")
                if event != "DOCS":
                    await only.actors.send(tenant, waits, Event(event))
            assert last.status == "done"

            assert await went(only, tenant) == 0
            clock.at += 59
            assert await went(only, tenant) == 0
            clock.at += 2
            assert await went(only, tenant) == 1
            with pytest.raises(UnknownActor):
                await only.actors.get(tenant, ended)
            assert (await only.actors.get(tenant, waits)).status == "active"

            resent = await only.actors.send(tenant, ended, Event("DOCS"), key="e2")
            assert (resent.replayed, resent.status) == (True, "done")
            reborn = await only.actors.spawn(tenant, "loan-v1", {"a": 1}, "spawned-once")
            assert (reborn.replayed, reborn.actor) == (True, ended)
            with pytest.raises(UnknownActor):
                await only.actors.send(tenant, ended, Event("DOCS"))
            clock.at += 1_000_000
            assert await went(only, tenant) == 0

    run(story())


def test_who_lands_in_a_final_state_or_ended_unseen_is_let_go_and_who_strands_is_not(
    address: str,
) -> None:
    final = {"initial": "submitted", "states": {"submitted": {}, "over": {"type": "final"}}}
    ending = {
        "id": "loan-v2", "parentId": "loan-v1", "definition": final,
        "stateMapping": {"submitted": "over"},
    }  # fmt: skip

    async def story() -> None:
        async with house(address, Limits(), replicas=2, retain_done=0.0) as at:
            dead, alive = at.replicas
            tenant, clock = at.tenant, at.clock
            await dead.deployments.deploy(tenant, loan_v1())
            unseen = (await dead.actors.spawn(tenant, "loan-v1")).actor
            for event in ("SUBMIT_INFO", "PAY_FEE", "DOCS"):
                await dead.actors.send(tenant, unseen, Event(event))
            assert await went(alive, tenant) == 1, "by a look around, when it starts"

            lands = (await alive.actors.spawn(tenant, "loan-v1")).actor
            strands = (await alive.actors.spawn(tenant, "loan-v1")).actor
            await alive.actors.send(tenant, strands, Event("SUBMIT_INFO"))
            done = await alive.deployments.deploy(tenant, ending)
            assert (done.migrated, done.stranded) == (1, 1)
            clock.at += 1
            assert await went(alive, tenant) == 1
            groups = await alive.listing.groups(tenant, Filter())
            assert [(g.status, g.count) for g in groups] == [("needs_rescue", 1)]
            assert (await alive.actors.get(tenant, strands)).id == strands
            with pytest.raises(UnknownActor):
                await alive.actors.get(tenant, lands)

    run(story())


def test_a_note_of_somebody_who_is_not_done_is_taken_away_and_harms_nobody(address: str) -> None:
    async def story() -> None:
        async with house(address, Limits(), retain_done=0.0) as at:
            only, tenant = at.replicas[0], at.tenant
            await only.deployments.deploy(tenant, loan_v1())
            actor = (await only.actors.spawn(tenant, "loan-v1")).actor
            store = only.wiring.store
            await store.retire(tenant, [actor, "nobody"], at.clock.at)
            assert await went(only, tenant) == 0
            assert (await only.actors.get(tenant, actor)).status == "active"
            left = [await store.retired(tenant, shard, 1e12, 10) for shard in range(store.shards)]
            assert left == [(), ()]

    run(story())
