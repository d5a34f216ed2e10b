"""Laws of the core, over random machines and events."""

from __future__ import annotations

import json
import random
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from statekeep.core.chart import Kind
from statekeep.core.compile import compile_machine
from statekeep.core.configuration import Configuration, decode, encode, resolve, value
from statekeep.core.errors import IllegalState, NotStable
from statekeep.core.findings import DefinitionError
from statekeep.core.machine import Machine
from statekeep.core.order import order_dependence
from statekeep.core.paths import join_path, split_path
from statekeep.core.step import can, enter, initial, next_events, step
from statekeep.core.text import parse_definition
from support.machines import EVENTS, random_case
from support.xstate import our_answer

SEEDS = st.integers(0, 1 << 32)
LAW = settings(max_examples=150, deadline=None)


def machine_of(seed: int) -> tuple[Machine, list[str]]:
    case = random_case(seed)
    try:
        return compile_machine(case["definition"], guards=case["guards"]), case["events"]
    except DefinitionError:
        assume(False)
        raise


def walk(machine: Machine, events: list[str]) -> list[Configuration]:
    seen = [initial(machine)]
    for event in events:
        try:
            seen.append(step(machine, seen[-1], event).configuration)
        except NotStable:
            break
    return seen


def assert_legal(machine: Machine, configuration: Configuration) -> None:
    """The SCXML definition of a legal configuration, spelt out."""
    active: set[int] = set()
    for leaf in configuration.leaves:
        at: int | None = leaf
        while at is not None:
            active.add(at)
            at = machine.nodes[at].parent
    assert 0 in active
    for index in active:
        node = machine.nodes[index]
        real = [child for child in node.children if not machine.nodes[child].is_history]
        below = [child for child in real if child in active]
        expected = {Kind.PARALLEL: len(real), Kind.COMPOUND: 1}.get(node.kind, 0)
        assert len(below) == expected, node.path
        assert not node.is_history
    assert list(configuration.leaves) == sorted(configuration.leaves)
    assert list(configuration.recorded) == sorted(configuration.recorded)


@LAW
@given(SEEDS)
def test_a_configuration_is_always_legal(seed: int) -> None:
    machine, events = machine_of(seed)
    for configuration in walk(machine, events):
        assert_legal(machine, configuration)


@LAW
@given(SEEDS)
def test_a_value_resolves_to_where_it_came_from(seed: int) -> None:
    machine, events = machine_of(seed)
    for configuration in walk(machine, events):
        there = resolve(machine, value(machine, configuration))
        assert (there.leaves, there.done) == (configuration.leaves, configuration.done)
        assert value(machine, there) == value(machine, configuration)


@LAW
@given(SEEDS)
def test_what_is_stored_is_read_again(seed: int) -> None:
    machine, events = machine_of(seed)
    for configuration in walk(machine, events):
        text = encode(machine, configuration)
        assert decode(machine, text) == configuration
        assert encode(machine, decode(machine, text)) == text


@LAW
@given(SEEDS, st.sampled_from((*EVENTS, "", "unknown", "xstate.init")))
def test_a_step_is_a_function_and_what_is_not_accepted_changes_nothing(
    seed: int, event: str
) -> None:
    machine, events = machine_of(seed)
    twin = compile_machine(random_case(seed)["definition"], guards=machine.guards)
    assert twin.digest == machine.digest
    for configuration in walk(machine, events):
        try:
            taken = step(machine, configuration, event)
        except NotStable:
            with pytest.raises(NotStable):
                step(twin, configuration, event)
            continue
        assert step(twin, configuration, event) == taken
        assert taken.accepted == can(machine, configuration, event)
        assert taken.done == taken.configuration.done
        if not taken.accepted:
            assert (taken.configuration, taken.regions) == (configuration, ())
        if configuration.done:
            assert not taken.accepted


@LAW
@given(SEEDS)
def test_every_event_on_offer_is_accepted(seed: int) -> None:
    machine, events = machine_of(seed)
    for configuration in walk(machine, events):
        offered = next_events(machine, configuration)
        assert all(can(machine, configuration, event) for event in offered)
        assert list(offered) == sorted(offered)


@LAW
@given(SEEDS)
def test_regions_are_regions_and_come_in_document_order(seed: int) -> None:
    machine, events = machine_of(seed)
    configuration = initial(machine)
    for event in events:
        try:
            taken = step(machine, configuration, event)
        except NotStable:
            break
        nodes = [machine.node_at(split_path(path)) for path in taken.regions]
        indices = [node.index for node in nodes if node is not None]
        assert len(indices) == len(nodes)
        assert indices == sorted(set(indices))
        for index in indices:
            parent = machine.nodes[index].parent
            assert parent is not None
            assert machine.nodes[parent].kind is Kind.PARALLEL
        configuration = taken.configuration


@LAW
@given(SEEDS)
def test_entering_the_leaves_of_a_resting_configuration_changes_nothing(seed: int) -> None:
    machine, events = machine_of(seed)
    complete = frozenset(node.index for node in machine.nodes)
    for configuration in walk(machine, events):
        if machine.tables.eventless_mask & machine.tables.active(configuration.leaves):
            continue
        there = enter(machine, configuration.leaves, configuration.recorded, complete)
        assert there == configuration


def reformatted(part: Any, dice: random.Random, is_states: bool = False) -> Any:
    """The same definition with its keys in another order, those of `states` apart."""
    if isinstance(part, list):
        return [reformatted(item, dice) for item in part]
    if not isinstance(part, dict):
        return part
    keys = list(part)
    if not is_states:
        dice.shuffle(keys)
    return {key: reformatted(part[key], dice, key == "states") for key in keys}


@LAW
@given(SEEDS)
def test_the_digest_is_stable_under_reformatting(seed: int) -> None:
    machine, _ = machine_of(seed)
    dice = random.Random(seed)
    definition = reformatted(random_case(seed)["definition"], dice)
    text = json.dumps(
        definition, indent=dice.choice((None, 1, 4)), ensure_ascii=dice.random() < 0.5
    )
    assert compile_machine(parse_definition(text), guards=machine.guards).digest == machine.digest


def shuffled(config: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    keys = list(config.get("states", ()))
    dice.shuffle(keys)
    below = {key: shuffled(config["states"][key], dice) for key in keys}
    return {**config, "states": below} if below else dict(config)


@LAW
@given(SEEDS)
def test_a_machine_that_passes_the_order_check_does_not_depend_on_it(seed: int) -> None:
    machine, _ = machine_of(seed)
    assume(any(node.kind is Kind.PARALLEL for node in machine.nodes))
    assume(order_dependence(machine) is None)
    case = random_case(seed)
    other = {**case, "definition": shuffled(case["definition"], random.Random(seed))}
    answers = [our_answer(case), our_answer(other)]
    for answer in answers:
        # Of two transitions that do the same, the first region's is the one that counts as taken.
        del answer["regions"]
    assert answers[0] == answers[1]


@LAW
@given(SEEDS)
def test_the_object_form_means_what_the_string_with_sorted_states_means(seed: int) -> None:
    case = random_case(seed)
    text = json.dumps(case["definition"], sort_keys=True)
    try:
        machine = compile_machine(case["definition"], guards=case["guards"], source="object")
    except DefinitionError as refused:
        codes = {f.code for f in refused.findings if f.severity == "error"}
        assert codes <= {"OrderDependent", "InitialNotStable"}
        return
    twin = compile_machine(json.loads(text), guards=case["guards"])
    assert [node.path for node in machine.nodes] == [node.path for node in twin.nodes]
    assert machine.digest == twin.digest


@given(st.lists(st.text(min_size=1), min_size=1))
def test_paths_are_taken_apart_as_they_were_joined(keys: list[str]) -> None:
    assert split_path(join_path(tuple(keys))) == tuple(keys)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=12,
)


@LAW
@given(SEEDS, VALUES)
def test_any_value_resolves_to_a_legal_configuration_or_is_refused(seed: int, given: Any) -> None:
    machine, _ = machine_of(seed)
    try:
        configuration = resolve(machine, given)
    except IllegalState:
        return
    assert_legal(machine, configuration)


@settings(max_examples=400, deadline=None)
@given(VALUES)
def test_compile_raises_nothing_but_its_own_error(definition: Any) -> None:
    for source in ("string", "object"):
        with suppress(DefinitionError):
            compile_machine(definition, source=source)
