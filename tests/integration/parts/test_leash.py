"""Children end with their parent, whatever way it ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from statekeep.storage.leash import Leashed, LeashError
from support.processes import ends_within

# A parent that starts a child on a leash, says the child's pid, and waits to be killed.
PARENT = """
import sys, signal
from pathlib import Path
from statekeep.storage.leash import Leashed
child = Leashed(sys.argv[2:], log=Path(sys.argv[1]) / "log", remove=Path(sys.argv[1]) / "data")
print(child.pid, child.leash_pid, flush=True)
signal.pause()
"""


def start_parent(folder: Path, *command: str) -> tuple["subprocess.Popen[str]", int, int]:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(folder), *command], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    child, leash = map(int, parent.stdout.readline().split())
    return parent, child, leash


def kill(parent: "subprocess.Popen[str]") -> None:
    assert parent.stdout is not None
    parent.kill()
    parent.wait()
    parent.stdout.close()


def test_a_child_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    parent, child, leash = start_parent(tmp_path, "sleep", "600")
    kill(parent)

    assert ends_within(child, 5)
    assert ends_within(leash, 5)


def test_the_directory_goes_when_nobody_is_left_to_remove_it(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "file").write_text("x")
    parent, _, leash = start_parent(tmp_path, "sleep", "600")
    kill(parent)

    assert ends_within(leash, 5)
    assert not (tmp_path / "data").exists()


def test_what_the_child_started_ends_too(tmp_path: Path) -> None:
    script = f"sleep 600 & echo $! > {tmp_path}/grandchild; wait"
    parent, child, _ = start_parent(tmp_path, "sh", "-c", script)
    # The shell has written the pid before it waits, and it waits before it can be asked to end.
    while not (tmp_path / "grandchild").exists() or not (tmp_path / "grandchild").read_text():
        assert parent.poll() is None
    grandchild = int((tmp_path / "grandchild").read_text())
    kill(parent)

    assert ends_within(child, 5)
    assert ends_within(grandchild, 5)


def test_a_child_ends_when_its_leash_is_killed(tmp_path: Path) -> None:
    child = Leashed(["sleep", "600"], log=tmp_path / "log")
    os.kill(child.leash_pid, signal.SIGKILL)

    assert ends_within(child.pid, 5)
    assert child.wait(5) == -signal.SIGKILL


def test_a_child_that_ignores_the_request_to_stop_is_killed(tmp_path: Path) -> None:
    child = Leashed(["sh", "-c", "trap '' TERM; echo; sleep 600"], log=tmp_path / "log", grace=0.2)
    while not (tmp_path / "log").read_text():
        assert child.ended() is None
    child.stop()

    assert child.ended() == 128 + signal.SIGKILL


def test_the_exit_status_is_the_child_s(tmp_path: Path) -> None:
    assert Leashed(["sh", "-c", "exit 7"], log=tmp_path / "log").wait(5) == 7


def test_a_directory_stays_when_the_child_ended_by_request(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    Leashed(["sleep", "600"], log=tmp_path / "log", remove=tmp_path / "data").stop()

    assert (tmp_path / "data").exists()


def test_a_program_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LeashError, match=r"no-such-program could not be started: .*No such file"):
        Leashed(["no-such-program"], log=tmp_path / "log")
