"""The SDK, built once, and a real server for it."""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.parts.node import node_environment
from support.parts.sdk import built
from support.serving import embedded_key, serving


@dataclass(frozen=True, slots=True)
class Running:
    url: str
    key: str


@pytest.fixture(scope="session")
def sdk() -> Path:
    """The package's folder, built."""
    return built()


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """`statekeep serve --embedded`."""
    home = tmp_path_factory.mktemp("sdk") / "home"
    with serving("--embedded", "--data-dir", str(home)) as server:
        yield Running(server.url, embedded_key(home))


@pytest.fixture(scope="session")
def node(runtime: Running) -> Callable[..., str]:
    """Run node in a folder with the server at hand; what it printed. It must end well."""

    def run(folder: Path, *arguments: str) -> str:
        known = {"STATEKEEP_URL": runtime.url, "STATEKEEP_API_KEY": runtime.key}
        done = subprocess.run(
            ["node", *arguments], cwd=folder, env={**node_environment(), **known},
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run
