"""A run side by side: files stay whole, and the table of the long ones names no others."""

import re
import subprocess
import sys
from pathlib import Path

from support.distribution import LONG

ROOT = Path(__file__).parents[2]


def test_every_long_file_is_there() -> None:
    assert [name for name in LONG if not (ROOT / "tests" / name).is_file()] == []


def test_the_tests_of_a_file_run_in_one_worker() -> None:
    command = (
        "pytest",
        "-n2",
        "-v",
        "-p",
        "no:cacheprovider",
        "tests/unit/logs",
        "tests/unit/config",
    )
    run = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    ran = re.findall(r"^\[(gw\d)\] .* PASSED (\S+?)::", run.stdout, re.MULTILINE)
    workers = {name: {worker for worker, where in ran if where == name} for _, name in ran}
    assert len(ran) > 10
    assert {name: len(found) for name, found in workers.items()} == dict.fromkeys(workers, 1)
    assert len(set().union(*workers.values())) == 2
