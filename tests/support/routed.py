"""A workflow in memory, without any service: the core's own functions, and actors by name.

Tests say what they mean with it (`workflow.deploy(...)`, `workflow.send(...)`) and then look at
cohorts, verdicts and decisions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from statekeep.core.by_hand import rescue
from statekeep.core.canonical import canonical_digest
from statekeep.core.cohort import Cohort, state_value
from statekeep.core.compile import compile_machine
from statekeep.core.decisions import Decision
from statekeep.core.evaluate import Evaluation, advance, evaluate, evaluate_registration, spawn
from statekeep.core.machine import Machine
from statekeep.core.points import (
    ChangePoint,
    Deployment,
    Migration,
    PointRegistration,
    state_mapping,
)
from statekeep.core.refusals import Refused
from statekeep.core.registration import (
    Registration,
    Unchanged,
    register_definition,
    register_migrations,
    register_point,
)
from statekeep.core.registry import Registry, close_point

WRITTEN_OUT = frozenset(
    {"on", "states", "type", "initial", "always", "onDone", "history", "target"}
)


def chart(**states: Mapping[str, Any]) -> dict[str, Any]:
    """A compound machine that starts in its first state.

    A state is written as XState writes it, or, in short, as its events and their targets.
    """
    return {"initial": next(iter(states)), **nest(**states)}


def nest(**states: Mapping[str, Any]) -> dict[str, Any]:
    """The `states` of a node."""
    return {"states": {key: _written_out(state) for key, state in states.items()}}


def compound(**states: Mapping[str, Any]) -> dict[str, Any]:
    """A compound state that starts in its first child."""
    return chart(**states)


def parallel(**regions: Mapping[str, Any]) -> dict[str, Any]:
    """A parallel state."""
    return {"type": "parallel", **nest(**regions)}


FINAL: dict[str, Any] = {"type": "final"}


def _written_out(state: Mapping[str, Any]) -> dict[str, Any]:
    return dict(state) if WRITTEN_OUT & state.keys() else {"on": dict(state)}


def machine(definition: Mapping[str, Any]) -> Machine:
    """Compile."""
    return compile_machine(definition)


Paths = Mapping[str, Sequence[str]]


def migration(
    source: str,
    *,
    name: str | None = None,
    path: Sequence[str] = (),
    regions: Paths | None = None,
    mapping: Mapping[str, Any] | None = None,
    **rules: Any,
) -> Migration:
    """A migration, with its rules as the core names them."""
    return Migration(
        name=name or f"from {source}",
        source=source,
        history_path=tuple(path),
        regions=tuple((region, tuple(types)) for region, types in (regions or {}).items()),
        mapping=state_mapping(mapping),
        **rules,
    )


class Workflow:
    """One workflow and its actors."""

    def __init__(self, elsewhere: Mapping[str, str] | None = None) -> None:
        self.registry = Registry("loan")
        self.elsewhere = elsewhere or {}
        self.actors: dict[str, Cohort] = {}
        self.decisions: dict[str, list[Decision]] = {}
        self.verdicts: dict[str, str] = {}
        """What the last registration meant for the actors that it concerned."""

    def deploy(
        self, version: str, definition: Mapping[str, Any], *migrations: Migration
    ) -> Registration | Unchanged:
        return self._register(
            register_definition(*self.deployment(version, definition, *migrations))
        )

    def deployment(
        self, version: str, definition: Mapping[str, Any], *migrations: Migration
    ) -> tuple[Registry, Deployment, Mapping[str, str]]:
        """The arguments of a registration, for tests that only look."""
        renamed = [_named(version, migration) for migration in migrations]
        body = canonical_digest([version, dict(definition), [repr(m) for m in renamed]])
        deployment = Deployment(
            id=version,
            workflow="loan",
            machine=machine(definition),
            migrations=tuple(renamed),
            body_digest=body,
        )
        return self.registry, deployment, self.elsewhere

    def migrate(self, version: str, *migrations: Migration) -> Registration | Unchanged:
        """Add migrations to a version that is there already."""
        renamed = tuple(_named(version, migration) for migration in migrations)
        return self._register(register_migrations(self.registry, version, renamed, "more"))

    def point(self, name: str, target: str, **rules: Any) -> Registration | Unchanged:
        return self._register(register_point(*self.asked(name, target, **rules)))

    def asked(
        self, name: str, target: str, **rules: Any
    ) -> tuple[Registry, PointRegistration, Mapping[str, str]]:
        """The arguments of a registration, for tests that only look."""
        path, regions = tuple(rules.pop("path", ())), rules.pop("regions", {})
        asked = PointRegistration(
            name=name,
            target=target,
            history_path=path,
            regions=tuple((region, tuple(types)) for region, types in regions.items()),
            mapping=state_mapping(rules.pop("mapping", None)),
            body_digest=canonical_digest([name, target, path, regions, repr(rules)]),
            **rules,
        )
        return self.registry, asked, self.elsewhere

    def close(self, name: str) -> None:
        self.registry = close_point(self.registry, name)

    def spawn(self, name: str, version: str, *events: str) -> Cohort:
        self.decisions[name] = []
        self._apply(name, spawn(self.registry, version))
        return self.send(name, *events)

    def send(self, name: str, *events: str) -> Cohort:
        for event in events:
            result = advance(self.registry, self.actors[name], event)
            assert result.accepted, f"{name} in {self.state(name)} does not accept {event}"
            self._apply(name, result.evaluation)
        return self.actors[name]

    def offer(self, name: str, event: str) -> bool:
        """Send an event that may not be accepted."""
        result = advance(self.registry, self.actors[name], event)
        self._apply(name, result.evaluation)
        return result.accepted

    def look_again(self, name: str) -> Cohort:
        self._apply(name, evaluate(self.registry, self.actors[name]))
        return self.actors[name]

    def rescue(self, name: str, target: str, value: object, reason: str = "as agreed") -> Cohort:
        self.registry, evaluation = rescue(
            self.registry, self.actors[name], target, value, reason, elsewhere=self.elsewhere
        )
        self._apply(name, evaluation)
        return self.actors[name]

    def state(self, name: str) -> object:
        return state_value(self.registry, self.actors[name])

    def where(self, name: str) -> tuple[str, object, str]:
        """Version, state value, and status (or, where stranded, the reason)."""
        cohort = self.actors[name]
        status = cohort.stranding.reason if cohort.stranding else cohort.status
        return cohort.version, self.state(name), status

    def _register(self, result: Registration | Unchanged) -> Registration | Unchanged:
        if isinstance(result, Unchanged):
            return result
        self.verdicts = {}
        for name, cohort in sorted(self.actors.items()):
            outcome = evaluate_registration(result.registry, result.points, cohort)
            if outcome is not None:
                self.verdicts[name] = outcome.verdict
                self._apply(name, outcome.evaluation)
        self.registry = result.settled
        return result

    def _apply(self, name: str, evaluation: Evaluation) -> None:
        self.actors[name] = evaluation.cohort
        self.decisions[name].extend(evaluation.decisions)


def _named(version: str, migration: Migration) -> Migration:
    """Change-points are named after the version that they lead into."""
    return replace(migration, name=f"{version}.{migration.name}")


def points_of(result: Registration | Unchanged) -> dict[str, ChangePoint]:
    """The change-points of a registration, by name."""
    assert isinstance(result, Registration)
    return {point.name: point for point in result.points}


def codes(refused: Refused) -> list[str]:
    """The codes of a refusal, each once, in order."""
    return list(dict.fromkeys(reason.code.value for reason in refused.reasons))
