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
from statekeep.core.chart import Guards, Node, Source, Transition
from statekeep.core.digest import digest_of
from statekeep.core.errors import IllegalTargets, NotStable
from statekeep.core.findings import Report
from statekeep.core.limits import MAX_ERRORS, MAX_TRANSITIONS, sweep
from statekeep.core.machine import Machine
from statekeep.core.normalise import Normal, normalise
from statekeep.core.order import order_dependence
from statekeep.core.resolve import (
    check_history_loops,
    collect_ids,
    report_conflict,
    resolve_default,
    resolve_initial,
)
from statekeep.core.shape import wrong_type
from statekeep.core.states import State, read_states
from statekeep.core.step import initial
from statekeep.core.targets import Names
from statekeep.core.transitions import Candidates, Draft, Reader


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
    if not sweep(definition, report):
        report.raise_errors(_as_given)
    if not isinstance(definition, dict):
        report.error("", "WrongType", wrong_type("a definition", definition, (dict,)))
        report.raise_errors(_as_given)
        raise AssertionError
    normal = normalise(definition, source, report)
    states = read_states(normal.definition, report)
    candidates = _read_transitions(states, report)
    names = _resolve_states(states, report)
    transitions = _resolve_transitions(names, candidates, report)
    report.raise_errors(normal.given)
    return _assemble(normal, states, transitions, _Options(guards, source), report)


_TOLERATED = frozenset({"IllegalTargets"})


@dataclass(frozen=True, slots=True)
class _Options:
    guards: Guards
    source: Source


def _as_given(pointer: str) -> str:
    return pointer


def _read_transitions(states: Sequence[State], report: Report) -> list[Candidates]:
    reader = Reader(states, report)
    read: list[Candidates] = []
    count = 0
    for state in states:
        found = reader.read(state)
        read.append(found)
        count += sum(map(len, found.values()))
        if count > MAX_TRANSITIONS:
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
        resolve_initial(state, report)
    for state in states:
        if state.is_history and state.parent >= 0:
            resolve_default(names, state, report)
    check_history_loops(states, report)
    return names


def _resolve_transitions(
    names: Names, candidates: Sequence[Candidates], report: Report
) -> list[dict[str, tuple[Transition, ...]]]:
    resolved: list[dict[str, tuple[Transition, ...]]] = []
    count = 0
    for own in candidates:
        made: dict[str, tuple[Transition, ...]] = {}
        for descriptor, drafts in own.items():
            listed = []
            for draft in drafts:
                listed.append(_resolve(names, draft, count, report))
                count += 1
            made[descriptor] = tuple(listed)
        resolved.append(made)
    return resolved


def _resolve(names: Names, draft: Draft, index: int, report: Report) -> Transition:
    targets: tuple[int, ...] | None = None
    if draft.targets is not None:
        found = []
        for text in draft.targets:
            target = names.target(draft.source, text)
            if target is None:
                report.error(
                    draft.pointer,
                    "TargetNotFound",
                    f"the target `{text[:64]}` leads nowhere; {names.advice(draft.source, text)}",
                )
            else:
                found.append(target)
        targets = tuple(found)
        report_conflict(names.states, targets, draft.pointer, report)
    return Transition(
        index,
        draft.source,
        draft.descriptor,
        targets,
        draft.reenter,
        draft.guarded,
        draft.acts,
        draft.pointer,
    )


def _assemble(
    normal: Normal,
    states: Sequence[State],
    candidates: Sequence[dict[str, tuple[Transition, ...]]],
    options: _Options,
    report: Report,
) -> Machine:
    machine = Machine(
        tuple(_node(state) for state in states),
        tuple(t for own in candidates for listed in own.values() for t in listed),
        tuple(candidates),
        options.guards,
        digest_of(normal.definition, options.guards),
    )
    try:
        initial(machine)
    except (NotStable, IllegalTargets) as fault:
        report.error("", "InitialNotStable", f"the initial state is never reached: {fault}")
    if options.source == "object":
        _check_order(machine, normal, report)
    advise_on_states(states, report)
    advise_on_transitions(machine, report)
    advise_on_structure(machine, states, report)
    report.raise_errors(normal.given)
    machine.warnings = report.sorted_warnings(normal.given)
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


def _node(state: State) -> Node:
    config: dict[str, Any] = state.config
    tags = config.get("tags")
    return Node(
        index=state.index,
        key=state.key,
        path=state.path,
        id=state.id,
        kind=state.kind,
        parent=None if state.parent < 0 else state.parent,
        children=tuple(state.children),
        end=state.end,
        initial=state.initial,
        default=state.default,
        tags=(tags,) if isinstance(tags, str) else tuple(tags or ()),
        meta=config.get("meta"),
        description=config.get("description"),
        output=config.get("output", config.get("data")),
    )
