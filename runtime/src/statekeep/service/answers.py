"""What actors look like from outside, and how a step's answer travels through the store as text."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from statekeep.core.canonical import canonical_json
from statekeep.core.cohort import Cohort, state_value
from statekeep.core.decisions import Decision
from statekeep.core.registry import Registry
from statekeep.service.registries import View
from statekeep.storage.ports import ActorRecord, Block, Done


class Hop(NamedTuple):
    """One change-point that an event or a spawn led over."""

    change_point: str | None
    source: str
    target: str


class StepAnswer(NamedTuple):
    """What a spawn, an event or a rescue by hand answers."""

    actor: str
    version: str
    state_value: object
    status: str
    accepted: bool
    revision: int
    etag: str
    migrated: tuple[Hop, ...] = ()
    replayed: bool = False
    """Whether the same key was answered before and nothing happened now."""
    queued: bool = False
    """Whether the event waits for a rescue (202)."""


@dataclass(frozen=True, slots=True)
class ActorView:
    """One actor, as it is now."""

    id: str
    workflow: str
    version: str
    state_value: object
    status: str
    reason: str | None
    message: str | None
    change_point: str | None
    """What it is stranded by, if it is."""
    way: tuple[str, ...]
    """The versions it was on its way to."""
    revision: int
    etag: str
    history_length: int
    queued: int
    context: object = None


@dataclass(frozen=True, slots=True)
class DecisionView:
    """One decision, with who decided and when."""

    decision: Decision
    at: float
    by: str
    deployment: str | None
    plan: str | None
    note: str | None


def etag_of(revision: int, label: int) -> str:
    """Changes with every write to the actor and with every migration of its cohort."""
    return f"{revision}.{label}"


def parse_etag(etag: str) -> tuple[int, int] | None:
    """The revision and the label in a tag, quoted or not; None if it is no tag of ours."""
    revision, _, label = etag.strip().removeprefix("W/").strip('"').partition(".")
    if not (revision.isdecimal() and label.isdecimal()):
        return None
    return int(revision), int(label)


def step_text(
    registry: Registry, cohort: Cohort, *, accepted: bool, decisions: tuple[Decision, ...] = ()
) -> str:
    """The part of an answer that everybody who takes the step shares."""
    hops = [[d.change_point, d.source, d.target] for d in decisions if d.verdict == "migrated"]
    shared = [cohort.version, state_value(registry, cohort), cohort.status, accepted, hops]
    return canonical_json(shared)


@lru_cache(maxsize=10_000)
def _shared(text: str) -> tuple[str, object, str, bool, tuple[Hop, ...]]:
    version, value, status, accepted, hops = json.loads(text)
    return version, value, status, accepted, tuple(Hop(*hop) for hop in hops)


def step_answer(done: Done) -> StepAnswer:
    """Read `step_text` back, with what is the actor's own."""
    version, value, status, accepted, hops = _shared(done.answer)
    return StepAnswer(
        actor=done.actor,
        version=version,
        state_value=value,
        status=status,
        accepted=accepted,
        revision=done.revision,
        etag=etag_of(done.revision, done.label),
        migrated=hops,
        replayed=done.replayed,
    )


def actor_view(view: View, record: ActorRecord, context: object) -> ActorView:
    """The actor as a reader sees it."""
    cohort, stranding = record.cohort, record.cohort.stranding
    return ActorView(
        id=record.id,
        workflow=record.family.workflow,
        version=cohort.version,
        state_value=state_value(view.registry, cohort),
        status=cohort.status,
        reason=stranding.reason if stranding else None,
        message=stranding.message if stranding else None,
        change_point=stranding.change_point if stranding else None,
        way=tuple(point.version for point in stranding.way) if stranding else (),
        revision=record.revision,
        etag=etag_of(record.revision, record.label),
        history_length=cohort.history.length,
        queued=record.queued,
        context=context,
    )


def decision_views(blocks: tuple[Block, ...]) -> tuple[DecisionView, ...]:
    """All decisions of some blocks, oldest first."""
    return tuple(
        DecisionView(decision, block.at, block.by, block.change, block.plan, block.note)
        for block in blocks
        for decision in block.decisions
    )
