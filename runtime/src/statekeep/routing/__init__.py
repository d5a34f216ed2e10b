"""Which change-point picks which class: an engine for routing, and its compiled tables.

`ENGINE` is the C library, which every installation carries. There is no silent fallback: without
the extension an import says what is missing. `reference.py` is there to be compared with.
"""

from typing import Final

from statekeep.routing.ports import NONE, Batch, Digests, Engine, Router, RoutingError
from statekeep.routing.table import Route, RoutingTable

try:
    from statekeep.routing.native import NativeEngine
except ModuleNotFoundError as missing:
    if missing.name != "statekeep.routing._native":
        raise
    message = (
        "the routing extension statekeep.routing._native is not built: "
        "install StateKeep with `make setup` or `pip install .` (a C compiler is needed)"
    )
    raise ImportError(message, name=missing.name) from missing

ENGINE: Final[Engine] = NativeEngine()

__all__ = [
    "ENGINE",
    "NONE",
    "Batch",
    "Digests",
    "Engine",
    "Route",
    "Router",
    "RoutingError",
    "RoutingTable",
]
