"""Versions, change-points, deployments, freezing and keys over HTTP."""

from typing import Any

import httpx
import pytest

from support.web_server import LOAN_V1, LOAN_V2, Bench, deployed, spawned


@pytest.fixture
async def client(bench: Bench) -> httpx.AsyncClient:
    admin = bench.client()
    await deployed(admin, LOAN_V1)
    return admin


async def test_a_preview_says_who_would_move_and_writes_nothing(
    client: httpx.AsyncClient,
) -> None:
    moving = await spawned(client, "loan-v1", "SUBMIT")
    staying = await spawned(client, "loan-v1")
    response = await client.post("/v1/definitions/preview", json=LOAN_V2)
    answer = response.json()
    assert answer["migration"] == {
        "wouldMigrate": [moving],
        "wouldStay": [staying],
        "wouldStrand": [],
        "next": None,
    }
    assert answer["counts"] == {"wouldMigrate": 1, "wouldStay": 1, "wouldStrand": 0}
    assert (await client.get("/v1/definitions/loan-v2")).json()["code"] == "UnknownVersion"
    done = await deployed(client, LOAN_V2)
    assert (done["migrated"], done["stayed"], done["stranded"]) == (1, 1, 0)
    assert done["planHash"] == answer["planHash"]


async def test_a_preview_is_read_in_pages(client: httpx.AsyncClient) -> None:
    moving = {await spawned(client, "loan-v1", "SUBMIT") for _ in range(5)}
    found: list[str] = []
    cursor: str | None = None
    while True:
        params: dict[str, str] = {"limit": "2"} | ({} if cursor is None else {"cursor": cursor})
        page = (await client.post("/v1/definitions/preview", json=LOAN_V2, params=params)).json()
        found += page["migration"]["wouldMigrate"]
        cursor = page["migration"]["next"]
        if cursor is None:
            break
    assert sorted(found) == sorted(moving)


async def test_the_same_body_again_is_no_change_and_another_is_a_conflict(
    client: httpx.AsyncClient,
) -> None:
    again = await client.post("/v1/definitions", json=LOAN_V1)
    assert (again.status_code, again.json()["unchanged"], again.json()["clock"]) == (200, True, 1)
    other = await client.post("/v1/definitions", json={**LOAN_V1, "guards": "Deny"})
    assert (other.status_code, other.json()["code"]) == (409, "DefinitionExists")


async def test_a_wrong_definition_is_refused_with_every_place(client: httpx.AsyncClient) -> None:
    body = {
        "id": "bad",
        "definition": {"initial": "nowhere", "states": {"a": {"on": {"X": "#gone"}}}},
    }
    response = await client.post("/v1/definitions", json=body)
    problem = response.json()
    assert (response.status_code, problem["code"]) == (422, "InvalidDefinition")
    assert response.headers["content-type"] == "application/problem+json"
    pointers = {error["pointer"] for error in problem["errors"]}
    assert any(pointer.endswith("/initial") for pointer in pointers)
    assert any("/on/X" in pointer for pointer in pointers)


async def test_what_a_machine_ignores_is_said_by_preview_and_deployment(
    client: httpx.AsyncClient,
) -> None:
    machine = {
        "initial": "a",
        "states": {"a": {"entry": ["mail"], "on": {"GO": "b"}}, "b": {"type": "final"}},
    }
    body = {"id": "noisy", "workflow": "noisy", "definition": machine}
    preview = (await client.post("/v1/definitions/preview", json=body)).json()
    done = await deployed(client, body)
    again = (await client.get("/v1/deployments/noisy")).json()
    for answer in (preview, done, again):
        pointers = [warning["pointer"] for warning in answer["warnings"]]
        assert pointers == ["/states/a/entry"]


async def test_a_machine_may_be_sent_as_text(client: httpx.AsyncClient) -> None:
    text = '{"initial":"b","states":{"b":{"on":{"GO":"a"}},"a":{}}}'
    body = {"id": "text-v1", "workflow": "text", "definitionJSON": text}
    answer = await deployed(client, body)
    found = (await client.get("/v1/definitions/text-v1")).json()
    assert found["digest"] == answer["digest"]
    assert list(found["definition"]["states"]) == ["b", "a"]


async def test_a_version_reads_with_its_machine_and_its_actors(client: httpx.AsyncClient) -> None:
    await spawned(client, "loan-v1")
    await spawned(client, "loan-v1", "CANCEL")
    found = (await client.get("/v1/definitions/loan-v1")).json()
    assert found["definition"] == LOAN_V1["definition"]
    assert found["actors"] == {"active": 1, "done": 1, "needs_rescue": 0}
    assert found["deployedBy"] == "bootstrap-5"
    listed = (await client.get("/v1/definitions")).json()
    assert [item["id"] for item in listed["items"]] == ["loan-v1"]
    assert "definition" not in listed["items"][0]


async def test_lists_are_read_in_pages(client: httpx.AsyncClient) -> None:
    for number in range(2, 6):
        await deployed(client, {**LOAN_V1, "id": f"loan-v{number}"})
    found, cursor = [], None
    while True:
        params = {"limit": "2"} if cursor is None else {"limit": "2", "cursor": cursor}
        page = (await client.get("/v1/definitions", params=params)).json()
        found += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert found == [f"loan-v{number}" for number in range(1, 6)]


async def test_a_change_point_is_registered_read_and_closed(client: httpx.AsyncClient) -> None:
    actor = await spawned(client, "loan-v1")
    await deployed(client, {**LOAN_V1, "id": "loan-v3"})
    body = {"name": "late", "from": "loan-v1", "to": "loan-v3", "historyPath": ["SUBMIT"]}
    preview = await client.post("/v1/change-points/preview", json=body)
    assert preview.json()["counts"]["wouldStay"] == 1
    done = await client.post("/v1/change-points", json=body)
    assert (done.status_code, done.json()["stayed"]) == (201, 1)
    found = (await client.get("/v1/change-points/late")).json()
    assert (found["from"], found["to"], found["historyPath"]) == ("loan-v1", "loan-v3", ["SUBMIT"])
    assert found["closed"] is False
    closed = await client.post("/v1/change-points/late/close")
    assert (closed.status_code, closed.json()["closed"]) == (200, True)
    await client.post(f"/v1/actors/{actor}/event", json={"type": "SUBMIT"})
    assert (await client.get(f"/v1/actors/{actor}")).json()["version"] == "loan-v1"
    listed = (await client.get("/v1/change-points?workflow=loan")).json()
    assert [item["name"] for item in listed["items"]] == ["late"]


async def test_a_deployment_says_who_moved_stayed_and_stranded(client: httpx.AsyncClient) -> None:
    moved = {await spawned(client, "loan-v1", "SUBMIT") for _ in range(3)}
    stayed = {await spawned(client, "loan-v1")}
    await deployed(client, LOAN_V2)
    found = (await client.get("/v1/deployments/loan-v2")).json()
    assert (found["state"], found["migrated"], found["stayed"]) == ("done", 3, 1)
    for verdict, actors in (("migrated", moved), ("stayed", stayed), ("stranded", set())):
        page = await client.get(f"/v1/deployments/loan-v2/actors?verdict={verdict}")
        assert {item["id"] for item in page.json()["items"]} == actors
    assert (await client.get("/v1/deployments/loan-v2/actors")).json()["code"] == "InvalidQuery"


async def test_a_gate_that_does_not_open_moves_nobody(client: httpx.AsyncClient) -> None:
    actor = await spawned(client, "loan-v1", "SUBMIT")
    body = {**LOAN_V2, "stateMapping": {}, "landing": "Same", "maxStranded": 0}
    refused = await client.post("/v1/definitions", json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "TooManyStranded")
    drifted = await client.post(
        "/v1/definitions", json={**LOAN_V2, "expectPlan": "sha256:" + "0" * 64}
    )
    assert (drifted.status_code, drifted.json()["code"]) == (409, "PlanDrifted")
    assert (await client.get(f"/v1/actors/{actor}")).json()["version"] == "loan-v1"


async def test_a_frozen_workflow_registers_nothing_and_takes_events(
    client: httpx.AsyncClient,
) -> None:
    actor = await spawned(client, "loan-v1")
    frozen = await client.post("/v1/workflows/loan/freeze", json={"reason": "incident 7"})
    assert frozen.json() == {
        "workflow": "loan",
        "clock": 1,
        "frozen": True,
        "reason": "incident 7",
    }
    refused = await client.post("/v1/definitions", json=LOAN_V2)
    assert (refused.status_code, refused.json()["code"]) == (409, "Frozen")
    assert "incident 7" in refused.json()["detail"]
    sent = await client.post(f"/v1/actors/{actor}/event", json={"type": "SUBMIT"})
    assert sent.json()["accepted"] is True
    assert (await client.post("/v1/workflows/loan/unfreeze")).json()["frozen"] is False
    assert (await deployed(client, LOAN_V2))["migrated"] == 1
    nothing = await client.post("/v1/workflows/nothing/freeze", json={"reason": "x"})
    assert nothing.json()["code"] == "UnknownWorkflow"


async def test_what_a_custom_resource_owns_is_read_only_over_http(bench: Bench) -> None:
    operator, admin = bench.operator(), bench.client()
    await deployed(admin, LOAN_V1)
    owned = {**LOAN_V2, "owner": {"kind": "WorkflowDefinition", "name": "loan-v2"}}
    stolen = await admin.post("/v1/definitions", json=owned)
    assert (stolen.status_code, stolen.json()["code"]) == (403, "RoleMissing")
    await deployed(operator, owned)
    found = (await admin.get("/v1/change-points/loan-v2.loan-v1")).json()
    assert found["owner"]["name"] == "loan-v2"
    refused = await admin.post("/v1/change-points/loan-v2.loan-v1/close")
    assert (refused.status_code, refused.json()["code"]) == (409, "OwnedByResource")
    closed = await operator.post("/v1/change-points/loan-v2.loan-v1/close")
    assert closed.json()["closed"] is True


async def test_cohorts_show_classes_and_nothing_of_their_actors(client: httpx.AsyncClient) -> None:
    for _ in range(3):
        await spawned(client, "loan-v1", "SUBMIT", secret="hidden")
    await spawned(client, "loan-v1")
    response = await client.get("/v1/cohorts?digest=true")
    items = response.json()["items"]
    assert sorted((item["stateValue"], item["count"]) for item in items) == [
        ("draft", 1),
        ("review", 3),
    ]
    assert all(item["form"] for item in items)
    assert "hidden" not in response.text
    plain = (await client.get("/v1/cohorts?limit=1")).json()
    assert "form" not in plain["items"][0]
    rest = await client.get("/v1/cohorts", params={"cursor": plain["next"]})
    assert len(rest.json()["items"]) == 1


async def test_keys_are_made_shown_once_listed_and_revoked(bench: Bench) -> None:
    admin = bench.client()
    body = {"roles": ["send"], "name": "backend"}
    made = (await admin.post("/v1/keys", json=body)).json()
    backend = bench.with_key(made["key"])
    assert (await backend.get("/v1/actors")).status_code == 200
    assert (await backend.post("/v1/definitions", json=LOAN_V1)).json()["code"] == "RoleMissing"
    (listed,) = (await admin.get("/v1/keys")).json()["items"]
    assert "key" not in listed
    assert (listed["id"], listed["roles"], listed["createdBy"]) == (
        made["id"],
        ["send"],
        "bootstrap-5",
    )
    assert (await bench.client("admin", "claims").delete(f"/v1/keys/{made['id']}")).json()[
        "code"
    ] == "UnknownKey"
    assert (await admin.delete(f"/v1/keys/{made['id']}")).status_code == 204
    denied = await backend.get("/v1/actors")
    assert (denied.status_code, denied.json()["code"]) == (401, "KeyRevoked")
    operators = await admin.post("/v1/keys", json={"roles": ["operator"]})
    assert operators.json()["code"] == "RoleMissing"


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/v1/definitions/nothing", "UnknownVersion"),
        ("GET", "/v1/change-points/nothing", "UnknownChangePoint"),
        ("POST", "/v1/change-points/nothing/close", "UnknownChangePoint"),
        ("GET", "/v1/deployments/nothing", "UnknownDeployment"),
        ("GET", "/v1/deployments/nothing/actors?verdict=stayed", "UnknownDeployment"),
        ("DELETE", "/v1/keys/nothing", "UnknownKey"),
        ("GET", "/v1/nothing", "UnknownRoute"),
        ("GET", "/v1/definitions/", "UnknownRoute"),
    ],
)
async def test_what_is_not_there_is_said_by_its_kind(
    bench: Bench, method: str, path: str, code: str
) -> None:
    answer = await bench.client().request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (404, code)


async def test_a_wrong_method_is_told_the_right_ones(bench: Bench) -> None:
    answer: Any = await bench.client().put("/v1/actors/x")
    assert (answer.status_code, answer.json()["code"]) == (405, "MethodNotAllowed")
    assert answer.headers["allow"] == "DELETE, GET"


async def test_a_workflow_at_one_look(bench: Bench) -> None:
    client, reader = bench.client("deploy"), bench.client("read")
    sender = bench.client("send")
    empty = (await reader.get("/v1/workflows/loan")).json()
    assert (empty["clock"], empty["versions"], empty["points"]) == (0, [], [])
    await deployed(client, LOAN_V1)
    await spawned(sender, "loan-v1")
    await spawned(sender, "loan-v1", "SUBMIT")
    unmapped = {key: value for key, value in LOAN_V2.items() if key != "stateMapping"}
    await deployed(client, {**unmapped, "landing": "Same"})
    seen = (await reader.get("/v1/workflows/loan")).json()
    assert seen["registry"] == empty["registry"]
    assert seen["clock"] == 2
    assert {v["id"]: v["actors"] for v in seen["versions"]} == {
        "loan-v1": {"active": 1, "done": 0, "needs_rescue": 1},
        "loan-v2": {"active": 0, "done": 0, "needs_rescue": 0},
    }
    (point,) = seen["points"]
    assert (point["name"], point["clock"], point["from"]) == ("loan-v2.loan-v1", 2, "loan-v1")
    assert (point["migrated"], point["stayed"], point["stranded"]) == (0, 1, 1)
    assert seen["stranded"] == [
        {
            "changePoint": "loan-v2.loan-v1",
            "version": "loan-v1",
            "state": "review",
            "reason": "StateRemoved",
            "count": 1,
        }
    ]


async def test_an_operator_adds_migrations_to_a_version_that_is_registered(bench: Bench) -> None:
    operator = bench.operator()
    owner = {"kind": "WorkflowDefinition", "name": "loan-v2"}
    await deployed(operator, LOAN_V1)
    version = {"id": "loan-v2", "workflow": "loan", "definition": LOAN_V2["definition"]}
    await deployed(operator, {**version, "owner": owner})
    moving = {**version, "owner": owner, "migrations": [{"name": "all", "from": "loan-v1"}]}
    preview = (await operator.post("/v1/definitions/preview", json=moving)).json()
    assert [point["name"] for point in preview["changePoints"]] == ["all"]
    added = await deployed(operator, moving)
    assert [(p["name"], p["clock"]) for p in added["changePoints"]] == [("all", 3)]
    more = {**moving, "migrations": [*moving["migrations"], {"name": "hm", "from": "loan-v1"}]}
    more["migrations"][1]["historyPath"] = ["SUBMIT"]
    await deployed(operator, more)
    reordered = {**more, "migrations": more["migrations"][::-1]}
    for body in (moving, more, reordered):
        again = await operator.post("/v1/definitions", json=body)
        assert (again.status_code, again.json()["unchanged"]) == (200, True)
        seen = await operator.post("/v1/definitions/preview", json=body)
        assert seen.json()["unchanged"] is True
