"""The webhook as people meet it: warnings with the preview, dry runs too, and few refusals."""

import base64
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml

from support.cluster import Desk, Manifest, change_point, definition
from support.operators import MemoryRuntime, OperatorProcess, Stage
from support.parts.ports import free_ports

pytestmark = pytest.mark.cluster

DEPLOY = Path(__file__).resolve().parents[3] / "operator" / "deploy"


@pytest.fixture
def hooked(
    desk: Desk, runtime: MemoryRuntime, http: httpx.Client, tmp_path: Path
) -> Iterator[Stage]:
    """An operator whose webhook the API server asks, for this namespace alone."""
    (port,) = free_ports(1)
    options = {
        "webhook-cert": str(desk.plane.directory / "serving.crt"),
        "webhook-key": str(desk.plane.directory / "serving.key"),
        "webhook-port": str(port),
    }
    with OperatorProcess(
        desk.plane, runtime.url, tmp_path, (desk.namespace,), options=options
    ) as operator:
        configuration = yaml.safe_load((DEPLOY / "webhook.yaml").read_text())
        name = f"statekeep-{desk.namespace}"
        configuration["metadata"]["name"] = name
        (hook,) = configuration["webhooks"]
        hook["clientConfig"] = {
            "url": f"https://127.0.0.1:{port}/validate",
            "caBundle": base64.b64encode(desk.plane.authority.read_bytes()).decode(),
        }
        only = {"matchLabels": {"kubernetes.io/metadata.name": desk.namespace}}
        hook["namespaceSelector"] = only
        desk.plane.kubectl("apply", "-f", "-", stdin=json.dumps(configuration))
        yield Stage(desk, operator, http)
        desk.plane.kubectl("delete", "validatingwebhookconfiguration", name)


def tried(stage: Stage, manifest: Manifest) -> "subprocess.CompletedProcess[str]":
    return stage.desk.plane.kubectl(
        "-n", stage.tenant, "apply", "--dry-run=server", "-f", "-",
        stdin=json.dumps(manifest), check=False,
    )  # fmt: skip


def warnings(stage: Stage, manifest: Manifest) -> list[str]:
    run = tried(stage, manifest)
    assert run.returncode == 0, run.stderr
    lines = run.stderr.splitlines()
    return [line.removeprefix("Warning: ") for line in lines if line.startswith("Warning: ")]


BUILD: Manifest = {
    "initial": "queued",
    "states": {
        "queued": {"on": {"START": "running"}},
        "running": {"on": {"PASS": "passed", "FAIL": "failed"}},
        "failed": {"on": {"RETRY": "running"}},
        "passed": {"type": "final"},
    },
}
RENAMED = json.loads(json.dumps(BUILD).replace("failed", "error"))
MOVES: list[Manifest] = [{"name": "all", "from": "build-v1"}]


def test_a_dry_run_tells_who_would_strand_and_then_who_would_not(hooked: Stage) -> None:
    hooked.apply(definition("build-v1", "build", definition=BUILD))
    hooked.ready("wd", "build-v1")
    hooked.spawn("build-v1", 25)
    hooked.spawn("build-v1", 5, ["START", "FAIL"])
    second = definition("build-v2", "build", definition=RENAMED, migrations=MOVES)
    first, total, *_ = warnings(hooked, second)
    assert first == "5 of 30 actors would strand in `failed` of build-v1: StateRemoved"
    assert total == "5 of 30 would strand, 25 would migrate, 0 would stay"
    mapped = [{**MOVES[0], "stateMapping": {"failed": "error"}}]
    mended = definition("build-v2", "build", definition=RENAMED, migrations=mapped)
    assert warnings(hooked, mended)[0] == "0 of 30 would strand, 30 would migrate, 0 would stay"
    assert hooked.status("wd", "build-v2") == {}, "a dry run stores nothing"


def test_a_machine_that_is_wrong_is_refused(hooked: Stage) -> None:
    broken = {"initial": "draught", "states": {"draft": {}}}
    run = tried(hooked, definition("loan-v1", definition=broken))
    assert run.returncode != 0
    assert "InvalidDefinition: /initial: `draught` is no child of this state" in run.stderr


def test_a_machine_that_is_changed_in_place_is_refused(hooked: Stage) -> None:
    hooked.apply(definition("loan-v1"))
    hooked.ready("wd", "loan-v1")
    run = tried(hooked, definition("loan-v1", definition=BUILD))
    assert run.returncode != 0
    assert "a version never changes" in run.stderr


def test_what_another_object_can_cure_is_a_warning(hooked: Stage) -> None:
    early = definition("loan-v2", migrations=[{"name": "all", "from": "loan-v1"}])
    assert warnings(hooked, early)[0].startswith("UnknownVersion: ")
    assert warnings(hooked, change_point("x", from_="loan-v1", to="loan-v2"))[0].startswith(
        "UnknownVersion: "
    )


def test_without_the_webhook_nothing_is_refused_and_the_condition_tells(hooked: Stage) -> None:
    hooked.operator.stop()
    broken = {"initial": "draught", "states": {"draft": {}}}
    assert tried(hooked, definition("loan-v1", definition=broken)).returncode == 0
