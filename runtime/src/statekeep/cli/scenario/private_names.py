"""Private names of one run against a server: put on on the way in, taken off on the way out.

A server is shared, and names are never used again. So a run gives everything that it registers a
prefix of its own. Workflows get it too, also where a body names none: the name that the server
would give is written down, with the prefix.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from statekeep.cli.scenario.backend import Json

OWN_NAMES = ("id", "name", "parentId", "workflow", "from", "to", "refines", "version")
"""Members of a body, of a migration and of an accepted kind that hold such names."""


@dataclass(frozen=True, slots=True)
class PrivateNames:
    """One run's prefix."""

    prefix: str

    def on(self, name: object) -> object:
        """A name with the prefix; what is no name goes as it is, for the server to refuse."""
        return f"{self.prefix}{name}" if isinstance(name, str) and name else name

    def on_body(self, body: object) -> object:
        """The body of a definition or a change-point."""
        if not isinstance(body, Mapping):
            return body
        private = self._on_members(body)
        if "id" in body and not body.get("parentId") and not body.get("migrations"):
            private.setdefault("workflow", self.on(_own_workflow(body)))
        return private

    def off(self, value: object) -> object:
        """Anything that the server answered, without the prefix."""
        if isinstance(value, str):
            return value.replace(self.prefix, "")
        if isinstance(value, Mapping):
            return {str(self.off(key)): self.off(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.off(item) for item in value]
        return value

    def off_object(self, value: Json) -> Json:
        return {key: self.off(item) for key, item in value.items()}

    def _on_members(self, body: Mapping[str, object]) -> Json:
        private = {
            key: self.on(value) if key in OWN_NAMES else value for key, value in body.items()
        }
        for key in ("migrations", "accept"):
            listed = body.get(key)
            if isinstance(listed, list):
                private[key] = [
                    self._on_members(item) if isinstance(item, Mapping) else item for item in listed
                ]
        return private


def _own_workflow(body: Mapping[str, object]) -> object:
    """The workflow that a server gives a definition that names none and has no parent."""
    definition: object = body.get("definition") or body.get("definitionJSON")
    if isinstance(definition, str):
        try:
            definition = json.loads(definition)
        except ValueError:
            return body["id"]
    own = definition.get("id") if isinstance(definition, Mapping) else None
    return own if isinstance(own, str) and own else body["id"]
