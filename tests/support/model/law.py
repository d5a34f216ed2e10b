"""The law, its picks one after the other, and what becomes of one actor by it."""

from __future__ import annotations

from dataclasses import dataclass, field

from support.model.anchors import matches, specificity
from support.model.landing import Landed, land
from support.model.world import Actor, Point, Stranding, World


@dataclass
class Course:
    """What one evaluation did: its landings in order, and all change-points that it picked."""

    landings: list[dict[str, object]] = field(default_factory=list)
    picked: list[str] = field(default_factory=list)
    strand: dict[str, object] | None = None
    strand_is_news: bool = False

    @property
    def moved(self) -> bool:
        return bool(self.landings)


def settle(world: World, actor: Actor) -> Course:
    """Apply the law, landing after landing, until nothing is picked or nothing lands."""
    course = Course()
    while not actor.configuration.done and _land_once(world, actor, course):
        pass
    if actor.configuration.done:
        actor.stranding = None
    return course


def _land_once(world: World, actor: Actor, course: Course) -> bool:
    way = list(actor.stranding.way) if actor.stranding else []
    tried: list[tuple[int, str]] = []
    first_pick = first_reason = ""
    while (point := _next_pick(world, actor, way, tried)) is not None:
        tried.append((point.clock, point.source))
        course.picked.append(point.name)
        landed = land(actor, point, world.machine(actor.version), world.machine(point.target))
        if isinstance(landed, Landed):
            rescued = actor.stranding is not None or bool(first_reason)
            course.landings.append(_arrive(actor, point, landed, rescued=rescued))
            return True
        first_pick, first_reason = first_pick or point.name, first_reason or landed
        if point.target not in [version for version, _ in way]:
            way.append((point.target, point.clock))
    if first_pick:
        _strand(world, actor, course, Stranding(first_pick, first_reason, way))
    return False


def _next_pick(
    world: World, actor: Actor, way: list[tuple[str, int]], tried: list[tuple[int, str]]
) -> Point | None:
    """By clock, then the actor's own version, then the versions on the way in their order."""
    sources = [(actor.version, actor.position), *way]
    found = []
    for order, (source, since) in enumerate(sources):
        found += [
            (point.clock, order, point)
            for point in _matching(world, actor, source, since)
            if (point.clock, source) not in tried
        ]
    if not found:
        return None
    clock, order, _ = min(found, key=lambda item: item[:2])
    there = [point for c, o, point in found if (c, o) == (clock, order)]
    return max(there, key=lambda point: specificity(point.anchor))


def _matching(world: World, actor: Actor, source: str, since: int) -> list[Point]:
    """The change-points of a source that may take this actor; what is refined is hidden."""
    found = []
    for point in world.points:
        family = [other for other in world.points if other.base == point.base]
        hidden = any(other.refinement > point.refinement for other in family)
        may_take = source == actor.version or point.rescues
        if hidden or point.closed or point.source != source or not may_take:
            continue
        if point.clock >= since and matches(point.anchor, actor):
            found.append(point)
    return found


def _arrive(actor: Actor, point: Point, landed: Landed, *, rescued: bool) -> dict[str, object]:
    """Rescued: it was stranded before, if only by an earlier pick of this very evaluation."""
    record = decision(
        point.name,
        point.clock,
        "migrated",
        source=actor.version,
        target=point.target,
        rescued=rescued,
    )
    actor.version = point.target
    actor.position = point.clock
    actor.configuration = landed.configuration
    actor.regions = landed.regions
    actor.stranding = None
    actor.decisions.append(record)
    return record


def _strand(world: World, actor: Actor, course: Course, record: Stranding) -> None:
    before = actor.stranding
    actor.stranding = record
    first = world.point(record.first)
    assert first is not None
    course.strand = decision(
        record.first,
        first.clock,
        "stranded",
        source=actor.version,
        reason=record.reason,
    )
    course.strand_is_news = record != before


def decision(
    point: str | None,
    clock: int,
    verdict: str,
    *,
    source: str,
    target: str | None = None,
    reason: str | None = None,
    rescued: bool = False,
) -> dict[str, object]:
    return {
        "changePoint": point,
        "clock": clock,
        "verdict": verdict,
        "from": source,
        "to": target,
        "reason": reason,
        "rescued": rescued,
    }
