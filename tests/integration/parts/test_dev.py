"""`make dev DETACH=1` and `make dev-down`: what they write, revive and take away."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from support.parts.binaries import Binaries
from support.processes import ends_within

pytestmark = [pytest.mark.cluster, pytest.mark.valkey]

KILLED = ("etcd", "kube-apiserver", "valkey", "runtime", "operator")

ROOT = Path(__file__).resolve().parents[3]


class Dev:
    """The two targets, on a .local of the test's own."""

    def __init__(self, local: Path) -> None:
        self.local = local
        self._environment = {
            **os.environ,
            "STATEKEEP_LOCAL": str(local),
            "PYTHONPATH": str(ROOT / "tests"),
        }

    def run(self, action: str) -> str:
        run = subprocess.run(
            [sys.executable, "-m", "support.parts.dev", action],
            env=self._environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return run.stdout + run.stderr

    def pid(self, part: str) -> int:
        return int((self.local / "pids" / part).read_text())

    def shell(self, script: str) -> str:
        """Run a script as a person would who has sourced the file."""
        run = subprocess.run(
            ["sh", "-euc", f". {self.local}/env; {script}"],
            env={**os.environ, "HOME": str(self.local.parent)},
            capture_output=True,
            text=True,
            check=True,
        )
        return run.stdout

    def variable(self, name: str) -> str:
        return self.shell(f"echo ${name}").removesuffix("\n")


def running(local: Path) -> Iterator[Dev]:
    dev = Dev(local)
    dev.run("detach")
    yield dev
    dev.run("down")


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory, binaries: Binaries) -> Iterator[Dev]:
    """Parts that stay up for all tests of this module."""
    yield from running(tmp_path_factory.mktemp("dev") / "local")


@pytest.fixture
def own_dev(tmp_path: Path, binaries: Binaries) -> Iterator[Dev]:
    """Parts that the test may end."""
    yield from running(tmp_path / "local")


def test_the_env_file_is_all_a_shell_needs(dev: Dev) -> None:
    assert "Server Version: v1.36.3" in dev.shell("kubectl version")
    assert "default" in dev.shell("kubectl get namespaces -o name")
    assert dev.shell("helm version --short").startswith("v4.")
    assert (dev.local / "env").stat().st_mode & 0o077 == 0


def test_the_key_in_the_env_file_opens_the_runtime(dev: Dev) -> None:
    key = {"x-api-key": dev.variable("STATEKEEP_API_KEY")}
    answer = httpx.get(f"{dev.variable('STATEKEEP_URL')}/v1/definitions", headers=key)

    assert answer.json() == {"items": [], "next": None}
    assert dev.variable("STATEKEEP_NAMESPACE") == "default"
    assert dev.shell("command -v statekeep").startswith(str(ROOT))


def test_a_killed_part_is_started_again_on_its_data(dev: Dev) -> None:
    dev.shell("kubectl create configmap kept")
    before = {part: dev.pid(part) for part in KILLED}
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)
    while any(dev.pid(part) == pid for part, pid in before.items()):
        assert (dev.local / "env").exists()

    assert httpx.get(f"{dev.variable('STATEKEEP_URL')}/readyz").json()["ready"] is True
    ready = "until kubectl get --raw /readyz >/dev/null 2>&1; do :; done"
    assert dev.shell(f"{ready}; kubectl get cm kept -o name") == "configmap/kept\n"


def test_a_second_start_finds_the_first(dev: Dev) -> None:
    before = dev.pid("etcd")

    assert "running already" in dev.run("detach")
    assert dev.pid("etcd") == before


def test_down_ends_every_part_and_leaves_nothing(own_dev: Dev) -> None:
    pids = [int(path.read_text()) for path in (own_dev.local / "pids").iterdir()]
    own_dev.run("down")

    assert [pid for pid in pids if not ends_within(pid, 1)] == []
    assert sorted(path.name for path in own_dev.local.iterdir()) == ["dev.lock", "dev.log"]
    assert "no parts were running" in own_dev.run("down")


def test_the_parts_end_with_their_supervisor(own_dev: Dev) -> None:
    pids = [int(path.read_text()) for path in (own_dev.local / "pids").iterdir()]
    os.kill(int((own_dev.local / "dev.lock").read_text()), signal.SIGKILL)

    assert [pid for pid in pids if not ends_within(pid, 15)] == []
