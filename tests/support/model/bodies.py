"""Request bodies: what they say once their defaults are filled in, and when two are the same."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from support.model.charts import dotted, parts
from support.model.world import Anchor, Path

Body = dict[str, Any]
GATE = ("maxStranded", "expectPlan")
OF_A_MIGRATION = (
    "name",
    "historyPath",
    "regions",
    "stateMapping",
    "landing",
    "rescues",
    "evaluation",
    "whileStranded",
)


@dataclass
class Wanted:
    """A change-point as its author wrote it."""

    name: str
    source: str | None
    target: str
    has_anchor_fields: bool
    anchor: Anchor
    mapping: dict[Path, tuple[Path, ...]]
    landing: str | None
    rescues: bool
    once: bool
    while_stranded: str
    refines: str | None = None


def wanted(body: Body, name: str, source: str | None, target: str) -> Wanted:
    return Wanted(
        name=name,
        source=source,
        target=target,
        has_anchor_fields=any(key in body for key in ("from", "historyPath", "regions")),
        anchor=Anchor(
            tuple(body.get("historyPath", ())),
            {dotted(parts(r)): tuple(path) for r, path in body.get("regions", {}).items()},
        ),
        mapping={parts(k): _targets(v) for k, v in body.get("stateMapping", {}).items()},
        landing=body.get("landing"),
        rescues=body.get("rescues", True),
        once=body.get("evaluation", "Continuous") == "Once",
        while_stranded=body.get("whileStranded", "Continue"),
        refines=body.get("refines"),
    )


def _targets(value: str | list[str]) -> tuple[Path, ...]:
    return tuple(parts(item) for item in ([value] if isinstance(value, str) else value))


def migrations_of(body: Body) -> list[Wanted]:
    """The migrations of a deployment, in either of its two forms."""
    if "migrations" in body:
        return [
            wanted(item, _name_of(item, body, item["from"]), item["from"], body["id"])
            for item in body["migrations"]
        ]
    if "parentId" not in body:
        return []
    parent = body["parentId"]
    return [wanted(body, _name_of(body, body, parent), parent, body["id"])]


def _name_of(item: Body, body: Body, source: str) -> str:
    return str(item.get("name", f"{body['id']}.{source}"))


def lacks_parent(body: Body) -> bool:
    """A deployment that has rules for a migration, and none."""
    return "parentId" not in body and any(key in body for key in OF_A_MIGRATION)


def canonical(body: Body) -> str:
    """Equal for bodies that are the same; the gate is no part, and keys have order in `states`."""
    plain = {key: value for key, value in body.items() if key not in (*GATE, "definition")}
    return json.dumps([plain, _ordered(body.get("definition"))], sort_keys=True)


def _ordered(state: Any) -> Any:
    if not isinstance(state, dict) or not isinstance(state.get("states"), dict):
        return state
    states = [[key, _ordered(child)] for key, child in state["states"].items()]
    return {**state, "states": states}
