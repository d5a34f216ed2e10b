"""Which proposals are refused, and why: an ordered list of checks, every one of them asked.

A check reads the registry as it was and one proposal; it answers with refusals and changes nothing.
A check that cannot be asked (the source is unknown, so nobody can say what states it has) is
silent: another has spoken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from statekeep.core.anchors import is_ambiguous
from statekeep.core.graph import leads_back
from statekeep.core.machine import Machine
from statekeep.core.paths import split_path
from statekeep.core.place import is_region
from statekeep.core.points import PointRegistration
from statekeep.core.proposal import Proposal
from statekeep.core.refusals import Code, Refusal, unknown_change_point, unknown_version
from statekeep.core.registry import Registry
from statekeep.core.replay import accepts


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a check may read."""

    registry: Registry
    proposal: Proposal
    machines: Mapping[str, Machine]
    """The machines of the workflow by version, the one that is being deployed included."""
    elsewhere: Mapping[str, str]
    """Versions of other workflows → their workflow."""

    @property
    def source(self) -> Machine | None:
        """The machine of the source, if it is known."""
        return self.machines.get(self.proposal.source)

    @property
    def target(self) -> Machine | None:
        """The machine of the target, if it is known."""
        return self.machines.get(self.proposal.target)

    def at(self, field: str) -> str:
        """The JSON pointer of a field of the proposal."""
        return f"{self.proposal.pointer}/{field}"


Check = Callable[[Facts], Iterator[Refusal]]


def name_is_free(facts: Facts) -> Iterator[Refusal]:
    """ChangePointExists: names are unique in a workflow, and are never used again."""
    name = facts.proposal.asked.name
    if facts.registry.point(name) is not None:
        message = (
            f"The change-point {name!r} is registered with other content, and names are never used "
            "again. Give this one another name."
        )
        yield Refusal(Code.CHANGE_POINT_EXISTS, message, facts.at("name"), (name,))


def refined_point_is_known(facts: Facts) -> Iterator[Refusal]:
    """UnknownChangePoint: a refinement refines a registered point."""
    refines = facts.proposal.refines
    if refines is not None and facts.proposal.refined is None:
        yield unknown_change_point(refines, facts.at("refines"))


def refinement_changes_nothing(facts: Facts) -> Iterator[Refusal]:
    """RefinementChangesPoint: source and anchor are those of the point refined."""
    asked = facts.proposal.asked
    if not isinstance(asked, PointRegistration) or asked.refines is None:
        return
    given = {"from": asked.source, "historyPath": asked.history_path, "regions": asked.regions}
    for field in (field for field, content in given.items() if content):
        message = (
            f"A refinement shares {field!r} with {asked.refines!r}, which it refines. Leave it "
            "out, or register a change-point of its own."
        )
        objects = (asked.name, asked.refines)
        yield Refusal(Code.REFINEMENT_CHANGES_POINT, message, facts.at(field), objects)


def source_is_known(facts: Facts) -> Iterator[Refusal]:
    """UnknownVersion, WorkflowMismatch: the source is a version of this workflow."""
    if facts.source is None and facts.proposal.refines is None:
        yield unknown_version(facts.proposal.source, facts.at("from"), facts.elsewhere)


def target_is_known(facts: Facts) -> Iterator[Refusal]:
    """UnknownVersion, WorkflowMismatch: the target is a version of this workflow."""
    if facts.target is None:
        yield unknown_version(facts.proposal.target, facts.at("to"), facts.elsewhere)


def goes_forward(facts: Facts) -> Iterator[Refusal]:
    """BackwardMigration: no actor ever returns to a version that it left."""
    source, target = facts.proposal.source, facts.proposal.target
    if source and leads_back(facts.registry.edges, source, target):
        message = (
            f"{target} is {source} or leads to it, and nobody goes back. Publish the content of "
            f"{target} as a new version and migrate to that."
        )
        objects = (source, target)
        yield Refusal(Code.BACKWARD_MIGRATION, message, facts.at("from"), objects)


def regions_are_known(facts: Facts) -> Iterator[Refusal]:
    """UnknownRegion: an anchor names children of parallel states of the source."""
    if facts.source is None or facts.proposal.refines is not None:
        return
    for region, _ in facts.proposal.anchor.regions:
        if not is_region(facts.source, region):
            message = (
                f"{region!r} is no region of {facts.proposal.source}: a region is a child of a "
                "parallel state, named by its dotted path."
            )
            objects = (region, facts.proposal.source)
            yield Refusal(
                Code.UNKNOWN_REGION, message, facts.at(f"regions/{_escaped(region)}"), objects
            )


def mapping_keys_are_known(facts: Facts) -> Iterator[Refusal]:
    """MappingUnknownSource: keys are states of the source, or of a version on the way to it."""
    source = facts.proposal.source
    if facts.source is None:
        return
    versions = (source, *sorted(facts.registry.ancestors(source)))
    machines = [facts.machines[version] for version in versions]
    for key, _ in facts.proposal.asked.mapping:
        if not key or not any(machine.node_at(split_path(key)) for machine in machines):
            message = (
                f"{key!r} is no state of {source}, nor of a version on the way to it. Paths are "
                r"dotted keys from the root; a dot in a key is written '\.'."
            )
            yield Refusal(
                Code.MAPPING_UNKNOWN_SOURCE, message, _mapping_pointer(facts, key), (key, source)
            )


def mapping_has_targets(facts: Facts) -> Iterator[Refusal]:
    """MappingUnknownTarget: every key has a target."""
    for key, targets in facts.proposal.asked.mapping:
        if not targets:
            message = f"{key!r} maps to nothing. Name the state in which these actors go on."
            yield Refusal(
                Code.MAPPING_UNKNOWN_TARGET, message, _mapping_pointer(facts, key), (key,)
            )


def mapping_targets_are_known(facts: Facts) -> Iterator[Refusal]:
    """MappingUnknownTarget: targets are states of the target version."""
    for key, target in _mapping_targets(facts):
        if not target or (facts.target and facts.target.node_at(split_path(target)) is None):
            message = f"{target!r} is no state of {facts.proposal.target}. Name one that is."
            objects = (target, facts.proposal.target)
            yield Refusal(
                Code.MAPPING_UNKNOWN_TARGET, message, _mapping_pointer(facts, key), objects
            )


def mapping_targets_can_be_rested_in(facts: Facts) -> Iterator[Refusal]:
    """MappingHistoryTarget: nobody rests in a history state."""
    for key, target in _mapping_targets(facts):
        node = facts.target.node_at(split_path(target)) if facts.target else None
        if node is not None and node.is_history:
            message = (
                f"{target!r} is a history state of {facts.proposal.target}, in which nobody rests. "
                "Name the state that is meant."
            )
            objects = (target, facts.proposal.target)
            yield Refusal(
                Code.MAPPING_HISTORY_TARGET, message, _mapping_pointer(facts, key), objects
            )


def replay_is_possible(facts: Facts) -> Iterator[Refusal]:
    """AnchorNotAccepted: `Replay` was asked for, and cannot land anybody who matches."""
    asked, anchor = facts.proposal.asked, facts.proposal.anchor
    if asked.landing != "Replay" or asked.mapping or facts.target is None:
        return
    if not accepts(facts.target, anchor.history_path):
        message = (
            f"{facts.proposal.target} does not accept {', '.join(anchor.history_path)} from its "
            "initial state, so a replay would land nobody. Add a stateMapping, or leave landing "
            "out."
        )
        objects = (facts.proposal.target,)
        yield Refusal(Code.ANCHOR_NOT_ACCEPTED, message, facts.at("landing"), objects)


CHECKS: tuple[Check, ...] = (
    name_is_free,  # ChangePointExists
    refined_point_is_known,  # UnknownChangePoint
    refinement_changes_nothing,  # RefinementChangesPoint
    source_is_known,  # UnknownVersion, WorkflowMismatch
    target_is_known,  # UnknownVersion, WorkflowMismatch
    goes_forward,  # BackwardMigration
    regions_are_known,  # UnknownRegion
    mapping_keys_are_known,  # MappingUnknownSource
    mapping_has_targets,  # MappingUnknownTarget
    mapping_targets_are_known,  # MappingUnknownTarget
    mapping_targets_can_be_rested_in,  # MappingHistoryTarget
    replay_is_possible,  # AnchorNotAccepted
)


def refusals(
    registry: Registry,
    proposals: tuple[Proposal, ...],
    machines: Mapping[str, Machine],
    elsewhere: Mapping[str, str],
) -> tuple[Refusal, ...]:
    """Everything that stands against registering these proposals together, at one clock."""
    found = [
        refusal
        for proposal in proposals
        for check in CHECKS
        for refusal in check(Facts(registry, proposal, machines, elsewhere))
    ]
    return (*found, *_between(proposals))


def _between(proposals: tuple[Proposal, ...]) -> Iterator[Refusal]:
    """What two proposals of one registration have against each other."""
    for one, other in combinations(proposals, 2):
        names = (one.asked.name, other.asked.name)
        if names[0] == names[1]:
            message = f"Two migrations have the name {names[0]!r}. Rename one of them."
            yield Refusal(Code.CHANGE_POINT_EXISTS, message, f"{other.pointer}/name", names[:1])
        if one.source == other.source and is_ambiguous(one.anchor, other.anchor):
            message = (
                f"A history can match both {names[0]!r} and {names[1]!r}, and neither is more "
                "specific. Anchor one of them deeper or longer, or let them contradict each other."
            )
            yield Refusal(Code.AMBIGUOUS_ANCHORS, message, other.pointer, names)


def _mapping_targets(facts: Facts) -> Iterator[tuple[str, str]]:
    for key, targets in facts.proposal.asked.mapping:
        for target in targets:
            yield key, target


def _mapping_pointer(facts: Facts, key: str) -> str:
    return facts.at(f"stateMapping/{_escaped(key)}")


def _escaped(key: str) -> str:
    """A key as a JSON pointer writes it."""
    return key.replace("~", "~0").replace("/", "~1")
