"""Child processes that never outlive their parent, not even when that is killed with SIGKILL.

Between the parent and the child stands one small process, the leash: this file, run as a script.
It watches a process (the parent, or one that it names) and its child. When the watched process
is gone, or the leash is told to stop, it ends the child and all that the child started. When nobody
is left to tidy up it also removes the directory it was given. Is the leash itself killed, the
kernel ends the child.

This file must stay importable by a bare interpreter (`python -I -S`): standard library only. A
signal to the parent's process group (Ctrl-C) does not reach the child, which has its own session.
"""

import contextlib
import ctypes
import os
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

GRACE_SECONDS = 10.0
"""How long a child may take to stop before it is killed."""

_PR_SET_PDEATHSIG = 1
_POLL_SECONDS = 0.5
"""How often the watched process is looked at where the kernel cannot tell (no pidfd)."""


class LeashError(RuntimeError):
    """The child could not be started."""


class Leashed:
    """A running child and the leash it is on."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        watch: int | None = None,
        remove: Path | None = None,
        grace: float = GRACE_SECONDS,
    ) -> None:
        """Start `command`; its output is appended to `log`.

        Args:
            watch: the process whose end ends the child; this process unless named.
            remove: a directory to remove when the watched process is gone and the child is ended.
        """
        own = [sys.executable, "-I", "-S", __file__]
        own += [str(watch or os.getpid()), str(grace), str(remove or "")]
        with log.open("ab") as output:
            self._leash = subprocess.Popen(
                [*own, *command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=output,
                env=dict(env) if env is not None else None,
                cwd=cwd,
                start_new_session=True,
                text=True,
            )
        self.command = tuple(command)
        self.log = log
        self.pid = self._await_child()

    def _await_child(self) -> int:
        assert self._leash.stdout is not None
        with self._leash.stdout as answer:
            word, _, rest = answer.readline().strip().partition(" ")
        if word != "started":
            self._leash.wait()
            raise LeashError(f"{self.command[0]} could not be started: {rest or 'no answer'}")
        return int(rest)

    @property
    def leash_pid(self) -> int:
        return self._leash.pid

    def ended(self) -> int | None:
        """Return the child's exit status (128 + n: ended by signal n), None while it runs."""
        return self._leash.poll()

    def wait(self, seconds: float) -> int | None:
        """Wait for the child's exit status, None if it takes longer."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._leash.wait(seconds)
        return None

    def stop(self) -> None:
        """End the child, politely first, and wait until it is gone."""
        with contextlib.suppress(ProcessLookupError):
            self._leash.terminate()
        self._leash.wait()

    def kill(self) -> None:
        """Kill the child as a crash would, and wait until it is gone."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self._leash.wait()


def _die_with(leash: int) -> Callable[[], None]:
    """Make the function that asks the kernel, in the child, to end it with the leash."""
    if not sys.platform.startswith("linux"):
        return lambda: None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != leash:
            os._exit(1)

    return ask


def _watch(pid: int, gone: IO[bytes]) -> None:
    """Close `gone` once the process is gone."""
    with contextlib.suppress(ProcessLookupError), gone:
        if hasattr(os, "pidfd_open"):
            descriptor = os.pidfd_open(pid)
            select.select([descriptor], [], [])
        else:
            while True:
                os.kill(pid, 0)
                time.sleep(_POLL_SECONDS)


def _end(child: subprocess.Popen[bytes], grace: float) -> int:
    with contextlib.suppress(ProcessLookupError):
        child.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(grace)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    return child.wait()


def _outlives(watched: int, events: int, child: subprocess.Popen[bytes]) -> bool:
    """Wait for a signal, the child's end, or the end of the watched process: True then."""
    ours, theirs = os.pipe()
    threading.Thread(target=_watch, args=(watched, os.fdopen(theirs, "wb")), daemon=True).start()
    while True:
        ready, _, _ = select.select([events, ours], [], [])
        if ours in ready:
            return True
        # A child that is stopped or goes on is told by SIGCHLD too: that is no end.
        heard = set(os.read(events, 64))
        if heard != {signal.SIGCHLD} or child.poll() is not None:
            return False


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=2,
        start_new_session=True,
        preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509 - no thread runs yet
    )


def main(arguments: Sequence[str]) -> int:
    watched, grace, remove, *command = arguments
    events, wakeup = os.pipe()
    os.set_blocking(wakeup, False)
    signal.set_wakeup_fd(wakeup)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
        signal.signal(number, lambda *_: None)
    try:
        child = _start(command)
    except OSError as error:
        os.write(1, f"refused {error}\n".encode())
        return 127
    os.write(1, f"started {child.pid}\n".encode())
    os.close(1)
    orphaned = _outlives(int(watched), events, child)
    status = _end(child, float(grace))
    if orphaned and remove:
        shutil.rmtree(remove, ignore_errors=True)
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
