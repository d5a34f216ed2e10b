"""The landing of an actor that the law has picked, or the reason why there is none.

`stateMapping` is asked first; where it covers no active leaf, the rule of the change-point is. Both
read where the actor is, and answer with states to enter or with a reason. Only `Replay` reads the
history instead, and lands where it leads. What is entered is entered as XState enters targets from
outside, and must come to rest.

Nothing here fires an effect, and nothing depends on anything but the cohort and the registry.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from statekeep.core.arrival import Arrival, Landed, NotLanded, Targets
from statekeep.core.carry import complete_twins, kept_records, kept_regions
from statekeep.core.cohort import Cohort, machine_of
from statekeep.core.configuration import Configuration
from statekeep.core.errors import NotStable
from statekeep.core.history import History
from statekeep.core.mapping import by_mapping
from statekeep.core.points import ChangePoint, LandingRule
from statekeep.core.reasons import StrandReason
from statekeep.core.registry import Registry
from statekeep.core.replay import Endless, Stopped, Walked, walk
from statekeep.core.same import by_mapping_only, by_same
from statekeep.core.step import enter

Answer = Targets | NotLanded | None
"""None leaves the question to the next one."""


def land(registry: Registry, point: ChangePoint, cohort: Cohort) -> Landed | NotLanded:
    """Land an actor of `cohort` over `point`."""
    source, target = machine_of(registry, cohort), registry.machine(point.target)
    arrival = Arrival(point, source, target, cohort.version, cohort.configuration)
    placed = _placed(arrival)
    if placed is None:
        return by_replay(arrival, cohort.history)
    if isinstance(placed, NotLanded):
        return placed
    return Landed(placed, kept_regions(target, cohort.regions))


def ask_the_history(_: Arrival) -> None:
    """`Replay`: where the actor is does not say where it lands."""


RULES: dict[LandingRule, Callable[[Arrival], Answer]] = {
    "Replay": ask_the_history,  # by_replay, below
    "Same": by_same,  # StateMoved, StateRemoved, StateBecame…, RegionMissing; off source: NotMapped
    "MappingOnly": by_mapping_only,  # NotMapped
}


def by_rule(arrival: Arrival) -> Answer:
    """What the change-point says where its mapping does not speak."""
    return RULES[arrival.point.landing](arrival)


LANDINGS: tuple[Callable[[Arrival], Answer], ...] = (
    by_mapping,  # MappingIncomplete, MappingConflict
    by_rule,
)


@lru_cache(maxsize=16_384)
def _placed(arrival: Arrival) -> Configuration | NotLanded | None:
    """Where the actor rests after a landing that reads its state; None leaves it to its history.

    Remembered, because a million histories have a few dozen states.
    """
    answers = (landing(arrival) for landing in LANDINGS)
    answer = next((answer for answer in answers if answer is not None), None)
    return _entered(arrival, answer.nodes) if isinstance(answer, Targets) else answer


def _entered(arrival: Arrival, nodes: tuple[int, ...]) -> Configuration | NotLanded:
    """Enter the targets, with what the actor brings along, and run to completion."""
    source, target, configuration = arrival.source, arrival.target, arrival.configuration
    records = kept_records(source, target, configuration)
    try:
        return enter(target, nodes, records, complete_twins(source, target, configuration))
    except NotStable:
        message = f"{arrival.point.target} never comes to rest in the state the actor would enter."
        return NotLanded(StrandReason.LANDING_NOT_STABLE, message)


def by_replay(arrival: Arrival, history: History) -> Landed | NotLanded:
    """Walk the history through the actor's own version, which must explain where it is; then on.

    Codes: HistoryDoesNotExplainState, HistoryNotAccepted, LandingNotStable.
    """
    types = history.types()
    own = walk(arrival.source, types)
    if isinstance(own, Endless):
        return _endless(arrival.version, own)
    if isinstance(own, Stopped) or own.configuration != arrival.configuration:
        return _unexplained(arrival)
    there = walk(arrival.target, types)
    if isinstance(there, Endless):
        return _endless(arrival.point.target, there)
    return _not_accepted(arrival, there) if isinstance(there, Stopped) else _walked(there)


def _walked(end: Walked) -> Landed:
    return Landed(end.configuration, end.regions())


def _endless(version: str, where: Endless) -> NotLanded:
    begin = "from its initial state" if where.index < 0 else f"after event {where.index}"
    message = f"Walking the history, {version} never comes to rest {begin}."
    return NotLanded(StrandReason.LANDING_NOT_STABLE, message)


def _unexplained(arrival: Arrival) -> NotLanded:
    message = (
        f"The history alone does not lead {arrival.version} to where the actor is: a "
        "mapping or a person has decided something that a replay would undo. Map the states it "
        "can be in."
    )
    return NotLanded(StrandReason.HISTORY_DOES_NOT_EXPLAIN_STATE, message)


def _not_accepted(arrival: Arrival, there: Stopped) -> NotLanded:
    message = (
        f"{arrival.point.target} does not accept event {there.index} of the history, "
        f"{there.event_type}. Map the states these actors can be in."
    )
    return NotLanded(StrandReason.HISTORY_NOT_ACCEPTED, message)
