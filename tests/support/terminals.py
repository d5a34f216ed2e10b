"""A program on a terminal of its own: what it shows there, and typing to it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.command_line import environment

ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
PATIENCE = 60.0
STATEKEEP = (sys.executable, "-m", "statekeep.cli.main")


@dataclass
class Terminal:
    """A running program, and all that it has shown."""

    process: subprocess.Popen[bytes]
    control: int
    raw: str = ""

    @property
    def text(self) -> str:
        """What a person reads: without colours and movements."""
        return ESCAPES.sub("", self.raw).replace("\r\n", "\n")

    def until(self, words: str, seconds: float = PATIENCE) -> str:
        """Wait until these words stand there; all text so far."""
        deadline = time.monotonic() + seconds
        while words not in self.text:
            if not self._read(deadline - time.monotonic()):
                raise AssertionError(f"{words!r} was not shown: {self.text[-2000:]}")
        return self.text

    def type(self, keys: str) -> None:
        os.write(self.control, keys.encode())

    def interrupt(self) -> None:
        """Ctrl-C."""
        self.process.send_signal(signal.SIGINT)

    def end(self, seconds: float = PATIENCE) -> int:
        """Wait until it ends, reading what is still shown; its exit code."""
        deadline = time.monotonic() + seconds
        while self._read(deadline - time.monotonic()):
            pass
        return self.process.wait(timeout=max(0.1, deadline - time.monotonic()))

    def _read(self, seconds: float) -> bool:
        if seconds <= 0 or not select.select([self.control], [], [], seconds)[0]:
            return False
        try:
            piece = os.read(self.control, 65536)
        except OSError:  # Linux says so when the other end is closed
            return False
        self.raw += piece.decode("utf-8", "replace")
        return bool(piece)


@contextmanager
def on_terminal(
    command: Sequence[str], columns: int = 80, *, cwd: Path | None = None, **variables: str
) -> Iterator[Terminal]:
    """A program with a terminal for stdin, stdout and stderr, for the block."""
    control, its_own = pty.openpty()
    fcntl.ioctl(its_own, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    settings = {**environment(), "TERM": "xterm-256color", **variables}
    settings.pop("COLUMNS", None)
    with subprocess.Popen(
        command, stdin=its_own, stdout=its_own, stderr=its_own, cwd=cwd, env=settings,
        start_new_session=True,
    ) as process:  # fmt: skip
        os.close(its_own)
        try:
            yield Terminal(process, control)
        finally:
            if process.poll() is None:
                process.kill()
            os.close(control)
