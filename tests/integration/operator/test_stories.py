"""The stories of the README by `kubectl apply`: who moves, who stays, who strands, and why."""

from pathlib import Path

import pytest

from support.cluster import Manifest, definition
from support.operators import Stage, condition

pytestmark = pytest.mark.cluster

ROOT = Path(__file__).resolve().parents[3]
LOAN = ROOT / "examples" / "loan" / "manifests"


def test_who_paid_the_fee_moves_and_who_was_waived_stays(stage: Stage) -> None:
    stage.desk.kubectl("apply", "-f", str(LOAN / "loan-v1.yaml"))
    stage.ready("wd", "loan-v1")
    (alice,) = stage.spawn("loan-v1", events=["SUBMIT_INFO", "PAY_FEE"])
    (bob,) = stage.spawn("loan-v1", events=["SUBMIT_INFO", "WAIVE_FEE"])
    stage.desk.kubectl("apply", "-f", str(LOAN / "loan-v2.yaml"))
    status = stage.ready("wd", "loan-v2")
    (applied,) = status["migrations"]
    assert applied == {
        "name": "paid",
        "clock": 3,
        "planHash": applied["planHash"],
        "migrated": 1,
        "stayed": 1,
        "stranded": 0,
    }
    assert status["stranded"] == 0
    moved, stayed = stage.actor(alice), stage.actor(bob)
    assert (moved["version"], moved["stateValue"]) == ("loan-v2", "income_verify")
    assert (stayed["version"], stayed["stateValue"]) == ("loan-v1", "awaiting_docs")
    (why,) = stage.decisions(bob)
    assert (why["verdict"], why["reason"]) == ("stayed", "AnchorNotMatched")
    assert "1 migrated, 1 stayed, 0 stranded" in condition(status, "Ready")["message"]
    projection = stage.ready("cp", "loan-v2.paid")
    assert projection["result"]["migrated"] == 1


def build(failed: str) -> Manifest:
    """A build that calls its state of failure so."""
    return {
        "initial": "queued",
        "states": {
            "queued": {"on": {"START": "running"}},
            "running": {"on": {"PASS": "passed", "FAIL": failed}},
            failed: {"on": {"RETRY": "running"}},
            "passed": {"on": {"PUBLISH": "published"}},
            "published": {"type": "final"},
        },
    }


FROM_V1: Manifest = {"name": "all", "from": "build-v1"}
FROM_V2: Manifest = {"name": "all", "from": "build-v2", "stateMapping": {"failed": "error"}}


def thirty_builds(stage: Stage) -> None:
    """Thirty in flight, five of them failed."""
    stage.apply(definition("build-v1", "build", definition=build("failed")))
    stage.ready("wd", "build-v1")
    stage.spawn("build-v1", 10)
    stage.spawn("build-v1", 15, ["START"])
    stage.spawn("build-v1", 5, ["START", "FAIL"])


def test_of_thirty_builds_five_strand_and_the_next_version_moves_them_all(stage: Stage) -> None:
    thirty_builds(stage)
    machine = build("error")
    stage.apply(definition("build-v2", "build", definition=machine, migrations=[FROM_V1]))
    status = stage.ready("wd", "build-v2")
    (applied,) = status["migrations"]
    assert (applied["migrated"], applied["stayed"], applied["stranded"]) == (25, 0, 5)
    assert status["stranded"] == 5
    assert status["strandedBy"] == [
        {"version": "build-v1", "state": "failed", "reason": "StateRemoved", "count": 5}
    ]
    assert condition(status, "Stranded")["message"] == (
        "5 actors are stranded: 5 in failed of build-v1 (StateRemoved)"
    )
    listed = stage.desk.kubectl("get", "wd", "build-v2").splitlines()[1].split()
    assert listed[:6] == ["build-v2", "build", "25", "5", "True", "Ready"]
    shown = stage.desk.kubectl("get", "cp", "build-v2.all").splitlines()[1].split()
    assert shown[:8] == ["build-v2.all", "build-v1", "build-v2", "3", "25", "5", "True", "Ready"]

    stage.apply(definition("build-v3", "build", definition=machine, migrations=[FROM_V2]))
    status = stage.ready("wd", "build-v3")
    (applied,) = status["migrations"]
    assert (applied["migrated"], applied["stayed"], applied["stranded"]) == (30, 0, 0)
    assert (status["actors"]["total"], status["stranded"]) == (30, 0)
    stage.desk.kubectl("wait", "--for=condition=Stranded=False", "wd/build-v2", "--timeout=10s")
    assert stage.status("wd", "build-v2")["stranded"] == 0


def test_each_of_two_migrations_tells_its_own_numbers(stage: Stage) -> None:
    thirty_builds(stage)
    migrations = [
        {"name": "failed", "from": "build-v1", "historyPath": ["START", "FAIL"], "landing": "Same"},
        {"name": "started", "from": "build-v1", "historyPath": ["START"]},
    ]
    machine = build("error")
    stage.apply(definition("build-v2", "build", definition=machine, migrations=migrations))
    status = stage.ready("wd", "build-v2")
    counts = ("migrated", "stayed", "stranded")
    told = {m["name"]: tuple(m[count] for count in counts) for m in status["migrations"]}
    assert told == {"failed": (0, 10, 5), "started": (15, 10, 0)}
    assert condition(status, "Applied")["message"] == (
        "2 migrations are applied: 15 migrated, 10 stayed, 5 stranded"
    )
    shown = stage.desk.kubectl("get", "cp", "--no-headers").splitlines()
    assert [row.split()[:6] for row in shown] == [
        ["build-v2.failed", "build-v1", "build-v2", "3", "0", "5"],
        ["build-v2.started", "build-v1", "build-v2", "3", "15", "0"],
    ]


def test_a_gate_waits_tells_what_would_strand_and_opens_by_what_it_told(stage: Stage) -> None:
    thirty_builds(stage)
    manifest = definition(
        "build-v2",
        "build",
        definition=build("error"),
        migrations=[FROM_V1],
        gate={"maxStranded": 0},
    )
    stage.apply(manifest)
    status = stage.waits("wd", "build-v2", "TooManyStranded")
    assert condition(status, "Registered")["status"] == "True", "it can be spawned on"
    assert condition(status, "Reconciling")["status"] == "True"
    seen = condition(status, "Previewed")
    assert (seen["status"], seen["reason"]) == ("False", "AwaitingApproval")
    assert seen["message"] == "5 of 30 would strand, 25 would migrate, 0 would stay"
    preview = status["preview"]
    assert (preview["wouldMigrate"], preview["wouldStrand"]) == (25, 5)
    assert stage.status("cp", "build-v2.all").get("clock") is None

    accepted = {"accept": preview["accept"], "expectPlan": preview["planHash"]}
    stage.apply({**manifest, "spec": {**manifest["spec"], "gate": accepted}})
    status = stage.ready("wd", "build-v2")
    assert status["stranded"] == 5
    assert "preview" not in status
    assert "waitingSince" not in status


def test_the_commit_that_mends_a_shut_gate_is_applied_meanwhile(stage: Stage) -> None:
    thirty_builds(stage)
    manifest = definition(
        "build-v2",
        "build",
        definition=build("error"),
        migrations=[FROM_V1],
        gate={"maxStranded": 0, "deadline": "10m"},
    )
    stage.apply(manifest)
    stage.waits("wd", "build-v2", "TooManyStranded")
    mended = [{**FROM_V1, "stateMapping": {"failed": "error"}}]
    stage.apply({**manifest, "spec": {**manifest["spec"], "migrations": mended}})
    (applied,) = stage.ready("wd", "build-v2")["migrations"]
    assert (applied["migrated"], applied["stranded"]) == (30, 0)


def test_past_its_deadline_nothing_happens_by_itself_any_more(own_stage: Stage) -> None:
    thirty_builds(own_stage)
    manifest = definition(
        "build-v2",
        "build",
        definition=build("error"),
        migrations=[FROM_V1],
        gate={"maxStranded": 0, "deadline": "2s"},
    )
    own_stage.apply(manifest)
    status = own_stage.waits("wd", "build-v2", "DeadlineExceeded")
    assert condition(status, "Stalled")["status"] == "True"
    assert "TooManyStranded" in condition(status, "Stalled")["message"]
    for actor in own_stage.read("/v1/actors?workflow=build&state=failed")["items"]:
        own_stage.send(actor["id"], "RETRY")
    own_stage.operator.stop()
    own_stage.operator.start()
    own_stage.apply(definition("claim-v1", "claim"))
    own_stage.ready("wd", "claim-v1")
    assert own_stage.status("wd", "build-v2")["migrations"] == [{"name": "all"}]
    mended = {**manifest["spec"], "gate": {"maxStranded": 0, "deadline": "3s"}}
    own_stage.apply({**manifest, "spec": mended})
    assert own_stage.ready("wd", "build-v2")["migrations"][0]["migrated"] == 30
