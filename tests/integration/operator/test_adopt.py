"""`statekeep adopt`: a person says that a new beginning is meant, and sees what becomes of it."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.cluster import Desk, definition
from support.command_line import Ended, environment, statekeep
from support.operators import (
    COUNTED_WITHIN,
    MemoryRuntime,
    OperatorProcess,
    Stage,
    client_of,
    condition,
    eventually,
)
from support.parts.ports import free_ports
from support.web_server import OPERATOR_KEY

pytestmark = pytest.mark.cluster

V1 = definition("loan-v1")
V2 = definition("loan-v2", migrations=[{"name": "all", "from": "loan-v1"}])


@pytest.fixture
def replaced(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Stage, str]]:
    """Two versions and a claim that an old runtime knew; the new one knows nothing of them."""
    with (
        MemoryRuntime(tmp_path / "old") as old,
        MemoryRuntime(tmp_path / "new") as new,
        client_of(new.url, desk.namespace) as http,
    ):
        with (
            OperatorProcess(desk.plane, old.url, tmp_path, (desk.namespace,)) as operator,
            client_of(old.url, desk.namespace) as before,
        ):
            stage = Stage(desk, operator, before)
            stage.apply(V1, V2, definition("claim-v1", "claim"))
            stage.ready("wd", "loan-v2")
            stage.spawn("loan-v2", 3)
            eventually(
                lambda: stage.status("wd", "loan-v2")["actors"]["total"] == 3,
                "counted",
                COUNTED_WITHIN,
            )
        monkeypatch.setenv("KUBECONFIG", str(desk.plane.kubeconfig))
        monkeypatch.setenv("STATEKEEP_URL", new.url)
        monkeypatch.setenv("STATEKEEP_API_KEY", OPERATOR_KEY)
        monkeypatch.setenv("STATEKEEP_TENANT", desk.namespace)
        with OperatorProcess(desk.plane, new.url, tmp_path, (desk.namespace,)) as operator:
            stage = Stage(desk, operator, http)
            for name in ("loan-v1", "loan-v2", "claim-v1"):
                stage.waits("wd", name, "RegistryReplaced")
            yield stage, old.url


def adopt(stage: Stage, *more: str) -> Ended:
    return statekeep("adopt", "--namespace", stage.tenant, *more)


def test_it_shows_what_was_and_what_is_and_waits_for_the_outcome(
    replaced: tuple[Stage, str],
) -> None:
    stage, _ = replaced
    ended = adopt(stage, "--workflow", "loan", "--yes")
    assert ended.code == 0, ended
    rows = [line.split("  ") for line in ended.out.splitlines() if line]
    told = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    assert told[:4] == [
        ["remembered", "the runtime now"],
        ["WorkflowDefinition loan-v1", "clock 1, 0 actors", "not registered"],
        ["WorkflowDefinition loan-v2", "clock 2, 3 actors", "not registered"],
        ["loan-v2.all", "clock 3", "not registered"],
    ]
    assert "WorkflowDefinition loan-v2: Ready: 1 migration is applied" in ended.out
    stage.ready("wd", "loan-v2")
    assert condition(stage.status("wd", "claim-v1"), "Ready")["reason"] == "RegistryReplaced"
    assert stage.read("/v1/workflows/claim")["versions"] == [], "the other workflow waits on"

    ended = adopt(stage, "--yes")
    assert "WorkflowDefinition claim-v1: Ready" in ended.out
    ended = adopt(stage)
    assert (ended.code, ended.out[:16]) == (0, "Nothing to adopt")


def test_nothing_is_adopted_unasked_or_by_mistake(
    replaced: tuple[Stage, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, old = replaced
    ended = adopt(stage)
    assert ended.code == 2
    assert "--yes adopts unasked" in ended.err
    mine, theirs = pty.openpty()
    os.write(mine, b"n\n")
    command = [sys.executable, "-m", "statekeep.cli.main", "adopt", "-n", stage.tenant]
    run = subprocess.run(
        command, stdin=theirs, capture_output=True, text=True, env=environment(), check=False
    )
    assert run.returncode == 1, run.stderr
    assert "for 3 objects? [y/N] Nothing was adopted." in run.stdout

    ended = adopt(stage, "--server", old, "--yes")
    assert ended.code == 4
    assert "the operator sees another one: WorkflowDefinition claim-v1" in ended.err

    monkeypatch.setenv("KUBECONFIG", str(stage.desk.plane.kubeconfig_for("nobody")))
    ended = adopt(stage, "--yes")
    assert ended.code == 4
    assert 'User "nobody" cannot list resource' in ended.err
    assert stage.read("/v1/definitions")["items"] == []


def test_an_empty_namespace_is_said_to_be_empty(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(desk.plane.kubeconfig))
    ended = statekeep("adopt", "--namespace", desk.namespace)
    assert ended.code == 2
    assert f"there is no object of ours in namespace {desk.namespace}" in ended.err


def test_without_a_cluster_it_says_so(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    ended = statekeep("adopt")
    assert ended.code == 2
    assert ended.err.startswith("statekeep adopt: no cluster: ")

    given = json.loads(desk.plane.kubectl("config", "view", "--raw", "-o", "json").stdout)
    (port,) = free_ports(1)
    given["clusters"][0]["cluster"]["server"] = f"https://127.0.0.1:{port}"
    (tmp_path / "away").write_text(json.dumps(given))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "away"))
    ended = statekeep("adopt")
    assert ended.code == 3
    assert "no cluster: " in ended.err

    ended = statekeep("adopt", "--kube-context", "nowhere")
    assert ended.code == 2
    assert "nowhere" in ended.err
