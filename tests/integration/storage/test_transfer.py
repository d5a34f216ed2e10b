"""A registry is exported whole and imported whole, with its clocks."""

from __future__ import annotations

import json

import pytest

from statekeep.service import Event
from statekeep.service.errors import InvalidRequest, RegistryNotEmpty
from support.asyncs import run
from support.loans import loan_v1, loan_v2, loan_v3
from support.stores import MEMORY, own_tenant, services_on


@pytest.fixture(params=["memory", "server"])
def address(request: pytest.FixtureRequest) -> str:
    if request.param == "memory":
        return MEMORY
    url: str = request.getfixturevalue("valkey_url")
    return url


def test_an_imported_registry_is_the_exported_one(address: str) -> None:
    async def story() -> None:
        tenant = own_tenant()
        async with services_on(MEMORY, shards=2) as old:
            await old.deployments.deploy(tenant, loan_v1(), "ann")
            actor = (await old.actors.spawn(tenant, "loan-v1")).actor
            await old.rescues.rescue(
                tenant, actor, to="loan-v1", state_value="fee", reason="a tick", by="ann"
            )
            await old.deployments.deploy(tenant, loan_v2(), "ben")
            await old.deployments.close(tenant, "loan-v2.loan-v1")
            await old.workflows.freeze(tenant, "loan", "moving house")
            document = json.loads(json.dumps(await old.transfer.export(tenant)))
            there = await old.deployments.view(tenant, "loan")
        async with services_on(address) as new:
            done = await new.transfer.restore(tenant, document)
            assert (done.workflows, done.entries) == (("loan",), 4)
            here = await new.deployments.view(tenant, "loan")
            assert (here.registry.clock, here.law) == (3, there.law)
            assert here.registry.points == there.registry.points
            assert here.frozen == "moving house"
            await new.workflows.unfreeze(tenant, "loan")
            spawned = await new.actors.spawn(tenant, "loan-v1")
            assert (await new.actors.send(tenant, spawned.actor, Event("SUBMIT_INFO"))).accepted
            assert (await new.deployments.deploy(tenant, loan_v2())).unchanged
            assert (await new.deployments.deploy(tenant, loan_v3())).clock == 4
            with pytest.raises(RegistryNotEmpty):
                await new.transfer.restore(tenant, document)

    run(story())


def test_an_empty_store_takes_the_identity_of_the_exported_registry(valkey: str) -> None:
    async def story() -> None:
        async with services_on(MEMORY) as old, services_on(valkey) as new:
            await old.deployments.deploy("t", loan_v1())
            document = await old.transfer.export("t")
            assert (await new.transfer.restore("t", document)).adopted
            assert await new.wiring.store.uuid() == document["uuid"]

    run(story())


@pytest.mark.parametrize(
    "document", [[], {}, {"format": 2}, {"format": 1, "uuid": "x", "workflows": [{}]}]
)
def test_what_is_no_export_is_refused(document: object) -> None:
    async def story() -> None:
        async with services_on(MEMORY) as services:
            with pytest.raises(InvalidRequest):
                await services.transfer.restore("t", document)

    run(story())
