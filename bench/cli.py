"""What `statekeep --help` costs, beside an empty Python, turn by turn in one run."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from report import Line, heading, show

ROUNDS = 25
HELP = [str(Path(sys.executable).with_name("statekeep")), "--help"]
EMPTY = [sys.executable, "-c", "pass"]


def seconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def main() -> int:
    """Best of many, after one that warms the caches."""
    seconds(HELP), seconds(EMPTY)
    pairs = [(seconds(HELP), seconds(EMPTY)) for _ in range(ROUNDS)]
    shown, empty = (min(column) for column in zip(*pairs, strict=True))
    heading()
    return show(
        [
            Line("an empty Python", empty, "s"),
            Line("statekeep --help", shown, "s"),
            Line("statekeep --help, empty Pythons", shown / empty, "x", 6, "low"),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
