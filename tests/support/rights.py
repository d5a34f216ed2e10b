"""The operator's tests with the rights that the chart gives, and no others.

`STATEKEEP_OPERATOR_RIGHTS=namespaced` or `cluster` (`make test-rights`: both) lets every operator
of the tests speak as the chart's service account, with what the chart renders for its namespace.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from support.charts import Chart, of_kind
from support.parts.access import operator_account
from support.parts.controlplane import AUDITED, ControlPlane

VARIABLE = "STATEKEEP_OPERATOR_RIGHTS"
ACCOUNT = "statekeep-operator"
KINDS = ("ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding")


def credentials(
    plane: ControlPlane, namespace: str, watched: Sequence[str], *, hooked: bool
) -> Path:
    """An account of the operator's kind, or the chart's own where the tests are asked to run so."""
    mode = os.environ.get(VARIABLE)
    if not mode:
        return operator_account(plane)
    assert mode in ("namespaced", "cluster"), f"{VARIABLE} is {mode!r}"
    # The webhook belongs to cluster mode.
    places = [] if mode == "cluster" or hooked else sorted(watched)
    chart = Chart(plane.binaries, namespace)
    found = of_kind(chart.manifests("--set-json", f"watchNamespaces={json.dumps(places)}"), *KINDS)
    mine = [
        m for m in found if m["metadata"]["labels"]["app.kubernetes.io/component"] == "operator"
    ]
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": mine})
    # The tests' webhook configuration has the operator's default name, the chart's one of its own.
    text = text.replace(f'["{chart.release}-{namespace}"]', '["statekeep"]')
    plane.kubectl("apply", "-f", "-", stdin=text)
    return plane.kubeconfig_for(f"system:serviceaccount:{namespace}:{ACCOUNT}", AUDITED)
