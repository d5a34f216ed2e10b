"""What the objects of a namespace remember of the runtime, read from their statuses. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

ADOPT: Final = "statekeep.dev/adopt-registry"
"""The annotation by which a person says with which registry to go on; the operator reads it."""
REPLACED: Final = "RegistryReplaced"


_UNKNOWN: Final[Mapping[str, Any]] = {}


@dataclass(frozen=True, slots=True)
class Remembered:
    """One object that people wrote."""

    kind: str
    name: str
    workflow: str | None
    """None where no definition of the namespace says it."""
    registry: str | None
    clock: int | None
    migrations: Mapping[str, int | None]
    """The clocks of a definition's migrations."""
    actors: int
    ready: str
    reason: str
    message: str

    @property
    def title(self) -> str:
        return f"{self.kind} {self.name}"


def remembered(items: Iterable[Mapping[str, Any]]) -> list[Remembered]:
    """The objects of a namespace, but for projections; definitions first, by name."""
    own = [item for item in items if not _is_projection(item)]
    homes = {
        item["metadata"]["name"]: item["spec"]["workflow"]
        for item in own
        if item["kind"] == "WorkflowDefinition"
    }
    found = [_remembered(item, _home(item, homes)) for item in own]
    return sorted(found, key=lambda one: (one.workflow or "", one.kind == "ChangePoint", one.name))


def _home(item: Mapping[str, Any], homes: Mapping[str, str]) -> str | None:
    if item["kind"] == "WorkflowDefinition":
        return homes[item["metadata"]["name"]]
    ends = (item["spec"].get(end) for end in ("to", "from"))
    return next((homes[end] for end in ends if end in homes), None)


def _remembered(item: Mapping[str, Any], workflow: str | None) -> Remembered:
    status = item.get("status") or {}
    notes = item["metadata"].get("annotations") or {}
    listed: Iterable[Mapping[str, Any]] = status.get("conditions") or ()
    ready = next((one for one in listed if one["type"] == "Ready"), _UNKNOWN)
    return Remembered(
        kind=item["kind"],
        name=item["metadata"]["name"],
        workflow=workflow,
        registry=notes.get(ADOPT) or status.get("registry"),
        clock=status.get("clock"),
        migrations={m["name"]: m.get("clock") for m in status.get("migrations") or ()},
        actors=(status.get("actors") or {}).get("total", 0),
        ready=ready.get("status", "Unknown"),
        reason=ready.get("reason", ""),
        message=ready.get("message", ""),
    )


def _is_projection(item: Mapping[str, Any]) -> bool:
    owners = item["metadata"].get("ownerReferences") or ()
    return any(o.get("kind") == "WorkflowDefinition" and o.get("controller") for o in owners)
