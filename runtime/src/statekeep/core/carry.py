"""What an actor brings along to a landing that is entered, not walked to.

Everything here goes by path and kind: what stands under the same path and is of the same kind in
both versions is the same thing, and what does not is forgotten.
"""

from __future__ import annotations

from statekeep.core.cohort import RegionHistories
from statekeep.core.configuration import Configuration, Recorded, conflict, is_complete
from statekeep.core.machine import Machine
from statekeep.core.place import holds, is_region, twin


def kept_records(source: Machine, target: Machine, configuration: Configuration) -> Recorded:
    """What history states have recorded, where they and all that they recorded have a twin."""
    kept = []
    for history, recorded in configuration.recorded:
        there = twin(source, target, history)
        twins = [twin(source, target, node) for node in recorded]
        nodes = tuple(sorted(node.index for node in twins if node is not None))
        if there is None or len(nodes) < len(recorded):
            continue
        # A state on the way may have become compound: a record of two of its regions would then
        # be a configuration that the target cannot be in.
        if conflict(target, nodes) is None:
            kept.append((there.index, nodes))
    return tuple(sorted(kept))


def complete_twins(
    source: Machine, target: Machine, configuration: Configuration
) -> frozenset[int]:
    """The states of the target whose twin was complete already: no done event is due for them."""
    complete = (
        twin(source, target, node.index)
        for node in source.nodes
        if holds(source, node.index, configuration.leaves)
        and is_complete(source, configuration, node.index)
    )
    return frozenset(node.index for node in complete if node is not None)


def kept_regions(target: Machine, regions: RegionHistories) -> RegionHistories:
    """Region histories after a landing that is no replay: those of regions that still exist."""
    return tuple((region, lived) for region, lived in regions if is_region(target, region))
