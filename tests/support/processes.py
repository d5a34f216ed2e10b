"""Waiting for processes of any parent to end, by the kernel's word and not by sleeping."""

import contextlib
import os
import select


def ends_within(pid: int, seconds: float) -> bool:
    """Return whether the process is gone (or a zombie) before the time is up."""
    with contextlib.suppress(ProcessLookupError):
        descriptor = os.pidfd_open(pid)
        try:
            ready, _, _ = select.select([descriptor], [], [], seconds)
        finally:
            os.close(descriptor)
        return bool(ready)
    return True
