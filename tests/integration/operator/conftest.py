"""Our kinds, installed once on the control plane of the run."""

import pytest

from support.cluster import Desk, install_crds
from support.parts.controlplane import ControlPlane


@pytest.fixture(scope="session")
def kinds(cluster: ControlPlane) -> ControlPlane:
    install_crds(cluster)
    return cluster


@pytest.fixture
def desk(kinds: ControlPlane, namespace: str) -> Desk:
    return Desk(kinds, namespace)
