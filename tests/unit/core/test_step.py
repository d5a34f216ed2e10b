"""Steps, one rule at a time; the recorded and random machines mix them."""

from __future__ import annotations

from typing import Any

import pytest

from statekeep.core.compile import compile_machine
from statekeep.core.configuration import Configuration, value
from statekeep.core.errors import IllegalTargets, NotStable
from statekeep.core.machine import Machine
from statekeep.core.step import Step, can, enter, initial, next_events, step


def chart(states: dict[str, Any], **root: Any) -> Machine:
    return compile_machine({"id": "m", "initial": next(iter(states)), "states": states, **root})


def walk(machine: Machine, *events: str) -> Step:
    taken = Step(initial(machine), False, (), False)
    for event in events:
        taken = step(machine, taken.configuration, event)
    return taken


def after(machine: Machine, *events: str) -> Any:
    return value(machine, walk(machine, *events).configuration)


def test_an_accepted_event_moves_and_an_unknown_one_changes_nothing() -> None:
    door = chart({"closed": {"on": {"OPEN": "open"}}, "open": {"on": {"CLOSE": "closed"}}})
    opened = walk(door, "OPEN")
    late = step(door, opened.configuration, "OPEN")

    assert value(door, initial(door)) == "closed"
    assert (value(door, opened.configuration), opened.accepted) == ("open", True)
    assert (late.configuration, late.accepted) == (opened.configuration, False)


ACCEPTED: dict[str, tuple[Any, bool]] = {
    "a transition": ("b", True),
    "a self-transition that changes nothing": ("a", True),
    "an empty list of targets": ({"target": []}, True),
    "actions alone": ({"actions": ["log"]}, True),
    "one action that is no list": ({"actions": {"type": "log"}}, True),
    "an empty object": ({}, False),
    "an empty string": ("", False),
    "null": (None, False),
    "a list of an empty object": ([{}], False),
    "reenter alone": ({"reenter": True}, False),
    "an empty list of actions": ({"actions": []}, False),
    "no candidate": ([], False),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepts(name: str) -> None:
    transition, expected = ACCEPTED[name]
    machine = chart({"a": {"on": {"GO": transition}}, "b": {}})
    assert walk(machine, "GO").accepted is expected
    assert can(machine, initial(machine), "GO") is expected


def test_a_forbidden_event_hides_wildcards_and_what_is_above_and_an_empty_list_does_not() -> None:
    states = {
        "a": {
            "initial": "x",
            "states": {"x": {"on": {"NO": {}, "NONE": [], "*": "y"}}, "y": {}},
            "on": {"NO": "b", "NONE": "b"},
        },
        "b": {},
    }
    machine = chart(states)
    assert after(machine, "NO") == {"a": "x"}
    assert after(machine, "NONE") == {"a": "y"}


@pytest.mark.parametrize(
    ("event", "landed"),
    [
        ("order.paid.late", "exact"),
        ("order.paid.soon", "longer"),
        ("order.paid", "longer"),
        ("order.", "shorter"),
        ("order", "shorter"),
        ("orders", "any"),
        ("", "any"),
    ],
)
def test_the_exact_name_wins_and_then_the_longest_wildcard(event: str, landed: str) -> None:
    on = {
        "*": "any",
        "order.*": "shorter",
        "order.paid.*": "longer",
        "order.paid.late": "exact",
    }
    machine = chart({"a": {"on": on}, "any": {}, "shorter": {}, "longer": {}, "exact": {}})
    assert after(machine, event) == landed


def test_a_wildcard_inside_beats_an_exact_name_outside() -> None:
    inner = {"initial": "x", "states": {"x": {"on": {"*": "y"}}, "y": {}}, "on": {"GO": "b"}}
    assert after(chart({"a": inner, "b": {}}), "GO") == {"a": "y"}


def test_a_denied_guard_falls_through_to_candidates_wildcards_and_what_is_above() -> None:
    definition = {
        "initial": "a",
        "states": {
            "a": {
                "initial": "x",
                "states": {
                    "x": {
                        "on": {
                            "LIST": [{"target": "y", "guard": "g"}, "z"],
                            "WILD.x": {"target": "y", "guard": "g"},
                            "WILD.*": "z",
                            "UP": {"target": "y", "guard": "g"},
                        }
                    },
                    "y": {},
                    "z": {},
                },
                "on": {"UP": "b"},
            },
            "b": {},
        },
    }
    ignoring = compile_machine(definition)
    denying = compile_machine(definition, guards="Deny")
    assert [after(ignoring, event) for event in ("LIST", "WILD.x", "UP")] == [{"a": "y"}] * 3
    assert [after(denying, event) for event in ("LIST", "WILD.x", "UP")] == [
        {"a": "z"},
        {"a": "z"},
        "b",
    ]


def region(*, to: str = "b", **on: Any) -> dict[str, Any]:
    return {"initial": "a", "states": {"a": {"on": {"GO": to, **on}}, "b": {}}}


WORK: dict[str, Any] = {
    "work": {
        "type": "parallel",
        "states": {
            "one": region(ONE="b", OUT="#m.out"),
            "t.wo": {
                "type": "parallel",
                "states": {"deep": region(DEEP="b", NO={}), "er": region(to="b")},
            },
        },
        "on": {"ALL": "out", "NO": "out", "DEEP": "out", "STAY": {"actions": "x"}},
    },
    "out": {"type": "final"},
}

REGIONS: dict[str, tuple[str, ...]] = {
    "GO": ("work.one", r"work.t\.wo", r"work.t\.wo.deep", r"work.t\.wo.er"),
    "ONE": ("work.one",),
    "DEEP": (r"work.t\.wo", r"work.t\.wo.deep"),
    "OUT": ("work.one",),
    "ALL": (),
    "STAY": (),
    "NO": (),
    "UNKNOWN": (),
}


@pytest.mark.parametrize("event", REGIONS)
def test_regions_are_those_whose_transitions_were_taken_at_every_level(event: str) -> None:
    assert walk(chart(WORK), event).regions == REGIONS[event]


def test_a_transition_of_the_region_itself_counts_for_it() -> None:
    one = {**region(), "on": {"AGAIN": {"target": "one", "reenter": True}}}
    machine = chart({"work": {"type": "parallel", "states": {"one": one, "two": region()}}})
    assert walk(machine, "AGAIN").regions == ("work.one",)


def test_transitions_that_follow_by_themselves_count_for_no_region() -> None:
    one = {
        "initial": "a",
        "states": {"a": {"on": {"GO": "b"}}, "b": {"always": "f"}, "f": {"type": "final"}},
    }
    two = {"initial": "a", "states": {"a": {"on": {"xstate.done.state.m.work.one": "b"}}, "b": {}}}
    machine = chart({"work": {"type": "parallel", "states": {"one": one, "two": two}}})
    taken = walk(machine, "GO")
    assert value(machine, taken.configuration) == {"work": {"one": "f", "two": "b"}}
    assert taken.regions == ("work.one",)


def test_a_region_that_answers_keeps_the_parallel_state_from_being_asked() -> None:
    machine = chart(WORK)
    assert not walk(machine, "NO").accepted
    assert after(machine, "DEEP") == {
        "work": {"one": "a", "t.wo": {"deep": "b", "er": "a"}},
    }
    assert after(machine, "ALL") == "out"


def test_between_conflicting_regions_the_first_in_document_order_wins() -> None:
    two = {"one": region(to="#m.x"), "two": region(to="#m.y")}
    machine = chart({"work": {"type": "parallel", "states": two}, "x": {}, "y": {}})
    turned = chart(
        {"work": {"type": "parallel", "states": dict(reversed(two.items()))}, "x": {}, "y": {}}
    )
    assert (after(machine, "GO"), after(turned, "GO")) == ("x", "y")
    # What lost was not taken, so its region has not seen the event.
    assert walk(machine, "GO").regions == ("work.one",)
    assert walk(turned, "GO").regions == ("work.two",)


def test_document_order_wins_also_after_a_region_was_entered_again() -> None:
    """XState asks the region that was entered last, last; we do not."""
    again = {"AGAIN": {"target": "#m.work.one", "reenter": True}}
    two = {"one": region(to="#m.x", **again), "two": region(to="#m.y")}
    machine = chart({"work": {"type": "parallel", "states": two}, "x": {}, "y": {}})
    assert after(machine, "AGAIN", "GO") == "x"


def test_a_self_transition_starts_the_children_anew_and_reenter_the_neighbours_too() -> None:
    def one(**again: Any) -> dict[str, Any]:
        return {**region(), "on": {"AGAIN": {"target": "one", **again}}}

    def work(**again: Any) -> Machine:
        states = {"one": one(**again), "two": region()}
        return chart({"work": {"type": "parallel", "states": states}})

    assert after(work(), "GO", "AGAIN") == {"work": {"one": "a", "two": "b"}}
    assert after(work(reenter=True), "GO", "AGAIN") == {"work": {"one": "a", "two": "a"}}


FINISHING: dict[str, Any] = {
    "initial": "a",
    "states": {"a": {"on": {"GO": "f"}}, "f": {"type": "final"}},
}


def test_a_machine_is_done_in_a_final_state_of_the_root_and_takes_nothing_then() -> None:
    machine = chart({"a": {"on": {"GO": "f"}}, "f": {"type": "final"}}, on={"*": ".a"})
    taken = walk(machine, "GO")
    assert taken.done
    assert taken.configuration.done
    assert walk(machine, "GO", "GO").configuration == taken.configuration
    assert not walk(machine, "GO", "GO").accepted


def test_a_parallel_root_is_done_when_all_regions_are() -> None:
    machine = compile_machine({"type": "parallel", "states": {"r": FINISHING, "s": FINISHING}})
    assert (walk(machine).done, walk(machine, "GO").done) == (False, True)


def test_done_does_not_climb_through_compound_states() -> None:
    nested = {"initial": "in", "states": {"in": FINISHING}}
    assert after(chart({"a": {**nested, "onDone": "b"}, "b": {}}), "GO") == {"a": {"in": "f"}}


def test_a_parallel_state_is_done_after_its_last_region() -> None:
    regions = {"r": FINISHING, "s": FINISHING}
    machine = chart({"p": {"type": "parallel", "states": regions, "onDone": "b"}, "b": {}})
    assert after(machine, "GO") == "b"


def test_eventless_transitions_run_before_done_events_and_to_the_end() -> None:
    machine = chart(
        {
            "a": {**FINISHING, "onDone": "late", "always": []},
            "late": {"always": "later"},
            "later": {"always": "last"},
            "last": {},
        }
    )
    assert after(machine, "GO") == "last"


def test_an_eventless_transition_to_where_one_is_does_not_hang() -> None:
    assert after(chart({"a": {"always": "a", "on": {"GO": "b"}}, "b": {}}), "GO") == "b"


def test_a_macrostep_without_end_is_an_error_and_changes_nothing() -> None:
    machine = chart({"a": {"on": {"GO": "b"}}, "b": {"always": "c"}, "c": {"always": "b"}})
    resting = initial(machine)
    with pytest.raises(NotStable) as fault:
        step(machine, resting, "GO")
    assert (fault.value.code, fault.value.microsteps) == ("NotStable", 2000)
    assert resting == initial(machine)


def history(kind: Any, **more: Any) -> Machine:
    deep = {"initial": "p", "states": {"p": {"on": {"N": "q"}}, "q": {}}}
    states = {"x": deep, "y": deep, "h": {"type": "history", "history": kind, **more}}
    return chart(
        {
            "in": {
                "initial": "x",
                "states": {**states, "x": {**deep, "on": {"SIDE": "y"}}},
                "on": {"OFF": "out"},
            },
            "out": {"on": {"ON": "in.h"}},
        }
    )


@pytest.mark.parametrize(
    ("machine", "events", "landed"),
    [
        (history("shallow"), ("SIDE", "N", "OFF", "ON"), {"in": {"y": "p"}}),
        (history("deep"), ("SIDE", "N", "OFF", "ON"), {"in": {"y": "q"}}),
        (history(True), ("SIDE", "N", "OFF", "ON"), {"in": {"y": "p"}}),
        (history(False), ("SIDE", "N", "OFF", "ON"), {"in": {"y": "p"}}),
    ],
)
def test_a_history_state_brings_back_what_was_left(
    machine: Machine, events: tuple[str, ...], landed: Any
) -> None:
    assert after(machine, *events) == landed


def test_without_a_record_a_history_state_leads_to_its_default() -> None:
    deep = {"initial": "p", "states": {"p": {}, "q": {}}}

    def machine(**more: Any) -> Machine:
        states = {"x": deep, "y": deep, "h": {"type": "history", **more}}
        return chart({"out": {"on": {"ON": "in.h"}}, "in": {"initial": "x", "states": states}})

    assert after(machine(), "ON") == {"in": {"x": "p"}}
    assert after(machine(target="y.q"), "ON") == {"in": {"y": "q"}}
    assert after(machine(target="#m.in.y"), "ON") == {"in": {"y": "p"}}


def test_an_initial_state_may_be_a_history_state() -> None:
    machine = chart(
        {
            "out": {"on": {"ON": "in"}},
            "in": {
                "initial": "h",
                "on": {"OFF": "out"},
                "states": {
                    "x": {"on": {"N": "y"}},
                    "y": {},
                    "h": {"type": "history", "target": "x"},
                },
            },
        }
    )
    assert after(machine, "ON") == {"in": "x"}
    assert after(machine, "ON", "N", "OFF", "ON") == {"in": "y"}


def test_a_parallel_state_that_is_left_through_its_own_history_is_entered_again_whole() -> None:
    """XState enters the regions and forgets the parallel state; see the compatibility page."""
    machine = chart(
        {
            "p": {
                "type": "parallel",
                "states": {"r": region(BACK="#m.p.h"), "s": region(), "h": {"history": "deep"}},
            },
        }
    )
    back = walk(machine, "BACK")
    assert value(machine, back.configuration) == {"p": {"r": "a", "s": "a"}}
    assert after(machine, "BACK", "GO") == {"p": {"r": "b", "s": "b"}}


def test_targets_are_entered_as_a_set_whatever_their_order() -> None:
    def machine(*targets: str) -> Machine:
        p = {"type": "parallel", "states": {"r": region(), "s": region()}}
        return chart({"out": {"on": {"IN": {"target": list(targets)}}}, "p": p})

    landed = {"p": {"r": "b", "s": "a"}}
    assert after(machine("p", "p.r.b"), "IN") == after(machine("p.r.b", "p"), "IN") == landed
    assert after(machine("p.r.b", "p.s.b"), "IN") == {"p": {"r": "b", "s": "b"}}


def test_targets_that_exclude_each_other_fail_only_where_they_were_tolerated() -> None:
    machine = compile_machine(
        {
            "initial": "a",
            "states": {"a": {"on": {"BAD": {"target": ["a", "b"]}, "GO": "b"}}, "b": {}},
        },
        tolerant=True,
    )
    assert after(machine, "GO") == "b"
    with pytest.raises(IllegalTargets) as fault:
        step(machine, initial(machine), "BAD")
    assert fault.value.pointer == "/states/a/on/BAD"


def test_what_xstate_keeps_for_itself_is_never_accepted() -> None:
    machine = chart({"a": {"on": {"*": "b"}}, "b": {}})
    for event in ("xstate.init", "xstate.stop"):
        assert not walk(machine, event).accepted
        assert not can(machine, initial(machine), event)


def test_the_backend_sends_what_timers_and_invocations_would() -> None:
    machine = chart(
        {
            "a": {
                "after": {"1e3": "b", "soon": "c"},
                "invoke": [{"src": "x"}, {"src": "y", "id": "job", "onDone": "c", "onError": "b"}],
            },
            "b": {},
            "c": {},
        }
    )
    assert after(machine, "xstate.after.1000.m.a") == "b"
    assert after(machine, "xstate.after.soon.m.a") == "c"
    assert after(machine, "xstate.done.actor.job") == "c"
    assert after(machine, "xstate.error.actor.job") == "b"
    assert after(machine, "xstate.error.actor.0.m.a") == "a"


def test_next_events_are_what_would_be_accepted_without_what_the_machine_raises() -> None:
    machine = chart(
        {
            "a": {
                "initial": "x",
                "states": {"x": {"on": {"GO": "y", "NO": {}, "order.*": "y"}}, "y": {}},
                "on": {"NO": "b", "UP": "b"},
                "onDone": "b",
            },
            "b": {"type": "final"},
        }
    )
    assert next_events(machine, initial(machine)) == ("GO", "UP", "order.*")
    assert next_events(machine, walk(machine, "UP").configuration) == ()


def entered(machine: Machine, *paths: tuple[str, ...], **more: Any) -> Configuration:
    found = [machine.node_at(path) for path in paths]
    targets = [node.index for node in found if node is not None]
    assert len(targets) == len(paths)
    return enter(machine, targets, more.get("recorded", ()), more.get("complete", frozenset()))


def test_targets_are_entered_from_outside_with_what_completes_them() -> None:
    machine = chart(WORK)
    landed = entered(machine, ("work", "one", "b"), ("work",))
    assert value(machine, landed) == {"work": {"one": "b", "t.wo": {"deep": "a", "er": "a"}}}
    assert entered(machine, ()) == initial(machine)


def test_an_entry_runs_to_completion_but_for_what_was_complete_before() -> None:
    machine = chart({"a": {**FINISHING, "onDone": "b"}, "b": {"always": "c"}, "c": {}})
    index = machine.nodes[1].index
    again = entered(machine, ("a", "f"), complete=frozenset({index}))
    assert value(machine, entered(machine, ("a", "f"))) == "c"
    assert value(machine, again) == {"a": "f"}


def test_recorded_history_is_in_place_before_a_landing_is_entered() -> None:
    machine = history("deep")
    left = walk(machine, "SIDE", "N", "OFF").configuration
    assert left.recorded
    landed = enter(machine, left.leaves, left.recorded)
    assert value(machine, step(machine, landed, "ON").configuration) == {"in": {"y": "q"}}


def test_an_endless_landing_is_not_stable() -> None:
    machine = chart({"a": {}, "b": {"always": "c"}, "c": {"always": "b"}})
    with pytest.raises(NotStable):
        entered(machine, ("b",))
