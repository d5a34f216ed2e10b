"""The operations that dashboards live on: who asks, and how many actors are where, lately.

Their answers are snapshots that all who look share (service/overview.py). Each has an ETag that
changes with its content, so that looking again where nothing has changed costs next to nothing,
and a Retry-After that says when there can be anything new. Each is written once a snapshot.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from statekeep.service.errors import UnknownVersion
from statekeep.service.overview import Snapshot
from statekeep.web import cursors, wire
from statekeep.web.auth import Permission
from statekeep.web.endpoint import answer_bytes
from statekeep.web.operations import Asked, Operation, PageQuery, Reply
from statekeep.web.services import Services

MOST_STUCK = 500


class StatesQuery(wire.Sent):
    """Of which version."""

    definition_id: wire.Id


async def me(services: Services, asked: Asked) -> Reply:
    del services
    who = asked.asker
    return Reply(
        wire.MeAnswer(
            key_id=who.key_id,
            tenant=who.tenant,
            roles=[role for role in ROLES if role in who.roles],
            permissions=sorted(who.permissions),
        )
    )


async def overview(services: Services, asked: Asked) -> Reply:
    query: PageQuery = asked.query
    names = await services.overview.names(asked.tenant)
    given, following = cursors.page(names, _name, query.cursor, query.limit)
    each = [await services.overview.lately(asked.tenant, name) for name in given]
    found = [snapshot for snapshot in each if snapshot is not None]
    tags = "\n".join(snapshot.tag for snapshot in found)
    tag = hashlib.sha256(tags.encode()).hexdigest()[:16]

    def written() -> bytes:
        items = b",".join(one.once("item", partial(_item, one)) for one in found)
        return b'{"items":[%b],"next":%b}' % (items, json.dumps(following).encode())

    return _reply(services, asked, found, tag, written)


async def workflow_overview(services: Services, asked: Asked) -> Reply:
    found = await services.overview.workflow(asked.tenant, asked.path["id"])
    return _reply(
        services, asked, [found], found.tag, partial(found.once, "whole", partial(_whole, found))
    )


async def states(services: Services, asked: Asked) -> Reply:
    query: StatesQuery = asked.query
    version = query.definition_id
    found = await services.overview.workflow(asked.tenant, asked.path["id"])
    if found.view.registry.version(version) is None:
        raise UnknownVersion(version)
    written = partial(found.once, f"states {version}", partial(_states, found, version))
    return _reply(services, asked, [found], found.tag, written)


def _reply(
    services: Services,
    asked: Asked,
    found: Sequence[Snapshot],
    tag: str,
    written: Callable[[], bytes],
) -> Reply:
    again = services.overview.again_in(found)
    headers = {"etag": f'"{tag}"', "retry-after": str(again)}
    if _known(asked, headers["etag"]):
        return Reply(None, 304, headers)
    return Reply(written(), 200, headers)


def _item(found: Snapshot) -> bytes:
    return answer_bytes(wire.OverviewItem(**_head(found)))


def _whole(found: Snapshot) -> bytes:
    largest = sorted(found.stuck.items(), key=lambda pair: (-pair[1], pair[0]))
    answer = wire.OverviewAnswer(
        **_head(found),
        law=found.view.law,
        by_version=[
            wire.VersionCount(
                id=version.id, clock=version.clock, actors=_of_version(found, version.id)
            )
            for version in found.view.registry.versions
            if any((version.id, status) in found.actors for status in STATUSES)
        ],
        stuck=[
            wire.StuckItem(
                version=kind.version,
                state=kind.state,
                reason=kind.reason,
                change_point=kind.change_point,
                count=count,
            )
            for kind, count in largest[:MOST_STUCK]
        ],
        stuck_kinds=len(largest),
    )
    return answer_bytes(answer)


def _states(found: Snapshot, version: str) -> bytes:
    counts: dict[str, dict[str, int]] = {}
    for (of_version, path, status), count in sorted(found.states.items()):
        if of_version == version:
            counts.setdefault(path, {})[status] = count
    answer = wire.StatesAnswer(
        workflow=found.view.family.workflow,
        version=version,
        actors=_of_version(found, version),
        states=[
            wire.StateCount(path=path, actors=_headcount(by.items())) for path, by in counts.items()
        ],
        at=found.at,
    )
    return answer_bytes(answer)


ROLES: tuple[wire.Role, ...] = ("read", "send", "deploy", "admin", "operator")
STATUSES = ("active", "done", "needs_rescue")


def _known(asked: Asked, tag: str) -> bool:
    """Whether the caller has this already; a proxy may have made the ETag a weak one."""
    given = asked.headers.get(b"if-none-match", "")
    return any(part.strip().removeprefix("W/") == tag for part in given.split(","))


def _head(found: Snapshot) -> dict[str, Any]:
    view = found.view
    return {
        "workflow": view.family.workflow,
        "clock": view.registry.clock,
        "frozen": view.frozen is not None,
        "reason": view.frozen,
        "versions": len(view.registry.versions),
        "change_points": len(view.registry.points),
        "actors": _headcount((status, count) for (_, status), count in found.actors.items()),
        "at": found.at,
    }


def _of_version(found: Snapshot, version: str) -> wire.Headcount:
    return _headcount((status, found.actors.get((version, status), 0)) for status in STATUSES)


def _headcount(counts: Iterable[tuple[str, int]]) -> wire.Headcount:
    sums = dict.fromkeys(STATUSES, 0)
    for status, count in counts:
        sums[status] += count
    return wire.Headcount.model_validate(sums)


def _name(name: str) -> cursors.Key:
    return [name]


OVERVIEW: Sequence[Operation[Services]] = (
    Operation(
        name="getMe",
        method="GET",
        path="/v1/me",
        summary="Whose key this is, and what it may do",
        permission=Permission.READ,
        answer=wire.MeAnswer,
        handle=me,
    ),
    Operation(
        name="listOverview",
        method="GET",
        path="/v1/overview",
        summary="All workflows with how many actors there are, from a snapshot of lately",
        permission=Permission.READ,
        query=PageQuery,
        answer=wire.Page[wire.OverviewItem],
        handle=overview,
        conditional=True,
        codes=("InvalidCursor",),
    ),
    Operation(
        name="getOverview",
        method="GET",
        path="/v1/overview/{id}",
        summary="One workflow by version and by kind of stranding, from a snapshot of lately",
        permission=Permission.READ,
        answer=wire.OverviewAnswer,
        handle=workflow_overview,
        conditional=True,
        codes=("UnknownWorkflow",),
    ),
    Operation(
        name="getStates",
        method="GET",
        path="/v1/overview/{id}/states",
        summary="How many actors are in each state of a version, from a snapshot of lately",
        permission=Permission.READ,
        query=StatesQuery,
        answer=wire.StatesAnswer,
        handle=states,
        conditional=True,
        codes=("UnknownWorkflow", "UnknownVersion"),
    ),
)
