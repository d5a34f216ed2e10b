"""The audit record of one verdict.

A decision says which change-point spoke, what came of it and why, and what it was read from: the
fingerprint of the history and the hash of the anchor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from statekeep.core.cohort import Cohort, Stranding, state_value
from statekeep.core.points import ChangePoint
from statekeep.core.reasons import ANCHOR_NOT_MATCHED
from statekeep.core.registry import Registry

Verdict = Literal["migrated", "stayed", "stranded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One verdict for all actors of one cohort."""

    change_point: str | None
    """None when a person decided."""
    clock: int
    """The clock of the change-point, or of the person's decision."""
    verdict: Verdict
    source: str
    """The version the actors were on."""
    target: str | None
    """The version they are on now, if they moved."""
    reason: str | None
    message: str
    rescued: bool
    """Whether the landing took actors that were stranded, or whose earlier pick had failed."""
    fingerprint: int
    anchor_hash: str
    from_value: object
    to_value: object

    def to_json(self) -> dict[str, object]:
        """The decision as the audit stores and shows it."""
        return {
            "changePoint": self.change_point,
            "clock": self.clock,
            "verdict": self.verdict,
            "from": self.source,
            "to": self.target,
            "reason": self.reason,
            "message": self.message,
            "rescued": self.rescued,
            "fingerprint": f"{self.fingerprint:016x}",
            "anchorHash": self.anchor_hash,
            "fromState": self.from_value,
            "toState": self.to_value,
        }


def landed(
    registry: Registry, point: ChangePoint, before: Cohort, after: Cohort, *, rescued: bool
) -> Decision:
    """The record of a landing."""
    return Decision(
        change_point=point.name,
        clock=point.clock,
        verdict="migrated",
        source=before.version,
        target=after.version,
        reason=None,
        message="",
        rescued=rescued,
        fingerprint=before.history.fingerprint,
        anchor_hash=point.anchor.digest,
        from_value=state_value(registry, before),
        to_value=state_value(registry, after),
    )


def stranded(registry: Registry, cohort: Cohort, stranding: Stranding) -> Decision:
    """The record of a strand."""
    point = registry.named(stranding.change_point)
    return _unmoved(registry, point, cohort, "stranded", stranding.reason, stranding.message)


def stayed(registry: Registry, point: ChangePoint, cohort: Cohort) -> Decision:
    """The record of an actor that a registration concerned and did not pick."""
    message = f"The history does not begin as {point.name} asks."
    return _unmoved(registry, point, cohort, "stayed", ANCHOR_NOT_MATCHED, message)


def by_hand(registry: Registry, before: Cohort, after: Cohort, reason: str) -> Decision:
    """The record of a person's decision, in the person's words."""
    return Decision(
        change_point=None,
        clock=after.position,
        verdict="migrated",
        source=before.version,
        target=after.version,
        reason=reason,
        message="",
        rescued=True,
        fingerprint=before.history.fingerprint,
        anchor_hash="",
        from_value=state_value(registry, before),
        to_value=state_value(registry, after),
    )


def _unmoved(
    registry: Registry,
    point: ChangePoint,
    cohort: Cohort,
    verdict: Verdict,
    reason: str,
    message: str,
) -> Decision:
    return Decision(
        change_point=point.name,
        clock=point.clock,
        verdict=verdict,
        source=cohort.version,
        target=None,
        reason=reason,
        message=message,
        rescued=False,
        fingerprint=cohort.history.fingerprint,
        anchor_hash=point.anchor.digest,
        from_value=state_value(registry, cohort),
        to_value=None,
    )
