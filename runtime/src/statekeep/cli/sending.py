"""Many events in batches, and what became of them.

Invariant: events of one actor keep their order; each has an idempotency key of its own, so that a
batch which is sent again happens once.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from statekeep.cli.exits import CommandError
from statekeep.cli.output import printable
from statekeep.cli.people import counted
from statekeep.cli.progress import bar
from statekeep.cli.sources import read_text, shown_name
from statekeep.cli.text.tree import TextError

if TYPE_CHECKING:
    from statekeep.client import Client
    from statekeep.web.wire import BatchItem

BATCH: Final = 500
_SHOWN: Final = 20


@dataclass
class Sent:
    """What became of all events."""

    accepted: int = 0
    migrated: int = 0
    not_accepted: int = 0
    queued: int = 0
    failed: list[dict[str, str]] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not self.not_accepted and not self.failed

    def add(self, event: dict[str, Any], item: BatchItem) -> None:
        if item.answer is None:
            problem = item.problem
            code, detail = (problem.code, problem.detail) if problem else ("Unknown", "")
            told = {"actorId": item.actor_id, "type": str(event.get("type")), "code": code}
            self.failed.append({**told, "detail": detail})
        elif item.answer.queued:
            self.queued += 1
        elif item.answer.accepted:
            self.accepted += 1
            self.migrated += item.answer.migrated
        else:
            self.not_accepted += 1

    def to_json(self) -> dict[str, Any]:
        return {
            "accepted": self.accepted,
            "migrated": self.migrated,
            "notAccepted": self.not_accepted,
            "queued": self.queued,
            "failed": self.failed,
        }

    def told(self) -> list[str]:
        """In sentences; the first of those that failed by name."""
        lines = [
            (
                f"{counted(self.accepted, 'event')} accepted, {self.not_accepted:,} not accepted, "
                f"{self.queued:,} queued, {len(self.failed):,} failed."
            )
        ]
        if self.migrated:
            lines.append(f"{self.migrated:,} of them led over a change-point.")
        lines += [
            f"  {printable(one['actorId'])} {printable(one['type'])}: {one['code']} {one['detail']}"
            for one in self.failed[:_SHOWN]
        ]
        left = len(self.failed) - _SHOWN
        return [*lines, f"  … {left:,} more"] if left > 0 else lines


def send_all(client: Client, events: Sequence[dict[str, Any]]) -> Sent:
    """In their order, a batch at a time."""
    sent = Sent()
    with bar("sending", len(events)) as progress:
        for start in range(0, len(events), BATCH):
            part = events[start : start + BATCH]
            for event, item in zip(part, client.send_many(part).items, strict=True):
                sent.add(event, item)
            progress.at(start + len(part))
    return sent


def events_of_file(name: str) -> list[dict[str, Any]]:
    """One event a line. Raises CommandError with the line that is none."""
    shown = shown_name(name)
    try:
        text = read_text(name)
    except OSError as error:
        raise CommandError(f"{shown}: {error.strerror or error}") from None
    except TextError as error:
        raise CommandError(f"{shown}:{error.mark.line}: {error.message}") from None
    lines = enumerate(text.split("\n"), start=1)
    return [_event(f"{shown}:{at}", line) for at, line in lines if line.strip()]


def _event(place: str, line: str) -> dict[str, Any]:
    try:
        event = json.loads(line)
    except ValueError as error:
        raise CommandError(f"{place}: no JSON: {error}") from None
    if not isinstance(event, dict):
        raise CommandError(f"{place}: an object is expected")
    for member in ("actorId", "type"):
        if not isinstance(event.get(member), str):
            raise CommandError(f"{place}: `{member}` is missing or no text [/{member}]")
    return event
