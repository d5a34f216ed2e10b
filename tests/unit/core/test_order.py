"""Which machines depend on the order of the keys of `states`."""

from __future__ import annotations

from typing import Any

import pytest

from statekeep.core.compile import compile_machine
from statekeep.core.findings import DefinitionError
from statekeep.core.order import order_dependence


def regions(first: Any, second: Any, **root: Any) -> dict[str, Any]:
    """A parallel state `p` with two regions and two states beside it."""
    return {
        "initial": "p",
        "states": {
            "p": {"id": "p", "type": "parallel", "states": {"r": first, "s": second}, **root},
            "x": {"id": "x"},
            "y": {"id": "y"},
        },
    }


def on(**transitions: Any) -> dict[str, Any]:
    return {"initial": "a", "states": {"a": {"on": transitions}, "b": {}}}


def finishing(done: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "initial": "a",
        "states": {"a": {"on": {"GO": "f"}}, "f": {"type": "final"}},
    }
    return made if done is None else {**made, "onDone": done}


DEPENDENT: dict[str, tuple[dict[str, Any], set[str]]] = {
    "two ways out for one event": (
        regions(on(E="#x"), on(E="#y")),
        {"/states/p/states/r/states/a/on/E", "/states/p/states/s/states/a/on/E"},
    ),
    "a way out and a move": (
        regions(on(E="#x"), on(E="b")),
        {"/states/p/states/r/states/a/on/E", "/states/p/states/s/states/a/on/E"},
    ),
    "an event and a wildcard for it": (
        regions(on(**{"order.paid": "#x"}), on(**{"order.*": "#y"})),
        {"/states/p/states/r/states/a/on/order.paid", "/states/p/states/s/states/a/on/order.*"},
    ),
    "a region that enters itself again": (
        regions({**on(), "on": {"E": {"target": "#p.r", "reenter": True}}}, on(E="b")),
        {"/states/p/states/r/on/E", "/states/p/states/s/states/a/on/E"},
    ),
    "two eventless ways out": (
        regions(
            {"initial": "a", "states": {"a": {"on": {"E": "b"}}, "b": {"always": "#x"}}},
            {"initial": "a", "states": {"a": {"on": {"E": "b"}}, "b": {"always": "#y"}}},
        ),
        {"/states/p/states/r/states/b/always", "/states/p/states/s/states/b/always"},
    ),
    "two done events with ways out": (
        regions(finishing("#x"), finishing("#y")),
        {"/states/p/states/r/onDone", "/states/p/states/s/onDone"},
    ),
    "done events that one state above answers differently": (
        regions(
            finishing(None),
            finishing(None),
            on={
                "xstate.done.state.(machine).p.r": "#x",
                "xstate.done.state.(machine).p.s": "#y",
            },
        ),
        {
            "/states/p/on/xstate.done.state.(machine).p.r",
            "/states/p/on/xstate.done.state.(machine).p.s",
        },
    ),
    "a way out through a history state": (
        regions(on(E="#p.h"), {**on(E="b")}) | {},
        set(),
    ),
}
DEPENDENT.pop("a way out through a history state")


@pytest.mark.parametrize("name", DEPENDENT)
def test_depends_on_the_order(name: str) -> None:
    definition, pointers = DEPENDENT[name]
    pair = order_dependence(compile_machine(definition))
    assert pair is not None
    assert {transition.pointer for transition in pair} == pointers


INDEPENDENT: dict[str, dict[str, Any]] = {
    "no parallel state": {
        "initial": "a",
        "states": {"a": {"on": {"E": "b"}}, "b": {"on": {"E": "a"}}},
    },
    "moves inside the regions": regions(on(E="b"), on(E="b")),
    "one way out for all": regions(on(CANCEL="#x"), on(CANCEL="#x")),
    "ways out for different events": regions(on(E="#x"), on(F="#y")),
    "a way out of the parallel state itself": regions(on(E="b"), on(F="b"), on={"E": "#x"}),
    "regions that finish, and one onDone for all": regions(
        finishing(None), finishing(None), onDone="#x"
    ),
    "regions whose onDone stays inside": regions(finishing("r"), finishing("s"))
    | {
        "states": {
            "p": {
                "type": "parallel",
                "states": {"r": finishing(".a"), "s": finishing(".a")},
            },
        }
    },
    "a way out and a forbidden event": regions(on(E="#x"), on(E={})),
}


@pytest.mark.parametrize("name", INDEPENDENT)
def test_does_not_depend_on_the_order(name: str) -> None:
    definition = INDEPENDENT[name]
    assert order_dependence(compile_machine(definition)) is None
    assert compile_machine(definition, source="object").nodes


def test_an_object_is_refused_with_both_transitions_and_the_way_out() -> None:
    definition, _ = DEPENDENT["two ways out for one event"]
    with pytest.raises(DefinitionError) as refused:
        compile_machine(definition, source="object")
    (wrong,) = [f for f in refused.value.findings if f.severity == "error"]
    assert (wrong.pointer, wrong.code) == ("/states/p/states/r/states/a/on/E", "OrderDependent")
    assert "/states/p/states/s/states/a/on/E" in wrong.message
    assert "definitionJSON" in wrong.message


def test_a_string_keeps_its_order_and_is_taken() -> None:
    definition, _ = DEPENDENT["two ways out for one event"]
    assert compile_machine(definition).nodes[1].key == "p"
