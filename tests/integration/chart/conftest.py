"""A release on a control plane of its own: the chart has cluster-wide objects."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.parts.binaries import Binaries
from support.parts.controlplane import ControlPlane
from support.releases import Release


@pytest.fixture(scope="module")
def plane(binaries: Binaries, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with ControlPlane(binaries, tmp_path_factory.mktemp("chart") / "plane") as plane:
        yield plane


@pytest.fixture
def release(plane: ControlPlane, tmp_path: Path) -> Iterator[Release]:
    """An empty namespace for one, and no kinds: nothing is installed yet."""
    made = Release.new(plane, "statekeep-system", tmp_path / "pods")
    yield made
    made.end()
