"""What is legal and surely worth a word."""

from __future__ import annotations

from typing import Any

import pytest

from statekeep.core.compile import compile_machine


def warned(definition: dict[str, Any], **options: Any) -> set[tuple[str, str]]:
    machine = compile_machine(definition, **options)
    assert list(machine.warnings) == sorted(machine.warnings)
    return {(finding.pointer, finding.code) for finding in machine.warnings}


def looping(state: dict[str, Any], **root: Any) -> dict[str, Any]:
    """A machine without warnings of its own."""
    on = {"BACK": "b", **state.get("on", {})}
    return {
        "initial": "a",
        "states": {"a": {**state, "on": on}, "b": {"on": {"GO": "a"}}},
        **root,
    }


def test_a_plain_machine_has_no_warnings() -> None:
    assert warned(looping({})) == set()


WARNED: dict[str, tuple[dict[str, Any], set[tuple[str, str]]]] = {
    "entry and exit actions": (
        looping({"entry": "x", "exit": ["y"]}),
        {("/states/a/entry", "ActionsIgnored"), ("/states/a/exit", "ActionsIgnored")},
    ),
    "actions of an initial state": (
        looping({"initial": {"target": "c", "actions": "x"}, "states": {"c": {}}}),
        {("/states/a/initial", "ActionsIgnored")},
    ),
    "an empty list of actions": (looping({"entry": []}), set()),
    "actions of a transition": (
        looping({"on": {"GO": {"target": "b", "actions": "x"}}}),
        {("/states/a/on/GO", "ActionsIgnored")},
    ),
    "a guard, and what comes after it": (
        looping({"on": {"GO": [{"target": "b", "guard": "g"}, "b"]}}),
        {("/states/a/on/GO/0", "GuardNotEvaluated"), ("/states/a/on/GO/1", "CandidateUnreachable")},
    ),
    "an invocation": (looping({"invoke": {"src": "x"}}), {("/states/a/invoke", "InvokeIgnored")}),
    "a delay": (looping({"after": {"1000": "b"}}), {("/states/a/after", "AfterNotTimed")}),
    "a list of strings under a delay": (
        looping({"after": {"1000": ["b"]}}),
        {
            ("/states/a/after", "AfterNotTimed"),
            ("/states/a/after/1000", "DelayedTargetIgnored"),
            ("/states/a/after/1000/0", "EventWithoutEffect"),
        },
    ),
    "a context": (looping({}, context={"x": 1}), {("/context", "ContextIgnored")}),
    "an initial state of a parallel state": (
        looping({"type": "parallel", "initial": "c", "states": {"c": {}, "d": {}}}),
        {("/states/a/initial", "InitialIgnored")},
    ),
    "history where it has no meaning": (
        looping({"type": "atomic", "history": True}),
        {("/states/a/history", "HistoryIgnored")},
    ),
    "a target where it has no meaning": (
        looping({"target": "b"}),
        {("/states/a/target", "TargetIgnored")},
    ),
    "onDone of an atomic state": (looping({"onDone": "b"}), {("/states/a/onDone", "NeverDone")}),
    "onDone beside its event": (
        looping(
            {
                "id": "a",
                "initial": "f",
                "states": {"f": {"type": "final"}},
                "on": {"xstate.done.state.a": "b"},
                "onDone": "b",
            }
        ),
        {("/states/a/onDone", "HandlerReplaced")},
    ),
    "a wildcard that is none": (
        looping({"on": {"a.*.b": "b", "x*": "b"}}),
        {("/states/a/on/a.*.b", "NoWildcard"), ("/states/a/on/x*", "NoWildcard")},
    ),
    "an event that is forbidden wherever it is named": (
        looping({"on": {"X": {}}}),
        {("/states/a/on/X", "EventWithoutEffect")},
    ),
    "a state that nothing leads to": (
        {
            "initial": "a",
            "states": {"a": {"on": {"E": "a"}}, "b": {"initial": "c", "states": {"c": {}}}},
        },
        {("/states/b", "Unreachable")},
    ),
    "a state that nothing leads out of": (
        {"initial": "a", "states": {"a": {"on": {"E": "b"}}, "b": {}}},
        {("/states/b", "DeadEnd")},
    ),
}


@pytest.mark.parametrize("name", WARNED)
def test_warns_of(name: str) -> None:
    definition, expected = WARNED[name]
    assert warned(definition) == expected


def test_a_denied_guard_leaves_the_later_candidate_reachable() -> None:
    definition = looping({"on": {"GO": [{"target": "b", "guard": "g"}, "b", "a"]}})
    assert warned(definition, guards="Deny") == {
        ("/states/a/on/GO/0", "GuardNotEvaluated"),
        ("/states/a/on/GO/2", "CandidateUnreachable"),
    }


def test_regions_and_history_make_states_reachable() -> None:
    definition = {
        "initial": "off",
        "states": {
            "off": {"on": {"ON": "work.h", "IN": "work.b.y"}},
            "work": {
                "type": "parallel",
                "on": {"OFF": "off"},
                "states": {
                    "a": {"initial": "x", "states": {"x": {"on": {"N": "z"}}, "z": {}}},
                    "b": {"initial": "x", "states": {"x": {}, "y": {}}},
                    "h": {"type": "history", "history": "deep"},
                },
            },
        },
    }
    assert warned(definition) == set()
