"""A cluster that somebody has given us, where tests expect a control plane of their own.

It is neither started nor stopped, and nobody but its administrator can be spoken as: tests of
permissions, of what is audited and of what the API server calls back belong to our own.
"""

from pathlib import Path

from support.parts.access import ROLES
from support.parts.binaries import Binaries
from support.parts.controlplane import ControlPlane


class GivenPlane(ControlPlane):
    """kubectl, helm and a kubeconfig, and no parts."""

    def __init__(self, binaries: Binaries, directory: Path, kubeconfig: Path) -> None:
        super().__init__(binaries, directory)
        self.kubeconfig = kubeconfig

    def start(self) -> None:
        """It runs."""

    def stop(self) -> None:
        """It goes on."""

    def tidy(self) -> None:
        """What tests leave on a cluster of their own."""
        left = {
            "crd": ("workflowdefinitions.statekeep.dev", "changepoints.statekeep.dev"),
            "clusterrole": ROLES,
            "clusterrolebinding": ROLES,
        }
        for kind, names in left.items():
            self.kubectl("delete", kind, *names, "--ignore-not-found")

    def kubeconfig_for(self, user: str, *groups: str) -> Path:  # noqa: ARG002 - one speaks here
        return self.kubeconfig
