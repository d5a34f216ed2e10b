"""The identity of a definition: one canonical form and one SHA-256.

The canonical form is JSON without whitespace and with sorted keys, except that `states` keeps its
order, because that order is document order.  Everything that is carried along counts, `meta` and
`description` too; so do the guard policy and nothing else outside the definition.
Nobody else hashes definitions.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from statekeep.core.chart import Guards

FORMAT = "statekeep/machine/1"


def digest_of(definition: dict[str, Any], guards: Guards) -> str:
    """`sha256:…` of a definition that has passed validation, in normal form."""
    return "sha256:" + sha256(canonical(definition, guards).encode()).hexdigest()


def canonical(definition: dict[str, Any], guards: Guards) -> str:
    """The text that is hashed."""
    form = [FORMAT, guards, _state(definition)]
    return json.dumps(form, ensure_ascii=True, separators=(",", ":"), sort_keys=True)


def _state(config: dict[str, Any]) -> dict[str, Any]:
    """A state with its `states` as a list of pairs, which sorting leaves alone."""
    plain = {key: _plain(value) for key, value in config.items() if key != "states"}
    below = config.get("states")
    if below:
        plain["states"] = [[key, _state(state)] for key, state in below.items()]
    return plain


def _plain(value: Any) -> Any:
    """Numbers as JSON means them: 1.0 is 1. Containers without floats are kept as they are."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
