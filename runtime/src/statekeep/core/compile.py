"""From JSON to an immutable machine, or to every finding that stands in the way.

Owns the order of the passes.  Each pass reports what it finds and leaves a tree the next can read,
so that all findings come at once; only a definition that is out of bounds is not read to its end.
Never raises anything but DefinitionError.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from statekeep.core.advice import advise_on_states, advise_on_structure, advise_on_transitions
from statekeep.core.chart import Guards, Source
from statekeep.core.digest import canonical_text, digest_of, plain_text
from statekeep.core.errors import IllegalTargets, NotStable
from statekeep.core.findings import Finding, Report
from statekeep.core.limits import MAX_ERRORS, MAX_TRANSITIONS, is_plain, sweep
from statekeep.core.machine import Machine
from statekeep.core.normalise import Normal, normalise
from statekeep.core.order import order_dependence
from statekeep.core.resolve import (
    check_history_loops,
    collect_ids,
    resolve_default,
    resolve_initial,
)
from statekeep.core.shape import wrong_type
from statekeep.core.states import State, read_states
from statekeep.core.step import initial
from statekeep.core.tables import Tables
from statekeep.core.targets import Names
from statekeep.core.transitions import Candidates, Reader


def compile_machine(
    definition: object,
    *,
    guards: Guards = "Ignore",
    source: Source = "string",
    tolerant: bool = False,
) -> Machine:
    """The machine of a definition. Raises DefinitionError with all findings.

    `source` says how the definition came: "object" is the object form of a custom resource, whose
    key order means nothing; "string" is JSON text, whose order of `states` is document order.
    `tolerant` is for replaying what XState would run: transitions whose targets exclude each other
    are a warning, and taking one raises IllegalTargets. Nothing is ever registered that way.
    """
    report = Report(_TOLERATED if tolerant else frozenset())
    plain, canonical = _look_at(definition, report)
    normal = normalise(plain, source, report)
    if normal.definition is not plain:
        canonical = canonical_text(normal.definition)
    states = read_states(normal.definition, report)
    names = _resolve_states(states, report)
    candidates = _read_transitions(names, canonical, report)
    chart = _Chart(normal, states, guards, source, canonical)
    if report.errors:
        advise_on_states(states, report)
    report.raise_errors(normal.given)
    return _assemble(chart, candidates, report)


@dataclass(frozen=True, slots=True)
class _Chart:
    """What is known of a definition without errors, before it is a machine."""

    normal: Normal
    states: Sequence[State]
    guards: Guards
    source: Source
    canonical: str


def _look_at(definition: object, report: Report) -> tuple[dict[str, Any], str]:
    """The definition, if it is JSON within the bounds, and its canonical text."""
    try:
        canonical = plain_text(definition)
        plain = is_plain(definition, canonical)
    except (TypeError, ValueError, RecursionError):
        canonical, plain = "", False
    if not plain:
        if not sweep(definition, report):
            report.raise_errors(_as_given)
        if not canonical:
            report.error("", "NotJson", "the definition cannot be written as JSON")
            report.raise_errors(_as_given)
        canonical = canonical_text(definition)
    if not isinstance(definition, dict):
        report.error("", "WrongType", wrong_type("a definition", definition, (dict,)))
        report.raise_errors(_as_given)
        return {}, canonical
    return definition, canonical


_TOLERATED = frozenset({"IllegalTargets"})


def _as_given(pointer: str) -> str:
    return pointer


def _read_transitions(names: Names, canonical: str, report: Report) -> list[Candidates]:
    reader = Reader(names, canonical, report)
    read: list[Candidates] = []
    for state in names.states:
        read.append(reader.read(state))
        if reader.count > MAX_TRANSITIONS:
            report.error(
                "", "TooManyTransitions", f"more than {MAX_TRANSITIONS}; split the machine"
            )
            break
        if len(report.errors) > MAX_ERRORS:
            break
    return read


def _resolve_states(states: Sequence[State], report: Report) -> Names:
    names = Names(states, collect_ids(states, report))
    for state in states:
        if state.by_key or "initial" in state.config or state.may_have_states:
            resolve_initial(states, state, report)
    histories = [state for state in states if state.is_history and state.parent >= 0]
    for state in histories:
        resolve_default(names, state, report)
    if histories:
        check_history_loops(states, report)
    return names


def _assemble(chart: _Chart, candidates: Sequence[Candidates], report: Report) -> Machine:
    states, given = chart.states, chart.normal.given
    order = [state.by_key for state in states]

    def advise(machine: Machine) -> tuple[Finding, ...]:
        advise_on_states(states, report)
        advise_on_transitions(machine, report)
        advise_on_structure(machine, states, report)
        return report.sorted_warnings(given)

    machine = Machine(
        Tables(states, candidates, chart.guards),
        tuple([t for own in candidates for listed in own.values() for t in listed]),
        chart.guards,
        digest_of(chart.canonical, order, chart.guards),
        advise,
    )
    try:
        initial(machine)
    except (NotStable, IllegalTargets) as fault:
        report.error("", "InitialNotStable", f"the initial state is never reached: {fault}")
    if chart.source == "object":
        _check_order(machine, chart.normal, report)
    if report.errors:
        advise(machine)
    report.raise_errors(given)
    return machine


def _check_order(machine: Machine, normal: Normal, report: Report) -> None:
    pair = order_dependence(machine)
    if pair is not None:
        first, second = pair
        report.error(
            first.pointer,
            "OrderDependent",
            f"which of this transition and {normal.given(second.pointer)} is taken first depends "
            "on the order of `states`, which an object does not keep on its way to the cluster; "
            "give the machine as definitionJSON, or make their events or targets differ",
        )
