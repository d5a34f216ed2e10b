"""What every store owes the services, on the store in memory and on a server."""

from __future__ import annotations

import asyncio

import pytest

from statekeep.service import Event, Filter, Services, Wiring
from statekeep.service.errors import ActorBlocked, IdempotencyConflict, ServiceError, StaleRevision
from support.asyncs import run
from support.loans import loan_v1, loan_v2, loan_v3
from support.stores import MEMORY, opened, own_tenant, services_on


@pytest.fixture(params=["memory", "server"])
def address(request: pytest.FixtureRequest) -> str:
    if request.param == "memory":
        return MEMORY
    url: str = request.getfixturevalue("valkey_url")
    return url


def test_a_journal_keeps_times_and_data_of_accepted_events_only(address: str) -> None:
    async def story() -> None:
        tenant = own_tenant()
        async with services_on(address) as services:
            await services.deployments.deploy(tenant, {**loan_v1(), "journal": "Full"})
            actor = (await services.actors.spawn(tenant, "loan-v1")).actor
            for event, data in (("SUBMIT_INFO", {"n": 1}), ("NO", {"n": 2}), ("PAY_FEE", None)):
                await services.actors.send(tenant, actor, Event(event, data=data))
            items = (await services.actors.history(tenant, actor)).items
            assert [(item.type, item.data) for item in items] == [
                ("SUBMIT_INFO", {"n": 1}),
                ("PAY_FEE", None),
            ]
            assert all(item.at is not None and item.at > 1_000_000_000 for item in items)
            tail = await services.actors.history(tenant, actor, 1, 1)
            assert [item.type for item in tail.items] == ["PAY_FEE"]

    run(story())


def test_a_queue_drains_with_its_keys_and_contexts_after_a_deployment(address: str) -> None:
    async def story() -> None:
        tenant = own_tenant()
        async with services_on(address) as services:
            await services.deployments.deploy(tenant, loan_v1())
            actor = (await services.actors.spawn(tenant, "loan-v1", {"a": 1})).actor
            await services.actors.send(tenant, actor, Event("SUBMIT_INFO"))
            await services.deployments.deploy(tenant, loan_v3(whileStranded="Buffer"))
            for event in ("PAY_FEE", "NONSENSE", "VERIFIED"):
                sent = Event(event, {event: 1})
                answer = await services.actors.send(tenant, actor, sent, key=event)
                assert (answer.queued, answer.state_value) == (True, "fee")
            paid = Event("PAY_FEE", {"PAY_FEE": 1})
            again = await services.actors.send(tenant, actor, paid, key="PAY_FEE")
            assert (again.queued, again.replayed) == (True, True)
            with pytest.raises(IdempotencyConflict):
                await services.actors.send(tenant, actor, Event("DOCS"), key="PAY_FEE")
            assert (await services.actors.get(tenant, actor)).queued == 3
            rescue = loan_v2(id="loan-v4", parentId="loan-v3", stateMapping={"fee": "fee"})
            rescue.pop("historyPath")
            assert (await services.deployments.deploy(tenant, rescue)).migrated == 1
            view = await services.actors.get(tenant, actor)
            assert (view.version, view.state_value, view.queued) == ("loan-v4", "awaiting_docs", 0)
            assert view.context == {"a": 1, "PAY_FEE": 1, "VERIFIED": 1}
            nonsense = Event("NONSENSE", {"NONSENSE": 1})
            told = await services.actors.send(tenant, actor, nonsense, key="NONSENSE")
            assert (told.accepted, told.replayed, told.queued) == (False, True, False)

    run(story())


def test_contexts_that_race_are_both_merged(address: str) -> None:
    async def story() -> None:
        tenant = own_tenant()
        async with opened(address) as store:
            one, other = Services(Wiring(store)), Services(Wiring(store))
            loop = {"initial": "a", "states": {"a": {"on": {"GO": "a"}}}}
            await one.deployments.deploy(tenant, {"id": "w", "definition": loop})
            actor = (await one.actors.spawn(tenant, "w")).actor
            await asyncio.gather(
                *(
                    replica.actors.send(tenant, actor, Event("GO", {f"{name}{n}": n}))
                    for n in range(8)
                    for name, replica in (("a", one), ("b", other))
                )
            )
            view = await one.actors.get(tenant, actor)
            assert view.revision == 16
            assert view.context == {f"{name}{n}": n for n in range(8) for name in "ab"}

    run(story())


def test_a_tag_is_stale_after_a_migration_and_a_block_names_its_reason(address: str) -> None:
    async def story() -> None:
        tenant = own_tenant()
        async with services_on(address) as services:
            await services.deployments.deploy(tenant, loan_v1())
            actor = (await services.actors.spawn(tenant, "loan-v1")).actor
            await services.actors.send(tenant, actor, Event("SUBMIT_INFO"))
            etag = (await services.actors.get(tenant, actor)).etag
            await services.deployments.deploy(tenant, loan_v3(whileStranded="Block"))
            with pytest.raises(StaleRevision):
                await services.actors.send(tenant, actor, Event("PAY_FEE"), if_match=etag)
            with pytest.raises(ActorBlocked) as raised:
                await services.actors.send(tenant, actor, Event("PAY_FEE"))
            assert isinstance(raised.value, ServiceError)
            assert raised.value.details["reason"] == "StateRemoved"

    run(story())


def test_a_deployment_pages_through_all_verdicts_at_any_size(address: str) -> None:
    async def story() -> None:
        tenant = own_tenant()
        async with services_on(address) as services:
            await services.deployments.deploy(tenant, loan_v1())
            spawned = [(await services.actors.spawn(tenant, "loan-v1")).actor for _ in range(23)]
            for index, actor in enumerate(spawned):
                fee = "PAY_FEE" if index < 9 else "WAIVE_FEE"
                for event in ("SUBMIT_INFO", fee):
                    await services.actors.send(tenant, actor, Event(event))
            await services.deployments.deploy(tenant, loan_v2())
            for actor in spawned[:4]:
                await services.actors.send(tenant, actor, Event("VERIFIED"))
            verdicts = {"migrated": spawned[:9], "stayed": spawned[9:], "stranded": []}
            for verdict, expected in verdicts.items():
                found, cursor = list[str](), None
                for _ in range(40):
                    page = await services.deployments.actors(tenant, "loan-v2", verdict, 4, cursor)
                    assert len(page.actors) <= 4
                    found += page.actors
                    cursor = page.next
                    if cursor is None:
                        break
                assert sorted(found) == sorted(expected)
            groups = await services.listing.groups(tenant, Filter(status="active"))
            assert sum(group.count for group in groups) == 23

    run(story())


def test_decisions_say_when_and_by_whom(address: str) -> None:
    async def story() -> None:
        tenant, clock = own_tenant(), iter(range(1_000, 100_000))
        async with opened(address) as store:
            services = Services(Wiring(store, now=lambda: float(next(clock))))
            await services.deployments.deploy(tenant, loan_v1(), "ann")
            await services.deployments.deploy(tenant, loan_v2(), "ben")
            made = []
            for _ in range(2):
                actor = (await services.actors.spawn(tenant, "loan-v1")).actor
                for event in ("SUBMIT_INFO", "PAY_FEE"):
                    await services.actors.send(tenant, actor, Event(event))
                made += await services.actors.decisions(tenant, actor)
            assert [item.decision.change_point for item in made] == ["loan-v2.loan-v1"] * 2
            assert made[0].at < made[1].at
            await services.rescues.rescue(
                tenant, actor, to="loan-v2", state_value="fee", reason="typo", by="cleo"
            )
            last = (await services.actors.decisions(tenant, actor))[-1]
            assert (last.by, last.note, last.decision.reason) == ("cleo", "typo", "typo")

    run(story())
