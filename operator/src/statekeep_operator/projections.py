"""A definition's migrations as ChangePoints that can be looked at. Pure.

A projection belongs to its definition (an owner reference that makes it go with it), carries none
of the definition's labels and annotations, and is never reconciled itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from statekeep_operator import bodies
from statekeep_operator.facts import Key, Wish, point_name
from statekeep_operator.models import GROUP, VERSION

API = f"{GROUP}/{VERSION}"
DEFAULTS = {"rescues": True, "evaluation": "Continuous", "whileStranded": "Continue"}


def projections(wish: Wish) -> dict[str, dict[str, Any]]:
    """The spec of each projection of a definition, by name."""
    return {point_name(wish.name, m["name"]): _spec(wish, m) for m in wish.migrations}


def manifest(wish: Wish, namespace: str, name: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    """A projection as it is applied."""
    owner = {
        "apiVersion": API,
        "kind": "WorkflowDefinition",
        "name": wish.name,
        "uid": wish.uid,
        "controller": True,
        "blockOwnerDeletion": False,
    }
    return {
        "apiVersion": API,
        "kind": "ChangePoint",
        "metadata": {"name": name, "namespace": namespace, "ownerReferences": [owner]},
        "spec": dict(spec),
    }


def as_wish(definition: Wish, name: str, body: Mapping[str, Any]) -> Wish:
    """A projection as the object that a status is made for."""
    return Wish(
        key=Key("ChangePoint", name),
        uid=body["metadata"]["uid"],
        generation=body["metadata"]["generation"],
        spec=body.get("spec") or {},
        status=body.get("status") or {},
        annotations=definition.annotations,
    )


def _spec(wish: Wish, migration: Mapping[str, Any]) -> dict[str, Any]:
    closed = {"closed": True} if migration["name"] in (wish.spec.get("close") or ()) else {}
    ends = {"from": migration["from"], "to": wish.name}
    return {**ends, **DEFAULTS, **bodies.rules(migration), **closed}
