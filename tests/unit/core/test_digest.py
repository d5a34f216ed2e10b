"""What is the same definition, and what is another."""

from __future__ import annotations

import json
from typing import Any

import pytest

from statekeep.core.compile import compile_machine
from statekeep.core.text import parse_definition

LOAN: dict[str, Any] = {
    "id": "loan",
    "description": "A loan",
    "initial": "open",
    "states": {
        "open": {"on": {"PAY": "paid", "WAIVE": {"target": "waived"}}, "tags": ["live"]},
        "paid": {"type": "final", "meta": {"weight": 1, "states": {"y": 1, "x": 2}}},
        "waived": {"type": "final"},
    },
}
LOAN_DIGEST = "sha256:5d73c965677031e57c11d5a96d89e0137bcf47a8b9e1a0368192299fa92d85ff"


def digest(definition: Any, **options: Any) -> str:
    return compile_machine(definition, **options).digest


def changed(*path: Any, to: Any) -> dict[str, Any]:
    made: Any = json.loads(json.dumps(LOAN))
    holder = made
    for key in path[:-1]:
        holder = holder[key]
    if to is None:
        del holder[path[-1]]
    else:
        holder[path[-1]] = to
    return dict(made)


def backwards(part: Any, key: str = "") -> Any:
    """Every object with its keys turned round, except `states` of a state."""
    if isinstance(part, list):
        return [backwards(item) for item in part]
    if not isinstance(part, dict):
        return part
    items = {name: backwards(item, name) for name, item in part.items()}
    return items if key == "states" and "open" in part else dict(reversed(items.items()))


def test_the_digest_of_a_known_definition_never_changes() -> None:
    assert digest(LOAN) == LOAN_DIGEST


@pytest.mark.parametrize(
    "same",
    [
        backwards(LOAN),
        parse_definition(json.dumps(LOAN, indent=8)),
        changed("states", "paid", "meta", "weight", to=1.0),
    ],
)
def test_whitespace_and_the_order_of_keys_do_not_count(same: Any) -> None:
    assert digest(same) == digest(LOAN)


REVERSED = {**LOAN, "states": dict(reversed(LOAN["states"].items()))}

DIFFERENT: dict[str, Any] = {
    "the order of states": REVERSED,
    "a target": changed("states", "open", "on", "PAY", to="waived"),
    "the form of a transition": changed("states", "open", "on", "PAY", to={"target": "paid"}),
    "an event less": changed("states", "open", "on", "PAY", to=None),
    "a tag": changed("states", "open", "tags", to=["dead"]),
    "a type": changed("states", "waived", "type", to=None),
    "an id": changed("id", to="other"),
    "a description": changed("description", to="Another"),
    "a number in meta": changed("states", "paid", "meta", "weight", to=1.5),
    "an empty state": changed("states", "more", to={}),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_counts(name: str) -> None:
    assert digest(DIFFERENT[name]) != digest(LOAN)


def test_the_order_of_an_array_and_the_policy_of_guards_count() -> None:
    one = {"initial": "a", "states": {"a": {"on": {"E": ["b", "c"]}}, "b": {}, "c": {}}}
    other = {"initial": "a", "states": {"a": {"on": {"E": ["c", "b"]}}, "b": {}, "c": {}}}
    assert len({digest(one), digest(other), digest(one, guards="Deny")}) == 3


def test_the_object_form_is_the_string_form_with_sorted_states() -> None:
    assert digest(REVERSED, source="object") == digest(LOAN, source="object")
    in_order = {**LOAN, "states": dict(sorted(LOAN["states"].items()))}
    assert digest(in_order) == digest(LOAN, source="object")
