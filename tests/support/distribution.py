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
    "operator/test_life.py",
    "operator/test_troubles.py",
    "operator/test_kills.py",
    "chart/test_life.py",
    "cli/test_tour.py",
    "cli/test_people.py",
    "operator/test_webhook.py",
    "parts/test_dev.py",
    "parts/test_control_plane.py",
    "chart/test_bad_input.py",
    "dashboard/test_pages.py",
    "operator/test_permissions.py",
    "operator/test_stories.py",
    "operator/test_chaos.py",
    "gitops/test_no_drift.py",
    "dashboard/test_bad_input.py",
    "dashboard/test_access.py",
    "gitops/test_recipes.py",
    "operator/test_kinds.py",
    "dashboard/test_weight.py",
    "cli/test_screens.py",
    "operator/test_adopt.py",
    "operator/test_replicas.py",
    "chart/test_admission.py",
)
"""Files below `tests/integration`, the longest first."""
ON_THE_CLUSTER = (f"{INTEGRATION}operator/", f"{INTEGRATION}gitops/")
"""Files that share the worker's control plane, which takes seconds to start and never rests."""
GIVEN = ("E2E_KUBECONFIG", "REDIS_URL")
"""What these name there is once, and tests empty it: where they are set, tests take turns."""


def place(nodeid: str) -> int:
    """How early a test's file is begun; the same for all that are not long."""
    return _PLACES.get(_file(nodeid), len(LONG))


def _file(nodeid: str) -> str:
    return nodeid.split("::", 1)[0]


_PLACES = {INTEGRATION + name: index for index, name in enumerate(LONG)}


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
