"""Nobody sees, counts or touches anything of another tenant."""

import pytest

from support.web_server import LOAN_V1, LOAN_V2, Bench, deployed, spawned


@pytest.fixture
async def actor(bench: Bench) -> str:
    mine = bench.client()
    await deployed(mine, LOAN_V1)
    found = await spawned(mine, "loan-v1", "SUBMIT", amount=1)
    await deployed(mine, LOAN_V2)
    return found


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("GET", "/v1/actors/{actor}", None, "UnknownActor"),
        ("GET", "/v1/actors/{actor}/history", None, "UnknownActor"),
        ("GET", "/v1/actors/{actor}/decisions", None, "UnknownActor"),
        ("DELETE", "/v1/actors/{actor}", None, "UnknownActor"),
        ("POST", "/v1/actors/{actor}/event", {"type": "APPROVE"}, "UnknownActor"),
        ("POST", "/v1/actors/{actor}/event", {"type": "X", "context": {"a": 1}}, "UnknownActor"),
        (
            "POST",
            "/v1/actors/{actor}/rescue",
            {"to": "loan-v2", "stateValue": "draft", "reason": "r"},
            "UnknownActor",
        ),
        ("POST", "/v1/actors", {"definitionId": "loan-v1"}, "UnknownVersion"),
        ("GET", "/v1/definitions/loan-v1", None, "UnknownVersion"),
        ("GET", "/v1/change-points/loan-v2.loan-v1", None, "UnknownChangePoint"),
        ("POST", "/v1/change-points/loan-v2.loan-v1/close", None, "UnknownChangePoint"),
        ("GET", "/v1/deployments/loan-v2", None, "UnknownDeployment"),
        ("GET", "/v1/deployments/loan-v2/actors?verdict=migrated", None, "UnknownDeployment"),
        ("POST", "/v1/workflows/loan/freeze", {"reason": "r"}, "UnknownWorkflow"),
    ],
)
async def test_another_tenants_object_is_not_there(
    bench: Bench, actor: str, method: str, path: str, body: object, code: str
) -> None:
    foreign = bench.client("admin", "claims")
    answer = await foreign.request(method, path.format(actor=actor), json=body)
    nothing = await foreign.request(
        method, path.format(actor="zzzzzzzzzzzzz").replace("loan", "none"), json=body
    )
    assert answer.json()["code"] == code
    assert (answer.status_code, nothing.json()["code"]) == (404, code)
    mine = (await bench.client().get(f"/v1/actors/{actor}")).json()
    assert (mine["stateValue"], mine["version"]) == ("checks", "loan-v2")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/actors",
        "/v1/actors?groupBy=stateValue",
        "/v1/actors?workflow=loan",
        "/v1/definitions",
        "/v1/change-points",
        "/v1/cohorts",
        "/v1/keys",
    ],
)
async def test_another_tenants_lists_are_empty(bench: Bench, actor: str, path: str) -> None:
    await bench.client().post("/v1/keys", json={"roles": ["read"]})
    assert (await bench.client().get(path)).json()["items"] != []
    foreign = await bench.client("admin", "claims").get(path)
    assert foreign.json() == {"items": [], "next": None}


async def test_a_batch_reaches_nobody_elses_actors(bench: Bench, actor: str) -> None:
    body = {"events": [{"actorId": actor, "type": "APPROVE"}]}
    (item,) = (await bench.client("send", "claims").post("/v1/events", json=body)).json()["items"]
    assert item["problem"]["code"] == "UnknownActor"


async def test_two_tenants_may_use_the_same_names_and_keys(bench: Bench, actor: str) -> None:
    foreign = bench.client("admin", "claims")
    await deployed(foreign, LOAN_V1)
    key = {"Idempotency-Key": "one"}
    body = {"definitionId": "loan-v1"}
    mine = await bench.client().post("/v1/actors", json=body, headers=key)
    theirs = await foreign.post("/v1/actors", json=body, headers=key)
    assert (mine.status_code, theirs.status_code) == (201, 201)
    assert mine.json()["id"] != theirs.json()["id"]


async def test_a_key_that_names_another_tenant_is_refused(bench: Bench, actor: str) -> None:
    client = bench.client()
    answer = await client.get(f"/v1/actors/{actor}", headers={"x-statekeep-tenant": "claims"})
    assert (answer.status_code, answer.json()["code"]) == (403, "ForeignTenant")


async def test_the_operator_serves_the_tenant_that_it_names(bench: Bench, actor: str) -> None:
    assert (await bench.operator("lending").get(f"/v1/actors/{actor}")).status_code == 200
    foreign = await bench.operator("claims").get(f"/v1/actors/{actor}")
    assert foreign.json()["code"] == "UnknownActor"
    assert (await bench.operator(None).get("/v1/actors")).json()["code"] == "TenantMissing"


async def test_metrics_name_tenants_to_the_operator_only(bench: Bench, actor: str) -> None:
    anonymous = (await bench.with_key(None).get("/metrics")).text
    tenants = (await bench.client().get("/metrics")).text
    operators = (await bench.operator(None).get("/metrics")).text
    assert 'statekeep_actors{status="active"} 1.0' in anonymous
    assert "lending" not in anonymous + tenants
    line = 'statekeep_workflow_actors{status="active",tenant="lending",workflow="loan"} 1.0'
    assert line in operators
