"""Warnings: what is ignored, and what is legal but surely not meant.

Nothing here stops a machine from being registered.  Each finding says what the machine does
instead of what its author may expect.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from statekeep.core.chart import Kind, Transition
from statekeep.core.findings import Report
from statekeep.core.machine import Machine
from statekeep.core.reach import dead_ends, reachable
from statekeep.core.states import State
from statekeep.core.tables import is_wildcard, matches

_NOT_RUN = "StateKeep runs no code; your backend acts on the answers"
_NO_TIMERS = "durable timers come later: nothing fires by itself; your backend can send"
_NO_MEANING = "it has no meaning in a machine given as JSON"

IGNORED: Mapping[str, tuple[str, str]] = {
    "entry": ("ActionsIgnored", f"actions are kept and never run: {_NOT_RUN}"),
    "exit": ("ActionsIgnored", f"actions are kept and never run: {_NOT_RUN}"),
    "onEntry": ("ActionsIgnored", f"v4's name of `entry`, kept and never run: {_NOT_RUN}"),
    "onExit": ("ActionsIgnored", f"v4's name of `exit`, kept and never run: {_NOT_RUN}"),
    "activities": ("ActionsIgnored", f"activities of v4 are kept and never run: {_NOT_RUN}"),
    "invoke": (
        "InvokeIgnored",
        "nothing is invoked; your backend does the work and sends `xstate.done.actor.<id>`",
    ),
    "context": ("ContextIgnored", "an actor's context is the one it is spawned with"),
    "route": ("RouteIgnored", "routes need an event's payload, which never decides anything here"),
    "key": ("KeyIgnored", "v5 ignores `key`; the state is called by its key in `states`"),
    "delimiter": ("DelimiterIgnored", "v5 ignores `delimiter`; a path is written with dots"),
    "strict": ("Ignored", "v5 ignores `strict`; an unknown event is answered `accepted: false`"),
    "options": ("Ignored", "options of XState's own engine are ignored"),
    "types": ("Ignored", f"ignored: {_NO_MEANING}"),
    "schemas": ("Ignored", f"ignored: {_NO_MEANING}"),
    "schema": ("Ignored", f"ignored: {_NO_MEANING}"),
    "tsTypes": ("Ignored", f"ignored: {_NO_MEANING}"),
    "predictableActionArguments": ("Ignored", f"ignored: {_NO_MEANING}"),
    "preserveActionOrder": ("Ignored", f"ignored: {_NO_MEANING}"),
}
_TRANSITION_KEYS = ("on", "always", "after", "onDone")


def advise_on_states(states: Sequence[State], report: Report) -> None:
    """What of each state is ignored, or stands in the wrong place."""
    for state in states:
        for key, value in state.config.items():
            if value is None or value == []:
                continue
            found = IGNORED.get(key) or _misplaced(state, key, value)
            if found is not None:
                report.warn(f"{state.pointer}/{key}", *found)


def _misplaced(state: State, key: str, value: Any) -> tuple[str, str] | None:
    if key in _TRANSITION_KEYS and state.is_history:
        return "TransitionsIgnored", "a history state is never active, so this is never taken"
    if key == "initial" and isinstance(value, dict) and value.get("actions"):
        return "ActionsIgnored", f"actions are kept and never run: {_NOT_RUN}"
    if key == "after" and value:
        return (
            "AfterNotTimed",
            f"{_NO_TIMERS} `xstate.after.<delay>.{state.id[:64]}`",
        )
    if key == "onDone" and state.kind in (Kind.ATOMIC, Kind.FINAL):
        return "NeverDone", "a state without states is never done; this is never taken"
    if key == "history" and value and not state.is_history:
        return "HistoryIgnored", f"the state is of type {state.kind}; remove `history` or `type`"
    if key == "target" and not state.is_history:
        return "TargetIgnored", "only a history state has a `target`; use `always` or `on`"
    if key == "data" and state.kind is Kind.FINAL:
        return "ReadAsV4", "read as `output`, its name in XState v5"
    if key in ("output", "data") and state.kind is not Kind.FINAL and state.parent >= 0:
        return "OutputIgnored", "only a final state, or the machine, has an output"
    return None


def advise_on_transitions(machine: Machine, report: Report) -> None:
    """Guards, actions, and candidates that are never reached."""
    denied = machine.guards == "Deny"
    rule = "never fires (guards: Deny)" if denied else "is taken as if it were true"
    shadow: tuple[int, str, Transition] | None = None
    for transition in machine.transitions:
        if transition.guarded:
            message = f"the guard is not evaluated: the transition {rule}"
            report.warn(transition.pointer, "GuardNotEvaluated", message)
        if transition.acts:
            report.warn(transition.pointer, "ActionsIgnored", f"never run: {_NOT_RUN}")
        place = (transition.source, transition.descriptor)
        if shadow is not None and shadow[:2] == place:
            report.warn(
                transition.pointer,
                "CandidateUnreachable",
                f"never taken: the candidate at {shadow[2].pointer} always comes first",
            )
        elif not (denied and transition.guarded):
            shadow = (*place, transition)
    for descriptor, pointer in _dull_wildcards(machine):
        report.warn(
            pointer,
            "NoWildcard",
            f"`{descriptor[:64]}` matches only an event of just that name; "
            "a wildcard is `*`, or whole words followed by `.*`",
        )


def _dull_wildcards(machine: Machine) -> Iterator[tuple[str, str]]:
    for transition in machine.transitions:
        if "*" in transition.descriptor and not is_wildcard(transition.descriptor):
            yield transition.descriptor, transition.pointer


def advise_on_structure(machine: Machine, states: Sequence[State], report: Report) -> None:
    """States that nothing leads to or out of, and events that change nothing anywhere."""
    reached = reachable(machine)
    for node in machine.nodes:
        above = node.parent is None or reached >> node.parent & 1
        if not reached >> node.index & 1 and above and not node.is_history:
            report.warn(
                states[node.index].pointer,
                "Unreachable",
                "no transition and no initial state leads here",
            )
    for index in dead_ends(machine, reached):
        report.warn(
            states[index].pointer,
            "DeadEnd",
            'nothing leads out of this state; if an actor ends here, give it "type": "final"',
        )
    _advise_on_events(machine, report)


def _advise_on_events(machine: Machine, report: Report) -> None:
    effective: set[str] = set()
    prefixes: set[str] = set()
    first: dict[str, Transition] = {}
    for transition in machine.transitions:
        descriptor = transition.descriptor
        if transition.is_effective:
            (prefixes if is_wildcard(descriptor) else effective).add(descriptor)
        first.setdefault(descriptor, transition)
    for descriptor, transition in first.items():
        if not descriptor or is_wildcard(descriptor) or descriptor in effective:
            continue
        if not any(matches(descriptor, prefix[:-1]) for prefix in prefixes):
            report.warn(
                transition.pointer,
                "EventWithoutEffect",
                f"`{descriptor[:64]}` is forbidden wherever it is named, so it is answered like "
                "any event the machine does not know",
            )
