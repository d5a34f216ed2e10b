"""From what is known of an object to its status. Pure; conditions come from their own module.

What the runtime does not say just now is kept as it was written last. Numbers alone are no reason
to write soon: `differs_in_numbers_only` tells them from what people wait for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from statekeep_operator import reasons
from statekeep_operator.conditions import Fact, Standing, conditions
from statekeep_operator.facts import (
    Point,
    Runtime,
    Stranded,
    Wish,
    is_pending,
    is_registered,
    point_name,
)
from statekeep_operator.plan import Obstacle

Status = dict[str, Any]
SHOWN = 20
"""Kinds of stranding that are listed; the rest is summed."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a registration would do now."""

    plan_hash: str
    would_migrate: int
    would_stay: int
    would_strand: int
    kinds: tuple[Stranded, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """What is known of one object at one moment."""

    wish: Wish
    runtime: Runtime
    now: str
    obstacle: Obstacle | None = None
    preview: Preview | None = None


def status_of(look: Look) -> Status:
    """The whole status of a definition or of a ChangePoint."""
    if look.obstacle is not None and look.obstacle.reason == reasons.REGISTRY_REPLACED:
        return _while_replaced(look.wish, look.obstacle, look.now)
    if look.obstacle is None and is_pending(look.wish, look.runtime):
        look = replace(look, obstacle=Obstacle(reasons.PROGRESSING, "it is being registered"))
    made = _of_definition(look) if look.wish.is_definition else _of_point(look)
    return {key: value for key, value in made.items() if value is not None}


def while_away(wish: Wish, obstacle: Obstacle, now: str) -> Status:
    """The status while the runtime says nothing: what was known stays, and why it may be old."""
    standing = Standing(
        registered=_carried(wish, "Registered") or Fact("Unknown", obstacle.reason, _UNSEEN),
        blocked=_fact(obstacle),
        applied=_carried(wish, "Applied"),
        stranded=wish.status.get("stranded") or 0,
        stranded_by=tuple(_line(kind) for kind in wish.status.get("strandedBy") or ()),
    )
    return {
        "stranded": 0,
        **wish.status,
        "observedGeneration": wish.generation,
        "conditions": _conditions(wish, standing, now),
    }


def _while_replaced(wish: Wish, obstacle: Obstacle, now: str) -> Status:
    """What the old registry knew stays to be compared with, and none of it is true of the new."""
    standing = Standing(
        registered=_fact(obstacle),
        blocked=_fact(obstacle),
        applied=_fact(obstacle) if wish.points() else None,
        stranded=wish.status.get("stranded") or 0,
        stranded_by=tuple(_line(kind) for kind in wish.status.get("strandedBy") or ()),
    )
    kept = {k: v for k, v in wish.status.items() if k not in ("preview", "waitingSince")}
    return {
        "stranded": 0,
        **kept,
        "observedGeneration": wish.generation,
        "conditions": _conditions(wish, standing, now),
    }


_UNSEEN = "the runtime has not said"


def _of_definition(look: Look) -> Status:
    wish, runtime = look.wish, look.runtime
    version = runtime.versions.get(wish.name)
    points = {
        m["name"]: runtime.points.get(point_name(wish.name, m["name"])) for m in wish.migrations
    }
    shown = _shared(look)
    shown["digest"] = version.digest if version else None
    shown["clock"] = version.clock if version else None
    shown["actors"] = _actors(version.actors) if version else None
    shown["migrations"] = [_migration(name, point) for name, point in points.items()] or None
    standing = replace(_standing(look), applied=_applied(look, tuple(points.values())))
    shown["conditions"] = _conditions(wish, standing, look.now)
    return shown


def _of_point(look: Look) -> Status:
    point = look.runtime.points.get(look.wish.name)
    shown = _shared(look)
    if point is not None:
        shown["clock"], shown["refinement"] = point.clock, point.refinement
        shown["anchorHash"] = point.anchor_hash or None
        shown["result"] = _result(point)
    standing = replace(_standing(look), applied=_applied(look, (point,)))
    shown["conditions"] = _conditions(look.wish, standing, look.now)
    return shown


def _shared(look: Look) -> Status:
    wish = look.wish
    mine = _stranded_by(look)
    return {
        "observedGeneration": wish.generation,
        "registry": look.runtime.registry or None,
        "preview": _preview(look.preview) if look.preview else None,
        "waitingSince": _waiting_since(look),
        "stranded": sum(kind["count"] for kind in mine),
        "strandedBy": mine or None,
    }


def _waiting_since(look: Look) -> str | None:
    obstacle, wish = look.obstacle, look.wish
    if obstacle is None or not is_pending(wish, look.runtime):
        return None
    before: str | None = wish.status.get("waitingSince") if wish.observed else None
    if reasons.class_of(obstacle.reason) == "Reconciling":
        return before or look.now
    return before if obstacle.reason == reasons.DEADLINE_EXCEEDED else None


def _standing(look: Look) -> Standing:
    kinds = _stranded_by(look)
    return Standing(
        registered=_registered(look),
        blocked=_fact(look.obstacle) if look.obstacle else None,
        previewed=_previewed(look),
        stranded=sum(kind["count"] for kind in kinds),
        stranded_by=tuple(_line(kind) for kind in kinds),
    )


def _registered(look: Look) -> Fact:
    wish = look.wish
    if is_registered(wish, look.runtime):
        known = look.runtime.versions if wish.is_definition else look.runtime.points
        clock = known[wish.name].clock
        so = ": it can be spawned on" if wish.is_definition else ""
        return Fact("True", reasons.REGISTERED, f"{wish.name} is registered at clock {clock}{so}")
    return _awaited(look)


def _applied(look: Look, points: tuple[Point | None, ...]) -> Fact | None:
    if not points:
        return None
    done = [point for point in points if point is not None]
    if len(done) == len(points):
        return Fact("True", reasons.APPLIED, _told(look.wish, done))
    return _awaited(look)


def _awaited(look: Look) -> Fact:
    """Why what is wished is not so yet."""
    if look.obstacle is not None:
        return _fact(look.obstacle)
    return Fact("False", reasons.NOT_REGISTERED, "it is not registered yet")


def _told(wish: Wish, points: list[Point]) -> str:
    """Points of one clock were registered together, and share their numbers."""
    at_once = {point.clock: point for point in points if not point.refinement}
    counted = [*at_once.values(), *(point for point in points if point.refinement)]
    moved = sum(point.migrated for point in counted)
    stayed = sum(point.stayed for point in counted)
    stranded = sum(point.stranded for point in counted)
    what = "it is applied"
    if wish.is_definition:
        what = (
            "1 migration is applied"
            if len(points) == 1
            else f"{len(points)} migrations are applied"
        )
    return f"{what}: {moved} migrated, {stayed} stayed, {stranded} stranded"


def _previewed(look: Look) -> Fact | None:
    if look.preview is None:
        return None
    shut = look.obstacle is not None and look.obstacle.reason in reasons.GATED
    seen = look.preview
    all_of_them = seen.would_migrate + seen.would_stay + seen.would_strand
    told = (
        f"{seen.would_strand} of {all_of_them} would strand, {seen.would_migrate} would migrate, "
        f"{seen.would_stay} would stay"
    )
    if shut:
        return Fact("False", reasons.AWAITING_APPROVAL, told)
    return Fact("True", reasons.PREVIEWED, told)


def _preview(seen: Preview) -> Status:
    kinds = _top(seen.kinds)
    named = [kind for kind in kinds if kind["reason"] != _OTHER]
    accept = [
        {"version": k["version"], "state": k["state"], "reason": k["reason"], "max": k["count"]}
        for k in named
    ]
    return {
        "planHash": seen.plan_hash,
        "wouldMigrate": seen.would_migrate,
        "wouldStay": seen.would_stay,
        "wouldStrand": seen.would_strand,
        **({"byState": kinds, "accept": accept} if kinds else {}),
    }


def _migration(name: str, point: Point | None) -> Status:
    if point is None:
        return {"name": name}
    return {"name": name, "clock": point.clock, **_result(point)}


def _result(point: Point) -> Status:
    did = point.own or point
    return {
        **({"planHash": point.plan_hash} if point.plan_hash else {}),
        "migrated": did.migrated,
        "stayed": did.stayed,
        "stranded": did.stranded,
    }


def _actors(actors: Mapping[str, int]) -> Status:
    active, done = actors.get("active", 0), actors.get("done", 0)
    stranded = actors.get("needs_rescue", 0)
    total = active + done + stranded
    return {"total": total, "active": active, "done": done, "stranded": stranded}


def _stranded_by(look: Look) -> list[Status]:
    points = set(look.wish.points())
    return _top(kind for kind in look.runtime.stranded if kind.point in points)


_OTHER = "Other"


def _top(kinds: Iterable[Stranded]) -> list[Status]:
    """The most frequent kinds, and the rest in one line."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for kind in kinds:
        counts[kind.version, kind.state[:2048], kind.reason] += kind.count
    ordered = sorted(counts.items(), key=lambda found: (-found[1], found[0]))
    rest = sum(count for _, count in ordered[SHOWN:])
    top = [_kind(*key, count) for key, count in ordered[:SHOWN]]
    return [*top, _kind("*", "*", _OTHER, rest)] if rest else top


def _kind(version: str, state: str, reason: str, count: int) -> Status:
    return {"version": version, "state": state, "reason": reason, "count": count}


def _line(kind: Mapping[str, Any]) -> str:
    return f"{kind['count']} in {kind['state']} of {kind['version']} ({kind['reason']})"


def _fact(obstacle: Obstacle) -> Fact:
    return Fact("False", obstacle.reason, obstacle.message)


def _carried(wish: Wish, kind: str) -> Fact | None:
    before = wish.condition(kind)
    return Fact(before["status"], before["reason"], before["message"]) if before else None


def _conditions(wish: Wish, standing: Standing, now: str) -> list[Status]:
    previous = wish.status.get("conditions") or ()
    return conditions(standing, generation=wish.generation, now=now, previous=previous)


# --- what a change of a status is about ---------------------------------------------------------


def differs_in_numbers_only(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether a person who waits for something would see no difference."""
    return _outline(before) == _outline(after)


def _outline(status: Mapping[str, Any]) -> Status:
    told = {key: value for key, value in status.items() if key not in ("actors", "preview")}
    told["stranded"] = bool(status.get("stranded"))
    told["strandedBy"] = sorted(
        (kind["version"], kind["state"], kind["reason"]) for kind in status.get("strandedBy") or ()
    )
    told["conditions"] = [
        {**condition, "message": ""}
        if condition["type"] in ("Stranded", "Previewed")
        else condition
        for condition in status.get("conditions") or ()
    ]
    told["planHash"] = (status.get("preview") or {}).get("planHash")
    return told


def merge_patch(before: Mapping[str, Any], after: Mapping[str, Any]) -> Status:
    """What turns one into the other as a JSON merge patch; empty where they are equal."""
    gone = {key: None for key in before if key not in after}
    changed: Status = {}
    for key, value in after.items():
        old = before.get(key)
        if isinstance(value, dict) and isinstance(old, dict):
            inner = merge_patch(old, value)
            if inner:
                changed[key] = inner
        elif value != old or key not in before:
            changed[key] = value
    return {**gone, **changed}
