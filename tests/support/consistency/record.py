"""What happened: operations with their beginnings and ends, and how everything was at the end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from statekeep.service import EXPECTED, explain

Json = dict[str, Any]


@dataclass
class Operation:
    """One call of one client: between `begin` and `end` it took effect, once, or was refused."""

    client: str
    kind: str
    asked: Json
    begin: int
    end: int = 0
    told: Json = field(default_factory=dict)
    error: str | None = None

    def __str__(self) -> str:
        told = self.error or self.told
        return f"[{self.begin:3} {self.end:3}] {self.client}: {self.kind} {self.asked} -> {told}"


@dataclass(frozen=True)
class Change:
    """One entry of the registry, in its order, and the operation that brought it."""

    kind: str
    name: str
    clock: int
    body: Json
    result: Json
    begin: int
    end: int


@dataclass
class History:
    """One run: the operations of each actor, those on the registry, and the end."""

    actors: dict[str, list[Operation]] = field(default_factory=dict)
    registry: list[Operation] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    final: dict[str, Json] = field(default_factory=dict)
    """Each actor as it was at the end, with its history and its audit."""


class Recorder:
    """Notes operations. Time is a counter: what began after another ended, came after it."""

    def __init__(self) -> None:
        self._time = count(1)

    def now(self) -> int:
        return next(self._time)

    async def note(
        self,
        into: list[Operation],
        client: str,
        kind: str,
        asked: Json,
        call: Callable[[], Awaitable[Json]],
    ) -> Operation:
        """Call, and note what was answered. What nobody expects ends the run."""
        operation = Operation(client, kind, asked, self.now())
        into.append(operation)
        try:
            operation.told = await call()
        except EXPECTED as error:
            operation.error = explain(error).code
        operation.end = self.now()
        return operation
