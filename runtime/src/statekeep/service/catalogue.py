"""What is registered and what is live, for readers: versions, change-points, cohorts.

Reads only. A name of another tenant is a name that is not there.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from statekeep.core.cohort import Cohort, encode_cohort, state_value
from statekeep.core.points import ChangePoint, Version
from statekeep.service.changes import Changes
from statekeep.service.errors import AmbiguousName, UnknownChangePoint, UnknownVersion
from statekeep.service.registries import Registries, View
from statekeep.service.wiring import Wiring
from statekeep.storage.ports import CohortRow, Entry, Family


@dataclass(frozen=True, slots=True)
class RegisteredVersion:
    """A version, and who registered it."""

    workflow: str
    version: Version
    definition: Mapping[str, object]
    journal: bool
    owner: object
    by: str
    at: float


@dataclass(frozen=True, slots=True)
class RegisteredPoint:
    """A change-point, and the registration that brought it."""

    workflow: str
    point: ChangePoint
    entry: Entry | None
    owner: object


@dataclass(frozen=True, slots=True)
class Live:
    """A cohort with members, over all shards."""

    workflow: str
    cohort: Cohort
    state_value: object
    count: int
    form: str | None


@dataclass(frozen=True, slots=True)
class Headcount:
    """How many actors a cohort record has, for the metrics of a whole server."""

    tenant: str
    workflow: str
    version: str
    status: str
    reason: str | None
    count: int


class Catalogue:
    """Looks things up by name, and lists them by workflow and name."""

    def __init__(self, wiring: Wiring, registries: Registries, changes: Changes) -> None:
        self._store = wiring.store
        self._registries = registries
        self._changes = changes

    async def definition(self, tenant: str, version: str) -> RegisteredVersion:
        """One version."""
        for workflow in await self._store.homes(tenant, f"v:{version}"):
            view = await self._registries.fresh(Family(tenant, workflow))
            found = view.registry.version(version)
            if found is not None:
                return _version(view, found)
        raise UnknownVersion(version)

    async def definitions(self, tenant: str, workflow: str | None) -> tuple[RegisteredVersion, ...]:
        """All versions of a tenant, or of one workflow, without their machines."""
        return tuple(
            [
                _version(view, version, {})
                async for view in self._views(tenant, workflow)
                for version in view.registry.versions
            ]
        )

    async def point(self, tenant: str, name: str, workflow: str | None) -> RegisteredPoint:
        """One change-point; where several workflows have the name, one must be said."""
        homes = await self._store.homes(tenant, f"p:{name}")
        if workflow is not None:
            homes = tuple(home for home in homes if home == workflow)
        if len(homes) > 1:
            raise AmbiguousName(name, homes)
        for home in homes:
            view = await self._registries.fresh(Family(tenant, home))
            found = view.registry.point(name)
            if found is not None:
                return _point(view, found, view.entry_of_point(name))
        raise UnknownChangePoint(name)

    async def points(self, tenant: str, workflow: str | None) -> tuple[RegisteredPoint, ...]:
        """All change-points of a tenant, or of one workflow."""
        found: list[RegisteredPoint] = []
        async for view in self._views(tenant, workflow):
            brought = view.entries_of_points()
            found += [_point(view, p, brought.get(p.name)) for p in view.registry.points]
        return tuple(found)

    async def cohorts(
        self, tenant: str, workflow: str | None, version: str | None, *, with_form: bool
    ) -> tuple[Live, ...]:
        """The cohorts that have members; equal ones of several shards are one."""
        found: list[Live] = []
        async for view in self._views(tenant, workflow):
            counts: dict[Cohort, int] = {}
            rows = [
                row
                for row in await self._changes.rows(view.family)
                if version is None or row.form.version == version
            ]
            wholes = await self._store.wholes(view.family, rows)
            for row, cohort in zip(rows, wholes, strict=True):
                if cohort is not None:
                    counts[cohort] = counts.get(cohort, 0) + row.actors
            found += [_live(view, cohort, count, with_form) for cohort, count in counts.items()]
        return tuple(sorted(found, key=_order))

    async def headcounts(self) -> tuple[Headcount, ...]:
        """Every cohort record of every tenant; a workflow without any has one with count 0."""
        found: list[Headcount] = []
        for tenant in await self._store.tenants():
            for workflow in await self._store.workflows(tenant):
                rows = await self._changes.rows(Family(tenant, workflow))
                found += [_headcount(tenant, workflow, row) for row in rows]
                if not rows:
                    found.append(Headcount(tenant, workflow, "", "active", None, 0))
        return tuple(found)

    async def _views(self, tenant: str, workflow: str | None) -> AsyncIterator[View]:
        for name in await self._store.workflows(tenant):
            if workflow is None or workflow == name:
                yield await self._registries.fresh(Family(tenant, name))


def definition_of(entry: Entry) -> Mapping[str, object]:
    """The machine of a deployment's body, parsed where it was given as text."""
    written = entry.body.get("definition")
    if written is None:
        written = entry.body.get("definitionJSON")
    found = json.loads(written) if isinstance(written, str) else written
    return found if isinstance(found, Mapping) else {}


def _version(
    view: View, version: Version, definition: Mapping[str, object] | None = None
) -> RegisteredVersion:
    entry = view.entries["deployment", version.id]
    return RegisteredVersion(
        workflow=view.family.workflow,
        version=version,
        definition=definition_of(entry) if definition is None else definition,
        journal=view.keeps_journal(version.id),
        owner=view.owner_of(entry),
        by=entry.by,
        at=entry.at,
    )


def _point(view: View, point: ChangePoint, entry: Entry | None) -> RegisteredPoint:
    return RegisteredPoint(view.family.workflow, point, entry, view.owner_of(entry))


def _headcount(tenant: str, workflow: str, row: CohortRow) -> Headcount:
    stranding = row.form.stranding
    return Headcount(
        tenant=tenant,
        workflow=workflow,
        version=row.form.version,
        status=row.form.status,
        reason=stranding.reason if stranding else None,
        count=row.actors,
    )


def _live(view: View, cohort: Cohort, count: int, with_form: bool) -> Live:
    return Live(
        workflow=view.family.workflow,
        cohort=cohort,
        state_value=state_value(view.registry, cohort),
        count=count,
        form=encode_cohort(view.registry, cohort) if with_form else None,
    )


def _order(live: Live) -> tuple[str, str, int, str, str]:
    cohort = live.cohort
    value = json.dumps(live.state_value, sort_keys=True)
    return live.workflow, cohort.version, cohort.position, cohort.history.identity, value
