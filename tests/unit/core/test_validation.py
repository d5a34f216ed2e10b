"""What is wrong with a definition, where, and what it is called."""

from __future__ import annotations

from typing import Any

import pytest

from statekeep.core.compile import compile_machine
from statekeep.core.findings import DefinitionError, Finding
from statekeep.core.limits import MAX_DEPTH, MAX_STATES, MAX_TRANSITIONS


def findings(definition: object, **options: Any) -> tuple[Finding, ...]:
    with pytest.raises(DefinitionError) as refused:
        compile_machine(definition, **options)
    return refused.value.findings


def errors(definition: object, **options: Any) -> list[tuple[str, str]]:
    return [(f.pointer, f.code) for f in findings(definition, **options) if f.severity == "error"]


def two(first: dict[str, Any], **rest: Any) -> dict[str, Any]:
    return {"initial": "a", "states": {"a": first, "b": {}}, **rest}


REFUSED: dict[str, tuple[object, list[tuple[str, str]]]] = {
    "a definition that is no object": ([], [("", "WrongType")]),
    "a misspelt key": (two({"onn": {"GO": "b"}}), [("/states/a/onn", "UnknownKey")]),
    "a misspelt key of a transition": (
        two({"on": {"GO": {"targte": "b"}}}),
        [("/states/a/on/GO/targte", "UnknownKey")],
    ),
    "states without an initial one": ({"states": {"a": {}}}, [("", "MissingInitial")]),
    "nested states without an initial one": (
        two({"states": {"c": {}}}),
        [("/states/a", "MissingInitial")],
    ),
    "an initial state that is not there": (two({}, initial="c"), [("/initial", "WrongInitial")]),
    "an initial state that is no child": (
        two({"initial": "b", "states": {"c": {}}}),
        [("/states/a/initial", "WrongInitial")],
    ),
    "an initial state by a path": (
        {"initial": "a.c", "states": {"a": {"initial": "c", "states": {"c": {}}}}},
        [("/initial", "WrongInitial")],
    ),
    "an initial state with an unknown key": (
        two({}, initial={"target": "a", "goto": "b"}),
        [("/initial/goto", "UnknownKey")],
    ),
    "an initial object without a target": (
        two({}, initial={"actions": "x"}),
        [("/initial/target", "WrongType")],
    ),
    "an initial state of an atomic state": (
        two({"initial": "b"}),
        [("/states/a/initial", "WrongInitial")],
    ),
    "a wrong initial state of a parallel state": (
        two({"type": "parallel", "initial": "z", "states": {"c": {}}}),
        [("/states/a/initial", "WrongInitial")],
    ),
    "a parallel state without states": (
        two({"type": "parallel"}),
        [("/states/a", "ParallelWithoutStates")],
    ),
    "a parallel state with nothing but history states": (
        two({"type": "parallel", "states": {"h": {"type": "history"}}}),
        [("/states/a", "ParallelWithoutStates")],
    ),
    "an unknown type": (two({"type": "paralel"}), [("/states/a/type", "UnknownType")]),
    "states below a final state": (
        two({"type": "final", "states": {"c": {}}}),
        [("/states/a/states", "StatesNotAllowed")],
    ),
    "states below an atomic state": (
        two({"type": "atomic", "states": {"c": {}}}),
        [("/states/a/states", "StatesNotAllowed")],
    ),
    "states below a history state": (
        two({"type": "history", "states": {"c": {}}}),
        # It is also the initial state, so nothing would ever be entered.
        [("/states/a", "HistoryLoops"), ("/states/a/states", "StatesNotAllowed")],
    ),
    "the machine as a history state": ({"type": "history"}, [("", "HistoryAtRoot")]),
    "a target that is not there": (
        two({"on": {"GO": "c"}}),
        [("/states/a/on/GO", "TargetNotFound")],
    ),
    "one of several candidates with a wrong target": (
        two({"on": {"GO": ["b", {"target": "c"}]}}),
        [("/states/a/on/GO/1", "TargetNotFound")],
    ),
    "an id that is not there": (
        two({"always": {"target": "#z"}}),
        [("/states/a/always", "TargetNotFound")],
    ),
    "a sibling named from the root": (
        two({}, on={"GO": "b"}),
        [("/on/GO", "TargetNotFound")],
    ),
    "wrong targets in every handler": (
        two(
            {
                "onDone": "x",
                "after": {"10": "x"},
                "invoke": {"src": "s", "onDone": "x", "onError": "x"},
            }
        ),
        [
            ("/states/a/after/10", "TargetNotFound"),
            ("/states/a/invoke/onDone", "TargetNotFound"),
            ("/states/a/invoke/onError", "TargetNotFound"),
            ("/states/a/onDone", "TargetNotFound"),
        ],
    ),
    "a wrong target in a state that nothing reaches": (
        {"initial": "a", "states": {"a": {}, "b": {"on": {"GO": "z"}}}},
        [("/states/b/on/GO", "TargetNotFound")],
    ),
    "two ids that are the same": (
        two({"id": "x"}, id="x"),
        [("/states/a/id", "DuplicateId")],
    ),
    "an id that is another state's default id": (
        {"id": "m", "initial": "a", "states": {"a": {}, "b": {"id": "m.a"}}},
        [("/states/b/id", "DuplicateId")],
    ),
    "two targets in one compound state": (
        two({"on": {"GO": {"target": ["a", "b"]}}}),
        [("/states/a/on/GO", "IllegalTargets")],
    ),
    "a history state beside a target below the same state": (
        two(
            {"on": {"GO": {"target": ["#p.h", "#p.c"]}}},
            states={
                "a": {"on": {"GO": {"target": ["#p.h", "#p.c"]}}},
                "p": {
                    "id": "p",
                    "type": "parallel",
                    "states": {"c": {}, "d": {}, "h": {"type": "history"}},
                },
            },
        ),
        [("/states/a/on/GO", "IllegalTargets")],
    ),
    "a history default that is not there": (
        two({"initial": "c", "states": {"c": {}, "h": {"type": "history", "target": "z"}}}),
        [("/states/a/states/h/target", "HistoryDefaultNotFound")],
    ),
    "a history default outside of its parent": (
        two({"initial": "c", "states": {"c": {}, "h": {"type": "history", "target": "#b"}}})
        | {
            "states": {
                "a": {"initial": "c", "states": {"c": {}, "h": {"history": True, "target": "#b"}}},
                "b": {"id": "b"},
            }
        },
        [("/states/a/states/h/target", "HistoryDefaultOutside")],
    ),
    "history states that default to each other": (
        two(
            {
                "initial": "c",
                "states": {
                    "c": {},
                    "h": {"type": "history", "target": "i"},
                    "i": {"type": "history", "target": "h"},
                },
            }
        ),
        [
            ("/states/a/states/h/target", "HistoryLoops"),
            ("/states/a/states/i/target", "HistoryLoops"),
        ],
    ),
    "an initial history state without a default": (
        {"initial": "h", "states": {"a": {}, "h": {"type": "history"}}},
        [("/states/h", "HistoryLoops")],
    ),
    "a number as a key of a state": (
        {"initial": "a", "states": {"a": {}, "1": {}}},
        [("/states/1", "IntegerLikeKey")],
    ),
    "an empty key of a state": (
        {"initial": "a", "states": {"a": {}, "": {}}},
        [("/states/", "EmptyKey")],
    ),
    "two delays that are the same": (
        two({"after": {"1000": "b", "1e3": "b"}}),
        [("/states/a/after/1e3", "DuplicateDelay")],
    ),
    "NUL in a name": (two({"on": {"G\0": "b"}}), [("/states/a/on/G\0", "NulCharacter")]),
    "half a surrogate pair": (
        two({"on": {"\ud800": "b"}}),
        [("/states/a/on/\\ud800", "LoneSurrogate")],
    ),
    "wrong types everywhere": (
        two(
            {
                "on": "GO",
                "tags": [1],
                "description": 5,
                "entry": None,
                "always": True,
                "after": 10,
            },
            states={"a": {"on": "GO", "tags": [1], "description": 5, "always": True}, "b": []},
        ),
        [
            ("/states/a/always", "WrongType"),
            ("/states/a/description", "WrongType"),
            ("/states/a/on", "WrongType"),
            ("/states/a/tags", "WrongType"),
            ("/states/b", "WrongType"),
        ],
    ),
    "a target of a wrong type": (
        two({"on": {"GO": {"target": 5}, "NO": {"target": ["b", False]}, "X": 3}}),
        [
            ("/states/a/on/GO/target", "WrongType"),
            ("/states/a/on/NO/target", "WrongType"),
            ("/states/a/on/X", "WrongType"),
        ],
    ),
    "an endless initial macrostep": (
        {"initial": "a", "states": {"a": {"always": "b"}, "b": {"always": "a"}}},
        [("", "InitialNotStable")],
    ),
    "what is no JSON": (two({"meta": {"when": {1, 2}}}), [("/states/a/meta/when", "NotJson")]),
    "a number that JSON does not have": (
        two({"meta": [float("nan")]}),
        [("/states/a/meta/0", "NotJson")],
    ),
    "a key that is no string": (two({"meta": {1: 2}}), [("/states/a/meta", "NotJson")]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_is_refused(name: str) -> None:
    definition, expected = REFUSED[name]
    assert errors(definition) == expected


def test_all_findings_come_at_once_and_sorted_with_the_warnings_among_them() -> None:
    found = findings(
        {
            "initial": "z",
            "states": {
                "b": {"on": {"GO": "nowhere"}, "entry": "log"},
                "a": {"intial": "c", "initial": "c", "states": {"c": {}}},
            },
        }
    )
    assert [(f.pointer, f.code, f.severity) for f in found] == [
        ("/initial", "WrongInitial", "error"),
        ("/states/a/intial", "UnknownKey", "error"),
        ("/states/b/entry", "ActionsIgnored", "warning"),
        ("/states/b/on/GO", "TargetNotFound", "error"),
    ]


ADVICE = {
    "of a misspelt key": (two({"intial": "x"}), "did you mean `initial`?"),
    "of a guard at a state": (two({"cond": "x"}), "belongs to a transition"),
    "of YAML's on": (two({"true": {}}), 'write "on" in quotes'),
    "of v3's parallel": (two({"parallel": True}), 'write "type": "parallel"'),
    "of a misspelt target": (two({"on": {"GO": "bb"}}), 'did you mean "b"?'),
    "of a child named from the root": (two({}, on={"GO": "b"}), 'did you mean ".b"'),
    "of an id with a dot": (
        {
            "initial": "a",
            "states": {"a": {"on": {"GO": "#x.y"}}, "b": {"id": "x.y"}},
        },
        r"`#x\.y`",
    ),
    "of a state elsewhere": (
        {
            "initial": "a",
            "states": {
                "a": {"on": {"GO": "deep_one"}},
                "b": {"initial": "deep_one", "states": {"deep_one": {}}},
            },
        },
        '"#(machine).b.deep_one"',
    ),
    "of a missing initial state": ({"states": {"first": {}}}, 'add "initial": "first"'),
    "of a word of YAML as a target": (two({"on": {"GO": True}}), "quote it"),
}


@pytest.mark.parametrize("name", ADVICE)
def test_the_message_says_what_to_do(name: str) -> None:
    definition, sentence = ADVICE[name]
    wrong = [f.message for f in findings(definition) if f.severity == "error"]
    assert sentence in wrong[0]


def test_pointers_are_escaped() -> None:
    assert errors({"initial": "a/~", "states": {"a/~": {"on": {"x/y": "z"}}}}) == [
        ("/states/a~1~0/on/x~1y", "TargetNotFound")
    ]


LONG: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "the key of a state": (
        {"initial": "a", "states": {"a": {}, "k" * 257: {}}},
        [("/states/" + "k" * 257, "NameTooLong")],
    ),
    "an id": (two({"id": "i" * 2049}), [("/states/a/id", "NameTooLong")]),
    "the id of the machine": (two({}, id="i" * 2049), [("/id", "NameTooLong")]),
    "an event": (
        two({"on": {"e" * 4097: "b"}}),
        [("/states/a/on/" + "e" * 4097, "NameTooLong")],
    ),
}


@pytest.mark.parametrize("name", LONG)
def test_is_too_long(name: str) -> None:
    definition, expected = LONG[name]
    assert expected[0] in errors(definition)


def test_a_path_is_bounded_and_so_is_the_number_of_targets() -> None:
    inner: dict[str, Any] = {}
    for _ in range(20):
        inner = {"initial": "k" * 200, "states": {"k" * 200: inner}}
    assert [code for _, code in errors(inner)] == ["NameTooLong"]
    many = two({"on": {"GO": {"target": ["b"] * 257}}})
    assert errors(many) == [("/states/a/on/GO/target", "TooManyTargets")]


def chain(depth: int) -> dict[str, Any]:
    inner: dict[str, Any] = {}
    for _ in range(depth):
        inner = {"initial": "a", "states": {"a": inner}}
    return inner


def test_the_bounds_hold_on_both_sides() -> None:
    assert compile_machine(chain(MAX_DEPTH - 1)).nodes[-1].path == ("a",) * (MAX_DEPTH - 1)
    assert [code for _, code in errors(chain(MAX_DEPTH))] == ["TooDeep"]
    assert [code for _, code in errors(chain(100_000))] == ["TooDeep"]

    def flat(count: int) -> dict[str, Any]:
        return {"initial": "s0", "states": {f"s{i}": {} for i in range(count)}}

    assert len(compile_machine(flat(MAX_STATES - 1)).nodes) == MAX_STATES
    assert ("", "TooManyStates") in errors(flat(MAX_STATES))

    def busy(count: int) -> dict[str, Any]:
        return {"initial": "a", "states": {"a": {"on": {f"E{i}": "a" for i in range(count)}}}}

    assert len(compile_machine(busy(MAX_TRANSITIONS)).transitions) == MAX_TRANSITIONS
    assert ("", "TooManyTransitions") in errors(busy(MAX_TRANSITIONS + 1))
    assert [code for _, code in errors(two({"meta": [[0] * 99_999]}))] == ["TooLarge"]


def test_what_xstate_only_refuses_when_it_gets_there_can_be_tolerated() -> None:
    definition = two({"on": {"GO": {"target": ["a", "b"]}}})
    machine = compile_machine(definition, tolerant=True)
    assert ("/states/a/on/GO", "IllegalTargets") in [(f.pointer, f.code) for f in machine.warnings]
