"""Where a routed actor arrives in the target version, or the reason why it arrives nowhere.

The order is the text's: the mapping where it covers at least one active leaf, then the rule of the
change-point, then a reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from statekeep.core.configuration import Configuration
from statekeep.core.errors import NotStable
from statekeep.core.machine import Kind, Machine
from statekeep.core.step import enter
from support.model.charts import (
    HISTORY,
    active_paths,
    is_complete,
    is_region,
    kinds_on_the_way,
    leaf_paths,
    node,
    parts,
    same_place,
)
from support.model.walk import walk
from support.model.world import Actor, Path, Point

BECAME = {
    Kind.ATOMIC: "StateBecameAtomic",
    Kind.COMPOUND: "StateBecameCompound",
    Kind.PARALLEL: "StateBecameParallel",
    Kind.FINAL: "StateBecameFinal",
}


@dataclass
class Landed:
    configuration: Configuration
    regions: dict[str, list[str]]


def land(actor: Actor, point: Point, old: Machine, new: Machine) -> Landed | str:
    """`old` is the machine of the actor's version, which need not be the point's source."""
    try:
        return _land(actor, point, old, new)
    except NotStable:
        return "LandingNotStable"


def _land(actor: Actor, point: Point, old: Machine, new: Machine) -> Landed | str:
    on_source = actor.version == point.source
    leaves = leaf_paths(old, actor.configuration)
    covered = {leaf: key for leaf in leaves if (key := _key_of(leaf, point)) is not None}
    if covered and not on_source and len(covered) < len(leaves):
        return "MappingIncomplete"
    if covered:
        return _mapped(actor, point, old, new, leaves, covered)
    if point.landing == "Replay":
        return _replayed(actor, old, new)
    if point.landing == "Same" and on_source:
        return _same(actor, old, new, leaves)
    return "NotMapped"


def _key_of(leaf: Path, point: Point) -> Path | None:
    """The longest key of the mapping that is the leaf or an ancestor of it."""
    for length in range(len(leaf), 0, -1):
        if leaf[:length] in point.mapping:
            return leaf[:length]
    return None


def _mapped(
    actor: Actor,
    point: Point,
    old: Machine,
    new: Machine,
    leaves: list[Path],
    covered: dict[Path, Path],
) -> Landed | str:
    entered: set[Path] = set()
    for leaf in leaves:
        if leaf in covered:
            entered |= _targets_of(leaf, covered[leaf], point, old, new)
        elif same_place(old, new, leaf):
            entered.add(leaf)
        else:
            return "MappingIncomplete"
    entered = {path for path in entered if not _has_descendant(path, entered)}
    if _conflict(new, entered):
        return "MappingConflict"
    return _enter(actor, old, new, entered)


def _targets_of(leaf: Path, key: Path, point: Point, old: Machine, new: Machine) -> set[Path]:
    """The targets of the key; an ancestor key carries the rest of the way where that is there."""
    targets = point.mapping[key]
    rest = leaf[len(key) :]
    if rest and len(set(targets)) == 1:
        (target,) = set(targets)
        kinds_there = kinds_on_the_way(new, target + rest)[len(target) :]
        if None not in kinds_there and kinds_there == kinds_on_the_way(old, leaf)[len(key) :]:
            return {target + rest}
    return set(targets)


def _has_descendant(path: Path, others: set[Path]) -> bool:
    return any(other != path and other[: len(path)] == path for other in others)


def _conflict(new: Machine, entered: set[Path]) -> bool:
    """Two of them are in different children of one compound state."""
    for one in entered:
        for other in entered:
            shared = 0
            while shared < min(len(one), len(other)) and one[shared] == other[shared]:
                shared += 1
            parted = shared < len(one) and shared < len(other)
            if parted and node(new, one[:shared]).kind is not Kind.PARALLEL:
                return True
    return False


def _replayed(actor: Actor, old: Machine, new: Machine) -> Landed | str:
    own = walk(old, actor.history)
    if own.stopped_at is not None or own.configuration != actor.configuration:
        return "HistoryDoesNotExplainState"
    there = walk(new, actor.history)
    if there.stopped_at is not None:
        return "HistoryNotAccepted"
    return Landed(there.configuration, there.regions)


def _same(actor: Actor, old: Machine, new: Machine, leaves: list[Path]) -> Landed | str:
    for leaf in leaves:
        reason = _misfit(leaf, old, new)
        if reason is not None:
            return reason
    if _empty_region(new, set(leaves)):
        return "RegionMissing"
    return _enter(actor, old, new, leaves)


def _misfit(leaf: Path, old: Machine, new: Machine) -> str | None:
    """The first difference on the way from the root to the leaf; a history state is no state."""
    here = kinds_on_the_way(old, leaf)
    there = kinds_on_the_way(new, leaf)
    for kind_here, kind_there in zip(here, there, strict=True):
        if kind_there is None or kind_there in HISTORY:
            namesakes = [
                other
                for other in new.nodes
                if other.path and other.path[-1] == leaf[-1] and other.kind not in HISTORY
            ]
            return "StateMoved" if len(namesakes) == 1 else "StateRemoved"
        if kind_there != kind_here:
            return BECAME[kind_there]
    return None


def _empty_region(new: Machine, leaves: set[Path]) -> bool:
    for leaf in leaves:
        for length in range(len(leaf)):
            above = node(new, leaf[:length])
            if above.kind is not Kind.PARALLEL:
                continue
            for child in above.children:
                region = new.nodes[child]
                held = any(other[: len(region.path)] == region.path for other in leaves)
                if region.kind not in HISTORY and not held:
                    return True
    return False


def _enter(actor: Actor, old: Machine, new: Machine, paths: Iterable[Path]) -> Landed:
    """Enter from outside the root and run to completion."""
    configuration = enter(
        new,
        sorted(node(new, path).index for path in paths),
        _kept_records(actor.configuration, old, new),
        already_complete=_complete_before(actor.configuration, old, new),
    )
    return Landed(configuration, kept_regions(actor, new))


def entered_by_hand(actor: Actor, old: Machine, new: Machine, wanted: Configuration) -> Landed:
    """As a mapped landing, but nothing that history states have recorded is kept."""
    configuration = enter(
        new,
        list(wanted.leaves),
        (),
        already_complete=_complete_before(actor.configuration, old, new),
    )
    return Landed(configuration, kept_regions(actor, new))


def kept_regions(actor: Actor, new: Machine) -> dict[str, list[str]]:
    """A region that exists in the target under the same path keeps its own history."""
    return {
        region: list(types)
        for region, types in actor.regions.items()
        if is_region(new, parts(region))
    }


def _kept_records(
    configuration: Configuration, old: Machine, new: Machine
) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """Kept where the history state and all that it recorded exist under the same path and kind.

    Only a record that could be restored: no two children of what has become a compound state.
    """
    kept = []
    for history, recorded in configuration.recorded:
        if all(_same_path_and_kind(index, old, new) for index in (history, *recorded)):
            there = tuple(sorted(_moved(index, old, new) for index in recorded))
            if not _conflict(new, {new.nodes[index].path for index in there}):
                kept.append((_moved(history, old, new), there))
    return tuple(sorted(kept))


def _same_path_and_kind(index: int, old: Machine, new: Machine) -> bool:
    there = new.node_at(old.nodes[index].path)
    return there is not None and there.kind == old.nodes[index].kind


def _moved(index: int, old: Machine, new: Machine) -> int:
    return node(new, old.nodes[index].path).index


def _complete_before(configuration: Configuration, old: Machine, new: Machine) -> frozenset[int]:
    """The target's states that were complete already, under the same path and kind."""
    active = active_paths(old, configuration)
    return frozenset(
        there.index
        for there in new.nodes
        if (here := old.node_at(there.path)) is not None
        and here.kind == there.kind
        and is_complete(old, active, there.path)
    )
