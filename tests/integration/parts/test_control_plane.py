"""The control plane is a real one: versions, permissions, policies, webhooks, garbage, restarts."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support.parts.binaries import Binaries, kubernetes_version
from support.parts.controlplane import ControlPlane
from support.parts.fault import PartError
from support.parts.ports import free_ports
from support.processes import ends_within

pytestmark = pytest.mark.cluster

PARENT = """
import sys, signal
from pathlib import Path
from support.parts.binaries import obtain
from support.parts.controlplane import ControlPlane
plane = ControlPlane(obtain(), Path(sys.argv[1]))
plane.start()
print(*(plane.pid(name) for name in plane.part_names), flush=True)
signal.pause()
"""


def config_map(name: str, owner: tuple[str, str] | None = None) -> str:
    metadata: dict[str, object] = {"name": name}
    if owner is not None:
        kind = {"apiVersion": "v1", "kind": "ConfigMap"}
        metadata["ownerReferences"] = [{**kind, "name": owner[0], "uid": owner[1]}]
    return json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})


def test_the_versions_are_the_pinned_ones_and_can_be_parsed(cluster: ControlPlane) -> None:
    version = json.loads(cluster.kubectl("version", "-o", "json").stdout)
    server, client = version["serverVersion"], version["clientVersion"]

    assert server["gitVersion"] == client["gitVersion"] == kubernetes_version() == "v1.36.3"
    assert (server["major"], server["minor"]) == ("1", "36")


def test_what_is_found_without_a_kubectl_is_what_kubectl_shows(
    cluster: ControlPlane, namespace: str
) -> None:
    cluster.kubectl("-n", namespace, "create", "-f", "-", stdin=config_map("one"))
    shown = cluster.get("-n", namespace, "configmap", "one")

    assert cluster.find("configmap", "one", namespace) == shown
    assert cluster.find("configmap", "two", namespace) is None


def test_helm_works_and_knows_the_server_s_version(cluster: ControlPlane, tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "Chart.yaml").write_text(
        'apiVersion: v2\nname: tried\nversion: 0.1.0\nkubeVersion: ">=1.36.0-0 <1.37.0-0"\n'
    )
    (tmp_path / "templates" / "map.yaml").write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n"
        'data: {version: "{{ .Capabilities.KubeVersion.Version }}"}\n'
    )
    rendered = cluster.run("helm", "template", "mine", str(tmp_path), "--validate").stdout

    assert cluster.run("helm", "version", "--short").stdout.startswith("v4.")
    assert 'data: {version: "v1.36.3"}' in rendered


def test_permissions_are_checked(cluster: ControlPlane, namespace: str) -> None:
    stranger = f"--kubeconfig={cluster.kubeconfig_for('stranger')}"
    refused = cluster.kubectl(stranger, "-n", namespace, "get", "secrets", check=False)

    assert 'User "stranger" cannot list resource "secrets"' in refused.stderr
    here = ("-n", namespace, "create")
    cluster.kubectl(*here, "role", "reader", "--verb=list", "--resource=secrets")
    cluster.kubectl(*here, "rolebinding", "reader", "--role=reader", "--user=stranger")
    assert comes_true(
        lambda: cluster.kubectl(stranger, "-n", namespace, "get", "secrets", check=False)
    )


def comes_true(ask: Callable[[], "subprocess.CompletedProcess[str]"]) -> bool:
    """Ask until the API server has taken a rule in, which it does within a moment."""
    return any(ask().returncode == 0 for _ in range(200))


def test_default_admission_is_on(cluster: ControlPlane, namespace: str) -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}}
    pod["spec"] = {"containers": [{"name": "c", "image": "i"}]}
    refused = cluster.kubectl("-n", namespace, "create", "-f-", stdin=json.dumps(pod), check=False)

    # The ServiceAccount plugin: there is no account, since no controller makes one.
    assert "serviceaccount" in refused.stderr


def test_a_validating_admission_policy_refuses(cluster: ControlPlane, namespace: str) -> None:
    policy = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": namespace},
        "spec": {
            "matchConstraints": {
                "resourceRules": [
                    {
                        "apiGroups": [""],
                        "apiVersions": ["v1"],
                        "operations": ["CREATE"],
                        "resources": ["configmaps"],
                    }
                ]
            },
            "validations": [
                {"expression": "object.metadata.name != 'bad'", "message": "not that name"}
            ],
        },
    }
    binding = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": namespace},
        "spec": {
            "policyName": namespace,
            "validationActions": ["Deny"],
            "matchResources": {
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
            },
        },
    }
    for each in (policy, binding):
        cluster.kubectl("create", "-f-", stdin=json.dumps(each))
    try:
        refusal = refusal_of_config_map(cluster, namespace, "bad")
    finally:
        cluster.kubectl(
            "delete", "validatingadmissionpolicybinding,validatingadmissionpolicy", namespace
        )
    assert "not that name" in refusal


def test_a_webhook_is_asked(cluster: ControlPlane, namespace: str) -> None:
    (nobody,) = free_ports(1)
    webhook = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": namespace},
        "webhooks": [
            {
                "name": "asked.statekeep.dev",
                "admissionReviewVersions": ["v1"],
                "sideEffects": "None",
                "failurePolicy": "Fail",
                "clientConfig": {"url": f"https://127.0.0.1:{nobody}/asked"},
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
                "rules": [
                    {
                        "apiGroups": [""],
                        "apiVersions": ["v1"],
                        "operations": ["CREATE"],
                        "resources": ["configmaps"],
                    }
                ],
            }
        ],
    }
    cluster.kubectl("create", "-f-", stdin=json.dumps(webhook))
    try:
        refusal = refusal_of_config_map(cluster, namespace, "any")
    finally:
        cluster.kubectl("delete", "validatingwebhookconfiguration", namespace)
    assert 'failed calling webhook "asked.statekeep.dev"' in refusal


def refusal_of_config_map(cluster: ControlPlane, namespace: str, name: str) -> str:
    """Ask until the API server has taken the rule in, which it does within a moment."""
    for _ in range(200):
        run = cluster.kubectl(
            *("-n", namespace, "create", "--dry-run=server", "-f-"),
            stdin=config_map(name),
            check=False,
        )
        if run.returncode != 0:
            return run.stderr
    raise AssertionError(f"{name} was never refused")


def test_what_belongs_to_a_deleted_object_goes_too(cluster: ControlPlane, namespace: str) -> None:
    here = ("-n", namespace)
    cluster.kubectl(*here, "create", "-f-", stdin=config_map("owner"))
    uid = cluster.get(*here, "configmap", "owner")["metadata"]["uid"]
    cluster.kubectl(*here, "create", "-f-", stdin=config_map("owned", ("owner", uid)))
    cluster.kubectl(*here, "delete", "configmap", "owner")

    cluster.kubectl(*here, "wait", "--for=delete", "configmap/owned", "--timeout=60s")


def test_a_namespace_goes_with_all_that_is_in_it(cluster: ControlPlane) -> None:
    cluster.kubectl("create", "namespace", "going")
    cluster.kubectl("-n", "going", "create", "-f-", stdin=config_map("inside"))
    cluster.kubectl("delete", "namespace", "going", "--timeout=60s")

    assert cluster.kubectl("get", "namespace", "going", check=False).returncode == 1


def test_parts_that_were_killed_start_again_on_their_data(own_cluster: ControlPlane) -> None:
    own_cluster.kubectl("create", "configmap", "kept")
    before = {name: own_cluster.pid(name) for name in own_cluster.part_names}
    for name in own_cluster.part_names:
        own_cluster.kill_part(name)
        own_cluster.start_part(name)
    own_cluster.await_ready()

    assert [name for name, pid in before.items() if own_cluster.pid(name) == pid] == []
    assert own_cluster.get("configmap", "kept")["metadata"]["name"] == "kept"


def test_nothing_is_left_when_the_test_runner_is_killed(tmp_path: Path, binaries: Binaries) -> None:
    folder = tmp_path / "plane"
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert parent.stdout is not None
    pids = [int(pid) for pid in parent.stdout.readline().split()]
    parent.stdout.close()
    parent.send_signal(signal.SIGKILL)
    parent.wait()

    assert len(pids) == 3
    assert [pid for pid in pids if not ends_within(pid, 15)] == []


def listening() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


def test_where_somebody_was_faster_it_takes_other_ports(tmp_path: Path, binaries: Binaries) -> None:
    with listening() as other:
        picks = iter([[other.getsockname()[1], *free_ports(2)], free_ports(3)])
        with ControlPlane(binaries, tmp_path / "plane", pick_ports=lambda _: next(picks)) as plane:
            assert "Server Version" in plane.kubectl("version").stdout


def test_where_every_port_is_taken_it_is_one_sentence(tmp_path: Path, binaries: Binaries) -> None:
    with listening() as other:
        taken = [other.getsockname()[1], *free_ports(2)]
        plane = ControlPlane(binaries, tmp_path / "plane", pick_ports=lambda _: taken)
        with pytest.raises(PartError) as caught:
            plane.start()
    assert str(caught.value) == (
        "etcd ended: a port is taken: stop what listens there and run the same command again"
    )
    assert plane.running == ()


def test_a_part_that_cannot_start_says_why(tmp_path: Path, binaries: Binaries) -> None:
    wrong = Binaries({**binaries.paths, "kube-apiserver": binaries["kubectl"]})
    plane = ControlPlane(wrong, tmp_path / "plane")

    with pytest.raises(PartError, match=r"kube-apiserver ended: .*unknown flag"):
        plane.start()
    assert plane.running == ()
