"""Registrations: every reason to refuse one, and what becomes of the actors concerned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from statekeep.core.compile import compile_machine
from statekeep.core.errors import NotStable
from statekeep.core.findings import DefinitionError
from statekeep.core.machine import Machine
from statekeep.core.step import initial
from support.model.anchors import ambiguous
from support.model.bodies import Body, Wanted, canonical, lacks_parent, migrations_of, wanted
from support.model.charts import HISTORY, is_region, parts
from support.model.law import decision, settle
from support.model.walk import accepts
from support.model.world import Actor, Outcome, Point, Verdicts, Version, World


class Refused(Exception):
    """All codes that apply; the product may answer any one of them."""

    def __init__(self, codes: Sequence[str]) -> None:
        super().__init__(*codes)
        self.codes = sorted(set(codes))


@dataclass
class Draft:
    """A registration as far as it could be understood, with what is wrong with it."""

    workflow: str
    kind: str
    name: str
    version: tuple[str, Machine] | None = None
    points: list[Point] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)


def register(world: World, body: Body, *, foreseen: bool = False) -> Outcome:
    """Change the world, or raise Refused and leave it half-way: the caller keeps a copy.

    Where it is only foreseen, nothing stands in its way but what is wrong with it: no gate, no
    brake.
    """
    draft = _draft_definition(world, body) if "id" in body else _draft_point(world, body)
    key = (draft.kind, draft.name)
    if key in world.answers and world.answers[key][0] == canonical(body):
        return world.answers[key][1]
    if draft.workflow in world.frozen and not foreseen:
        draft.codes.append("Frozen")
    if draft.codes:
        raise Refused(draft.codes)
    verdicts = _apply(world, draft)
    if not foreseen:
        _check_gate(body, verdicts)
    outcome = Outcome(verdicts, world.clocks[draft.workflow])
    world.answers[key] = (canonical(body), outcome)
    return outcome


def _draft_definition(world: World, body: Body) -> Draft:
    wishes = migrations_of(body)
    machine, codes = _compile(body)
    draft = Draft(_workflow_of(world, body, wishes, machine), "definition", body["id"], codes=codes)
    if body["id"] in world.versions:
        draft.codes.append("DefinitionExists")
    for wish in wishes:
        _draft_wish(world, draft, wish, machine)
    if lacks_parent(body):
        draft.codes.append("InvalidRequest")
    if len({wish.name for wish in wishes}) < len(wishes):
        draft.codes.append("ChangePointExists")
    for index, one in enumerate(draft.points):
        for other in draft.points[index + 1 :]:
            if one.source == other.source and ambiguous(one.anchor, other.anchor):
                draft.codes.append("AmbiguousAnchors")
    if machine is not None:
        draft.version = (body["id"], machine)
    return draft


def _compile(body: Body) -> tuple[Machine | None, list[str]]:
    try:
        machine = compile_machine(body["definition"], guards=body.get("guards", "Ignore"))
        initial(machine)
    except (DefinitionError, NotStable):
        return None, ["InvalidDefinition"]
    return machine, []


def _workflow_of(world: World, body: Body, wishes: list[Wanted], machine: Machine | None) -> str:
    """As the body says; else the parent's; else the machine's id; else the version's."""
    if "workflow" in body:
        return str(body["workflow"])
    if wishes:
        parent = world.versions.get(str(wishes[0].source))
        return parent.workflow if parent else body["id"]
    return str(body["definition"].get("id", body["id"]))


def _draft_point(world: World, body: Body) -> Draft:
    wish = wanted(body, body["name"], body.get("from"), body["to"])
    target = world.versions.get(wish.target)
    draft = Draft(target.workflow if target else "", "point", wish.name)
    if target is None:
        draft.codes.append("UnknownVersion")
    if wish.refines is None:
        _draft_wish(world, draft, wish, target.machine if target else None)
        return draft
    refined = world.point(wish.refines)
    if refined is None:
        draft.codes.append("UnknownChangePoint")
    if world.point(wish.name) is not None:
        draft.codes.append("ChangePointExists")
    if wish.has_anchor_fields:
        draft.codes.append("RefinementChangesPoint")
    if refined is not None:
        base = world.point(refined.base)
        assert base is not None
        wish.source, wish.anchor = base.source, base.anchor
        _draft_wish(world, draft, wish, target.machine if target else None, base)
    return draft


def _draft_wish(
    world: World, draft: Draft, wish: Wanted, machine: Machine | None, base: Point | None = None
) -> None:
    assert wish.source is not None
    if world.point(wish.name) is not None:
        draft.codes.append("ChangePointExists")
    source = world.versions.get(wish.source)
    if source is None:
        draft.codes.append("UnknownVersion")
    if wish.source == wish.target or wish.target in world.ancestors(wish.source):
        draft.codes.append("BackwardMigration")
    if source is not None and draft.workflow not in ("", source.workflow):
        draft.codes.append("WorkflowMismatch")
    if source is not None:
        draft.codes += _unknown_regions(wish, source.machine)
        draft.codes += _unknown_mapping_sources(world, wish, wish.source)
    if machine is not None:
        draft.codes += _bad_mapping_targets(wish, machine)
    if machine is not None:
        draft.codes += _anchor_not_accepted(wish, machine)
        draft.points.append(_point(world, wish, machine, base))


def _unknown_regions(wish: Wanted, source: Machine) -> list[str]:
    known = [is_region(source, parts(region)) for region in wish.anchor.regions]
    return [] if all(known) else ["UnknownRegion"]


def _unknown_mapping_sources(world: World, wish: Wanted, source: str) -> list[str]:
    """Keys must exist in the source or a version on the way to it."""
    machines = [world.machine(version) for version in {source, *world.ancestors(source)}]
    known = [any(m.node_at(key) for m in machines) for key in wish.mapping]
    return [] if all(known) else ["MappingUnknownSource"]


def _bad_mapping_targets(wish: Wanted, machine: Machine) -> list[str]:
    codes = []
    for targets in wish.mapping.values():
        nodes = [machine.node_at(target) for target in targets]
        if not nodes or None in nodes:
            codes.append("MappingUnknownTarget")
        if any(node is not None and node.kind in HISTORY for node in nodes):
            codes.append("MappingHistoryTarget")
    return codes


def _anchor_not_accepted(wish: Wanted, machine: Machine) -> list[str]:
    if wish.landing != "Replay" or wish.mapping or accepts(machine, wish.anchor.history):
        return []
    return ["AnchorNotAccepted"]


def _default_landing(wish: Wanted, machine: Machine) -> str:
    """Replay where there is an anchor and the target accepts its historyPath, else Same."""
    has_anchor = bool(wish.anchor.history or wish.anchor.regions)
    return "Replay" if has_anchor and accepts(machine, wish.anchor.history) else "Same"


def _point(world: World, wish: Wanted, machine: Machine, base: Point | None) -> Point:
    """The change-point without its clock, unless it refines one."""
    family = [point for point in world.points if base is not None and point.base == base.base]
    assert wish.source is not None
    return Point(
        name=wish.name,
        base=base.name if base else wish.name,
        refinement=1 + max(point.refinement for point in family) if family else 0,
        clock=base.clock if base else 0,
        source=wish.source,
        target=wish.target,
        anchor=wish.anchor,
        mapping=wish.mapping,
        landing=wish.landing or _default_landing(wish, machine),
        rescues=wish.rescues,
        once=wish.once,
        while_stranded=wish.while_stranded,
    )


def _apply(world: World, draft: Draft) -> Verdicts:
    clock = world.tick(draft.workflow)
    if draft.version is not None:
        name, machine = draft.version
        world.versions[name] = Version(name, draft.workflow, clock, machine)
    for point in draft.points:
        if point.refinement == 0:
            point.clock = clock
        world.points.append(point)
    verdicts: Verdicts = {"migrated": [], "stayed": [], "stranded": []}
    for actor in world.actors.values():
        if any(_concerns(point, actor) for point in draft.points):
            verdicts[_decide(world, draft, actor)].append(actor.name)
    for point in draft.points:
        point.closed = point.once
    return verdicts


def _concerns(point: Point, actor: Actor) -> bool:
    """Not done, and on the source, or stranded on the way to it if the change-point rescues."""
    if actor.configuration.done:
        return False
    way = [version for version, _ in actor.stranding.way] if actor.stranding else []
    return actor.version == point.source or (point.rescues and point.source in way)


def _decide(world: World, draft: Draft, actor: Actor) -> str:
    names = {point.name for point in draft.points}
    concerning = sorted(point.name for point in draft.points if _concerns(point, actor))
    before = actor.version
    course = settle(world, actor)
    picked = bool(names & set(course.picked))
    if actor.status == "needs_rescue" and (course.moved or picked):
        assert course.strand is not None
        actor.decisions.append(course.strand)
        return "stranded"
    if course.moved:
        return "migrated"
    if course.strand is not None and course.strand_is_news:
        actor.decisions.append(course.strand)
    point = world.point(concerning[0])
    assert point is not None
    actor.decisions.append(
        decision(point.name, point.clock, "stayed", source=before, reason="AnchorNotMatched")
    )
    return "stayed"


def _check_gate(body: Body, verdicts: Verdicts) -> None:
    codes = []
    limit = body.get("maxStranded")
    concerned = sum(len(names) for names in verdicts.values())
    if limit is not None and len(verdicts["stranded"]) > _allowed(limit, concerned):
        codes.append("TooManyStranded")
    if "expectPlan" in body:
        codes.append("PlanDrifted")
    if codes:
        raise Refused(codes)


def _allowed(limit: int | str, concerned: int) -> Fraction:
    if isinstance(limit, int):
        return Fraction(limit)
    return Fraction(limit.rstrip("%")) * concerned / 100
