"""XState v4's forms: what is converted, what is only warned of, and what v5 keeps for itself."""

from __future__ import annotations

from typing import Any

import pytest

from statekeep.core.compile import compile_machine
from statekeep.core.configuration import value
from statekeep.core.findings import DefinitionError
from statekeep.core.machine import Machine
from statekeep.core.step import initial, step


def walk(machine: Machine, *events: str) -> Any:
    configuration = initial(machine)
    for event in events:
        configuration = step(machine, configuration, event).configuration
    return value(machine, configuration)


def codes(machine: Machine) -> set[tuple[str, str]]:
    return {(finding.pointer, finding.code) for finding in machine.warnings}


def test_cond_and_in_are_guards() -> None:
    definition = {
        "initial": "a",
        "states": {
            "a": {
                "on": {"GO": {"target": "b", "cond": "ready"}, "IN": {"target": "b", "in": "#x"}}
            },
            "b": {"on": {"BACK": "a"}},
        },
    }
    assert walk(compile_machine(definition), "GO") == "b"
    denying = compile_machine(definition, guards="Deny")
    assert walk(denying, "GO") == walk(denying, "IN") == "a"
    assert ("/states/a/on/GO", "GuardNotEvaluated") in codes(denying)


def test_the_null_event_is_always() -> None:
    machine = compile_machine(
        {"initial": "a", "states": {"a": {"on": {"": "b"}}, "b": {"type": "final"}}}
    )
    assert walk(machine) == "b"
    assert ("/states/a/on/", "ReadAsV4") in codes(machine)


def test_lists_of_events_and_delays_are_objects() -> None:
    machine = compile_machine(
        {
            "initial": "a",
            "states": {
                "a": {
                    "on": [{"event": "GO", "target": "b"}],
                    "after": [{"delay": 1000, "target": "c"}],
                },
                "b": {"on": {"E": "a"}},
                "c": {"type": "final"},
            },
        }
    )
    assert walk(machine, "GO") == "b"
    assert walk(machine, "xstate.after.1000.(machine).a") == "c"
    assert {("/states/a/on", "ReadAsV4"), ("/states/a/after", "ReadAsV4")} <= codes(machine)


DONE = {
    "initial": "a",
    "states": {
        "a": {
            "id": "a",
            "initial": "f",
            "states": {"f": {"type": "final"}},
            "on": {"done.state.a": "b"},
        },
        "b": {"on": {"E": "b"}},
    },
}


def test_the_done_event_of_v4_is_an_ordinary_event_in_a_v5_machine() -> None:
    machine = compile_machine(DONE)
    assert walk(machine) == {"a": "f"}
    assert walk(machine, "done.state.a") == "b"
    assert ("/states/a/on/done.state.a", "EventOfV4") in codes(machine)


@pytest.mark.parametrize(
    ("old", "sent"),
    [
        ("done.invoke.job", "xstate.done.actor.job"),
        ("error.platform.job", "xstate.error.actor.job"),
        ("xstate.after(1000)#m.a", "xstate.after.1000.m.a"),
    ],
)
def test_events_of_v4_are_renamed_in_a_v4_machine(old: str, sent: str) -> None:
    machine = compile_machine(
        {
            "id": "m",
            "initial": "a",
            "states": {
                "a": {"on": {old: "b", "X": {"target": "b", "cond": "c"}}},
                "b": {"on": {"E": "b"}},
            },
        }
    )
    assert walk(machine, sent) == "b"
    assert ("/states/a/on/" + old, "ReadAsV4") in codes(machine)


def test_a_done_event_is_renamed_in_a_v4_machine() -> None:
    states = {**DONE["states"], "c": {"on": [{"event": "E", "target": "b"}]}}
    assert walk(compile_machine({**DONE, "states": states})) == "b"


INTERNAL = {
    "initial": "a",
    "states": {
        "a": {
            "initial": "x",
            "states": {"x": {"on": {"N": "y"}}, "y": {}, "h": {"type": "history"}},
            "on": {"GO": {"target": ".h", "internal": False}},
        },
    },
}


def test_internal_means_nothing_in_v5() -> None:
    machine = compile_machine(INTERNAL)
    assert walk(machine, "N", "GO") == {"a": "x"}
    assert ("/states/a/on/GO/internal", "InternalIgnored") in codes(machine)


def test_an_external_transition_of_a_v4_machine_reenters() -> None:
    states = {**INTERNAL["states"], "b": {"on": {"E": {"target": "a", "cond": "c"}}}}
    machine = compile_machine({**INTERNAL, "states": states})
    assert walk(machine, "N", "GO") == {"a": "y"}
    assert ("/states/a/on/GO/internal", "ReadAsV4") in codes(machine)


def test_data_is_output_and_the_rest_is_ignored() -> None:
    machine = compile_machine(
        {
            "strict": True,
            "delimiter": "/",
            "key": "k",
            "initial": "a",
            "states": {
                "a": {"activities": ["beep"], "onEntry": "x", "on": {"E": "f"}},
                "f": {"type": "final", "data": {"ok": True}},
            },
        }
    )
    assert machine.nodes[2].output == {"ok": True}
    assert codes(machine) == {
        ("/delimiter", "DelimiterIgnored"),
        ("/key", "KeyIgnored"),
        ("/states/a/activities", "ActionsIgnored"),
        ("/states/a/onEntry", "ActionsIgnored"),
        ("/states/f/data", "ReadAsV4"),
        ("/strict", "Ignored"),
    }


def test_a_prefix_wildcard_means_more_than_it_did_in_v4() -> None:
    machine = compile_machine(
        {
            "initial": "a",
            "states": {"a": {"on": {"x.*": "b", "": []}}, "b": {"on": {"E": "a"}}},
        }
    )
    assert ("/states/a/on/x.*", "WildcardOfV5") in codes(machine)


def test_an_item_of_a_list_needs_its_event() -> None:
    with pytest.raises(DefinitionError) as refused:
        compile_machine({"initial": "a", "states": {"a": {"on": [{"target": "a"}, "b"]}}})
    wrong = [(f.pointer, f.code) for f in refused.value.findings if f.severity == "error"]
    assert wrong == [("/states/a/on/0/event", "WrongType"), ("/states/a/on/1", "WrongType")]
