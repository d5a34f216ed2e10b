"""Fixtures that hand out the real parts. What a test does not ask for is never started."""

import os
import secrets
import signal
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from coverage import Coverage
from hypothesis import HealthCheck, settings

from statekeep.storage.embedded import EmbeddedValkey
from support.distribution import WholeFiles, place
from support.parts.binaries import Binaries, obtain
from support.parts.controlplane import ControlPlane
from support.parts.given import GivenPlane

# How long an example takes says more about the machine's other work than about the example, and
# how many of the first are left out is chance.
settings.register_profile(
    "statekeep",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    print_blob=True,
)
settings.load_profile("statekeep")


def pytest_configure(config: pytest.Config) -> None:
    """Nobody's own file of contexts is read.

    A run in the background of a shell ignores Ctrl-C, and so would every program that it starts.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ["STATEKEEP_CONFIG"] = os.devnull


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> WholeFiles:
    """Keep the tests of a file in one worker of xdist.

    Each worker has a control plane and a store of its own, so that cluster-wide objects (policies,
    webhooks, kinds) of one test never meet another's.
    """
    config.option.loadscopereorder = False
    return WholeFiles(config, log)


MANY_RUNS = (
    "tests/property/",
    "tests/conformance/",
    "tests/integration/storage/test_cluster.py",
    "tests/integration/storage/test_consistency.py",
    "tests/integration/storage/test_random_scenarios",
    "tests/integration/web/test_scenarios_on_a_server.py",
    "tests/native/test_hostile_tables.py",
    "tests/unit/core/test_hostile.py",
)
"""Tests that run again and again what single tests cover; counting lines doubles their time."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Coverage counts single tests."""
    counting = Coverage.current() if item.nodeid.startswith(MANY_RUNS) else None
    if counting is None:
        return (yield)
    counting.stop()
    try:
        return (yield)
    finally:
        counting.start()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take long."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: place(item.nodeid))


@pytest.fixture(scope="session")
def binaries() -> Binaries:
    """The programs of the control plane, kubectl and helm; built where they are not cached."""
    return obtain()


@pytest.fixture(scope="session")
def cluster(binaries: Binaries, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """One control plane for all tests of a worker. Do not kill its parts.

    With E2E_KUBECONFIG it is the cluster that is given (`make e2e`).
    """
    if "E2E_KUBECONFIG" in os.environ:
        given = Path(os.environ["E2E_KUBECONFIG"])
        there = GivenPlane(binaries, tmp_path_factory.mktemp("cluster"), given)
        yield there
        there.tidy()
        return
    with ControlPlane(binaries, tmp_path_factory.mktemp("cluster") / "plane") as plane:
        yield plane


@pytest.fixture
def own_cluster(binaries: Binaries, tmp_path: Path) -> Iterator[ControlPlane]:
    """A control plane of the test's own, whose parts it may kill."""
    with ControlPlane(binaries, tmp_path / "plane") as plane:
        yield plane


@pytest.fixture
def namespace(cluster: ControlPlane) -> Iterator[str]:
    """A fresh namespace, removed afterwards."""
    name = f"test-{secrets.token_hex(5)}"
    cluster.make_namespaces(name)
    yield name
    cluster.drop_namespaces(name)


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server for the whole run: REDIS_URL where it names an empty database, else our own."""
    given = os.environ.get("REDIS_URL")
    if given is None:
        with EmbeddedValkey(tmp_path_factory.mktemp("valkey") / "data") as server:
            yield server.url
        return
    with redis.Redis.from_url(given) as client:
        if client.dbsize() != 0:
            pytest.exit(
                f"REDIS_URL names a database with keys in it: the tests would empty it: {given}"
            )
    yield given


@pytest.fixture
def valkey(valkey_url: str) -> str:
    """The URL of a server that is empty when the test starts."""
    with redis.Redis.from_url(valkey_url) as client:
        client.flushdb()
    return valkey_url


@pytest.fixture
def start_valkey(tmp_path: Path) -> Iterator[Callable[..., EmbeddedValkey]]:
    """Start servers of the test's own, which it may kill; takes EmbeddedValkey's arguments."""
    servers: list[EmbeddedValkey] = []

    def start(**options: object) -> EmbeddedValkey:
        server = EmbeddedValkey(tmp_path / f"valkey-{len(servers)}", **options)  # type: ignore[arg-type]
        servers.append(server)
        server.start()
        return server

    yield start
    for server in servers:
        server.stop()
