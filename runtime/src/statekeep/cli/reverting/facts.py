"""What a server says about a version that is to be reverted: what led to it, and from where.

Reads only. What makes a revert impossible ends the command here, with the way out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from statekeep.cli.exits import FINDINGS, CommandError

if TYPE_CHECKING:
    from statekeep.client import Client
    from statekeep.web.wire import DefinitionAnswer, PointAnswer, WorkflowSummary

_NUMBERED = re.compile(r"(.*?)([0-9]+)\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Facts:
    """A version that is to be reverted, the one whose content comes back, and what is between."""

    undone: DefinitionAnswer
    before: DefinitionAnswer
    summary: WorkflowSummary
    points: tuple[PointAnswer, ...]
    """All change-points of the workflow."""

    @property
    def workflow(self) -> str:
        return self.undone.workflow

    @property
    def led_here(self) -> tuple[PointAnswer, ...]:
        """The open change-points that lead to the version, by name."""
        found = (p for p in self.points if p.to == self.undone.id and not p.closed)
        return tuple(sorted(found, key=lambda point: point.name))

    @property
    def stuck_before(self) -> tuple[str, ...]:
        """The versions on which actors stand that stranded on their way here."""
        names = {point.name for point in self.points if point.to == self.undone.id}
        stuck = {kind.version for kind in self.summary.stranded if kind.change_point in names}
        return tuple(sorted(stuck - {self.undone.id}))

    def next_id(self) -> str:
        """The id that follows: `loan-v3` after `loan-v2`, or the next that is free."""
        return following(self.undone.id, [version.id for version in self.summary.versions])


def gather(client: Client, version: str, content_of: str | None) -> Facts:
    """Ask the server; raises CommandError where there is nothing to revert to."""
    undone = client.definition(version)
    summary = client.workflow(undone.workflow)
    points = tuple(client.change_points(undone.workflow))
    onward = [p for p in points if p.source == version and not p.closed]
    if onward:
        names = ", ".join(sorted({p.to for p in onward}))
        raise CommandError(
            f"{version} is not where its actors end: {onward[0].name} leads on to {names}",
            hint=f"revert {onward[0].to} first, with --content-of for the content you want",
            code=FINDINGS,
        )
    before = content_of or _before(version, points, summary)
    facts = Facts(undone, client.definition(before), summary, points)
    if facts.before.workflow != undone.workflow:
        raise CommandError(f"{before} is of workflow {facts.before.workflow}, not {facts.workflow}")
    return facts


def _before(version: str, points: Sequence[PointAnswer], summary: WorkflowSummary) -> str:
    """The latest of the versions from which change-points lead here."""
    clocks = {known.id: known.clock for known in summary.versions}
    sources = {point.source for point in points if point.to == version}
    if not sources:
        raise CommandError(
            f"no change-point leads to {version}, so no version comes before it",
            hint="--content-of VERSION names the one whose content is to come back",
            code=FINDINGS,
        )
    return max(sources, key=lambda source: (clocks.get(source, 0), source))


def following(name: str, taken: Sequence[str]) -> str:
    """The name with its last number counted up until it is free."""
    match = _NUMBERED.match(name)
    stem, number = (match[1], int(match[2])) if match else (f"{name}-", 1)
    while f"{stem}{number + 1}" in taken:
        number += 1
    return f"{stem}{number + 1}"
