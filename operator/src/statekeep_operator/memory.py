"""What the operator remembers of each object between two looks. All of it may be lost.

A memory is of one generation of one object, and of one request for another look; anything else is
a new object to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from typing import Final

from statekeep_operator import reasons
from statekeep_operator.facts import REQUESTED_AT, Key, Runtime, Wish
from statekeep_operator.plan import Obstacle
from statekeep_operator.status import Preview

NUMBERS_SECONDS: Final = 60.0
"""How often numbers alone are written."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the runtime said no to, and in which state of the workflow."""

    obstacle: Obstacle
    law: tuple[int, int]
    at: float


@dataclass(frozen=True, slots=True)
class Seen:
    """A preview, and when it was made in which state of the workflow."""

    preview: Preview | None
    law: tuple[int, int]
    at: float


@dataclass(slots=True)
class Memory:
    """Of one object."""

    identity: tuple[str, int, str]
    verified: bool = False
    refusal: Refusal | None = None
    seen: Seen | None = None
    counted_at: float = field(default=float("-inf"))
    """When numbers alone were written last."""


class Memories:
    """Of all objects of all namespaces."""

    def __init__(self, gate_seconds: float) -> None:
        self._gate_seconds = gate_seconds
        self._known: dict[tuple[str, Key], Memory] = {}

    def of(self, namespace: str, wish: Wish) -> Memory:
        """The memory of this generation; a fresh one where it is not remembered."""
        identity = (wish.uid, wish.generation, wish.annotations.get(REQUESTED_AT, ""))
        known = self._known.get((namespace, wish.key))
        if known is None or known.identity != identity:
            counted = known.counted_at if known is not None else float("-inf")
            known = Memory(identity, counted_at=counted)
            self._known[namespace, wish.key] = known
        return known

    def forget_all_but(self, known: Set[tuple[str, Key]]) -> None:
        """Objects come and go; what is remembered of them must not only come."""
        for gone in self._known.keys() - known:
            del self._known[gone]

    def verified(self, namespace: str, wishes: Iterable[Wish], runtime: Runtime) -> frozenset[Key]:
        """Objects whose content is what is registered, as we found out or wrote down."""
        return frozenset(
            wish.key
            for wish in wishes
            if self.of(namespace, wish).verified or _was_ready(wish, runtime)
        )

    def refused(
        self, namespace: str, wishes: Iterable[Wish], runtime: Runtime, now: float
    ) -> Mapping[Key, Obstacle]:
        """The refusals that still hold: nothing has changed, and a gate was asked lately."""
        found: dict[Key, Obstacle] = {}
        for wish in wishes:
            refusal = self.of(namespace, wish).refusal
            if refusal is not None and self._holds(refusal, runtime, now):
                found[wish.key] = refusal.obstacle
        return found

    def preview(self, namespace: str, wish: Wish, runtime: Runtime, now: float) -> Seen | None:
        """The preview that still holds."""
        seen = self.of(namespace, wish).seen
        if seen is None or seen.law != law_of(runtime) or now - seen.at >= self._gate_seconds:
            return None
        return seen

    def _holds(self, refusal: Refusal, runtime: Runtime, now: float) -> bool:
        if refusal.law != law_of(runtime):
            return False
        gated = refusal.obstacle.reason in reasons.GATED
        return not gated or now - refusal.at < self._gate_seconds


def law_of(runtime: Runtime) -> tuple[int, int]:
    """What changes with everything that could change an answer of the registry."""
    return runtime.law, runtime.clock


def _was_ready(wish: Wish, runtime: Runtime) -> bool:
    ready = wish.condition("Ready")
    return (
        wish.observed
        and wish.status.get("registry") == runtime.registry
        and ready is not None
        and ready["status"] == "True"
    )
