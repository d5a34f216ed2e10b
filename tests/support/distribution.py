"""Which worker of a run side by side takes which tests: whole files, those that take long first.

xdist's own groups have no effect on the node ids of pytest 9.2 (pytest-xdist issue 1386), and its
order goes by how many tests a file has, not by how long they take. Nothing here decides whether a
test runs, only where and when: a file that is missing in `LONG` is merely begun later.
"""

from __future__ import annotations

import os

from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

INTEGRATION = "tests/integration/"
LONG = (
    "integration/operator/test_life.py",
    "integration/chart/test_life.py",
    "integration/operator/test_kills.py",
    "integration/cli/test_tour.py",
    "integration/operator/test_webhook.py",
    "integration/operator/test_troubles.py",
    "integration/cli/test_people.py",
    "integration/parts/test_dev.py",
    "integration/parts/test_control_plane.py",
    "integration/chart/test_bad_input.py",
    "property/test_proof_obligations.py",
    "integration/operator/test_permissions.py",
    "integration/operator/test_stories.py",
    "integration/operator/test_chaos.py",
    "integration/operator/test_adopt.py",
    "integration/operator/test_replicas.py",
    "integration/gitops/test_no_drift.py",
    "integration/gitops/test_recipes.py",
    "integration/gitops/test_gitops_page.py",
    "integration/dashboard/test_pages.py",
    "integration/dashboard/test_bad_input.py",
    "integration/dashboard/test_access.py",
    "integration/dashboard/test_weight.py",
    "integration/chart/test_admission.py",
    "property/test_scenarios_against_model.py",
    "integration/cli/test_screens.py",
    "integration/operator/test_kinds.py",
    "integration/operator/test_manners.py",
    "integration/cli/test_revert.py",
    "integration/cli/test_serve.py",
    "integration/sdk/test_outage.py",
    "integration/sdk/test_package.py",
    "integration/web/test_troubles_of_the_store.py",
    "integration/web/test_schemathesis.py",
    "integration/storage/test_consistency.py",
    "property/test_routing_laws.py",
    "property/test_core_laws.py",
    "property/test_malformed_scenarios.py",
    "property/test_the_hunt_itself.py",
    "integration/storage/test_cluster.py",
)
"""Files below `tests`, the longest first."""
ON_THE_CLUSTER = tuple(
    INTEGRATION + name
    for name in ("operator/", "gitops/", "chart/test_admission.py", "parts/test_control_plane.py")
)
"""Files that share the worker's control plane, which takes seconds to start and never rests."""
GIVEN = ("E2E_KUBECONFIG", "REDIS_URL")
"""What these name there is once, and tests empty it: where they are set, tests take turns."""


def place(nodeid: str) -> int:
    """How early a test's file is begun; the same for all that are not long."""
    return _PLACES.get(_file(nodeid), len(LONG))


def _file(nodeid: str) -> str:
    return nodeid.split("::", 1)[0]


_PLACES = {f"tests/{name}": index for index, name in enumerate(LONG)}


class WholeFiles(LoadScopeScheduling):  # type: ignore[misc]
    """Files in the order of collection, to whoever is free.

    As long as there is a choice one half of the workers takes those that need the control plane,
    so that the other half never starts one.
    """

    def _split_scope(self, nodeid: str) -> str:
        name = _file(nodeid)
        in_turn = name.startswith(INTEGRATION) and any(map(os.environ.get, GIVEN))
        return INTEGRATION if in_turn else name

    def _assign_work_unit(self, node: WorkerController) -> None:
        nodes = self.nodes
        wants = 2 * nodes.index(node) < len(nodes)
        fitting = (f for f in self.workqueue if f.startswith(ON_THE_CLUSTER) == wants)
        self.workqueue.move_to_end(next(fitting, next(iter(self.workqueue))), last=False)
        super()._assign_work_unit(node)
