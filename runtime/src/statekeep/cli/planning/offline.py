"""Planning manifests against a digest, in the order in which they would register.

It asks the functions that the server asks: the plan, its hash and its gate are the same. Each
manifest is planned on what those before it leave behind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from statekeep.cli.planning.digest import LiveWorkflow, row_of
from statekeep.cli.planning.manifests import Wanted
from statekeep.core.registration import (
    Registration,
    Unchanged,
    register_definition,
    register_migrations,
    register_point,
)
from statekeep.core.registry import Registry
from statekeep.service import bodies
from statekeep.service.errors import EXPECTED, InvalidRequest, Problem, explain
from statekeep.service.planning import Planner, admitted
from statekeep.storage.ports import CohortRow

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Planned:
    """What one manifest would do."""

    wanted: Wanted
    result: Mapping[str, Any] | None = None
    """None if it is registered already, or refused."""
    problem: Problem | None = None
    unlandable: tuple[Mapping[str, object], ...] = ()

    @property
    def word(self) -> str:
        """In one word."""
        if self.problem is not None:
            return "refused"
        return "unchanged" if self.result is None else "planned"

    def to_json(self) -> Json:
        refused = None
        if self.problem is not None:
            refused = {"code": self.problem.code, "message": self.problem.message}
        return {
            "name": self.wanted.name,
            "kind": self.wanted.kind,
            "file": self.wanted.file,
            "outcome": self.word,
            **(self.result or {}),
            "unlandable": list(self.unlandable),
            "refused": refused,
        }


class OfflinePlan:
    """The workflows as they are and as each manifest would leave them."""

    def __init__(self, live: Mapping[str, LiveWorkflow]) -> None:
        self._live = dict(live)

    def run(self, wanted: list[Wanted]) -> Iterator[Planned]:
        """Plan all, what leads into a version before what leads out of it."""
        waiting = list(wanted)
        while waiting:
            ready = next((item for item in waiting if self._is_ready(item, waiting)), waiting[0])
            waiting.remove(ready)
            yield self._planned(ready)

    def _is_ready(self, item: Wanted, waiting: list[Wanted]) -> bool:
        """Whether nothing that it needs is still waiting."""
        coming = {other.name for other in waiting if other is not item}
        refined = item.body.get("refines")
        return not coming.intersection(item.sources) and refined not in coming

    def _planned(self, item: Wanted) -> Planned:
        try:
            workflow = self._workflow_of(item)
            live = self._live.get(workflow) or LiveWorkflow(Registry(workflow), ())
            outcome = _registration(item, live)
            if isinstance(outcome, Unchanged):
                return Planned(item)
            planner = Planner(outcome)
            planner.put(live.rows)
            made = planner.forecast()
            result = admitted(made, bodies.gate(item.body))
        except EXPECTED as error:
            return Planned(item, problem=explain(error))
        after = _after(live.rows, planner)
        self._live[workflow] = LiveWorkflow(outcome.settled, after, live.digests)
        states = tuple(state.to_json() for state in made.unlandable)
        return Planned(item, result, unlandable=states)

    def _workflow_of(self, item: Wanted) -> str:
        named = item.body.get("workflow")
        if isinstance(named, str) and named:
            return named
        for version in item.sources:
            for name, live in self._live.items():
                if live.registry.version(version) is not None:
                    return name
        for name, live in self._live.items():
            if live.registry.point(str(item.body.get("refines"))) is not None:
                return name
        raise InvalidRequest("no workflow has the versions that this names", "/spec")


def _registration(item: Wanted, live: LiveWorkflow) -> Registration | Unchanged:
    registry = live.registry
    if item.kind == "ChangePoint":
        known = registry.point(item.name)
        asked = bodies.point(item.body)
        if known is not None and (known.target, known.mapping) == (asked.target, asked.mapping):
            return Unchanged(item.name)
        return register_point(registry, asked)
    wanted = bodies.deployment(item.body, registry.workflow)
    if live.digests.get(wanted.id) != wanted.machine.digest:
        return register_definition(registry, wanted)
    return register_migrations(registry, wanted.id, wanted.migrations, wanted.body_digest)


def _after(rows: tuple[CohortRow, ...], planner: Planner) -> tuple[CohortRow, ...]:
    """The classes as the registration would leave them."""
    return tuple(
        row_of(int(row.id), planner.class_of(row).after(row.whole), row.actors)
        for row in rows
        if row.whole is not None
    )
