"""Running the command line inside the test process, or knowing how to run it outside."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from dataclasses import dataclass

from statekeep.cli.main import main


@dataclass(frozen=True, slots=True)
class Ended:
    code: int
    out: str
    err: str


class _Input(io.TextIOWrapper):
    """Stdin with a buffer below, as commands that read bytes want it."""


def statekeep(*arguments: str, stdin: str = "") -> Ended:
    """One command line, in this process; never a terminal."""
    out, err = io.StringIO(), io.StringIO()
    before, sys.stdin = sys.stdin, _Input(io.BytesIO(stdin.encode()), encoding="utf-8")
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(arguments)
    finally:
        sys.stdin = before
    return Ended(code, out.getvalue(), err.getvalue())


def spoken(*arguments: str, code: int = 0, stdin: str = "") -> str:
    """What a command line that ends with this code prints."""
    ended = statekeep(*arguments, stdin=stdin)
    assert ended.code == code, ended.err
    return ended.out


def environment() -> dict[str, str]:
    """For a Python started by a test: the same packages as here."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
