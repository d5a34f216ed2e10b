"""Making a failing scenario small: drop steps, then keys and items, while it still fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

Scenario = dict[str, Any]
Fails = Callable[[Scenario], bool]
Place = tuple[str | int, ...]


def minimised(scenario: Scenario, fails: Fails) -> Scenario:
    """`fails` must be total: a scenario that cannot be played does not fail."""
    small = _without_chunks(scenario, fails)
    while True:
        smaller = _without_one(small, fails)
        if smaller is None:
            return small
        small = smaller


def _without_chunks(scenario: Scenario, fails: Fails) -> Scenario:
    small, size = scenario, len(scenario["steps"]) // 2
    while size:
        start = 0
        while start < len(small["steps"]):
            steps = small["steps"][:start] + small["steps"][start + size :]
            candidate = {**small, "steps": steps}
            if fails(candidate):
                small = candidate
            else:
                start += size
        size //= 2
    return small


def _without_one(scenario: Scenario, fails: Fails) -> Scenario | None:
    """One pass over all places, each tried once, the largest parts first."""
    shrunk = False
    for place in sorted(_places(scenario["steps"]), key=len):
        candidate = deepcopy(scenario)
        if _delete(candidate["steps"], place) and fails(candidate):
            scenario, shrunk = candidate, True
    return scenario if shrunk else None


def _places(value: Any, at: Place = ()) -> Iterator[Place]:
    items: Iterator[tuple[str | int, Any]] = iter(())
    if isinstance(value, dict):
        items = iter(value.items())
    if isinstance(value, list):
        items = ((index, value[index]) for index in range(len(value) - 1, -1, -1))
    for key, child in items:
        yield (*at, key)
        yield from _places(child, (*at, key))


def _delete(value: Any, place: Place) -> bool:
    """Whether the place was still there."""
    for key in place[:-1]:
        if isinstance(value, dict) and key not in value:
            return False
        if isinstance(value, list) and (not isinstance(key, int) or key >= len(value)):
            return False
        value = value[key]
    last = place[-1]
    if isinstance(value, dict) and last in value:
        del value[last]
        return True
    if isinstance(value, list) and isinstance(last, int) and last < len(value):
        del value[last]
        return True
    return False
