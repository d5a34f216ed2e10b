"""Resolving names to states: ids, initial states, history defaults, targets.

Each function reports everything it finds wrong and leaves out what cannot be resolved, so that one
mistake does not hide another.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from statekeep.core.chart import Kind
from statekeep.core.findings import Report
from statekeep.core.legality import conflict
from statekeep.core.paths import join_path
from statekeep.core.shape import INITIAL_KEYS, check_keys, wrong_type
from statekeep.core.states import State
from statekeep.core.targets import Names, nearest


def collect_ids(states: Sequence[State], report: Report) -> dict[str, int]:
    """Every id once. XState lets the last one win, silently."""
    ids: dict[str, int] = {}
    for state in states:
        known = ids.get(state.id)
        ids[state.id] = state.index
        # Two default ids can meet where a key has a dot; nothing names such a state by its id.
        if known is not None and (_has_id(state) or _has_id(states[known])):
            other = states[known].pointer or "the machine itself"
            report.error(
                f"{state.pointer}/id" if _has_id(state) else state.pointer,
                "DuplicateId",
                f"the id `{state.id}` is also that of {other}; give one of them another `id`",
            )
    return ids


def _lacks_regions(states: Sequence[State], state: State) -> bool:
    """Nothing can be in a history state, so it is no region."""
    given = state.config.get("states")
    return not given or (
        bool(state.by_key) and all(states[child].is_history for child in state.by_key.values())
    )


def _has_id(state: State) -> bool:
    return bool(state.config.get("id"))


def resolve_initial(states: Sequence[State], state: State, report: Report) -> None:
    """The initial child; required of a compound state, and checked wherever it is written."""
    given = state.config.get("initial")
    pointer = f"{state.pointer}/initial"
    name: Any = given
    if state.config.get("states") and not state.by_key:
        return  # What is wrong there has been said.
    if isinstance(given, dict):
        check_keys(given, INITIAL_KEYS, pointer, "an initial state", report)
        pointer, name = f"{pointer}/target", given.get("target")
        if isinstance(name, list) and len(name) == 1:
            name = name[0]
    if state.kind is Kind.PARALLEL and _lacks_regions(states, state):
        report.error(
            state.pointer,
            "ParallelWithoutStates",
            "a parallel state needs states in it; history states are none that it can be in",
        )
    if not given:
        if state.kind is Kind.COMPOUND:
            first = next(iter(state.by_key), None)
            advice = f'add "initial": "{first}"' if first else "it has no states; add some"
            report.error(
                state.pointer,
                "MissingInitial",
                f"a state with states needs an initial one; {advice}",
            )
        return
    if not isinstance(given, str | dict):
        return
    if not isinstance(name, str):
        report.error(pointer, "WrongType", wrong_type("initial", name, (str,)))
        return
    child = state.by_key.get(name)
    if child is None:
        report.error(pointer, "WrongInitial", _initial_advice(state, name))
    elif state.kind is Kind.COMPOUND:
        state.initial = child
    else:
        report.warn(
            pointer, "InitialIgnored", "a parallel state enters all its states; remove `initial`"
        )


def _initial_advice(state: State, name: str) -> str:
    shown = name[:64]
    if not state.by_key:
        return f"`{shown}` is no state here: there are no states below; remove `initial`"
    advice = nearest("", name, list(state.by_key))
    return f"`{shown}` is no child of this state; " + (advice or "name one of its own `states`")


def resolve_default(names: Names, state: State, report: Report) -> None:
    """Where a history state leads while nothing is recorded."""
    above = names.states[state.parent]
    given = state.config.get("target")
    pointer = f"{state.pointer}/target"
    if not given:
        if above.kind is Kind.PARALLEL:
            state.default = (above.index,)
        elif above.initial is not None:
            state.default = (above.initial,)
        return
    listed = given if isinstance(given, list) else [given]
    found = []
    for name in listed:
        if not isinstance(name, str):
            if isinstance(given, list):
                report.error(pointer, "WrongType", wrong_type("a target", name, (str,)))
            continue
        target = names.from_parent(above.index, name)
        if target is None:
            advice = nearest("", name.lstrip("."), list(above.by_key))
            report.error(
                pointer,
                "HistoryDefaultNotFound",
                f"`{name[:64]}` is no state; a history state names a sibling or `#id`"
                + (f"; {advice}" if advice else ""),
            )
        elif not above.index <= target < above.end:
            report.error(
                pointer,
                "HistoryDefaultOutside",
                f"`{name[:64]}` is not inside the state whose history this is; name one that is",
            )
        else:
            found.append(target)
    state.default = tuple(found)
    if len(found) > 1:
        report_conflict(names.states, found, pointer, report)


def check_history_loops(states: Sequence[State], report: Report) -> None:
    """A default may name another history state, but not in a circle, and not enter itself."""
    for state in states:
        if state.is_history and _leads_to(states, state.index, state.default):
            report.error(
                f"{state.pointer}/target" if state.config.get("target") else state.pointer,
                "HistoryLoops",
                "its default leads back to itself, so nothing would ever be entered; "
                "give it a `target` that is no history state",
            )


def _leads_to(states: Sequence[State], start: int, default: Iterable[int]) -> bool:
    """Whether entering `default` by default asks `start` again."""
    waiting, seen = list(default), set()
    while waiting:
        index = waiting.pop()
        if index == start:
            return True
        if index in seen:
            continue
        seen.add(index)
        state = states[index]
        if state.is_history:
            waiting += state.default
        elif state.initial is not None:
            waiting.append(state.initial)
        elif state.kind is Kind.PARALLEL:
            waiting += [child for child in state.children if not states[child].is_history]
    return False


def report_conflict(
    states: Sequence[State], targets: Sequence[int], pointer: str, report: Report
) -> None:
    """Refuse targets that cannot be active together."""
    pair = conflict([s.parent for s in states], [s.kind for s in states], targets)
    if pair is not None:
        first, second = (join_path(states[index].path) or "the machine" for index in pair)
        report.error(
            pointer,
            "IllegalTargets",
            f"`{first}` and `{second}` cannot be active together; several targets must lie in "
            "different regions of a parallel state",
        )
