"""Every reason that a condition can carry, and the one table that says what a reason means for
tools.

``Reconciling`` is what time or a change elsewhere can cure; ``Stalled`` needs a new generation of
this object. A code that the table does not know comes from a newer runtime and is ``Stalled``:
silence must not look like progress.
"""

from __future__ import annotations

from typing import Final, Literal

Class = Literal["Reconciling", "Stalled"]

READY: Final = "Ready"
"""Everything that the object asks for is registered."""
REGISTERED: Final = "Registered"
"""The version, or the change-point, stands in the runtime's registry."""
APPLIED: Final = "Applied"
"""Every migration of the object is registered and carried out."""
PREVIEWED: Final = "Previewed"
"""The plan of what is pending is known and nothing forbids it."""
AWAITING_APPROVAL: Final = "AwaitingApproval"
"""The plan of what is pending is known and the gate is shut."""
NONE_STRANDED: Final = "NoneStranded"
"""No actor stands stranded by this object."""
STRANDED: Final = "ActorsStranded"
"""Some actors stand stranded by this object."""
NOT_REGISTERED: Final = "NotRegistered"
"""The version is not registered yet, so nothing that depends on it can be."""

PROGRESSING: Final = "Progressing"
"""It is being registered."""
UNKNOWN_VERSION: Final = "UnknownVersion"
UNKNOWN_CHANGE_POINT: Final = "UnknownChangePoint"
TOO_MANY_STRANDED: Final = "TooManyStranded"
PLAN_DRIFTED: Final = "PlanDrifted"
SUSPENDED: Final = "Suspended"
FROZEN: Final = "Frozen"
ORDER_UNKNOWN: Final = "OrderUnknown"
RUNTIME_UNAVAILABLE: Final = "RuntimeUnavailable"
RUNTIME_TOO_OLD: Final = "RuntimeTooOld"
REGISTRY_REPLACED: Final = "RegistryReplaced"
DEADLINE_EXCEEDED: Final = "DeadlineExceeded"

RECONCILING: Final = frozenset(
    {
        PROGRESSING,
        UNKNOWN_VERSION,
        UNKNOWN_CHANGE_POINT,
        TOO_MANY_STRANDED,
        PLAN_DRIFTED,
        SUSPENDED,
        FROZEN,
        ORDER_UNKNOWN,
        RUNTIME_UNAVAILABLE,
        RUNTIME_TOO_OLD,
        REGISTRY_REPLACED,
    }
)
"""What time or a change elsewhere can cure."""

GATED: Final = frozenset({TOO_MANY_STRANDED, PLAN_DRIFTED})
"""The gate is shut; the preview says why."""


def class_of(reason: str) -> Class:
    """Which abnormal condition stands beside ``Ready=False`` for this reason."""
    return "Reconciling" if reason in RECONCILING else "Stalled"
