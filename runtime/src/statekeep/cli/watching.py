"""`--watch`: the same look again and again, drawn anew where it has changed."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Final

SECONDS: Final = 2.0
_HOME_AND_CLEAR: Final = "\x1b[H\x1b[J"


def watch(look: Callable[[], Iterable[str] | None], title: str) -> None:
    """Draw what `look` says until it says None; the keyboard ends it too.

    On a terminal each picture takes the place of the last; elsewhere only what is new is printed.
    """
    last: list[str] | None = None
    while True:
        said = look()
        if said is None:
            return
        lines = list(said)
        if sys.stdout.isatty():
            _over(title, lines)
        elif lines != last:
            print("\n".join(lines), flush=True)
        last = lines
        time.sleep(SECONDS)


def _over(title: str, lines: list[str]) -> None:
    now = datetime.now(UTC).strftime("%H:%M:%SZ")
    text = "\n".join([f"{title}, {now}, every {SECONDS:g} s; Ctrl-C ends it", "", *lines])
    print(f"{_HOME_AND_CLEAR}{text}", flush=True)
