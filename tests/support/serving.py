"""`statekeep serve` as a process of its own, as people start it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.command_line import environment


@dataclass
class Server:
    """A running server."""

    process: subprocess.Popen[str]
    url: str
    lines: list[dict[str, Any]]

    def stop(self) -> int:
        """Ask it to stop, as Kubernetes does, and wait; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)


@contextmanager
def serving(*arguments: str, **variables: str) -> Iterator[Server]:
    """A server for the block, from when it listens."""
    command = [sys.executable, "-m", "statekeep.cli.main", "serve", "--port", "0", *arguments]
    settings = {**environment(), **variables}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=settings) as process:
        try:
            yield _listening(process)
        finally:
            if process.poll() is None:
                process.terminate()
                process.communicate(timeout=30)


def refused(*arguments: str, **variables: str) -> tuple[int, str]:
    """A server that does not start: its exit code, and what it says."""
    command = [sys.executable, "-m", "statekeep.cli.main", "serve", "--port", "0", *arguments]
    ended = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=120,
        env={**environment(), **variables},
    )  # fmt: skip
    return ended.returncode, ended.stderr


def embedded_key(directory: Path) -> str:
    """The API key that `--embedded` has made."""
    return (directory / "api-keys").read_text(encoding="utf-8").split()[0]


def _listening(process: subprocess.Popen[str]) -> Server:
    assert process.stderr is not None
    lines: list[dict[str, Any]] = []
    for text in process.stderr:
        if not text.startswith("{"):
            continue
        lines.append(json.loads(text))
        if lines[-1]["msg"] == "listening":
            return Server(process, lines[-1]["url"], lines)
    raise AssertionError(f"the server ended with {process.wait()}: {lines}{os.linesep}")
