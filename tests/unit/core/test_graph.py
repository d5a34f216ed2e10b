"""The routing graph: who comes from where, and what leads back."""

from __future__ import annotations

import pytest

from statekeep.core.graph import ancestors, leads_back

EDGES = [("v1", "v2"), ("v2", "v3"), ("v1", "v4"), ("v4", "v3")]


@pytest.mark.parametrize(
    ("version", "expected"),
    [("v1", set()), ("v2", {"v1"}), ("v3", {"v1", "v2", "v4"}), ("unknown", set())],
)
def test_ancestors_are_all_versions_that_lead_here(version: str, expected: set[str]) -> None:
    assert ancestors(EDGES, version) == expected


@pytest.mark.parametrize(
    ("source", "target", "back"),
    [
        ("v1", "v1", True),
        ("v3", "v1", True),
        ("v3", "v4", True),
        ("v2", "v4", False),
        ("v4", "v2", False),
        ("v1", "v3", False),
    ],
)
def test_a_migration_leads_back_to_itself_or_an_ancestor(
    source: str, target: str, back: bool
) -> None:
    assert leads_back(EDGES, source, target) is back
