"""Actors over HTTP: spawn, send, read, list, rescue, delete."""

import asyncio
from typing import Any

import httpx
import pytest

from support.web_server import LOAN_V1, LOAN_V2, Bench, deployed, spawned


@pytest.fixture
async def client(bench: Bench) -> httpx.AsyncClient:
    admin = bench.client()
    await deployed(admin, LOAN_V1)
    return admin


async def test_the_example_of_the_documentation_runs_as_it_stands(bench: Bench) -> None:
    await deployed(bench.client("deploy"), {**LOAN_V1, "id": "loan-application-v1"})
    client = bench.client("send")
    response = await client.post(
        "/v1/actors",
        json={
            "definitionId": "loan-application-v1",
            "initialContext": {"applicantId": "user_123", "amount": 50000},
        },
    )
    actor = response.json()["id"]
    answer = await client.post(f"/v1/actors/{actor}/event", json={"type": "SUBMIT"})
    assert (response.status_code, answer.status_code) == (201, 200)
    assert answer.json() == {
        "actorId": actor,
        "version": "loan-application-v1",
        "stateValue": "review",
        "status": "active",
        "revision": 1,
        "migrated": False,
        "via": [],
        "accepted": True,
        "queued": False,
    }


async def test_a_spawn_answers_id_and_actor_id_alike(client: httpx.AsyncClient) -> None:
    response = await client.post("/v1/actors", json={"definitionId": "loan-v1"})
    answer = response.json()
    assert answer["id"] == answer["actorId"]
    assert response.headers["location"] == f"/v1/actors/{answer['id']}"
    assert (answer["stateValue"], answer["version"]) == ("draft", "loan-v1")


async def test_an_event_that_does_nothing_is_not_accepted_and_changes_nothing(
    client: httpx.AsyncClient,
) -> None:
    actor = await spawned(client, "loan-v1")
    before = (await client.get(f"/v1/actors/{actor}")).json()
    answer = await client.post(f"/v1/actors/{actor}/event", json={"type": "APPROVE"})
    assert (answer.status_code, answer.json()["accepted"]) == (200, False)
    assert (await client.get(f"/v1/actors/{actor}")).json() == before
    assert (await client.get(f"/v1/actors/{actor}/history")).json()["items"] == []


async def test_an_events_context_is_a_merge_patch(client: httpx.AsyncClient) -> None:
    actor = await spawned(client, "loan-v1", amount=1, note="x", who={"name": "ada", "age": 3})
    patch = {"amount": 2, "note": None, "who": {"age": None}, "list": [1, None]}
    await client.post(f"/v1/actors/{actor}/event", json={"type": "SUBMIT", "context": patch})
    found = (await client.get(f"/v1/actors/{actor}")).json()["context"]
    assert found == {"amount": 2, "who": {"name": "ada"}, "list": [1, None]}


async def test_an_actor_reads_as_it_is(client: httpx.AsyncClient) -> None:
    actor = await spawned(client, "loan-v1", "SUBMIT", amount=50_000)
    response = await client.get(f"/v1/actors/{actor}")
    assert response.json() == {
        "id": actor,
        "actorId": actor,
        "workflow": "loan",
        "version": "loan-v1",
        "stateValue": "review",
        "status": "active",
        "revision": 1,
        "stranding": None,
        "historyLength": 1,
        "queued": 0,
        "context": {"amount": 50_000},
    }
    assert response.headers["etag"].startswith('"')


async def test_the_context_is_for_roles_that_may_see_it(
    bench: Bench, client: httpx.AsyncClient
) -> None:
    actor = await spawned(client, "loan-v1", amount=1)
    seen = {
        role: "context" in (await bench.client(role).get(f"/v1/actors/{actor}")).json()
        for role in ("read", "send", "deploy", "admin")
    }
    assert seen == {"read": False, "send": True, "deploy": False, "admin": True}
    assert "context" not in (await bench.operator().get(f"/v1/actors/{actor}")).json()


async def test_a_history_is_read_oldest_first_page_by_page(client: httpx.AsyncClient) -> None:
    actor = await spawned(client, "loan-v1", "SUBMIT", "REVISE", "SUBMIT")
    first = (await client.get(f"/v1/actors/{actor}/history?limit=2")).json()
    assert first["items"] == [{"type": "SUBMIT"}, {"type": "REVISE"}]
    rest = await client.get(f"/v1/actors/{actor}/history", params={"cursor": first["next"]})
    assert rest.json() == {"items": [{"type": "SUBMIT"}], "next": None}


async def test_a_full_journal_keeps_times_and_data(bench: Bench) -> None:
    client = bench.client()
    await deployed(client, {**LOAN_V1, "journal": "Full"})
    actor = await spawned(client, "loan-v1")
    event = {"type": "SUBMIT", "data": {"by": "ada"}}
    await client.post(f"/v1/actors/{actor}/event", json=event)
    (item,) = (await client.get(f"/v1/actors/{actor}/history")).json()["items"]
    assert (item["type"], item["data"]) == ("SUBMIT", {"by": "ada"})
    assert item["at"] > 1_600_000_000
    (shown,) = (await bench.client("read").get(f"/v1/actors/{actor}/history")).json()["items"]
    assert "data" not in shown


async def test_the_same_idempotency_key_does_it_once(client: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "spawn-1"}
    body = {"definitionId": "loan-v1"}
    first = await client.post("/v1/actors", json=body, headers=key)
    again = await client.post("/v1/actors", json=body, headers=key)
    assert first.json() == again.json()
    actor = first.json()["id"]
    event = {"Idempotency-Key": "event-1"}
    path = f"/v1/actors/{actor}/event"
    one = await client.post(path, json={"type": "SUBMIT"}, headers=event)
    two = await client.post(path, json={"type": "SUBMIT"}, headers=event)
    assert one.json() == two.json()
    history = (await client.get(f"/v1/actors/{actor}/history")).json()["items"]
    assert history == [{"type": "SUBMIT"}]


async def test_an_idempotency_key_with_another_body_is_refused(
    client: httpx.AsyncClient,
) -> None:
    actor = await spawned(client, "loan-v1")
    path, key = f"/v1/actors/{actor}/event", {"Idempotency-Key": "one"}
    await client.post(path, json={"type": "SUBMIT"}, headers=key)
    other = await client.post(path, json={"type": "REVISE"}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "IdempotencyConflict")
    assert (await client.get(f"/v1/actors/{actor}")).json()["stateValue"] == "review"


async def test_a_stale_etag_is_refused_and_the_current_one_accepted(
    client: httpx.AsyncClient,
) -> None:
    actor = await spawned(client, "loan-v1")
    path = f"/v1/actors/{actor}/event"
    before = (await client.get(f"/v1/actors/{actor}")).headers["etag"]
    sent = await client.post(path, json={"type": "SUBMIT"}, headers={"If-Match": before})
    assert sent.status_code == 200
    stale = await client.post(path, json={"type": "APPROVE"}, headers={"If-Match": before})
    assert (stale.status_code, stale.json()["code"]) == (412, "StaleRevision")
    current = sent.headers["etag"]
    done = await client.post(path, json={"type": "APPROVE"}, headers={"If-Match": current})
    assert done.json()["status"] == "done"


async def test_a_migration_changes_the_etag(client: httpx.AsyncClient) -> None:
    actor = await spawned(client, "loan-v1", "SUBMIT")
    before = (await client.get(f"/v1/actors/{actor}")).headers["etag"]
    await deployed(client, LOAN_V2)
    stale = await client.post(
        f"/v1/actors/{actor}/event", json={"type": "APPROVE"}, headers={"If-Match": before}
    )
    assert stale.json()["code"] == "StaleRevision"


async def test_an_event_that_leads_over_a_change_point_says_so(client: httpx.AsyncClient) -> None:
    actor = await spawned(client, "loan-v1")
    await deployed(client, LOAN_V2)
    answer = (await client.post(f"/v1/actors/{actor}/event", json={"type": "SUBMIT"})).json()
    assert (answer["migrated"], answer["version"], answer["stateValue"]) == (
        True,
        "loan-v2",
        "checks",
    )
    assert answer["via"] == [{"changePoint": "loan-v2.loan-v1", "from": "loan-v1", "to": "loan-v2"}]


async def test_a_batch_answers_each_event_for_itself(client: httpx.AsyncClient) -> None:
    one, two = await spawned(client, "loan-v1"), await spawned(client, "loan-v1")
    events: list[Any] = [
        {"actorId": one, "type": "SUBMIT"},
        {"actorId": "nobody", "type": "SUBMIT"},
        {"actorId": two, "type": ""},
        "no object",
        {"actorId": two, "type": "xstate.init"},
        {"actorId": "nobody", "type": "SUBMIT", "context": {"a": 1}},
        {"actorId": one, "type": "APPROVE", "context": {"a": 1}},
    ]
    items = (await client.post("/v1/events", json={"events": events})).json()["items"]
    told = [
        item["answer"]["stateValue"] if "answer" in item else item["problem"]["code"]
        for item in items
    ]
    assert told == [
        "review",
        "UnknownActor",
        "InvalidEventType",
        "InvalidRequest",
        "InvalidEventType",
        "UnknownActor",
        "approved",
    ]
    assert [item["status"] for item in items] == [200, 404, 422, 422, 422, 404, 200]


async def test_actors_are_listed_by_filter_and_counted_by_state(
    client: httpx.AsyncClient,
) -> None:
    drafts = {await spawned(client, "loan-v1") for _ in range(3)}
    reviews = {await spawned(client, "loan-v1", "SUBMIT") for _ in range(2)}
    done = {await spawned(client, "loan-v1", "SUBMIT", "APPROVE")}
    listed = [item async for item in _all(client, "/v1/actors?limit=2")]
    assert {item["id"] for item in listed} == drafts | reviews | done
    by_state = await client.get("/v1/actors?state=review&workflow=loan")
    assert {item["id"] for item in by_state.json()["items"]} == reviews
    by_status = await client.get("/v1/actors?status=done&definitionId=loan-v1")
    assert {item["id"] for item in by_status.json()["items"]} == done
    groups = (await client.get("/v1/actors?groupBy=stateValue")).json()
    counts = {group["stateValue"]: group["count"] for group in groups["items"]}
    assert counts == {"draft": 3, "review": 2, "approved": 1}


async def test_a_stranded_actor_says_why_and_is_rescued_by_hand(
    client: httpx.AsyncClient,
) -> None:
    actor = await spawned(client, "loan-v1", "SUBMIT")
    moved = {**LOAN_V2, "stateMapping": {}, "landing": "Same"}
    answer = await deployed(client, moved)
    assert (answer["migrated"], answer["stayed"], answer["stranded"]) == (0, 0, 1)
    stranded = (await client.get(f"/v1/actors/{actor}")).json()
    assert (stranded["status"], stranded["version"]) == ("needs_rescue", "loan-v1")
    assert stranded["stranding"]["reason"] == "StateRemoved"
    assert stranded["stranding"]["changePoint"] == "loan-v2.loan-v1"
    assert stranded["stranding"]["way"] == ["loan-v2"]
    body = {"to": "loan-v2", "stateValue": "checks", "reason": "checked by phone"}
    rescued = await client.post(f"/v1/actors/{actor}/rescue", json=body)
    assert (rescued.status_code, rescued.json()["stateValue"]) == (200, "checks")
    items = (await client.get(f"/v1/actors/{actor}/decisions")).json()["items"]
    assert [(item["verdict"], item["note"]) for item in items] == [
        ("stranded", None),
        ("migrated", "checked by phone"),
    ]
    assert items[1]["by"] == "bootstrap-5"


async def test_a_blocking_change_point_refuses_events_with_the_reason(
    client: httpx.AsyncClient,
) -> None:
    actor = await spawned(client, "loan-v1", "SUBMIT")
    await deployed(
        client, {**LOAN_V2, "stateMapping": {}, "landing": "Same", "whileStranded": "Block"}
    )
    answer = await client.post(f"/v1/actors/{actor}/event", json={"type": "APPROVE"})
    assert (answer.status_code, answer.json()["code"]) == (409, "ActorBlocked")
    assert "StateRemoved" in answer.json()["detail"]


async def test_a_buffering_change_point_queues_events_until_the_rescue(
    client: httpx.AsyncClient,
) -> None:
    actor = await spawned(client, "loan-v1", "SUBMIT")
    await deployed(
        client, {**LOAN_V2, "stateMapping": {}, "landing": "Same", "whileStranded": "Buffer"}
    )
    queued = await client.post(f"/v1/actors/{actor}/event", json={"type": "APPROVE"})
    assert queued.status_code == 202
    assert (queued.json()["queued"], queued.json()["stateValue"]) == (True, "review")
    assert (await client.get(f"/v1/actors/{actor}")).json()["queued"] == 1
    body = {"to": "loan-v2", "stateValue": "checks", "reason": "go on"}
    await client.post(f"/v1/actors/{actor}/rescue", json=body)
    found = (await client.get(f"/v1/actors/{actor}")).json()
    assert (found["stateValue"], found["status"], found["queued"]) == ("approved", "done", 0)


async def test_a_deleted_actor_is_gone(client: httpx.AsyncClient) -> None:
    actor = await spawned(client, "loan-v1")
    gone = await client.delete(f"/v1/actors/{actor}")
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await client.get(f"/v1/actors/{actor}")).json()["code"] == "UnknownActor"
    assert (await client.delete(f"/v1/actors/{actor}")).status_code == 404


async def test_many_events_at_once_each_happen_once(client: httpx.AsyncClient) -> None:
    actors = [await spawned(client, "loan-v1") for _ in range(20)]
    sends = [
        client.post(f"/v1/actors/{actor}/event", json={"type": "SUBMIT"})
        for actor in actors
        for _ in range(3)
    ]
    answers = [response.json() for response in await asyncio.gather(*sends)]
    assert sum(answer["accepted"] for answer in answers) == len(actors)


async def _all(client: httpx.AsyncClient, path: str) -> Any:
    cursor: str | None = None
    while True:
        params = {} if cursor is None else {"cursor": cursor}
        url = httpx.URL(path).copy_merge_params(params)
        page = (await client.get(url)).json()
        for item in page["items"]:
            yield item
        cursor = page["next"]
        if cursor is None:
            return
