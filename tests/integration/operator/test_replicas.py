"""Several replicas: one acts, the others stand by; what a stop and a crash mean for the rest."""

import time
from pathlib import Path

import pytest

from support.cluster import Desk, definition
from support.operators import MemoryRuntime, OperatorProcess, eventually

pytestmark = pytest.mark.cluster


@pytest.fixture
def two(desk: Desk, runtime: MemoryRuntime, tmp_path: Path) -> tuple[OperatorProcess, ...]:
    return tuple(
        OperatorProcess(desk.plane, runtime.url, tmp_path / name, (desk.namespace,))
        for name in ("one", "two")
    )


def test_a_clean_stop_hands_over_at_once(desk: Desk, two: tuple[OperatorProcess, ...]) -> None:
    one, other = two
    with one:
        other.start("standby")
        stopped = time.monotonic()
        one.stop()
        eventually(lambda: other.role() == "acting", "the other acts", 5.0)
        assert time.monotonic() - stopped < 8
    desk.apply(definition("loan-v1"))
    desk.kubectl("wait", "--for=condition=Ready", "wd/loan-v1", "--timeout=10s")
    other.stop()


def test_a_crash_hands_over_within_thirty_seconds(
    desk: Desk, two: tuple[OperatorProcess, ...]
) -> None:
    one, other = two
    one.start()
    other.start("standby")
    one.kill()
    desk.apply(definition("loan-v1"))
    desk.kubectl("wait", "--for=condition=Ready", "wd/loan-v1", "--timeout=30s")
    other.stop()
