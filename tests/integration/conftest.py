"""Our kinds on the control plane of the run; a runtime; an operator for the namespace."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from support.cluster import Desk, install_crds
from support.operators import MemoryRuntime, OperatorProcess, Stage, client_of
from support.parts.controlplane import ControlPlane


@pytest.fixture(scope="session")
def kinds(cluster: ControlPlane) -> ControlPlane:
    install_crds(cluster)
    return cluster


@pytest.fixture
def desk(kinds: ControlPlane, namespace: str) -> Desk:
    return Desk(kinds, namespace)


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MemoryRuntime]:
    with MemoryRuntime(tmp_path_factory.mktemp("runtime")) as server:
        yield server


@pytest.fixture
def http(runtime: MemoryRuntime, namespace: str) -> Iterator[httpx.Client]:
    with client_of(runtime.url, namespace) as client:
        yield client


@pytest.fixture
def stage(
    desk: Desk, runtime: MemoryRuntime, http: httpx.Client, tmp_path: Path
) -> Iterator[Stage]:
    with OperatorProcess(desk.plane, runtime.url, tmp_path, (desk.namespace,)) as operator:
        yield Stage(desk, operator, http)
    assert "a look failed" not in operator.log.read_text()
