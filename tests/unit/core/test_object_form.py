"""Definitions that come as objects, through YAML and the Kubernetes API."""

from __future__ import annotations

from typing import Any

import pytest

from statekeep.core.compile import compile_machine
from statekeep.core.configuration import value
from statekeep.core.findings import DefinitionError
from statekeep.core.step import initial

DOOR = {
    "initial": "closed",
    "states": {
        "closed": {"on": {"OPEN": "open"}},
        "open": {
            "on": {"CLOSE": "closed"},
            "initial": "wide",
            "states": {"wide": {"on": {"X": {}}}},
        },
    },
}


def through_yaml(config: dict[str, Any]) -> dict[str, Any]:
    """What YAML 1.1 makes of the plain key `on`."""
    made = {("true" if key == "on" else key): value for key, value in config.items()}
    if "states" in made:
        made["states"] = {key: through_yaml(state) for key, state in made["states"].items()}
    return made


def errors(definition: object) -> list[tuple[str, str]]:
    with pytest.raises(DefinitionError) as refused:
        compile_machine(definition, source="object")
    return [(f.pointer, f.code) for f in refused.value.findings if f.severity == "error"]


def state(**keys: Any) -> dict[str, Any]:
    return {"initial": "a", "states": {"a": keys, "b": {}}}


def test_the_key_true_means_on_and_is_the_same_definition() -> None:
    machine = compile_machine(through_yaml(DOOR), source="object")
    assert machine.digest == compile_machine(DOOR, source="object").digest
    assert machine.event_types == ("CLOSE", "OPEN", "X")


def test_the_order_of_keys_means_nothing() -> None:
    backwards = {**DOOR, "states": dict(reversed(DOOR["states"].items()))}
    one, other = (compile_machine(each, source="object") for each in (DOOR, backwards))
    assert one.digest == other.digest
    assert [node.key for node in one.nodes] == [node.key for node in other.nodes]


def test_nulls_that_some_tools_drop_are_dropped_by_all() -> None:
    with_nulls = {**DOOR, "description": None, "meta": {"a": None, "b": [None, {"c": None}]}}
    without = {**DOOR, "meta": {"b": [None, {}]}}
    assert (
        compile_machine(with_nulls, source="object").digest
        == compile_machine(without, source="object").digest
    )


def test_pointers_are_those_of_the_definition_as_it_was_given() -> None:
    assert errors(state(true={"GO": "nowhere"})) == [("/states/a/true/GO", "TargetNotFound")]


REFUSED: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "both on and true": (
        state(true={}, on={"GO": "b"}),
        [("/states/a/true", "DuplicateOn")],
    ),
    "a boolean as the name of an event": (
        state(on={"true": "b"}),
        [("/states/a/on/true", "BooleanName")],
    ),
    "a boolean as the name of an event under a boolean on": (
        state(true={"false": "b"}),
        [("/states/a/true/false", "BooleanName")],
    ),
    "a boolean as the name of a state": (
        {"initial": "a", "states": {"a": {}, "false": {}}},
        [("/states/false", "BooleanName")],
    ),
    "a boolean as a target": (
        state(on={"GO": False, "X": {"target": True}, "Y": [{"target": [False]}]}),
        [
            ("/states/a/on/GO", "WrongType"),
            ("/states/a/on/X/target", "WrongType"),
            ("/states/a/on/Y/0/target", "WrongType"),
        ],
    ),
    "a number as a target": (state(on={"GO": 5}), [("/states/a/on/GO", "WrongType")]),
    "a boolean as the initial state": (
        {"initial": True, "states": {"a": {}}},
        [("", "MissingInitial"), ("/initial", "WrongType")],
    ),
    "null as a transition": (
        state(on={"GO": None}, after={"10": None}),
        [("/states/a/after/10", "NullTransition"), ("/states/a/on/GO", "NullTransition")],
    ),
    "off as a key of a state": (state(false={}), [("/states/a/false", "UnknownKey")]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refuses(name: str) -> None:
    definition, expected = REFUSED[name]
    if name == "a boolean as the initial state":
        expected = [pair for pair in expected if pair[1] == "WrongType"]
    assert errors(definition) == expected


def test_the_message_says_to_quote_or_to_use_a_string() -> None:
    with pytest.raises(DefinitionError) as refused:
        compile_machine(state(on={"true": "b", "GO": True}), source="object")
    messages = [f.message for f in refused.value.findings if f.severity == "error"]
    assert len(messages) == 2
    assert all("quote it" in message and "definitionJSON" in message for message in messages)


def test_the_same_words_are_names_in_a_string() -> None:
    machine = compile_machine(
        {"initial": "true", "states": {"true": {"on": {"false": "true", "GO": None}}}}
    )
    assert value(machine, initial(machine)) == "true"
    assert machine.event_types == ("GO", "false")
