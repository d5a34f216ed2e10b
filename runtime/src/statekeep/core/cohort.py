"""A cohort: what all actors of one class share, and so what every verdict depends on.

Two actors of one cohort get the same decision, now and later, because nothing outside the cohort
and the registry is ever asked. A cohort is a value: events and landings give another one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

from statekeep.core.canonical import canonical_digest, canonical_json
from statekeep.core.configuration import Configuration, decode, encode, value
from statekeep.core.history import History
from statekeep.core.machine import Machine
from statekeep.core.points import WhileStranded
from statekeep.core.registry import Registry

Status = Literal["active", "done", "needs_rescue"]
RegionHistories = tuple[tuple[str, History], ...]
FORMAT = 1


@dataclass(frozen=True, slots=True)
class WayPoint:
    """A version that a stranded actor was on its way to, and the clock of the pick that said so."""

    version: str
    clock: int


@dataclass(frozen=True, slots=True)
class Stranding:
    """What an actor is stranded by: the first pick, why it gave no landing, and the way."""

    change_point: str
    reason: str
    message: str = field(compare=False)
    """For people; two strandings that differ in nothing else are one."""
    way: tuple[WayPoint, ...]
    """In the order in which the actor was on its way to them."""
    while_stranded: WhileStranded


@dataclass(frozen=True, slots=True)
class Cohort:
    """All that an actor's decisions depend on."""

    version: str
    position: int
    """The clock of the change-point that brought it here, or of its version if spawned here."""
    history: History
    regions: RegionHistories
    """Sorted by path; regions that have seen nothing are left out."""
    configuration: Configuration
    stranding: Stranding | None = None

    def __hash__(self) -> int:
        """Agree with equality, and be quick: few cohorts share a history."""
        return hash((self.history, self.version, self.position))

    @property
    def status(self) -> Status:
        """The status word that users read."""
        if self.configuration.done:
            return "done"
        return "active" if self.stranding is None else "needs_rescue"


def machine_of(registry: Registry, cohort: Cohort) -> Machine:
    """The machine of the cohort's version."""
    return registry.machine(cohort.version)


def state_value(registry: Registry, cohort: Cohort) -> object:
    """The state value of the cohort, as XState writes it. It is shared: never change it."""
    return _value_of(machine_of(registry, cohort), cohort.configuration)


@lru_cache(maxsize=16_384)
def _value_of(machine: Machine, configuration: Configuration) -> object:
    return value(machine, configuration)


def without_stranding(cohort: Cohort) -> Cohort:
    """The cohort with its stranding record gone."""
    return cohort if cohort.stranding is None else replace(cohort, stranding=None)


def lived_regions(regions: Mapping[str, History]) -> RegionHistories:
    """Region histories in their one order, without those that have seen nothing."""
    return tuple((region, history) for region, history in sorted(regions.items()) if history)


def encode_cohort(registry: Registry, cohort: Cohort) -> str:
    """The cohort as stable text, whole histories included."""
    regions = {region: list(history.types()) for region, history in cohort.regions}
    content = _content(registry, cohort)
    message = cohort.stranding.message if cohort.stranding else ""
    return canonical_json(
        {
            **content,
            "history": list(cohort.history.types()),
            "regions": regions,
            "message": message,
        }
    )


def cohort_digest(registry: Registry, cohort: Cohort) -> str:
    """The name of the cohort's content: equal exactly for equal cohorts.

    Histories go in by their identity, so this costs no more for a long life than for a short one.
    """
    regions = {region: history.identity for region, history in cohort.regions}
    content = _content(registry, cohort)
    return canonical_digest({**content, "history": cohort.history.identity, "regions": regions})


def decode_cohort(registry: Registry, text: str) -> Cohort:
    """Read what `encode_cohort` wrote; the registry must know the version."""
    stored = json.loads(text)
    if stored["format"] != FORMAT:
        message = f"a cohort of format {stored['format']!r}, where {FORMAT} is understood"
        raise ValueError(message)
    regions = {
        region: History.for_region(region).extend(types)
        for region, types in stored["regions"].items()
    }
    version = registry.version(stored["version"])
    if version is None:
        message = f"a cohort on {stored['version']!r}, which {registry.workflow!r} has not"
        raise LookupError(message)
    return Cohort(
        version=version.id,
        position=stored["position"],
        history=History.of(stored["history"]),
        regions=lived_regions(regions),
        configuration=decode(version.machine, stored["configuration"]),
        stranding=_decode_stranding(stored["stranding"], stored["message"]),
    )


def _content(registry: Registry, cohort: Cohort) -> dict[str, object]:
    """All but the histories."""
    return {
        "format": FORMAT,
        "version": cohort.version,
        "position": cohort.position,
        "configuration": encode(machine_of(registry, cohort), cohort.configuration),
        "stranding": _encode_stranding(cohort.stranding),
    }


def _encode_stranding(stranding: Stranding | None) -> dict[str, object] | None:
    if stranding is None:
        return None
    return {
        "changePoint": stranding.change_point,
        "reason": stranding.reason,
        "way": [[point.version, point.clock] for point in stranding.way],
        "whileStranded": stranding.while_stranded,
    }


def _decode_stranding(stored: dict[str, object] | None, message: str) -> Stranding | None:
    if stored is None:
        return None
    way: list[tuple[str, int]] = stored["way"]  # type: ignore[assignment]
    return Stranding(
        change_point=str(stored["changePoint"]),
        reason=str(stored["reason"]),
        message=message,
        way=tuple(WayPoint(version, clock) for version, clock in way),
        while_stranded=stored["whileStranded"],  # type: ignore[arg-type]
    )
