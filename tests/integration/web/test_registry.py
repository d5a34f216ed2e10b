"""A registry moves to an empty server, whole, and the story goes on there."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from statekeep.storage.ports import Family, Seen
from support.command_line import Ended, statekeep
from support.web_server import (
    LOAN_V1,
    LOAN_V2,
    Bench,
    behind_socket,
    bootstrap_key,
    deployed,
    in_process,
    memory_backend,
    spawned,
    write_secrets,
)

LOAN = Family("lending", "loan")
LOAN_V3 = {
    "id": "loan-v3",
    "parentId": "loan-v2",
    "definition": {
        "initial": "draft",
        "states": {"draft": {}, "checks": {"on": {"APPROVE": "paid"}}, "paid": {"type": "final"}},
    },
}


@pytest.fixture
async def elsewhere(tmp_path: Path) -> AsyncIterator[Bench]:
    """A server that knows nothing yet."""
    (tmp_path / "elsewhere").mkdir()
    async with in_process(write_secrets(tmp_path / "elsewhere")) as found:
        yield found


async def exported(bench: Bench) -> dict[str, Any]:
    client = bench.client()
    await deployed(client, LOAN_V1)
    await spawned(client, "loan-v1", "SUBMIT")
    await deployed(client, LOAN_V2)
    document: dict[str, Any] = (await client.get("/v1/registry")).json()
    return document


async def test_a_registry_moves_to_an_empty_server_and_goes_on(
    bench: Bench, elsewhere: Bench
) -> None:
    document = await exported(bench)
    new = elsewhere.client()
    done = (await new.post("/v1/registry", json=document)).json()
    assert done == {
        "uuid": document["uuid"],
        "adopted": True,
        "workflows": ["loan"],
        "entries": 2,
        "unchanged": [],
    }
    assert (await new.get("/v1/registry")).json() == document
    assert (await new.get("/v1/actors")).json()["items"] == []

    actor = await spawned(new, "loan-v1", "SUBMIT")
    landed = (await new.get(f"/v1/actors/{actor}")).json()
    assert (landed["version"], landed["stateValue"]) == ("loan-v2", "checks")
    assert (await new.post("/v1/definitions", json=LOAN_V2)).json()["unchanged"] is True
    further = await deployed(new, LOAN_V3)
    assert (further["clock"], further["migrated"]) == (3, 1)


async def test_an_import_sent_again_changes_nothing_and_another_one_is_refused(
    bench: Bench, elsewhere: Bench
) -> None:
    document = await exported(bench)
    new = elsewhere.operator()
    await new.post("/v1/registry", json=document)
    again = (await new.post("/v1/registry", json=document)).json()
    assert (again["unchanged"], again["adopted"]) == (["loan"], True)

    other = {**document, "workflows": [{**document["workflows"][0], "workflow": "mortgage"}]}
    await deployed(new, LOAN_V3)
    for refused, why in ((document, "another registry"), (other, "'loan-v1' is known here")):
        answer = await new.post("/v1/registry", json=refused)
        assert (answer.status_code, answer.json()["code"]) == (409, "RegistryNotEmpty")
        assert why in answer.json()["detail"]
    assert [w["workflow"] for w in (await new.get("/v1/registry")).json()["workflows"]] == ["loan"]


@pytest.mark.parametrize("died", ["with the shards held", "with the entries entered"])
async def test_an_import_that_was_cut_off_is_finished_by_the_next(
    bench: Bench, elsewhere: Bench, died: str
) -> None:
    document = await exported(bench)
    store, new = elsewhere.backend.store, elsewhere.client()
    change = await store.begin(LOAN, Seen(0, 0), "import", expires=0.0)
    assert change is not None
    for shard in range(store.shards):
        await store.fence(LOAN, shard, change)
    early = await new.post("/v1/actors", json={"definitionId": "loan-v1"})
    assert early.json()["code"] == "UnknownVersion", "nobody can be on half a registry"
    if died == "with the entries entered":
        loaded = await bench.backend.store.load(LOAN, 0)
        names = ["v:loan-v1", "v:loan-v2", "p:loan-v2.loan-v1"]
        assert await store.restore(LOAN, change, loaded.entries, loaded.clock, names)

    assert (await new.post("/v1/registry", json=document)).status_code == 200
    assert (await new.get("/v1/registry")).json()["workflows"] == document["workflows"]
    actor = await spawned(new, "loan-v1", "SUBMIT")
    assert (await new.get(f"/v1/actors/{actor}")).json()["version"] == "loan-v2"


async def test_only_admin_and_operator_may(bench: Bench) -> None:
    for role in ("read", "send", "deploy"):
        client = bench.client(role)
        for method in ("GET", "POST"):
            answer = await client.request(method, "/v1/registry", json={})
            assert (answer.status_code, answer.json()["code"]) == (403, "RoleMissing")


def _bent(document: dict[str, Any], **changes: Any) -> dict[str, Any]:
    bent: dict[str, Any] = json.loads(json.dumps(document))
    bent["workflows"][0]["entries"][1].update(changes)
    return bent


async def test_what_no_registry_can_be_is_refused_whole(bench: Bench, elsewhere: Bench) -> None:
    document = await exported(bench)
    bent = [
        (_bent(document, clock=9), "/workflows/0/entries/1"),
        (_bent(document, clock=0), "/workflows/0/entries/1"),
        (_bent(document, body={}), "/workflows/0/entries/1"),
        (_bent(document, body=LOAN_V1), "/workflows/0/entries/1"),
        (_bent(document, kind="wish"), "/workflows/0/entries/1/kind"),
        ({**document, "format": 2}, "/format"),
        ({"format": 1, "uuid": "u"}, "/workflows"),
    ]
    new = elsewhere.client()
    for wrong, pointer in bent:
        answer = await new.post("/v1/registry", json=wrong)
        assert (answer.status_code, answer.json()["code"]) == (422, "InvalidRequest"), answer.text
        assert answer.json()["errors"][0]["pointer"] == pointer
    assert (await new.get("/v1/registry")).json()["workflows"] == []


async def test_a_registry_may_be_larger_and_deeper_than_other_bodies(tmp_path: Path) -> None:
    deep: dict[str, Any] = {"initial": "s", "states": {"s": {}}}
    for _ in range(28):
        deep = {"initial": "s", "states": {"s": deep}}
    async with in_process(write_secrets(tmp_path)) as bench:
        client = bench.client()
        for number in range(12):
            body = {"id": f"v{number}", "workflow": "w", "definition": dict(deep)}
            body["definition"]["description"] = "x" * 100_000
            await deployed(client, body)
        document = (await client.get("/v1/registry")).json()
        assert len(json.dumps(document)) > bench.settings.max_body_bytes
        there = bench.client(tenant="claims")
        assert (await there.post("/v1/registry", json=document)).json()["entries"] == 12


async def test_the_command_line_takes_it_from_server_to_server(tmp_path: Path) -> None:
    homes = [tmp_path / "one", tmp_path / "two"]
    for home in homes:
        home.mkdir()
    async with (
        behind_socket(write_secrets(homes[0])) as old,
        behind_socket(write_secrets(homes[1]), memory_backend()) as new,
    ):
        await exported(old)
        await deployed(old.client(), {**LOAN_V1, "id": "order-v1", "workflow": "orders"})

        async def said(bench: Bench, *words: str) -> Ended:
            key = bootstrap_key("lending", "admin")
            reach = ("--server", bench.base_url, "--api-key", key)
            return await asyncio.to_thread(statekeep, "registry", *words, *reach)

        file = str(tmp_path / "registry.json")
        written = await said(old, "export", "--file", file)
        assert written.out == f"3 entries of 2 workflows written to {file}\n"
        assert (await said(new, "import", file)).out == "3 entries of 2 workflows imported\n"
        again = await said(new, "import", file)
        assert again.out == "3 entries of 2 workflows imported (2 of them were there)\n"
        await deployed(new.client(), LOAN_V3)
        refused = await said(new, "import", file)
        assert (refused.code, "RegistryNotEmpty" in refused.err) == (4, True)
        assert (await said(new, "import", str(tmp_path))).code == 2


async def test_a_custom_resource_adopts_what_was_registered_over_http(bench: Bench) -> None:
    operator, admin = bench.operator(), bench.client()
    await deployed(admin, LOAN_V1)
    await deployed(admin, LOAN_V2)
    point = {"name": "by-hand", "from": "loan-v1", "to": "loan-v2", "historyPath": ["CANCEL"]}
    assert (await admin.post("/v1/change-points", json=point)).status_code == 201
    await admin.post("/v1/workflows/loan/freeze", json={"reason": "the latest entry of all"})

    owners = {
        "/v1/definitions": {**LOAN_V2, "owner": {"kind": "WorkflowDefinition", "name": "loan-v2"}},
        "/v1/change-points": {**point, "owner": {"kind": "ChangePoint", "name": "by-hand"}},
    }
    for _ in range(2):
        for path, owned in owners.items():
            adopted = await operator.post(path, json=owned)
            assert (adopted.status_code, adopted.json()["unchanged"]) == (200, True)
    names = [entry["kind"] for entry in (await _book(admin))["entries"]]
    assert names == ["deployment", "deployment", "point", "freeze", "owner", "owner"]

    assert (await admin.get("/v1/definitions/loan-v2")).json()["owner"]["name"] == "loan-v2"
    assert (await admin.get("/v1/definitions/loan-v1")).json()["owner"] is None
    summary = (await admin.get("/v1/workflows/loan")).json()
    kinds = {p["name"]: p["owner"]["kind"] for p in summary["points"]}
    assert kinds == {"loan-v2.loan-v1": "WorkflowDefinition", "by-hand": "ChangePoint"}
    for name in kinds:
        refused = await admin.post(f"/v1/change-points/{name}/close")
        assert (refused.status_code, refused.json()["code"]) == (409, "OwnedByResource")
    await admin.post("/v1/workflows/loan/unfreeze")
    assert (await operator.post("/v1/change-points/by-hand/close")).json()["closed"] is True


async def _book(client: httpx.AsyncClient) -> dict[str, Any]:
    book: dict[str, Any] = (await client.get("/v1/registry")).json()["workflows"][0]
    return book
