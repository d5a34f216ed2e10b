"""Exit codes of every command, and the one exception that carries one to `main`."""

from __future__ import annotations

from typing import Final

OK: Final = 0
FINDINGS: Final = 1
USAGE: Final = 2
UNREACHABLE: Final = 3
REFUSED: Final = 4
INTERRUPTED: Final = 130
BROKEN_PIPE: Final = 141

MEANINGS: Final[tuple[tuple[int, str], ...]] = (
    (OK, "done, nothing to complain about"),
    (FINDINGS, "findings, failed expectations, or strandings past a limit"),
    (USAGE, "wrong usage, or input that cannot be read"),
    (UNREACHABLE, "the server cannot be reached or does not answer"),
    (REFUSED, "the server refused: its code and reasons are shown"),
    (INTERRUPTED, "interrupted by the keyboard"),
    (BROKEN_PIPE, "whoever read the output has gone"),
)


class CommandError(Exception):
    """Ends a command: one sentence on stderr, a way out where there is one, an exit code."""

    def __init__(self, message: str, *, hint: str | None = None, code: int = USAGE) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code
