"""Our kinds on the control plane of the run; a runtime; an operator for the namespace."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from support.cluster import Desk, install_crds
from support.operators import Crew, MemoryRuntime, OperatorProcess, Stage, client_of
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


@pytest.fixture(scope="module")
def crew(
    request: pytest.FixtureRequest,
    kinds: ControlPlane,
    runtime: MemoryRuntime,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Crew]:
    """One operator for a file, with a namespace for each of its tests that asks for a stage."""
    of_file = (item for item in request.session.items if item.path == request.path)
    places = sum("stage" in getattr(item, "fixturenames", ()) for item in of_file)
    with Crew(kinds, runtime, tmp_path_factory.mktemp("crew"), places) as crew:
        yield crew


@pytest.fixture
def stage(crew: Crew) -> Iterator[Stage]:
    """A namespace of the test's own and an operator that others share: do not stop it."""
    with crew.stage() as stage:
        yield stage


@pytest.fixture
def own_stage(
    desk: Desk, runtime: MemoryRuntime, http: httpx.Client, tmp_path: Path
) -> Iterator[Stage]:
    """A namespace with an operator that looks after nothing else: the test may stop it."""
    with OperatorProcess(desk.plane, runtime.url, tmp_path, (desk.namespace,)) as operator:
        yield Stage(desk, operator, http)
    assert "a look failed" not in operator.log.read_text()
