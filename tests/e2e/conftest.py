"""Nothing here is collected unless a cluster is given: `make e2e` gives one."""

import os
from collections.abc import Iterator

import pytest

from support.live import Given, Live
from support.parts.binaries import Binaries

collect_ignore_glob = [] if "E2E_KUBECONFIG" in os.environ else ["test_*.py"]
REPORT: dict[str, str] = {}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was measured."""
    for what, told in REPORT.items():
        terminalreporter.write_line(f"e2e: {what}: {told}")


@pytest.fixture(scope="module")
def live(binaries: Binaries) -> Iterator[Live]:
    """An empty namespace for the release, and one for workflows."""
    live = Live(binaries, Given.from_environment(), "statekeep-system", "lending", REPORT)
    for namespace in (live.namespace, live.tenant):
        live.run(
            "kubectl", "delete", "namespace", namespace, "--ignore-not-found", "--timeout=120s"
        )
        live.run("kubectl", "create", "namespace", namespace)
    level = "pod-security.kubernetes.io/enforce=restricted"
    live.run("kubectl", "label", "namespace", live.namespace, level)
    yield live
    if "E2E_KEEP" not in os.environ:
        live.tried("helm", "uninstall", "statekeep", "-n", live.namespace, "--wait")
        for namespace in (live.namespace, live.tenant):
            live.tried("kubectl", "delete", "namespace", namespace, "--timeout=120s")
        kinds = ("workflowdefinitions.statekeep.dev", "changepoints.statekeep.dev")
        live.tried("kubectl", "delete", "crd", *kinds, "--ignore-not-found")
