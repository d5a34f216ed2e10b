"""One canonical JSON text for values that are hashed, compared or stored.

Keys are sorted and nothing is escaped that need not be, so equal values have equal texts in every
process and release. The digest of a *machine* is another matter (the order of its states counts)
and is none of this module's business.
"""

from __future__ import annotations

import json
from hashlib import sha256


def canonical_json(value: object) -> str:
    """The text of `value`, the same for equal values."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def canonical_digest(value: object) -> str:
    """`sha256:` and the hexadecimal SHA-256 of the canonical text."""
    return "sha256:" + sha256(canonical_json(value).encode()).hexdigest()
