"""State values, and configurations as they are stored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from statekeep.core.compile import compile_machine
from statekeep.core.configuration import (
    Configuration,
    conflict,
    decode,
    encode,
    is_complete,
    resolve,
    tags,
    value,
)
from statekeep.core.errors import IllegalState
from statekeep.core.machine import Machine
from statekeep.core.step import initial, step

GOLDEN = Path(__file__).parents[2] / "golden" / "core" / "configurations.txt"


@pytest.fixture(scope="module")
def build() -> Machine:
    return compile_machine(
        {
            "id": "build",
            "tags": "all",
            "initial": "work",
            "states": {
                "work": {
                    "type": "parallel",
                    "tags": ["busy"],
                    "on": {"STOP": "stopped"},
                    "states": {
                        "code": {
                            "initial": "wip",
                            "states": {
                                "wip": {"on": {"PUSH": "pushed.first"}, "tags": ["early", "busy"]},
                                "pushed": {
                                    "initial": "first",
                                    "states": {"first": {}, "again": {}},
                                },
                                "merged": {"type": "final"},
                                "h": {"type": "history", "history": "deep"},
                            },
                        },
                        "check": {"initial": "pending", "states": {"pending": {}, "v1.0": {}}},
                        "idle": {},
                        "last": {"type": "history"},
                    },
                },
                "stopped": {"on": {"RESUME": "work.last", "DEEP": "work.code.h"}},
            },
        }
    )


COMPLETE = {"work": {"code": "wip", "check": "pending", "idle": {}}}

PARTIAL: dict[str, tuple[Any, Any]] = {
    "nothing": ({}, COMPLETE),
    "a child": ("work", COMPLETE),
    "a child of a parallel state": (
        {"work": "check"},
        {"work": {"code": "wip", "check": "pending", "idle": {}}},
    ),
    "one region": (
        {"work": {"code": {"pushed": "again"}}},
        {"work": {"code": {"pushed": "again"}, "check": "pending", "idle": {}}},
    ),
    "a state that has an initial state": (
        {"work": {"code": "pushed"}},
        {"work": {"code": {"pushed": "first"}, "check": "pending", "idle": {}}},
    ),
    "a key with a dot": (
        {"work": {"check": "v1.0"}},
        {"work": {"code": "wip", "check": "v1.0", "idle": {}}},
    ),
    "an atomic state as an object": ({"stopped": {}}, "stopped"),
}


@pytest.mark.parametrize("name", PARTIAL)
def test_a_partial_value_is_completed(build: Machine, name: str) -> None:
    given, completed = PARTIAL[name]
    assert value(build, resolve(build, given)) == completed


ILLEGAL: dict[str, tuple[Any, str]] = {
    "an unknown state": ("gone", "the machine has no state `gone`"),
    "an unknown state below": ({"work": {"code": "x"}}, "work.code has no state `x`"),
    "a history state": ({"work": {"code": "h"}}, "`h` of work.code is a history state"),
    "a history state of a parallel state": ({"work": {"last": {}}}, "history state"),
    "two children": ({"work": {}, "stopped": {}}, "cannot be active together"),
    "something below an atomic state": ({"stopped": "x"}, "stopped has no state `x`"),
    "a number": (5, "a string or an object, not int"),
    "null below": ({"work": None}, "a string or an object, not null"),
    "a list": (["work"], "not list"),
}


@pytest.mark.parametrize("name", ILLEGAL)
def test_is_illegal(build: Machine, name: str) -> None:
    given, sentence = ILLEGAL[name]
    with pytest.raises(IllegalState) as refused:
        resolve(build, given)
    assert refused.value.code == "IllegalState"
    assert sentence in str(refused.value)


def test_no_transition_is_run_to_complete_a_value() -> None:
    machine = compile_machine(
        {"initial": "b", "states": {"a": {"always": "b"}, "b": {"type": "final"}}}
    )
    resting = resolve(machine, "a")
    assert (value(machine, resting), resting.done) == ("a", False)
    assert resolve(machine, "b").done


def walk(machine: Machine, *events: str) -> Configuration:
    configuration = initial(machine)
    for event in events:
        configuration = step(machine, configuration, event).configuration
    return configuration


STORED = [(), ("PUSH",), ("STOP",), ("PUSH", "STOP"), ("PUSH", "STOP", "RESUME")]


def test_the_stored_form_never_changes_and_is_read_for_ever(build: Machine) -> None:
    """The lines of the golden file were written once; they are never edited."""
    lines = GOLDEN.read_text(encoding="utf-8").splitlines()
    walked = [walk(build, *events) for events in STORED]
    assert [encode(build, each) for each in walked] == lines
    assert [decode(build, line) for line in lines] == walked


def test_equal_configurations_are_equal_whatever_way_led_there(build: Machine) -> None:
    once = walk(build, "PUSH")
    other = resolve(build, {"work": {"code": {"pushed": "first"}}})
    assert once == other
    assert hash(once) == hash(other)


DAMAGED = [
    "",
    "null",
    "[]",
    "[2,[]]",
    '[1,"work"]',
    '[1,["work"]]',
    '[1,["work.code.wip"]]',
    '[1,["work.code.wip","work.code.merged","work.check.pending","work.idle"]]',
    '[1,["stopped","stopped"]]',
    '[1,["gone"]]',
    "[1,[5]]",
    '[1,["stopped"],{"work":["work.code"]}]',
    '[1,["stopped"],{"work.last":["stopped"]}]',
    '[1,["stopped"],{"work.last":5}]',
    '[1,["stopped"],{},7]',
    '[1,["work.last"]]',
    "[" * 50_000,
]


@pytest.mark.parametrize("text", DAMAGED)
def test_a_damaged_or_foreign_configuration_is_refused(build: Machine, text: str) -> None:
    with pytest.raises(IllegalState):
        decode(build, text)


def test_tags_are_those_of_all_active_states(build: Machine) -> None:
    assert tags(build, initial(build)) == ("all", "busy", "early")
    assert tags(build, walk(build, "STOP")) == ("all",)


def test_completeness_is_that_of_xstate(build: Machine) -> None:
    merged = resolve(build, {"work": {"code": "merged"}})
    index = {node.path: node.index for node in build.nodes}
    assert is_complete(build, merged, index["work", "code"])
    assert not is_complete(build, merged, index[("work",)])
    assert not is_complete(build, merged, index["work", "idle"])


def test_a_conflict_names_the_two_that_exclude_each_other(build: Machine) -> None:
    index = {node.path: node.index for node in build.nodes}
    wip, merged = index["work", "code", "wip"], index["work", "code", "merged"]
    assert conflict(build, [wip, merged]) == (wip, merged)
    assert conflict(build, [wip, index["work", "check", "v1.0"]]) is None
    assert conflict(build, [index[("work",)], wip]) is None
