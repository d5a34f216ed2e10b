"""What is registered, as the services see it: entries of the store folded into core registries.

A `View` is a value. The newest known one of each workflow is kept; whoever finds that a shard is
under another law asks for a fresh one, which folds only the entries that are new.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from statekeep.core.machine import Machine
from statekeep.core.points import ChangePoint
from statekeep.core.registration import (
    Registration,
    register_definition,
    register_migrations,
    register_point,
)
from statekeep.core.registry import Registry, close_point
from statekeep.service import bodies
from statekeep.storage.ports import Entry, Family, Pending, Seen, Store

log = logging.getLogger("statekeep.registries")


@dataclass(frozen=True, slots=True)
class View:
    """One workflow as it was registered at some moment."""

    family: Family
    registry: Registry
    law: int = 0
    length: int = 0
    entries: Mapping[tuple[str, str], Entry] = field(default_factory=dict)
    """By kind and name."""
    frozen: str | None = None
    pending: Pending | None = None
    last: Entry | None = None
    """The entry that was folded last."""
    store: int = 0
    """Grows with each time that the store may have become another one."""

    @property
    def seen(self) -> Seen:
        return Seen(self.registry.clock, self.length)

    def brought(self, entry: Entry) -> tuple[ChangePoint, ...]:
        """The change-points of a registration; a body may also name earlier ones."""
        if entry.kind not in ("deployment", "migrations", "point"):
            return ()
        names = bodies.point_names(entry.body)
        found = (point for point in self.registry.points if point.name in names)
        return tuple(p for p in found if entry.kind == "point" or p.clock == entry.clock)

    def keeps_journal(self, version: str) -> bool:
        """Whether times and data are kept of the events that actors of this version take."""
        entry = self.entries.get(("deployment", version))
        return entry is not None and bodies.keeps_journal(entry.body)

    def entries_of_points(self) -> dict[str, Entry]:
        """The registration that brought each change-point."""
        kinds = ("deployment", "migrations", "point")
        brought = [e for e in self.entries.values() if e.kind in kinds]
        found: dict[str, Entry] = {}
        for entry in brought:
            for name in bodies.point_names(entry.body):
                found.setdefault(name, entry)
        return found

    def entry_of_point(self, name: str) -> Entry | None:
        """The registration that brought this change-point."""
        made = self.entries.values()
        return next((e for e in made if any(p.name == name for p in self.brought(e))), None)

    def owner_of(self, entry: Entry | None) -> object:
        """The custom resource that owns what was registered, since then or by adoption."""
        if entry is None:
            return None
        adopted = self.entries.get(("owner", f"{entry.kind}/{entry.name}"))
        return (adopted or entry).body.get("owner")

    def entry(self, name: str) -> Entry | None:
        """What was registered by this name, a deployment before a change-point."""
        kinds = ("deployment", "migrations", "point")
        found = (self.entries.get((kind, name)) for kind in kinds)
        return next((entry for entry in found if entry is not None), None)


class Registries:
    """The views of all workflows."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._views: dict[Family, View] = {}
        self._forgotten = 0
        store.on_renewal(self.forget)

    def known(self, family: Family) -> View:
        """The newest view at hand, without asking the store."""
        known = self._views.get(family)
        return known or View(family, Registry(family.workflow), store=self._forgotten)

    def forget(self) -> None:
        """Let go of all views: the store may not be the one that they were read from."""
        self._forgotten += 1
        self._views.clear()
        self._store.forget()

    async def fresh(self, family: Family) -> View:
        """The view as the store has it now."""
        view = self.known(family)
        loaded = await self._store.load(family, view.length, view.last)
        if loaded.anew:
            log.warning("the store holds another registry than before", extra=_named(family))
            self.forget()
            view = self.known(family)
        for entry in loaded.entries:
            view = folded(view, entry)
        registry = view.registry
        if registry.clock != loaded.clock:
            registry = replace(registry, clock=loaded.clock)
        view = replace(view, registry=registry, pending=loaded.pending)
        return self._keep(view)

    async def under(self, family: Family, law: int, version: str) -> View | None:
        """A view under this law that has the version, or None if the store has another law."""
        view = self.known(family)
        if view.law != law or view.registry.version(version) is None:
            view = await self.fresh(family)
        return view if view.law == law else None

    def adopt(self, view: View) -> View:
        """Keep a view that was just committed, so that nobody here folds its entry again."""
        return self._keep(view)

    async def machine(self, family: Family, version: str) -> Machine:
        """The machine of a registered version."""
        known = self.known(family).registry.version(version)
        if known is None:
            known = (await self.fresh(family)).registry.version(version)
        if known is None:
            raise LookupError(f"{family.workflow!r} has no version {version!r}")
        return known.machine

    async def workflow_of(self, tenant: str, version: str) -> str | None:
        homes = await self._store.homes(tenant, f"v:{version}")
        return homes[0] if homes else None

    async def elsewhere(self, view: View, versions: Iterable[str]) -> dict[str, str]:
        """Those versions that are at home in another workflow, with its name."""
        foreign: dict[str, str] = {}
        for version in versions:
            if view.registry.version(version) is None:
                home = await self.workflow_of(view.family.tenant, version)
                if home is not None and home != view.family.workflow:
                    foreign[version] = home
        return foreign

    def _keep(self, view: View) -> View:
        known = self._views.get(view.family)
        if view.store == self._forgotten and (known is None or view.length >= known.length):
            self._views[view.family] = view
        return view


def folded(view: View, entry: Entry) -> View:
    """The view after one more entry, computed as it was when the entry was made."""
    registry = replace(view.registry, clock=entry.clock)
    match entry.kind:
        case "deployment":
            before = replace(registry, clock=entry.clock - 1)
            asked = bodies.deployment(entry.body, view.family.workflow)
            registry = _registered(register_definition(before, asked))
        case "migrations":
            before = replace(registry, clock=entry.clock - 1)
            asked = bodies.deployment(entry.body, view.family.workflow)
            registry = _registered(
                register_migrations(before, asked.id, asked.migrations, asked.body_digest)
            )
        case "point":
            before = replace(registry, clock=entry.clock - 1)
            registry = _registered(register_point(before, bodies.point(entry.body)))
        case "close":
            registry = close_point(registry, entry.name)
        case "freeze" | "unfreeze" | "owner":
            pass
    return entered(view, entry, registry)


def entered(view: View, entry: Entry, registry: Registry) -> View:
    """The view with an entry whose registry is known already."""
    frozen = view.frozen
    if entry.kind in ("freeze", "unfreeze"):
        frozen = str(entry.body.get("reason", "")) if entry.kind == "freeze" else None
    return View(
        family=view.family,
        registry=registry,
        law=entry.law,
        length=view.length + 1,
        entries={**view.entries, (entry.kind, entry.name): entry},
        frozen=frozen,
        last=entry,
        store=view.store,
    )


def _named(family: Family) -> dict[str, str]:
    return {"tenant": family.tenant, "workflow": family.workflow}


def _registered(outcome: object) -> Registry:
    if not isinstance(outcome, Registration):
        message = "the registry holds one registration twice"
        raise TypeError(message)
    return outcome.settled
