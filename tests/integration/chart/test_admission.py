"""Each set of values before a real API server, in a namespace that enforces Pod Security."""

import json
from pathlib import Path

import pytest

from support.charts import SETS, Chart, Manifest, of_kind, pods, values
from support.parts.controlplane import ControlPlane

pytestmark = pytest.mark.cluster

STAND_INS = Path(__file__).with_name("stand-ins.yaml")
PLACES = ("lending", "claims")


def as_list(manifests: list[Manifest]) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": manifests})


@pytest.fixture
def place(cluster: ControlPlane, namespace: str) -> str:
    """A namespace that takes restricted pods only, and the kinds of other people's software."""
    levels = [f"pod-security.kubernetes.io/{mode}=restricted" for mode in ("enforce", "warn")]
    cluster.kubectl("label", "namespace", namespace, *levels)
    cluster.kubectl("apply", "--server-side", "-f", str(STAND_INS))
    cluster.kubectl("wait", "--for=condition=Established", "-f", str(STAND_INS), "--timeout=30s")
    for other in PLACES:
        cluster.kubectl("create", "namespace", other, check=False)
    # No controller makes it here.
    cluster.kubectl("-n", namespace, "create", "serviceaccount", "default")
    return namespace


@pytest.mark.parametrize("name", SETS)
def test_the_api_server_takes_all_of_it(cluster: ControlPlane, place: str, name: str) -> None:
    manifests = Chart(cluster.binaries, place).manifests(*values(name))
    how = ("--server-side", "--force-conflicts", "--dry-run=server", "-f", "-")
    run = cluster.kubectl("apply", *how, stdin=as_list(manifests))
    assert len(run.stdout.splitlines()) == len(manifests)
    assert "arning" not in run.stderr, run.stderr

    # A Deployment is taken whatever its pods are; so try the pods, with the accounts they name.
    accounts = of_kind(manifests, "ServiceAccount")
    cluster.kubectl("apply", "-f", "-", stdin=as_list(accounts))
    made = as_list([pod for pod in pods(manifests) if pod["metadata"]["namespace"] == place])
    run = cluster.kubectl("create", "--dry-run=server", "-f", "-", stdin=made)
    assert run.stdout.count("created") >= 3


def test_the_namespace_really_enforces(cluster: ControlPlane, place: str) -> None:
    chart = Chart(cluster.binaries, place)
    (pod, *_) = pods(chart.manifests())
    pod["spec"]["containers"][0]["securityContext"]["allowPrivilegeEscalation"] = True
    pod["spec"].pop("serviceAccountName")
    run = cluster.kubectl(
        "create", "--dry-run=server", "-f", "-", stdin=json.dumps(pod), check=False
    )
    assert "violates PodSecurity" in run.stderr
