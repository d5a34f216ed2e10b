"""The webhook on a control plane that reaches no pods, and what kubectl prints of its warnings."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import yaml

from support.cluster import Desk, Manifest
from support.operators import Stage

DEPLOY = Path(__file__).resolve().parents[2] / "operator" / "deploy"


def manifests(namespace: str, port: int) -> tuple[Manifest, Manifest]:
    """What is deployed, moved into a namespace and to a place that this API server can reach."""
    secret, configuration = yaml.safe_load_all((DEPLOY / "webhook.yaml").read_text())
    secret["metadata"]["namespace"] = namespace
    (hook,) = configuration["webhooks"]
    hook["clientConfig"] = {"url": f"https://127.0.0.1:{port}/validate"}
    hook["namespaceSelector"] = {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
    return secret, configuration


def bundle(desk: Desk) -> str:
    """The authorities that the API server believes; empty while there are none."""
    found = desk.plane.find("validatingwebhookconfiguration", "statekeep")
    assert found is not None
    (hook,) = found["webhooks"]
    return str(hook["clientConfig"].get("caBundle", ""))


def tried(stage: Stage, manifest: Manifest) -> subprocess.CompletedProcess[str]:
    """A server-side dry run of one manifest."""
    return stage.desk.plane.kubectl(
        "-n", stage.tenant, "apply", "--dry-run=server", "-f", "-",
        stdin=json.dumps(manifest), check=False,
    )  # fmt: skip


def warnings(stage: Stage, manifest: Manifest) -> list[str]:
    """The warnings that a dry run prints."""
    run = tried(stage, manifest)
    assert run.returncode == 0, run.stderr
    lines = run.stderr.splitlines()
    return [line.removeprefix("Warning: ") for line in lines if line.startswith("Warning: ")]
