"""A signal ends the server, and nobody's request: a kept connection is told before it is closed."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from statekeep.web.serving import GOODBYE_SECONDS


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str, int]]:
    command = [sys.executable, "-m", "support.web_server", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        host, port = process.stdout.readline().strip().removeprefix("http://").rsplit(":", 1)
        yield process, host, int(port)
        if process.poll() is None:
            process.kill()


def refuses(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return True
    return False


def test_a_kept_connection_gets_an_answer_that_says_close(
    server: tuple[subprocess.Popen[str], str, int],
) -> None:
    process, host, port = server
    with closing(http.client.HTTPConnection(host, port, timeout=5)) as kept:
        kept.request("GET", "/healthz")
        first = kept.getresponse()
        assert (first.read() != b"", first.getheader("connection")) == (True, None)
        os.kill(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + 5
        while not refuses(host, port):
            assert time.monotonic() < deadline, "it goes on listening"
        kept.request("GET", "/healthz")
        last = kept.getresponse()
        assert (last.status, last.getheader("connection")) == (200, "close")
    assert process.wait(5) == 0


def test_a_connection_that_asks_nothing_holds_nobody_up(
    server: tuple[subprocess.Popen[str], str, int],
) -> None:
    process, host, port = server
    with socket.create_connection((host, port)):
        began = time.monotonic()
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(10) == 0
        assert time.monotonic() - began < GOODBYE_SECONDS + 3
