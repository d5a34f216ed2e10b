"""Deployments and change-points: preview, register, close, and what came of them.

Preview and apply are one path: both read a body, ask the core to register it, and forecast it over
the cohort records of all shards. Preview stops there.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace

from statekeep.core.findings import Finding
from statekeep.core.points import ChangePoint
from statekeep.core.registration import Registration
from statekeep.service import bodies
from statekeep.service.changes import Changes
from statekeep.service.errors import (
    AmbiguousName,
    InvalidRequest,
    UnknownChangePoint,
    UnknownDeployment,
    UnknownVersion,
)
from statekeep.service.fields import as_object
from statekeep.service.flows import Flow, flows
from statekeep.service.intents import (
    Adopting,
    Asker,
    Closing,
    Registering,
    adding_migrations,
    deploying,
    pointing,
)
from statekeep.service.listing import Listing, Page
from statekeep.service.planning import Forecast, Planner
from statekeep.service.registries import Registries, View
from statekeep.service.wiring import Wiring
from statekeep.storage.ports import Entry, Family

VERDICTS = ("migrated", "stayed", "stranded")
NOBODY = Page((), None)


@dataclass(frozen=True, slots=True)
class Deployed:
    """What a registration did, now or when the same body came first."""

    name: str
    workflow: str
    clock: int
    migrated: int
    stayed: int
    stranded: int
    plan_hash: str
    points: tuple[ChangePoint, ...]
    by: str
    at: float
    unchanged: bool = False
    digest: str | None = None
    """The digest of the machine, where a version was registered."""
    by_state: tuple[Mapping[str, object], ...] = ()
    warnings: tuple[Mapping[str, object], ...] = ()
    findings: tuple[Finding, ...] = ()
    """What the machine says that is ignored, where a version was registered."""
    state: str = "done"
    applied: int = 0
    """While it is being applied: how many shards are done."""
    shards: int = 0
    """Of how many, where that was asked."""
    held: float | None = None
    """For how many seconds events were held, told by whoever applied it."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a registration would do."""

    workflow: str
    would_migrate: tuple[str, ...]
    would_stay: tuple[str, ...]
    would_strand: tuple[str, ...]
    counts: Mapping[str, int]
    plan_hash: str
    by_state: tuple[Mapping[str, object], ...]
    unlandable: tuple[Mapping[str, object], ...]
    warnings: tuple[Mapping[str, object], ...]
    points: tuple[ChangePoint, ...]
    next: str | None = None
    unchanged: bool = False
    findings: tuple[Finding, ...] = ()
    flows: tuple[tuple[Flow, int], ...] = ()
    """From which state to which, with how many actors."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A body that has been read: where it belongs, and what it wants."""

    family: Family
    intent: Registering


class Deployments:
    """The operations on what is registered."""

    def __init__(
        self, wiring: Wiring, registries: Registries, changes: Changes, listing: Listing
    ) -> None:
        self._wiring = wiring
        self._registries = registries
        self._changes = changes
        self._listing = listing

    # --- register -----------------------------------------------------------------------------

    async def deploy(self, tenant: str, body: object, by: str = "") -> Deployed:
        """Register a version and its migrations (`POST /v1/definitions`)."""
        return await self._register(await self._deployment(tenant, body, by))

    async def change_point(self, tenant: str, body: object, by: str = "") -> Deployed:
        """Register a change-point (`POST /v1/change-points`)."""
        return await self._register(await self._point(tenant, body, by))

    async def close(
        self, tenant: str, name: str, by: str = "", workflow: str | None = None
    ) -> ChangePoint:
        """Let a change-point pick nobody any more."""
        family = await self._home_of_point(tenant, name, workflow)
        await self._changes.run(family, Closing(name, self._asker(by)))
        point = self._registries.known(family).registry.point(name)
        if point is None:
            raise UnknownChangePoint(name)
        return point

    async def _register(self, asked: _Asked) -> Deployed:
        made = await self._changes.run(asked.family, asked.intent)
        await self._adopt(asked)
        view = self._registries.known(asked.family)
        if made is not None:
            return replace(deployed(view, made.entry), held=made.held)
        return deployed(view, _before(view, asked.intent), unchanged=True)

    async def _adopt(self, asked: _Asked) -> None:
        """Write down who owns what was registered before its custom resource came."""
        owner, intent = asked.intent.body.get("owner"), asked.intent
        if isinstance(owner, Mapping):
            of_point = intent.kind == "point"
            of = f"point/{intent.name}" if of_point else f"deployment/{intent.body['id']}"
            await self._changes.run(asked.family, Adopting(of, owner, intent.asker))

    # --- preview ------------------------------------------------------------------------------

    async def preview(
        self, tenant: str, body: object, limit: int | None = None, cursor: str | None = None
    ) -> Preview:
        """What `deploy` would do, and nothing done."""
        return await self._preview(await self._deployment(tenant, body, ""), limit, cursor)

    async def preview_point(
        self, tenant: str, body: object, limit: int | None = None, cursor: str | None = None
    ) -> Preview:
        """What `change_point` would do, and nothing done."""
        return await self._preview(await self._point(tenant, body, ""), limit, cursor)

    async def _preview(self, asked: _Asked, limit: int | None, cursor: str | None) -> Preview:
        view = await self._registries.fresh(asked.family)
        outcome = asked.intent.register(view.registry)
        if not isinstance(outcome, Registration):
            return await self._preview_again(view, _before(view, asked.intent), limit, cursor)
        planner = Planner(outcome)
        if planner.concerns_somebody:
            await self._changes.survey(asked.family, planner)
        made = planner.forecast()
        most = self._wiring.limits.preview_names if limit is None else limit
        names: dict[str, Page] = {}
        for verdict, start in _starts(cursor).items():
            names[verdict] = (
                await self._listing.of_records(asked.family, planner.records(verdict), most, start)
                if start is not None
                else NOBODY
            )
        leads = flows(outcome.registry, planner)
        return previewed(view, outcome, made, names, leads)

    async def _preview_again(
        self, view: View, entry: Entry, limit: int | None, cursor: str | None
    ) -> Preview:
        """A body that is registered already answers what came of it."""
        done = deployed(view, entry, unchanged=True)
        most = self._wiring.limits.preview_names if limit is None else limit
        names = {
            verdict: await self._listing.of_deployment(view, entry, verdict, most, start)
            if start is not None
            else NOBODY
            for verdict, start in _starts(cursor).items()
        }
        return Preview(
            workflow=view.family.workflow,
            would_migrate=names["migrated"].actors,
            would_stay=names["stayed"].actors,
            would_strand=names["stranded"].actors,
            counts=_counts(done.migrated, done.stayed, done.stranded),
            plan_hash=done.plan_hash,
            by_state=done.by_state,
            unlandable=(),
            warnings=done.warnings,
            points=done.points,
            next=_next(names),
            unchanged=True,
            findings=done.findings,
        )

    # --- read ---------------------------------------------------------------------------------

    async def get(self, tenant: str, name: str) -> Deployed:
        """What came of a deployment or a change-point, by its name."""
        view, entry = await self._entry(tenant, name)
        return replace(deployed(view, entry), shards=self._wiring.store.shards)

    async def actors(
        self,
        tenant: str,
        name: str,
        verdict: str,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Page:
        """Who migrated, stayed or was stranded by a registration."""
        view, entry = await self._entry(tenant, name)
        most = self._wiring.limits.page if limit is None else limit
        return await self._listing.of_deployment(view, entry, verdict, most, cursor)

    async def view(self, tenant: str, workflow: str) -> View:
        """Everything that is registered of a workflow."""
        return await self._registries.fresh(Family(tenant, workflow))

    async def views(self, tenant: str) -> AsyncIterator[View]:
        """The workflows of a tenant, by name."""
        for workflow in await self._wiring.store.workflows(tenant):
            yield await self._registries.fresh(Family(tenant, workflow))

    async def _entry(self, tenant: str, name: str) -> tuple[View, Entry]:
        homes = (
            *await self._wiring.store.homes(tenant, f"v:{name}"),
            *await self._wiring.store.homes(tenant, f"p:{name}"),
        )
        for workflow in homes:
            view = await self._registries.fresh(Family(tenant, workflow))
            entry = view.entry(name) or view.entry_of_point(name)
            if entry is not None:
                return view, entry
        raise UnknownDeployment(name)

    # --- read a body --------------------------------------------------------------------------

    async def _deployment(self, tenant: str, body: object, by: str) -> _Asked:
        head = bodies.deployment_head(body)
        written = as_object(body)
        bodies.check_size(written, self._wiring.limits.definition_bytes)
        workflow = head.workflow or await self._parents_workflow(tenant, head)
        family = Family(tenant, workflow or bodies.own_workflow(written))
        asked = bodies.deployment(written, family.workflow)
        gate = bodies.gate(written)
        view = await self._registries.fresh(family)
        elsewhere = await self._registries.elsewhere(view, (head.id, *head.parents))
        known = view.registry.version(head.id)
        extends = (
            written.get("owner") is not None
            and known is not None
            and known.body_digest != asked.body_digest
            and known.machine.digest == asked.machine.digest
            and view.keeps_journal(head.id) == bodies.keeps_journal(written)
        )
        make = adding_migrations if extends else deploying
        return _Asked(family, make(written, asked, gate, elsewhere, self._asker(by)))

    async def _parents_workflow(self, tenant: str, head: bodies.DeploymentHead) -> str | None:
        if not head.parents:
            return None
        home = await self._registries.workflow_of(tenant, head.parents[0])
        if home is None:
            raise UnknownVersion(head.parents[0])
        return home

    async def _point(self, tenant: str, body: object, by: str) -> _Asked:
        head = bodies.point_head(body)
        written = as_object(body)
        asked, gate = bodies.point(written), bodies.gate(written)
        family = Family(tenant, head.workflow or await self._points_workflow(tenant, head))
        view = await self._registries.fresh(family)
        elsewhere = await self._registries.elsewhere(view, head.versions)
        return _Asked(family, pointing(written, asked, gate, elsewhere, self._asker(by)))

    async def _points_workflow(self, tenant: str, head: bodies.PointHead) -> str:
        for version in head.versions:
            home = await self._registries.workflow_of(tenant, version)
            if home is not None:
                return home
        raise UnknownVersion(head.versions[0])

    async def _home_of_point(self, tenant: str, name: str, workflow: str | None) -> Family:
        if workflow is not None:
            return Family(tenant, workflow)
        homes = await self._wiring.store.homes(tenant, f"p:{name}")
        if not homes:
            raise UnknownChangePoint(name)
        if len(homes) > 1:
            raise AmbiguousName(name, homes)
        return Family(tenant, homes[0])

    def _asker(self, by: str) -> Asker:
        return Asker(by, self._wiring.now())


def _before(view: View, intent: Registering) -> Entry:
    """What was registered with this content: under this name, or piece by piece with a version."""
    entry = view.entry(intent.name) or view.entry(str(intent.body.get("id")))
    if entry is None:
        raise UnknownDeployment(intent.name)
    return entry


def deployed(view: View, entry: Entry, *, unchanged: bool = False) -> Deployed:
    """The answer of a registered entry."""
    result = entry.result
    version = view.registry.version(entry.name) if entry.kind == "deployment" else None
    busy = view.pending is not None and view.pending.committed and entry.law == view.law
    return Deployed(
        name=entry.name,
        workflow=view.family.workflow,
        clock=entry.clock,
        migrated=_number(result.get("migrated")),
        stayed=_number(result.get("stayed")),
        stranded=_number(result.get("stranded")),
        plan_hash=str(result.get("planHash", "")),
        points=view.brought(entry),
        by=entry.by,
        at=entry.at,
        unchanged=unchanged,
        digest=version.machine.digest if version is not None else None,
        findings=version.machine.warnings if version is not None else (),
        by_state=_maps(result.get("byState")),
        warnings=_maps(result.get("warnings")),
        state="applying" if busy else "done",
        applied=view.pending.applied if busy and view.pending is not None else 0,
    )


def previewed(
    view: View,
    registration: Registration,
    made: Forecast,
    names: Mapping[str, Page],
    leads: tuple[tuple[Flow, int], ...],
) -> Preview:
    """The answer of a preview."""
    return Preview(
        workflow=view.family.workflow,
        would_migrate=names["migrated"].actors,
        would_stay=names["stayed"].actors,
        would_strand=names["stranded"].actors,
        counts=_counts(made.tally.migrated, made.tally.stayed, made.tally.stranded),
        plan_hash=made.plan_hash,
        by_state=tuple(row.to_json() for row in made.tally.by_state),
        unlandable=tuple(state.to_json() for state in made.unlandable),
        warnings=tuple(warning.to_json() for warning in made.tally.warnings),
        points=registration.points,
        next=_next(names),
        findings=registration.version.machine.warnings if registration.version else (),
        flows=leads,
    )


def _counts(migrated: int, stayed: int, stranded: int) -> dict[str, int]:
    return {"wouldMigrate": migrated, "wouldStay": stayed, "wouldStrand": stranded}


def _starts(cursor: str | None) -> dict[str, str | None]:
    """Where each of the three lists goes on; None for one that is at its end."""
    if cursor is None:
        return dict.fromkeys(VERDICTS, "")
    parts = cursor.split("\n")
    if len(parts) != len(VERDICTS):
        raise InvalidRequest("the cursor is none that was given out", "/cursor")
    return {verdict: part or None for verdict, part in zip(VERDICTS, parts, strict=True)}


def _next(names: Mapping[str, Page]) -> str | None:
    """One cursor for the three lists."""
    parts = [names[verdict].next or "" for verdict in VERDICTS]
    return "\n".join(parts) if any(parts) else None


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _maps(value: object) -> tuple[Mapping[str, object], ...]:
    return tuple(value) if isinstance(value, list | tuple) else ()
