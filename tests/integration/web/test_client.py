"""The client against a server: every operation once, synchronous and asynchronous."""

import logging
from pathlib import Path

import pytest

from statekeep.client import AsyncClient, Client, ProblemAnswer
from statekeep.storage.embedded import EmbeddedValkey
from support.serving import embedded_key, serving
from support.web_server import LOAN_V1, LOAN_V2, Bench, bootstrap_key, deployed, spawned

pytestmark = pytest.mark.valkey


def test_a_whole_story_with_the_synchronous_client(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with (
        serving("--embedded", "--data-dir", str(home)) as server,
        Client(server.url, embedded_key(home)) as statekeep,
    ):
        statekeep.deploy(LOAN_V1)
        alice = statekeep.spawn("loan-v1", {"amount": 50_000}).id
        bob = statekeep.spawn("loan-v1").id
        sent = statekeep.send(alice, "SUBMIT", {"by": "web"})
        assert (sent.accepted, sent.state_value) == (True, "review")
        batch = statekeep.send_many([{"actorId": bob, "type": "CANCEL"}])
        assert batch.items[0].answer is not None
        assert batch.items[0].answer.status == "done"
        preview = statekeep.preview(LOAN_V2)
        assert preview.migration.would_migrate == [alice]
        done = statekeep.deploy({**LOAN_V2, "expectPlan": preview.plan_hash})
        assert (done.migrated, done.plan_hash) == (1, preview.plan_hash)
        assert [item.id for item in statekeep.deployment_actors("loan-v2", "migrated")] == [alice]
        assert [item.type for item in statekeep.history(alice)] == ["SUBMIT"]
        assert [item.verdict for item in statekeep.decisions(alice)] == ["migrated"]
        assert sorted(item.id for item in statekeep.actors()) == sorted([alice, bob])
        assert {item.state_value: item.count for item in statekeep.groups()} == {
            "checks": 1,
            "cancelled": 1,
        }
        assert len([*statekeep.cohorts()]) == 2
        assert [item.id for item in statekeep.definitions()] == ["loan-v1", "loan-v2"]
        assert statekeep.definition("loan-v2").actors["active"] == 1
        assert [item.name for item in statekeep.change_points()] == ["loan-v2.loan-v1"]
        assert statekeep.get_change_point("loan-v2.loan-v1").closed is False
        assert statekeep.close("loan-v2.loan-v1").closed is True
        assert statekeep.deployment("loan-v2").migrated == 1
        assert statekeep.freeze("loan", "incident").frozen is True
        assert statekeep.unfreeze("loan").frozen is False
        rescued = statekeep.rescue(alice, "loan-v2", "draft", "asked for by phone")
        assert rescued.state_value == "draft"
        assert statekeep.actor(alice).context == {"amount": 50_000, "by": "web"}
        made = statekeep.create_key(["read"], "watcher")
        listed = list(statekeep.keys())
        assert [key.id for key in listed] == [made.id]
        statekeep.revoke_key(made.id)
        statekeep.delete(bob)
        with pytest.raises(ProblemAnswer) as caught:
            statekeep.actor(bob)
        assert caught.value.code == "UnknownActor"


async def test_the_asynchronous_client_outlives_a_restart_of_the_store(
    bench: Bench, request: pytest.FixtureRequest
) -> None:
    if bench.app is not None:
        pytest.skip("the store in memory cannot be restarted")
    valkey: EmbeddedValkey = request.getfixturevalue("valkey")
    admin = bench.client()
    await deployed(admin, LOAN_V1)
    actor = await spawned(admin, "loan-v1")
    async with AsyncClient(bench.base_url, bootstrap_key("lending", "send"), timeout=30) as client:
        valkey.stop()
        valkey.start()
        assert (await client.send(actor, "SUBMIT")).accepted is True
        assert [item.type async for item in client.history(actor)] == ["SUBMIT"]


async def test_round_trips_are_counted_and_what_people_do_is_logged(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "statekeep.web")
    admin = bench.client()
    await deployed(admin, LOAN_V1)
    actor = await spawned(admin, "loan-v1", "SUBMIT", secret="hidden")
    await admin.delete(f"/v1/actors/{actor}")
    done = [(r.op, r.subject, r.tenant, r.key_id) for r in caplog.records if r.msg == "done"]
    assert done == [
        ("deploy", "loan-v1", "lending", "bootstrap-5"),
        ("deleteActor", actor, "lending", "bootstrap-5"),
    ]
    assert "hidden" not in caplog.text
    text = (await admin.get("/metrics")).text
    assert 'statekeep_events_total{outcome="accepted"} 1.0' in text
    if bench.app is None:
        line = 'statekeep_store_duration_seconds_count{answer="done",script="send"} 1.0'
        assert line in text
        missed = 'statekeep_store_duration_seconds_count{answer="unknown",script="send"} 1.0'
        assert missed in text
