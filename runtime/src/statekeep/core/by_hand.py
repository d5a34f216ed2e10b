"""Rescue by hand: a person says where one actor goes on, and why.

It ticks the clock and the position becomes that tick, so that only later registrations route the
actor. The state is entered like a mapped landing; what history states had recorded is forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping

from statekeep.core import decisions
from statekeep.core.carry import complete_twins, kept_regions
from statekeep.core.cohort import Cohort, machine_of
from statekeep.core.configuration import Configuration, resolve
from statekeep.core.errors import IllegalState, NotStable
from statekeep.core.evaluate import Evaluation
from statekeep.core.machine import Machine
from statekeep.core.refusals import Code, Refusal, Refused, unknown_version
from statekeep.core.registry import Registry, tick
from statekeep.core.step import enter


def rescue(
    registry: Registry,
    cohort: Cohort,
    target: str,
    state_value: object,
    reason: str,
    *,
    elsewhere: Mapping[str, str] | None = None,
) -> tuple[Registry, Evaluation]:
    """Place an actor of `cohort` in a state of `target`. Raises Refused, and then nothing ticks.

    `elsewhere` names the workflows of versions that are not of this one.
    """
    version = registry.version(target)
    refusals = _refusals(registry, cohort, target, elsewhere or {})
    if refusals or version is None:
        raise Refused(*refusals)
    after = tick(registry)
    placed = Cohort(
        version=target,
        position=after.clock,
        history=cohort.history,
        regions=kept_regions(version.machine, cohort.regions),
        configuration=_entered(machine_of(registry, cohort), version.machine, cohort, state_value),
    )
    return after, Evaluation(placed, (decisions.by_hand(after, cohort, placed, reason),))


def _refusals(
    registry: Registry, cohort: Cohort, target: str, elsewhere: Mapping[str, str]
) -> tuple[Refusal, ...]:
    found = []
    if cohort.configuration.done:
        message = "The actor is in a final configuration; it is done and goes nowhere."
        found.append(Refusal(Code.ACTOR_DONE, message))
    if registry.version(target) is None:
        found.append(unknown_version(target, "/to", {}))
    if target in elsewhere:
        found.append(unknown_version(target, "/to", elsewhere))
    if target in registry.ancestors(cohort.version):
        message = (
            f"{cohort.version} came from {target}, and nobody goes back. Publish the content of "
            f"{target} as a new version and rescue to that."
        )
        objects = (target, cohort.version)
        found.append(Refusal(Code.BACKWARD_MIGRATION, message, "/to", objects))
    return tuple(found)


def _entered(
    source: Machine, target: Machine, cohort: Cohort, state_value: object
) -> Configuration:
    try:
        leaves = resolve(target, state_value).leaves
        return enter(target, leaves, (), complete_twins(source, target, cohort.configuration))
    except IllegalState as error:
        raise Refused(Refusal(Code.ILLEGAL_STATE, str(error), "/stateValue")) from error
    except NotStable as error:
        message = f"The target never comes to rest in that state: {error}"
        raise Refused(Refusal(Code.LANDING_NOT_STABLE, message, "/stateValue")) from error
