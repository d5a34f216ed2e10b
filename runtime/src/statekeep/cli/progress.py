"""A bar for what takes long: on a terminal, on stderr, gone when it is over."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TextIO

_LONGEST: Final = 40
_QUIET: Final = 0.4
"""What is over sooner needs no bar."""
_EVERY: Final = 0.1


class Bar:
    """How much of a whole is done. Silent where nobody looks, or where it is over at once."""

    def __init__(self, what: str, total: int, stream: TextIO | None = None) -> None:
        self._what, self._total = what, total
        self._out = stream or sys.stderr
        self._on = self._out.isatty()
        self._began = self._drawn = time.monotonic()
        self._shown = False

    def at(self, done: int) -> None:
        """So much is done."""
        now = time.monotonic()
        if not self._on or now - self._began < _QUIET or now - self._drawn < _EVERY:
            return
        self._drawn, self._shown = now, True
        self._out.write(f"\r\x1b[K{self.line(done)}")
        self._out.flush()

    def line(self, done: int) -> str:
        """The bar as text, within the terminal's width."""
        told = f" {done:,} of {self._total:,}"
        room = shutil.get_terminal_size().columns - len(self._what) - len(told) - 4
        width = max(0, min(_LONGEST, room))
        full = width * done // self._total if self._total else width
        drawn = f" {'█' * full}{'░' * (width - full)}" if width else ""
        return f"{self._what}{drawn}{told}"

    def over(self) -> None:
        """Take the bar away."""
        if self._shown:
            self._out.write("\r\x1b[K")
            self._out.flush()
            self._shown = False


@contextmanager
def bar(what: str, total: int) -> Iterator[Bar]:
    """A bar for the block."""
    drawn = Bar(what, total)
    try:
        yield drawn
    finally:
        drawn.over()


@contextmanager
def beside(look: Callable[[], None], every: float) -> Iterator[None]:
    """Look again and again while the block runs, where somebody sees it on a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    ended = threading.Event()

    def go_on() -> None:
        while not ended.wait(every):
            look()

    thread = threading.Thread(target=go_on, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
