"""The pull-request gate: the steps of the example workflow, run as a runner runs them."""

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import yaml

from statekeep_operator import bodies
from statekeep_operator.facts import wish_from
from support.consoles import checkout
from support.judging import GITOPS
from support.operators import MemoryRuntime, client_of
from support.parts.binaries import Binaries

WORKFLOW = GITOPS / "ci" / "pull-request.yaml"
JOB = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]
GH = '#!/bin/sh\necho "$@" > posted; for last; do :; done; cat "$last" >> posted\n'


@dataclass(frozen=True)
class Runner:
    """A runner in a checkout of the repository, with what its secrets and its image give it."""

    folder: Path
    environment: dict[str, str]
    http: httpx.Client

    def run(self) -> dict[str, int]:
        """The exit code of each step that runs; a failed one ends the job, `always()` apart."""
        codes: dict[str, int] = {}
        for step in JOB["plan"]["steps"]:
            if "run" not in step or (any(codes.values()) and step.get("if") != "always()"):
                continue
            codes[step["name"]] = subprocess.run(
                ["sh", "-e", "-c", step["run"]], cwd=self.folder, env=self.environment, check=False
            ).returncode
        return codes

    @property
    def posted(self) -> str:
        return (self.folder / "posted").read_text(encoding="utf-8")

    def register(self, name: str) -> None:
        """With the body that the operator sends."""
        manifest = yaml.safe_load((GITOPS / "promotion/base" / f"{name}.yaml").read_text())
        meta = {**manifest["metadata"], "uid": "1", "generation": 1}
        body = bodies.version(wish_from({**manifest, "metadata": meta}))
        del body["owner"]  # only the operator's own key may name one
        self.http.post("/v1/definitions", json=body).raise_for_status()

    def builds(self, count: int, *events: str) -> None:
        for _ in range(count):
            body = {"definitionId": "build-v1"}
            actor = self.http.post("/v1/actors", json=body).raise_for_status().json()["id"]
            for event in events:
                answer = self.http.post(f"/v1/actors/{actor}/event", json={"type": event})
                assert answer.json()["accepted"]


@pytest.fixture
def runner(runtime: MemoryRuntime, binaries: Binaries, tmp_path: Path) -> Iterator[Runner]:
    checkout(tmp_path)
    shutil.copytree(GITOPS / "promotion", tmp_path / "workflows")
    programs = tmp_path / ".venv" / "bin"
    (programs / "gh").write_text(GH, encoding="utf-8")
    (programs / "gh").chmod(0o755)
    with client_of(runtime.url, f"ci-{secrets.token_hex(4)}") as http:
        environment = {
            **os.environ,
            "PATH": f"{programs}:{binaries.search_path}:{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "STATEKEEP_URL": runtime.url,
            "STATEKEEP_API_KEY": reader_of(http),
            "PULL_REQUEST": "7",
        }
        ready = Runner(tmp_path, environment, http)
        ready.register("build-v1")
        yield ready


def reader_of(http: httpx.Client) -> str:
    """A key that can read and nothing else."""
    body = {"roles": ["read"], "name": "ci"}
    return str(http.post("/v1/keys", json=body).raise_for_status().json()["key"])


def test_the_plan_of_what_was_accepted_is_posted(runner: Runner) -> None:
    runner.builds(3, "START")
    runner.builds(5, "START", "FAIL")
    assert runner.run() == {"What is live": 0, "Plan": 0, "Comment": 0}
    assert runner.posted.startswith("pr comment 7 --edit-last --create-if-none --body-file ")
    assert "Nothing here would be refused." in runner.posted
    assert "build-v2: 5 in failed of build-v1: stranded" in runner.posted
    assert [line.split()[1:5] for line in runner.posted.splitlines() if "build-v2 " in line] == [
        ["planned", "3", "0", "5"]
    ]


def test_a_plan_that_would_be_refused_fails_the_job_and_is_posted(runner: Runner) -> None:
    runner.builds(6, "START", "FAIL")
    assert runner.run() == {"What is live": 0, "Plan": 1, "Comment": 0}
    assert "**As it stands this would be refused**" in runner.posted
    assert "PlanDrifted" in runner.posted


def test_a_manifest_that_is_wrong_fails_the_job_and_says_where(runner: Runner) -> None:
    file = runner.folder / "workflows" / "base" / "build-v2.yaml"
    text = file.read_text(encoding="utf-8").replace("START: running", "START: runing")
    file.write_text(text, encoding="utf-8")
    assert runner.run()["Plan"] == 1
    assert "runing" in runner.posted


def test_a_runtime_that_is_away_fails_before_anything_is_posted(runner: Runner) -> None:
    runner.environment["STATEKEEP_URL"] = "http://127.0.0.1:9"
    codes = runner.run()
    assert codes["What is live"] != 0
    assert "Plan" not in codes


def test_the_workflow_asks_for_no_more_than_it_needs() -> None:
    text = WORKFLOW.read_text(encoding="utf-8")
    assert yaml.safe_load(text)["permissions"] == {"contents": "read", "pull-requests": "write"}
    assert "pull_request_target" not in text, "a fork must never see the key"
