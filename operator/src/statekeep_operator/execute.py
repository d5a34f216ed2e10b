"""Steps as calls of the runtime: what each one sends, and what its answer makes true.

Decides nothing. An answer is read into the facts at once, so that the next plan needs no new look
at the whole workflow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from statekeep.web import wire
from statekeep_operator import bodies
from statekeep_operator.facts import (
    Point,
    Runtime,
    Version,
    Wish,
    pending_migrations,
    point_name,
)
from statekeep_operator.objects import Group
from statekeep_operator.plan import (
    ClosePoint,
    Obstacle,
    RegisterMigrations,
    RegisterPoint,
    RegisterVersion,
    Step,
)
from statekeep_operator.runtime import Runtimes, preview_from
from statekeep_operator.status import Preview

Outcome = TypeVar("Outcome")


async def execute(
    runtimes: Runtimes, group: Group, wish: Wish, step: Step, runtime: Runtime
) -> Runtime | Obstacle:
    """Do one step; the workflow as it is then, or what the runtime refused."""
    match step:
        case RegisterVersion():
            done = await runtimes.register_version(group.namespace, bodies.version(wish))
        case RegisterMigrations(names=names):
            body = {**bodies.version(wish, names), **bodies.gate(wish)}
            done = _located(body, await runtimes.register_version(group.namespace, body))
        case RegisterPoint():
            body = {**bodies.point(wish, group.workflow), **bodies.gate(wish)}
            done = await runtimes.register_point(group.namespace, body)
        case ClosePoint(point=point):
            closed = await runtimes.close_point(group.namespace, group.workflow, point)
            return closed if isinstance(closed, Obstacle) else _closed(runtime, point)
        case _:
            return await _verify(runtimes, group, wish, runtime)
    return done if isinstance(done, Obstacle) else registered(runtime, done)


async def preview(runtimes: Runtimes, group: Group, wish: Wish, runtime: Runtime) -> Preview | None:
    """What registering all that is pending of an object would do; None where that is refused."""
    if wish.is_definition:
        missing = [m["name"] for m in pending_migrations(wish, runtime)]
        if not missing:
            return None
        body = bodies.version(wish, missing)
        found = await runtimes.preview_version(group.namespace, body)
    else:
        body = bodies.point(wish, group.workflow)
        found = await runtimes.preview_point(group.namespace, body)
    return None if isinstance(found, Obstacle) else preview_from(found)


async def _verify(
    runtimes: Runtimes, group: Group, wish: Wish, runtime: Runtime
) -> Runtime | Obstacle:
    """A preview of what is registered already changes nothing, unless it is something else."""
    if wish.is_definition:
        body = bodies.version(wish, _registered_migrations(wish, runtime))
        found = _located(body, await runtimes.preview_version(group.namespace, body))
    else:
        body = bodies.point(wish, group.workflow)
        found = await runtimes.preview_point(group.namespace, body)
    return found if isinstance(found, Obstacle) else runtime


def _located(body: Mapping[str, Any], outcome: Outcome | Obstacle) -> Outcome | Obstacle:
    """A body holds some of an object's migrations, so their places in it mean nothing to people."""
    if not isinstance(outcome, Obstacle):
        return outcome
    names = [migration["name"] for migration in body.get("migrations", ())]

    def named(found: re.Match[str]) -> str:
        place = int(found[1])
        return f"{names[place]} {found[2]}".rstrip() if place < len(names) else found[0]

    return replace(outcome, message=_PLACE.sub(named, outcome.message))


_PLACE = re.compile(r"/migrations/(\d+)((?:/[^:; ]*)?)")


def _registered_migrations(wish: Wish, runtime: Runtime) -> Iterable[str]:
    names = (migration["name"] for migration in wish.migrations)
    return [name for name in names if point_name(wish.name, name) in runtime.points]


def registered(runtime: Runtime, done: wire.DeploymentAnswer) -> Runtime:
    """The workflow after a registration, as far as its answer tells."""
    versions, points = dict(runtime.versions), dict(runtime.points)
    if done.digest is not None and done.id not in versions:
        versions[done.id] = Version(done.clock, done.digest)
    for point in done.change_points:
        points[point.name] = _point(point, done)
    clock = max(runtime.clock, done.clock)
    return replace(runtime, clock=clock, versions=versions, points=points)


def _point(point: wire.PointAnswer, done: wire.DeploymentAnswer) -> Point:
    return Point(
        clock=point.clock,
        source=point.source,
        target=point.to,
        closed=point.closed,
        refinement=point.refinement,
        anchor_hash=point.anchor_hash,
        plan_hash=done.plan_hash,
        migrated=done.migrated,
        stayed=done.stayed,
        stranded=done.stranded,
    )


def _closed(runtime: Runtime, name: str) -> Runtime:
    point = replace(runtime.points[name], closed=True)
    return replace(runtime, points={**runtime.points, name: point})
