"""The operator's account on a control plane: the permissions that are deployed, and not one more.

All that the account asks stands in the API server's audit log (`ControlPlane.asked`), so what an
operator does, and what it leaves alone, can be counted.
"""

import json
from functools import cache
from pathlib import Path

from support.parts.controlplane import AUDITED, ControlPlane

RBAC = Path(__file__).resolve().parents[3] / "operator" / "deploy" / "rbac.yaml"
USER = "system:serviceaccount:statekeep-system:statekeep-operator"
ROLES = (
    "statekeep-operator",
    "statekeep-operator-lease",
    "statekeep-operator-certificates",
    "statekeep-operator-webhook",
)


@cache
def operator_account(plane: ControlPlane) -> Path:
    """Bind the roles for the whole cluster; answers the account's kubeconfig."""
    plane.kubectl("apply", "-f", str(RBAC))
    bindings = [
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": role},
            "roleRef": {
                "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role
            },
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": USER}],
        }
        for role in ROLES
    ]  # fmt: skip
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": bindings})
    plane.kubectl("apply", "-f", "-", stdin=text)
    return plane.kubeconfig_for(USER, AUDITED)
