"""What a part says when it cannot be had: one sentence, what is missing and what to do."""

import errno
import re
import sys
from collections.abc import Callable

# What other programs print, and what it means for the person who waits.
_MEANINGS: tuple[tuple[str, str], ...] = (
    (
        r"no space left on device",
        "the disk is full: free some space and run the same command again",
    ),
    (
        (
            r"dial tcp|i/o timeout|no such host|network is unreachable"
            r"|new connection|name resolution|from versions: none"
            r"|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT"
        ),
        "the network cannot be reached: check it and run the same command again",
    ),
    (
        r"address already in use",
        "a port is taken: stop what listens there and run the same command again",
    ),
)


class PartError(RuntimeError):
    """A part could not be built, started or reached."""


def explained(what: str, output: str) -> PartError:
    """Turn a failed program's output into one sentence, with its last lines where nothing fits."""
    for pattern, meaning in _MEANINGS:
        if re.search(pattern, output, re.IGNORECASE):
            return PartError(f"{what}: {meaning}")
    tail = " / ".join(line.strip() for line in output.splitlines()[-6:] if line.strip())
    return PartError(f"{what}: {tail or 'it said nothing'}")


def run_as_program(main: Callable[[], int]) -> None:
    """Run a program's main; a part that is missing is one sentence and exit code 1."""
    try:
        sys.exit(main())
    except PartError as error:
        sys.exit(f"error: {error}")
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        sys.exit(f"error: {explained('a file could not be written', str(error))}")
    except KeyboardInterrupt:
        sys.exit(130)
