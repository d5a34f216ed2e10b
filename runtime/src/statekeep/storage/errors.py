"""What goes wrong between us and a store."""

from __future__ import annotations

from typing import ClassVar


class StoreError(Exception):
    """The store cannot do it now; nothing is known to have happened, and asking again is safe."""

    code: ClassVar[str] = "Unavailable"


class StoreUnreachable(StoreError):
    """No answer, in spite of all retries."""


class StoreRefuses(StoreError):
    """The server answers that it cannot: out of memory, read only, loading."""


class StoreMismatch(StoreError):
    """The server holds something that this process must not touch."""

    code = "StoreMismatch"
