"""From what services return to the wire models: field by field, and nothing decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from statekeep.core.cohort import Stranding as CoreStranding
from statekeep.core.findings import Finding
from statekeep.core.points import ChangePoint, Version
from statekeep.service.actors import HistoryItem
from statekeep.service.answers import ActorView, DecisionView, Hop, StepAnswer
from statekeep.service.catalogue import Live, RegisteredPoint, RegisteredVersion
from statekeep.service.deployments import Deployed, Preview
from statekeep.service.flows import Flow
from statekeep.service.keys import NewKey
from statekeep.service.listing import Group
from statekeep.service.registries import View
from statekeep.service.workflows import Summary
from statekeep.storage.api_keys import ApiKeyRecord
from statekeep.storage.ports import Entry
from statekeep.web import wire

RESULT = ("planHash", "migrated", "stayed", "stranded")


Written = dict[str, Any]
"""A wire model as it is written: on the hot path no model is built only to be written."""


def event(step: StepAnswer) -> Written:
    """What an event did: a `wire.EventAnswer`."""
    return {
        "actorId": step.actor,
        "version": step.version,
        "stateValue": step.state_value,
        "status": step.status,
        "revision": step.revision,
        "migrated": bool(step.migrated),
        "via": [_hop(hop) for hop in step.migrated],
        "accepted": step.accepted,
        "queued": step.queued,
    }


def queued(step: StepAnswer, now: ActorView) -> wire.EventAnswer:
    """An event that waits: the actor stays where it is meanwhile."""
    stays: dict[str, Any] = {
        "actor_id": now.id,
        "revision": now.revision,
        "migrated": False,
        "via": [],
    }
    return wire.EventAnswer(**_where(now), **stays, accepted=step.accepted, queued=True)


def spawned(step: StepAnswer) -> wire.SpawnAnswer:
    return wire.SpawnAnswer(id=step.actor, **_step(step))


def stepped(step: StepAnswer) -> wire.StepAnswer:
    return wire.StepAnswer(**_step(step))


def actor(view: ActorView, *, with_context: bool) -> wire.ActorAnswer:
    shown: dict[str, Any] = {"context": view.context} if with_context else {}
    return wire.ActorAnswer(
        **_where(view),
        id=view.id,
        actor_id=view.id,
        workflow=view.workflow,
        revision=view.revision,
        stranding=_view_stranding(view),
        history_length=view.history_length,
        queued=view.queued,
        **shown,
    )


def actor_item(view: ActorView) -> wire.ActorItem:
    return wire.ActorItem(**_where(view), id=view.id, workflow=view.workflow, reason=view.reason)


def group(found: Group) -> wire.GroupItem:
    return wire.GroupItem(
        **_where(found), workflow=found.workflow, reason=found.reason, count=found.count
    )


def history_item(item: HistoryItem, *, with_data: bool) -> wire.HistoryItem:
    if item.at is None:
        return wire.HistoryItem(type=item.type)
    if not with_data:
        return wire.HistoryItem(type=item.type, at=item.at)
    return wire.HistoryItem(type=item.type, at=item.at, data=item.data)


def decision(view: DecisionView) -> wire.DecisionItem:
    return wire.DecisionItem.model_validate(
        {
            **view.decision.to_json(),
            "deployment": view.deployment,
            "planHash": view.plan,
            "note": view.note,
            "at": view.at,
            "by": view.by,
        }
    )


def point(found: ChangePoint, workflow: str, owner: object = None) -> wire.PointAnswer:
    told = {**found.rules_json(), "workflow": workflow, "clock": found.clock}
    told["anchorHash"] = found.anchor.digest
    told["owner"] = owner
    return wire.PointAnswer.model_validate(told)


def registered_point(found: RegisteredPoint) -> wire.PointAnswer:
    answer = point(found.point, found.workflow, found.owner)
    if found.entry is None:
        return answer
    told = {key: found.entry.result[key] for key in RESULT if key in found.entry.result}
    by = {"deployed_by": found.entry.by, "deployed_at": found.entry.at}
    return answer.model_copy(update={"result": wire.PointResult.model_validate(told), **by})


def deployment(done: Deployed) -> wire.DeploymentAnswer:
    return wire.DeploymentAnswer(
        id=done.name,
        workflow=done.workflow,
        clock=done.clock,
        unchanged=done.unchanged,
        digest=done.digest,
        change_points=[point(found, done.workflow) for found in done.points],
        migrated=done.migrated,
        stayed=done.stayed,
        stranded=done.stranded,
        plan_hash=done.plan_hash or None,
        by_state=_by_state(done.by_state),
        warnings=_warnings(done.findings, done.warnings),
        state="applying" if done.state == "applying" else "done",
        applied=done.applied,
        shards=done.shards,
        deployed_by=done.by,
        deployed_at=done.at,
        held_seconds=done.held,
    )


def preview(made: Preview, following: str | None) -> wire.PreviewAnswer:
    return wire.PreviewAnswer(
        workflow=made.workflow,
        migration=wire.Would(
            would_migrate=list(made.would_migrate),
            would_stay=list(made.would_stay),
            would_strand=list(made.would_strand),
            next=following,
        ),
        counts=wire.Counts.model_validate(made.counts),
        plan_hash=made.plan_hash,
        unchanged=made.unchanged,
        by_state=_by_state(made.by_state),
        flows=[_flow(flow, count) for flow, count in made.flows],
        unlandable=[wire.Unlandable.model_validate(kind) for kind in made.unlandable],
        change_points=[point(found, made.workflow) for found in made.points],
        warnings=_warnings(made.findings, made.warnings),
    )


def _flow(flow: Flow, count: int) -> wire.FlowItem:
    return wire.FlowItem.model_validate(
        {
            "version": flow.version,
            "state": flow.state,
            "verdict": flow.verdict,
            "reason": flow.reason or None,
            "message": flow.message,
            "toVersion": flow.to_version,
            "toState": flow.to_state,
            "count": count,
        }
    )


def definition(
    found: RegisteredVersion, counts: Mapping[str, int] | None = None
) -> wire.DefinitionAnswer:
    shown: dict[str, Any] = {}
    if counts is not None:
        shown = {"definition": found.definition, "actors": dict(counts)}
    return wire.DefinitionAnswer(
        id=found.version.id,
        workflow=found.workflow,
        clock=found.version.clock,
        digest=found.version.machine.digest,
        guards=found.version.machine.guards,
        journal="Full" if found.journal else "Types",
        event_types=list(found.version.machine.event_types),
        owner=wire.OwnedBy.model_validate(found.owner) if found.owner else None,
        deployed_by=found.by,
        deployed_at=found.at,
        **shown,
    )


def cohort(live: Live) -> wire.CohortItem:
    shown = {} if live.form is None else {"form": live.form}
    return wire.CohortItem(
        workflow=live.workflow,
        version=live.cohort.version,
        position=live.cohort.position,
        **_value(live.state_value),
        status=live.cohort.status,
        fingerprint=f"{live.cohort.history.fingerprint:016x}",
        history_length=live.cohort.history.length,
        stranding=_stranding(live.cohort.stranding),
        count=live.count,
        **shown,
    )


def workflow(view: View) -> wire.WorkflowAnswer:
    return wire.WorkflowAnswer(
        workflow=view.family.workflow,
        clock=view.registry.clock,
        frozen=view.frozen is not None,
        reason=view.frozen,
    )


def summary(found: Summary) -> wire.WorkflowSummary:
    view = found.view
    brought = view.entries_of_points()
    return wire.WorkflowSummary(
        **workflow(view).model_dump(),
        registry=found.registry,
        law=view.law,
        versions=[_version(found, version) for version in view.registry.versions],
        points=[_point(view, point, brought.get(point.name)) for point in view.registry.points],
        stranded=[
            wire.StrandedItem(
                change_point=kind.change_point,
                version=kind.version,
                state=kind.state,
                reason=kind.reason,
                count=found.stranded[kind],
            )
            for kind in sorted(found.stranded)
        ],
    )


def _version(found: Summary, version: Version) -> wire.VersionSummary:
    entry = found.view.entries.get(("deployment", version.id))
    statuses = ("active", "done", "needs_rescue")
    return wire.VersionSummary(
        id=version.id,
        clock=version.clock,
        digest=version.machine.digest,
        actors={status: found.actors.get((version.id, status), 0) for status in statuses},
        owner=_owner(found.view, entry),
    )


def _point(view: View, registered: ChangePoint, entry: Entry | None) -> wire.PointSummary:
    result = entry.result if entry is not None else {}
    told = {key: result[key] for key in ("migrated", "stayed", "stranded") if key in result}
    return wire.PointSummary.model_validate(
        {
            "name": registered.name,
            "clock": registered.clock,
            "from": registered.source,
            "to": registered.target,
            "refinement": registered.refinement,
            "closed": registered.closed,
            "anchorHash": registered.anchor.digest,
            "planHash": result.get("planHash"),
            "own": _own(result, registered.name),
            "owner": _owner(view, entry),
            **told,
        }
    )


def _own(result: Mapping[str, object], name: str) -> object:
    points = result.get("points")
    return points.get(name) if isinstance(points, Mapping) else None


def _owner(view: View, entry: Entry | None) -> wire.OwnedBy | None:
    owner = view.owner_of(entry)
    return wire.OwnedBy.model_validate(owner) if owner else None


def key(record: ApiKeyRecord) -> wire.KeyAnswer:
    return wire.KeyAnswer(**_key(record))


def new_key(made: NewKey) -> wire.KeyAnswer:
    return wire.KeyAnswer(**_key(made.record), key=made.key)


def _key(record: ApiKeyRecord) -> dict[str, Any]:
    return {
        "id": record.id,
        "tenant": record.tenant,
        "roles": list(record.roles),
        "name": record.name,
        "created_at": record.created_at,
        "created_by": record.created_by,
        "revoked": record.revoked_at is not None,
    }


def _where(found: StepAnswer | ActorView | Group) -> dict[str, Any]:
    return {
        "version": found.version,
        "state_value": found.state_value,
        "status": found.status,
    }


def _step(step: StepAnswer) -> dict[str, Any]:
    return {
        **_where(step),
        "actor_id": step.actor,
        "revision": step.revision,
        "migrated": bool(step.migrated),
        "via": [wire.Hop.model_validate(_hop(hop)) for hop in step.migrated],
    }


def _value(state_value: object) -> dict[str, Any]:
    return {"state_value": state_value}


def _hop(hop: Hop) -> dict[str, Any]:
    return {"changePoint": hop.change_point, "from": hop.source, "to": hop.target}


def _view_stranding(view: ActorView) -> wire.Stranding | None:
    if view.reason is None:
        return None
    return wire.Stranding(
        change_point=view.change_point or "",
        reason=view.reason,
        message=view.message or "",
        way=list(view.way),
    )


def _stranding(found: CoreStranding | None) -> wire.Stranding | None:
    if found is None:
        return None
    return wire.Stranding(
        change_point=found.change_point,
        reason=found.reason,
        message=found.message,
        way=[step.version for step in found.way],
    )


def _by_state(rows: Iterable[Mapping[str, object]]) -> list[wire.ByState]:
    return [wire.ByState.model_validate(row) for row in rows]


def _warnings(
    findings: Iterable[Finding], warnings: Iterable[Mapping[str, object]]
) -> list[wire.Warned]:
    of_machine = [wire.Warned(code=f.code, message=f.message, pointer=f.pointer) for f in findings]
    return [*of_machine, *(wire.Warned.model_validate(warning) for warning in warnings)]
