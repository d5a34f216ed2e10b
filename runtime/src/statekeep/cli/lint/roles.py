"""What stands where in a manifest: which mapping is a state, which key an event's name.

A table and a lookup. The linter needs it to say what a word would have been, to know where `on`
means `on` by both readings, and where a boolean is really meant. It validates nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class Role:
    """`key` and `value` name what keys and scalars are here; `under` gives the role below a key."""

    key: str = "key"
    value: str = "value"
    under: Mapping[str, str] = field(default_factory=dict)
    otherwise: str = "free"


_MIGRATION: Final = {
    "historyPath": "events",
    "regions": "regions",
    "stateMapping": "mapping",
    "rescues": "flag",
}

ROLES: Final[Mapping[str, Role]] = {
    "free": Role(),
    "flag": Role(value="flag"),
    "name": Role(value="name"),
    "document": Role(under={"spec": "spec", "items": "document"}),
    "spec": Role(
        under={
            **_MIGRATION,
            "definition": "state",
            "migrations": "migration",
            "suspend": "flag",
            "closed": "flag",
        }
    ),
    "migration": Role(under=_MIGRATION),
    "events": Role(value="event"),
    "regions": Role(key="region", otherwise="events"),
    "mapping": Role(key="state", otherwise="target"),
    "state": Role(
        under={
            "states": "states",
            "on": "handlers",
            "true": "handlers",
            "always": "transition",
            "onDone": "transition",
            "after": "delays",
            "initial": "transition",
            "target": "target",
            "id": "name",
            "tags": "name",
        }
    ),
    "states": Role(key="state", otherwise="state"),
    "handlers": Role(key="event", otherwise="transition"),
    "delays": Role(key="delay", otherwise="transition"),
    "transition": Role(
        value="target", under={"target": "target", "reenter": "flag", "internal": "flag"}
    ),
    "target": Role(value="target"),
}


def below(role: str, key: str) -> str:
    """The role of what stands under ``key``; items of a list have the list's own."""
    described = ROLES[role]
    return described.under.get(key, described.otherwise)
