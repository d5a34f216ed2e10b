"""From objects to the bodies of the HTTP API.

Only what differs from the API's own defaults is sent, so that a default that a newer CRD writes out
makes no other body.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from statekeep_operator.facts import Wish, point_name

_RULES: Mapping[str, Any] = {
    "historyPath": [],
    "regions": {},
    "stateMapping": {},
    "landing": None,
    "rescues": True,
    "evaluation": "Continuous",
    "whileStranded": "Continue",
}
"""Every rule of a change-point, with its default."""

_GATE = ("maxStranded", "expectPlan", "accept")

Body = dict[str, Any]


def version(wish: Wish, migrations: Iterable[str] = ()) -> Body:
    """What registers a version together with these migrations of it."""
    wanted = set(migrations)
    listed = [_migration(wish, m) for m in wish.migrations if m["name"] in wanted]
    return {
        "id": wish.name,
        "workflow": wish.spec["workflow"],
        **_machine(wish.spec),
        **_other_than(wish.spec, {"guards": "Ignore", "journal": "Types"}),
        **({"migrations": listed} if listed else {}),
        "owner": _owner(wish),
    }


def point(wish: Wish, workflow: str | None) -> Body:
    """What registers a ChangePoint; without a workflow that of its versions."""
    ends = {key: wish.spec[key] for key in ("from", "to", "refines") if wish.spec.get(key)}
    rules = _other_than(wish.spec, _RULES)
    home = {"workflow": workflow} if workflow else {}
    return {"name": wish.name, **home, **ends, **rules, "owner": _owner(wish)}


def gate(wish: Wish) -> Body:
    """The gate; its deadline is the operator's business."""
    return {key: wish.gate[key] for key in _GATE if wish.gate.get(key) is not None}


def rules(written: Mapping[str, Any]) -> Body:
    """The rules of a migration, as a ChangePoint carries them."""
    return _other_than(written, _RULES)


def _migration(wish: Wish, written: Mapping[str, Any]) -> Body:
    name = point_name(wish.name, written["name"])
    return {"name": name, "from": written["from"], **_other_than(written, _RULES)}


def _machine(spec: Mapping[str, Any]) -> Body:
    """The API server sorts the keys of objects; only a string keeps their order."""
    if spec.get("definitionJSON") is not None:
        return {"definitionJSON": spec["definitionJSON"]}
    return {"definition": spec.get("definition"), "keyOrder": "Lost"}


def _other_than(written: Mapping[str, Any], defaults: Mapping[str, Any]) -> Body:
    return {
        key: written[key]
        for key, default in defaults.items()
        if key in written and written[key] is not None and written[key] != default
    }


def _owner(wish: Wish) -> Body:
    return {
        "kind": wish.key.kind,
        "name": wish.name,
        "uid": wish.uid,
        "generation": wish.generation,
    }
