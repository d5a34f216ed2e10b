"""`statekeep revert` on the real API server: its output is applied, and actors go forward."""

import json
from pathlib import Path

import pytest
import yaml

from support.cluster import definition
from support.command_line import statekeep
from support.operators import Stage

pytestmark = pytest.mark.cluster

LOAN = Path(__file__).resolve().parents[3] / "examples" / "loan" / "manifests"


def reverted(stage: Stage, version: str, *options: str) -> str:
    """What the command writes; applied, as people do it."""
    server = str(stage.http.base_url)
    key = stage.http.headers["x-api-key"]
    ended = statekeep("revert", version, *options, "--server", server, "--api-key", key)
    assert ended.code == 0, ended.err
    stage.desk.kubectl("apply", "-f", "-", stdin=ended.out)
    return ended.out


def where(stage: Stage, actor: str) -> tuple[str, object]:
    told = stage.actor(actor)
    return told["version"], told["stateValue"]


def test_a_revert_and_its_own_revert_are_manifests_that_lead_forward(stage: Stage) -> None:
    stage.desk.kubectl("apply", "-f", str(LOAN / "loan-v1.yaml"))
    stage.ready("wd", "loan-v1")
    (alice,) = stage.spawn("loan-v1", events=["SUBMIT_INFO", "PAY_FEE"])
    stage.desk.kubectl("apply", "-f", str(LOAN / "loan-v2.yaml"))
    stage.ready("wd", "loan-v2")
    assert where(stage, alice) == ("loan-v2", "income_verify")

    written = reverted(stage, "loan-v2")
    assert "# loan-v2.paid is closed" in written
    kinds = [(one["kind"], one["metadata"]["name"]) for one in yaml.safe_load_all(written)]
    assert kinds == [("WorkflowDefinition", "loan-v3"), ("WorkflowDefinition", "loan-v2")]
    v3 = stage.ready("wd", "loan-v3")
    assert v3["digest"] == stage.status("wd", "loan-v1")["digest"]
    assert where(stage, alice) == ("loan-v3", "awaiting_docs")
    stage.ready("wd", "loan-v2")
    assert stage.read("/v1/change-points/loan-v2.paid")["closed"] is True

    reverted(stage, "loan-v3")
    v4 = stage.ready("wd", "loan-v4")
    assert v4["digest"] == stage.status("wd", "loan-v2")["digest"]
    assert where(stage, alice) == ("loan-v4", "income_verify")
    stage.ready("wd", "loan-v3")
    assert stage.read("/v1/change-points/loan-v3.revert")["closed"] is True


def test_what_is_closed_keeps_what_its_own_manifest_says(stage: Stage, tmp_path: Path) -> None:
    first = definition("bill-v1", workflow="bill")
    second = definition("bill-v2", workflow="bill", migrations=[{"name": "all", "from": "bill-v1"}])
    second["metadata"]["labels"] = {"team": "billing"}
    second["spec"]["gate"] = {"maxStranded": "5%"}
    (tmp_path / "bill-v2.json").write_text(json.dumps(second))
    stage.apply(first, second)
    stage.ready("wd", "bill-v2")
    reverted(stage, "bill-v2", "--manifests", str(tmp_path))
    stage.ready("wd", "bill-v3")
    found = stage.desk.get("wd", "bill-v2")
    assert found["metadata"]["labels"] == {"team": "billing"}
    assert (found["spec"]["gate"], found["spec"]["close"]) == ({"maxStranded": "5%"}, ["all"])
