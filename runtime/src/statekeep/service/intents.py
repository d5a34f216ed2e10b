"""What can be asked of a workflow: each an intent that proposes a change of the registry.

An intent is asked again whenever the registry has moved on, so it must hold nothing but what the
client has said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from statekeep.core.gate import Gate
from statekeep.core.points import Deployment, PointRegistration
from statekeep.core.registration import (
    Registration,
    Unchanged,
    register_definition,
    register_migrations,
    register_point,
)
from statekeep.core.registry import Registry, close_point
from statekeep.service.changes import Proposal
from statekeep.service.errors import Frozen
from statekeep.service.fields import Body
from statekeep.service.planning import Planner, Unfreezing, admitted
from statekeep.service.registries import View
from statekeep.storage.ports import Entry, EntryKind


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and when."""

    by: str
    at: float


Register = Callable[[Registry], Registration | Unchanged]


@dataclass(frozen=True)
class Registering:
    """A deployment, later migrations of one, or a change-point."""

    kind: EntryKind
    name: str
    body: Body
    gate: Gate
    register: Register
    asker: Asker

    def propose(self, view: View) -> Proposal | None:
        outcome = self.register(view.registry)
        if isinstance(outcome, Unchanged):
            return None
        if view.frozen is not None:
            raise Frozen(view.family.workflow, view.frozen)
        law = _next_law(view, self.asker) if outcome.points else view.law
        entry = _entry(self.kind, self.name, outcome.clock, law, self.body, self.asker)
        version = (f"v:{outcome.version.id}",) if outcome.version is not None else ()
        return Proposal(
            entry=entry,
            registry=outcome.settled,
            classes=Planner(outcome),
            names=(*version, *(f"p:{point.name}" for point in outcome.points)),
        )

    def weigh(self, proposal: Proposal) -> Mapping[str, object]:
        if not isinstance(proposal.classes, Planner):
            return {}
        return admitted(proposal.classes.forecast(), self.gate)


@dataclass(frozen=True)
class Closing:
    """The closing of a change-point."""

    name: str
    asker: Asker

    def propose(self, view: View) -> Proposal | None:
        after = close_point(view.registry, self.name)
        if after is view.registry:
            return None
        law = _next_law(view, self.asker)
        entry = _entry(
            "close", self.name, view.registry.clock, law, {"name": self.name}, self.asker
        )
        return Proposal(entry, after)

    def weigh(self, proposal: Proposal) -> Mapping[str, object]:
        del proposal
        return {}


@dataclass(frozen=True)
class Freezing:
    """The brake: `reason` is None to let it go."""

    reason: str | None
    asker: Asker

    def propose(self, view: View) -> Proposal | None:
        if (self.reason is None) == (view.frozen is None):
            return None
        kind: EntryKind = "unfreeze" if self.reason is None else "freeze"
        body = {} if self.reason is None else {"reason": self.reason}
        name, law = view.family.workflow, _next_law(view, self.asker)
        entry = _entry(kind, name, view.registry.clock, law, body, self.asker)
        classes = None if self.reason is not None else Unfreezing(view.registry)
        return Proposal(entry, view.registry, classes)

    def weigh(self, proposal: Proposal) -> Mapping[str, object]:
        del proposal
        return {}


@dataclass(frozen=True)
class Adopting:
    """A custom resource takes over what was registered before it came; the law stays as it is."""

    of: str
    """Kind and name of the entry, `deployment/loan-v1`."""
    owner: Mapping[str, object]
    asker: Asker

    def propose(self, view: View) -> Proposal | None:
        kind, _, name = self.of.partition("/")
        entry = view.entries.get((kind, name))
        known = view.owner_of(entry)
        if entry is None:
            return None
        if isinstance(known, Mapping) and all(known[k] == self.owner[k] for k in ("kind", "name")):
            return None
        clock, body = view.registry.clock, {"owner": dict(self.owner)}
        entry = _entry("owner", self.of, clock, view.law, body, self.asker)
        return Proposal(entry, view.registry)

    def weigh(self, proposal: Proposal) -> Mapping[str, object]:
        del proposal
        return {}


def deploying(
    body: Body, asked: Deployment, gate: Gate, elsewhere: Mapping[str, str], asker: Asker
) -> Registering:
    """The intent of a deployment."""
    return Registering(
        "deployment",
        asked.id,
        body,
        gate,
        lambda registry: register_definition(registry, asked, elsewhere),
        asker,
    )


def adding_migrations(
    body: Body, asked: Deployment, gate: Gate, elsewhere: Mapping[str, str], asker: Asker
) -> Registering:
    """The intent of migrations that a custom resource has more than it had."""
    return Registering(
        "migrations",
        f"{asked.id}@{asked.body_digest[7:19]}",
        body,
        gate,
        lambda registry: register_migrations(
            registry, asked.id, asked.migrations, asked.body_digest, elsewhere
        ),
        asker,
    )


def pointing(
    body: Body, asked: PointRegistration, gate: Gate, elsewhere: Mapping[str, str], asker: Asker
) -> Registering:
    """The intent of a change-point written by hand."""
    return Registering(
        "point",
        asked.name,
        body,
        gate,
        lambda registry: register_point(registry, asked, elsewhere),
        asker,
    )


def _next_law(view: View, asker: Asker) -> int:
    """A law that was in force never before, also where the store has forgotten the latest ones: a
    failover may lose a registration, and who knew it must not take another one's law for its."""
    return max(view.law + 1, int(asker.at * 1_000))


def _entry(kind: EntryKind, name: str, clock: int, law: int, body: Body, asker: Asker) -> Entry:
    return Entry(kind, name, clock, law, dict(body), asker.by, asker.at)
