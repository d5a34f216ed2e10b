"""What the operator may do, what nobody should do by accident, and how both are said."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.cluster import Desk, change_point, definition
from support.operators import MemoryRuntime, OperatorProcess, Stage, client_of, eventually
from support.parts.controlplane import AUDITED, ControlPlane
from support.parts.fault import PartError
from support.parts.ports import free_ports

pytestmark = pytest.mark.cluster

DEPLOY = Path(__file__).resolve().parents[3] / "operator" / "deploy"
V1 = definition("loan-v1")
V2 = definition("loan-v2", migrations=[{"name": "all", "from": "loan-v1"}])


def applied(plane: ControlPlane, *manifests: dict[str, Any]) -> None:
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(manifests)})
    plane.kubectl("apply", "-f", "-", stdin=text)


def binding(namespace: str, role: str, user: str) -> dict[str, Any]:
    group = "rbac.authorization.k8s.io"
    return {
        "apiVersion": f"{group}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": role, "namespace": namespace},
        "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": role},
        "subjects": [{"apiGroup": group, "kind": "User", "name": user}],
    }


LOCAL = ("statekeep-operator", "statekeep-operator-lease", "statekeep-operator-certificates")
Right = tuple[str, str, str]
"""Group, resource with its subresource, verb."""


def granted() -> set[Right]:
    """Every right that operator/deploy/rbac.yaml grants."""
    roles = yaml.safe_load_all((DEPLOY / "rbac.yaml").read_text())
    return {
        (group, resource, verb)
        for role in roles
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def used(plane: ControlPlane, user: str) -> set[Right]:
    """Every right that a user has made use of, as the API server wrote it down."""
    found = set()
    for one in plane.asked():
        about = one.get("objectRef", {})
        if one["user"]["username"] != user or "resource" not in about:
            continue
        parts = (about["resource"], about.get("subresource"))
        right = (about.get("apiGroup", ""), "/".join(filter(None, parts)))
        found.add((*right, one["verb"]))
        if one["verb"] == "patch" and one["responseStatus"]["code"] == CREATED:
            found.add((*right, "create"))
    return found


CREATED = 201
"""What an apply answers that has made an object: the right to create it was asked, too."""


def refused(plane: ControlPlane, user: str) -> list[str]:
    return [
        one["requestURI"]
        for one in plane.asked()
        if one["user"]["username"] == user and one["responseStatus"]["code"] in (401, 403)
    ]


@pytest.fixture
def account(desk: Desk) -> Iterator[str]:
    """A user with the rights of namespaced mode here, and with what the webhook needs."""
    user = f"operator-of-{desk.namespace}"
    desk.plane.kubectl("apply", "-f", str(DEPLOY / "rbac.yaml"))
    applied(desk.plane, *(binding(desk.namespace, role, user) for role in LOCAL))
    hook = {**binding(desk.namespace, "statekeep-operator-webhook", user)}
    hook |= {"kind": "ClusterRoleBinding", "metadata": {"name": user}}
    applied(desk.plane, hook)
    secret, configuration = yaml.safe_load_all((DEPLOY / "webhook.yaml").read_text())
    secret["metadata"]["namespace"] = desk.namespace
    nobody = {"matchLabels": {"kubernetes.io/metadata.name": "nowhere"}}
    configuration["webhooks"][0]["namespaceSelector"] = nobody
    applied(desk.plane, secret, configuration)
    yield user
    desk.plane.kubectl("delete", "validatingwebhookconfiguration", "statekeep")
    desk.plane.kubectl("delete", "clusterrolebinding", user)


def test_each_permission_is_used_and_none_is_missing(
    desk: Desk, runtime: MemoryRuntime, tmp_path: Path, account: str
) -> None:
    (port,) = free_ports(1)
    operator = OperatorProcess(
        desk.plane,
        runtime.url,
        tmp_path,
        (desk.namespace,),
        options={"webhook-names": "localhost", "webhook-port": str(port)},
        kubeconfig=desk.plane.kubeconfig_for(account, AUDITED),
    )
    with operator, client_of(runtime.url, desk.namespace) as http:
        stage = Stage(desk, operator, http)
        stage.apply(V1)
        stage.ready("wd", "loan-v1")
        waiting = {"name": "later", "from": "loan-v9"}
        more = {**V2["spec"], "migrations": [*V2["spec"]["migrations"], waiting]}
        stage.apply({**V2, "spec": more})
        stage.waits("cp", "loan-v2.later", "UnknownVersion")
        stage.apply(V2)
        stage.ready("wd", "loan-v2")
        missing = granted()
        eventually(lambda: missing <= used(desk.plane, account), "each right is used")
    assert used(desk.plane, account) == granted()
    assert refused(desk.plane, account) == []
    assert "forbidden" not in operator.log.read_text().lower()


@pytest.fixture
def guarded(stage: Stage) -> Iterator[Stage]:
    """The deletion policy, for the test's namespace alone."""
    policy, bound = yaml.safe_load_all((DEPLOY / "deletion-policy.yaml").read_text())
    only = {"matchLabels": {"kubernetes.io/metadata.name": stage.tenant}}
    bound["metadata"]["name"] = f"statekeep-deletion-{stage.tenant}"
    bound["spec"]["matchResources"] = {"namespaceSelector": only}
    applied(stage.desk.plane, policy, bound)
    stage.apply(definition("probe-v1", "probe"))
    stage.ready("wd", "probe-v1")
    stage.spawn("probe-v1")
    counted(stage, "probe-v1", 1)

    def refused() -> bool:
        try:
            stage.desk.kubectl("delete", "wd", "probe-v1", "--dry-run=server")
        except PartError:
            return True
        return False

    eventually(refused, "the policy is in force")
    yield stage
    kind = "validatingadmissionpolicybinding"
    stage.desk.plane.kubectl("delete", kind, bound["metadata"]["name"])


def counted(stage: Stage, name: str, total: int) -> None:
    eventually(
        lambda: stage.status("wd", name)["actors"]["total"] == total, "the actors are counted"
    )


def refusal(stage: Stage, *what: str) -> str:
    with pytest.raises(PartError) as caught:
        stage.desk.kubectl("delete", *what)
    return str(caught.value)


def test_a_definition_with_actors_is_not_deleted_by_accident(guarded: Stage) -> None:
    said = refusal(guarded, "wd", "probe-v1")
    assert "probe-v1 has 1 actors" in said
    command = said[said.index("kubectl annotate wd") :].split()[1:]
    guarded.desk.kubectl(*command)
    assert "deleted" in guarded.desk.kubectl("delete", "wd", "probe-v1")


def test_a_definition_without_actors_goes(guarded: Stage) -> None:
    guarded.apply(V1)
    guarded.ready("wd", "loan-v1")
    assert "deleted" in guarded.desk.kubectl("delete", "wd", "loan-v1")


def test_an_applied_change_point_is_not_deleted_and_one_that_waits_is(guarded: Stage) -> None:
    guarded.apply(V1, definition("loan-v2"), change_point("fix", from_="loan-v1", to="loan-v2"))
    guarded.ready("cp", "fix")
    said = refusal(guarded, "cp", "fix")
    assert "fix is applied: deleting it brings nobody back" in said
    guarded.apply(change_point("never", from_="loan-v2", to="nowhere"))
    guarded.waits("cp", "never", "UnknownVersion")
    assert "deleted" in guarded.desk.kubectl("delete", "cp", "never")


def test_projections_go_with_their_definition(guarded: Stage) -> None:
    guarded.apply(V1, V2)
    guarded.ready("cp", "loan-v2.all")
    guarded.desk.kubectl("delete", "wd", "loan-v2")
    eventually(lambda: "loan-v2.all" not in guarded.desk.kubectl("get", "cp"), "it is gone too")


def test_a_namespace_goes_with_all_that_is_in_it(guarded: Stage) -> None:
    plane = guarded.desk.plane
    plane.kubectl("delete", "namespace", guarded.tenant, "--timeout=20s")
    assert "NotFound" in plane.kubectl("get", "namespace", guarded.tenant, check=False).stderr
    plane.kubectl("create", "namespace", guarded.tenant)
