"""Paths, pointers, delays, targets: how names are written and read."""

from __future__ import annotations

from typing import Any

import pytest

from statekeep.core.compile import compile_machine
from statekeep.core.configuration import value
from statekeep.core.delay import delay_event
from statekeep.core.findings import DefinitionError
from statekeep.core.paths import join_path, split_path
from statekeep.core.pointers import pointer_keys, pointer_to
from statekeep.core.step import initial, step


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("", ()),
        ("a", ("a",)),
        ("a.b", ("a", "b")),
        (r"a.b\.c", ("a", "b.c")),
        (r"a\\.b", ("a\\", "b")),
        ("é.x y", ("é", "x y")),
    ],
)
def test_a_path_is_keys_joined_by_dots(text: str, path: tuple[str, ...]) -> None:
    assert split_path(text) == path
    assert join_path(path) == text


def test_a_backslash_takes_the_next_character_literally() -> None:
    assert split_path(r"\a.b.") == ("a", "b", "")
    assert split_path("a\\") == ("a\\",)


def test_a_pointer_is_escaped_and_taken_apart_again() -> None:
    assert pointer_to("/states", "a/b~c") == "/states/a~1b~0c"
    assert pointer_keys("/states/a~1b~0c/0") == ["states", "a/b~c", "0"]
    assert pointer_keys("") == []


@pytest.mark.parametrize(
    ("delay", "named"),
    [
        ("1000", "1000"),
        ("1e3", "1000"),
        ("010", "10"),
        ("0.50", "0.5"),
        ("0x10", "16"),
        ("", "0"),
        (" 5 ", "5"),
        ("1e21", "1e+21"),
        ("1.5e-7", "1.5e-7"),
        ("0.000001", "0.000001"),
        ("Infinity", "Infinity"),
        ("-5", "-5"),
        ("soon", "soon"),
        ("1 000", "1 000"),
    ],
)
def test_a_delay_is_named_as_javascript_writes_the_number(delay: str, named: str) -> None:
    assert delay_event(delay, "m.a") == f"xstate.after.{named}.m.a"


TREE: dict[str, Any] = {
    "a": {
        "initial": "x",
        "states": {"x": {"initial": "p", "states": {"p": {}, "q": {}}}, "y.z": {}},
    },
    "b": {"id": "bee", "initial": "x", "states": {"x": {}, "w": {"id": "dot.ted"}}},
    "k.k": {"initial": "x", "states": {"x": {}, "w": {}}},
}


def landing(source: tuple[str, ...], target: Any) -> Any:
    """Where a transition from the state at `source` with that target leads."""
    import copy

    states = copy.deepcopy(TREE)
    holder: Any = {"initial": "a", "states": states}
    for key in source:
        holder = holder["states"][key]
    holder["on"] = {"GO": {"target": target}}
    root = {"initial": "a", "states": states} if source else holder
    machine = compile_machine(root)
    return value(machine, step(machine, initial(machine), "GO").configuration)


@pytest.mark.parametrize(
    ("source", "target", "landed"),
    [
        (("a", "x"), r"y\.z", {"a": "y.z"}),
        (("a",), "b", {"b": "x"}),
        (("a",), "b.w", {"b": "w"}),
        (("a",), "b.", {"b": "x"}),
        (("a",), ".x.q", {"a": {"x": "q"}}),
        (("a",), r".y\.z", {"a": "y.z"}),
        (("a",), "#bee", {"b": "x"}),
        (("a",), "#bee.w", {"b": "w"}),
        (("a",), r"#dot\.ted", {"b": "w"}),
        (("a",), "#(machine).b.w", {"b": "w"}),
        (("a",), r"k\.k.w", {"k.k": "w"}),
        (("a", "x"), "#(machine)", {"a": {"x": "p"}}),
        ((), ".b", {"b": "x"}),
        ((), "#bee", {"b": "x"}),
        (("a",), ["b"], {"b": "x"}),
    ],
)
def test_a_target_leads_where_xstate_leads(
    source: tuple[str, ...], target: Any, landed: Any
) -> None:
    assert landing(source, target) == landed


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (("a", "x"), "b"),
        (("a",), "x"),
        (("a",), "#dot.ted"),
        (("a",), "#x"),
        ((), "b"),
        # XState puts the bare key in front and reads its dot as a step.
        (("k.k",), ".w"),
    ],
)
def test_a_target_that_xstate_does_not_find_is_refused(
    source: tuple[str, ...], target: str
) -> None:
    with pytest.raises(DefinitionError) as refused:
        landing(source, target)
    assert "TargetNotFound" in {finding.code for finding in refused.value.findings}
