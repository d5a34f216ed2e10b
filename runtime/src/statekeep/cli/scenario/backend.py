"""What a scenario is run against: the API of a runtime, with plain JSON values.

A backend raises `StepError` for whatever a step may expect; anything else is a fault.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

Json = dict[str, object]


class StepError(Exception):
    """A step was refused: the code that a scenario expects, and the sentence for people."""

    def __init__(
        self, code: str, message: str, details: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = dict(details or {})

    def to_json(self) -> Json:
        return {"code": self.code, "message": self.message, **self.details}


@dataclass(frozen=True, slots=True)
class ActorState:
    """One actor at some moment, as a scenario sees it."""

    version: str
    state_value: object
    status: str
    reason: str | None
    message: str | None
    history: tuple[str, ...]
    decisions: tuple[Json, ...]
    context: object = field(default_factory=dict)

    def to_json(self) -> Json:
        """In the shape of `test --jsonl`."""
        return {
            "version": self.version,
            "stateValue": self.state_value,
            "status": self.status,
            "reason": self.reason,
            "history": list(self.history),
            "decisions": list(self.decisions),
        }


class Backend(Protocol):
    """A private place for one scenario."""

    async def deploy(self, body: object) -> Json: ...

    async def change_point(self, body: object) -> Json: ...

    async def preview(self, body: object) -> Json:
        """Of a definition or, where the body has `to`, of a change-point; with actors' ids."""
        ...

    async def close_point(self, name: str) -> None: ...

    async def spawn(self, version: str, context: object) -> str:
        """The id of the new actor."""
        ...

    async def send(self, actor: str, event: Json) -> bool: ...

    async def rescue(self, actor: str, to: str, state_value: object, reason: str) -> None: ...

    async def freeze(self, workflow: str, reason: str) -> None: ...

    async def unfreeze(self, workflow: str) -> None: ...

    async def read(self, actor: str) -> ActorState: ...

    async def end(self, actors: Sequence[str]) -> None:
        """Leave nothing behind."""
        ...
