"""What to do next, as data: from the facts of one workflow to the registrations that may go now.

Pure, and never more than is sure: a step is planned when everything it depends on is registered,
nothing that must go before it is pending, and its order against every other one is known. After
the steps of a plan the world is looked at anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from statekeep_operator import order, reasons
from statekeep_operator.facts import (
    ADOPT,
    Facts,
    Key,
    Runtime,
    Wish,
    is_pending,
    is_registered,
    pending_migrations,
    point_name,
)


@dataclass(frozen=True, slots=True)
class RegisterVersion:
    """Register the machine of a definition, without its migrations: it can be spawned on."""

    key: Key


@dataclass(frozen=True, slots=True)
class RegisterMigrations:
    """Register migrations of a registered version, together."""

    key: Key
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RegisterPoint:
    """Register a ChangePoint."""

    key: Key


@dataclass(frozen=True, slots=True)
class ClosePoint:
    """Let a registered change-point pick nobody any more."""

    key: Key
    point: str


@dataclass(frozen=True, slots=True)
class Verify:
    """Ask whether what is registered is what this generation of the object says."""

    key: Key


Step = RegisterVersion | RegisterMigrations | RegisterPoint | ClosePoint | Verify


@dataclass(frozen=True, slots=True)
class Obstacle:
    """The one thing that keeps an object from being ready, with the code that conditions carry."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps that may go now, and what each object that is not ready waits for."""

    steps: tuple[Step, ...] = ()
    obstacles: Mapping[Key, Obstacle] = field(default_factory=dict)


Refusals = Mapping[Key, Obstacle]
"""What the runtime said to an object's present generation, where that still holds."""


def plan(facts: Facts, refused: Refusals) -> Plan:
    """Plan one workflow."""
    waiting = order.waits(_pending(facts))
    replaced = _registry_replaced(facts)
    steps: list[Step] = []
    obstacles: dict[Key, Obstacle] = {}
    for wish in sorted(facts.wishes, key=lambda wish: wish.key):
        obstacle = replaced or _obstacle(wish, facts, waiting, refused)
        if obstacle is not None:
            obstacles[wish.key] = obstacle
        steps.extend(_steps(wish, facts, obstacle))
    return Plan(tuple(steps), obstacles)


def _pending(facts: Facts) -> list[order.Pending]:
    found = (order.pending(wish, facts.runtime) for wish in facts.wishes)
    return [one for one in found if one is not None]


# --- what keeps an object from being ready: the first check that finds something wins --------


def _obstacle(
    wish: Wish, facts: Facts, waiting: Mapping[str, order.Waits], refused: Refusals
) -> Obstacle | None:
    if not (is_pending(wish, facts.runtime) or wish.key in refused):
        return None
    checks: tuple[Callable[[], Obstacle | None], ...] = (
        lambda: _overdue(wish, facts),
        lambda: _suspended(wish),
        lambda: _frozen(facts.runtime),
        lambda: refused.get(wish.key),
        lambda: _lacks_versions(wish, facts),
        lambda: _lacks_point(wish, facts.runtime),
        lambda: _order_unknown(waiting.get(str(wish.key))),
    )
    found = (check() for check in checks)
    return next((obstacle for obstacle in found if obstacle is not None), None)


def _registry_replaced(facts: Facts) -> Obstacle | None:
    """A registry that an object does not know is not filled by itself: its clocks are others."""
    registry = facts.runtime.registry
    others = {wish.registry for wish in facts.wishes if wish.registry} - {registry}
    if not others or not registry:
        return None
    known = ", ".join(sorted(other for other in others if other))
    return Obstacle(
        reasons.REGISTRY_REPLACED,
        f"the runtime's registry is {registry}, and these objects belong to {known}: restore the "
        "runtime's data; or, to register everything anew, run `statekeep adopt`, or annotate them "
        f"with {ADOPT}={registry}",
    )


def _overdue(wish: Wish, facts: Facts) -> Obstacle | None:
    if wish.key not in facts.overdue:
        return None
    before = wish.condition("Stalled")
    if before is not None and before["reason"] == reasons.DEADLINE_EXCEEDED and wish.observed:
        return Obstacle(reasons.DEADLINE_EXCEEDED, before["message"])
    waited = wish.condition("Reconciling") or {"reason": "nothing", "message": "unknown"}
    why = f"{waited['reason']}, {waited['message'].rstrip('.')}"
    return Obstacle(
        reasons.DEADLINE_EXCEEDED,
        f"it waited for {wish.gate.get('deadline')}: {why}. "
        "Nothing happens by itself any more: change the object to try again",
    )


def _suspended(wish: Wish) -> Obstacle | None:
    if not wish.suspended:
        return None
    return Obstacle(
        reasons.SUSPENDED, "spec.suspend is true: nothing is registered until it is taken away"
    )


def _frozen(runtime: Runtime) -> Obstacle | None:
    if runtime.frozen is None:
        return None
    return Obstacle(
        reasons.FROZEN,
        f"the workflow is frozen ({runtime.frozen}): `statekeep unfreeze` lets it go on",
    )


def _lacks_versions(wish: Wish, facts: Facts) -> Obstacle | None:
    """A version of another workflow is not waited for: the runtime refuses it for good."""
    missing = sorted(
        version
        for version in set(_versions_needed(wish, facts.runtime))
        if version not in facts.runtime.versions and version not in facts.elsewhere
    )
    if not missing:
        return None
    return Obstacle(
        reasons.UNKNOWN_VERSION,
        f"{', '.join(missing)} is not registered: apply its WorkflowDefinition, or correct the "
        "name",
    )


def _versions_needed(wish: Wish, runtime: Runtime) -> Iterator[str]:
    if wish.is_definition:
        yield from (m["from"] for m in pending_migrations(wish, runtime) if m["from"] != wish.name)
    elif not is_registered(wish, runtime):
        yield wish.spec["to"]
        if wish.spec.get("from"):
            yield wish.spec["from"]


def _lacks_point(wish: Wish, runtime: Runtime) -> Obstacle | None:
    refines = wish.spec.get("refines")
    if refines is None or refines in runtime.points:
        return None
    return Obstacle(
        reasons.UNKNOWN_CHANGE_POINT,
        f"the change-point {refines} is not registered: apply it, or correct the name",
    )


def _order_unknown(waits: order.Waits | None) -> Obstacle | None:
    if waits is None:
        return None
    if waits.rivals:
        return Obstacle(
            reasons.ORDER_UNKNOWN,
            f"the order against {', '.join(waits.rivals)} could change a verdict: give each of "
            "them a `spec.clock`",
        )
    return Obstacle(
        reasons.ORDER_UNKNOWN,
        f"{', '.join(waits.before)} goes first, and is not registered yet",
    )


# --- what may go now -------------------------------------------------------------------------


def _steps(wish: Wish, facts: Facts, obstacle: Obstacle | None) -> Iterator[Step]:
    if obstacle is not None and obstacle.reason in _NOTHING_GOES:
        return
    if is_registered(wish, facts.runtime):
        if wish.key not in facts.verified:
            if obstacle is None or obstacle.reason in _ABOUT_THE_REST:
                yield Verify(wish.key)
            return
        yield from _closings(wish, facts.runtime)
    if wish.is_definition:
        yield from _definition_steps(wish, facts.runtime, obstacle)
    elif obstacle is None and not is_registered(wish, facts.runtime):
        yield RegisterPoint(wish.key)


def _definition_steps(
    wish: Wish, runtime: Runtime, obstacle: Obstacle | None
) -> Iterator[RegisterVersion | RegisterMigrations]:
    if not is_registered(wish, runtime):
        if obstacle is None or obstacle.reason in _ABOUT_MIGRATIONS:
            yield RegisterVersion(wish.key)
        return
    missing = pending_migrations(wish, runtime)
    if missing and obstacle is None:
        yield RegisterMigrations(wish.key, tuple(sorted(m["name"] for m in missing)))


def _closings(wish: Wish, runtime: Runtime) -> Iterator[ClosePoint]:
    for point in _to_close(wish):
        known = runtime.points.get(point)
        if known is not None and not known.closed:
            yield ClosePoint(wish.key, point)


def _to_close(wish: Wish) -> tuple[str, ...]:
    if wish.is_definition:
        return tuple(point_name(wish.name, name) for name in sorted(wish.spec.get("close") or ()))
    return (wish.name,) if wish.spec.get("closed") else ()


_NOTHING_GOES = frozenset({reasons.REGISTRY_REPLACED})
_ABOUT_MIGRATIONS = frozenset({reasons.UNKNOWN_VERSION, reasons.ORDER_UNKNOWN})
"""Obstacles that are none to a version without its migrations."""
_ABOUT_THE_REST = frozenset(
    {
        *_ABOUT_MIGRATIONS,
        reasons.SUSPENDED,
        reasons.FROZEN,
        reasons.UNKNOWN_CHANGE_POINT,
        reasons.DEADLINE_EXCEEDED,
    }
)
"""Obstacles that say nothing of what is registered already."""
