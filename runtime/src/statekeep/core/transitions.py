"""Reading transitions: every form that XState has for them, into one.

Reads `on`, `onDone`, the handlers of `invoke`, `after` and `always` of each state, in the order and
with the overriding that XState has, and resolves their targets.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from statekeep.core.chart import Kind, Transition
from statekeep.core.delay import delay_event
from statekeep.core.dialect_v4 import (
    descriptor_of,
    is_v4,
    listed_delays,
    listed_events,
    reenters,
)
from statekeep.core.findings import Report
from statekeep.core.limits import MAX_NAME, MAX_TARGETS
from statekeep.core.pointers import pointer_to
from statekeep.core.resolve import report_conflict
from statekeep.core.shape import TRANSITION_KEYS, check_keys, wrong_type
from statekeep.core.states import State
from statekeep.core.targets import Names

EVENTLESS = ""

_HANDLED = frozenset({"on", "always", "after", "onDone", "invoke"})

_HANDLERS = (
    ("onDone", "xstate.done.actor."),
    ("onError", "xstate.error.actor."),
    ("onSnapshot", "xstate.snapshot."),
)


def is_given(value: object) -> bool:
    """JavaScript's truth, by which XState decides: `{}` and `[]` are transitions, `""` is none."""
    return value is not None and value is not False and value not in ("", 0)


Candidates = dict[str, list[Transition]]


_SILENT: Candidates = {}


class Reader:
    """Reads the transitions of all states of one definition."""

    __slots__ = ("count", "names", "report", "v4")

    def __init__(self, names: Names, canonical: str, report: Report) -> None:
        self.names = names
        self.report = report
        self.v4 = is_v4(names.states, canonical)
        self.count = 0

    def read(self, state: State) -> Candidates:
        """The candidates of one state by descriptor; the empty descriptor is `always`.

        Later handlers replace earlier ones of the same name, except those of delays.
        """
        config = state.config
        if _HANDLED.isdisjoint(config):
            return _SILENT
        found: Candidates = {}
        always = config.get("always")
        if isinstance(always, str | dict | list) and always != "":
            found[EVENTLESS] = self.candidates(state, EVENTLESS, always, f"{state.pointer}/always")
        if config.get("on"):
            for descriptor, value, where in self._events(state):
                read = self.candidates(state, descriptor, value, where)
                found[descriptor] = found[descriptor] + read if descriptor in found else read
        if "onDone" in config or "invoke" in config:
            self._read_done(state, found)
        if config.get("after"):
            for descriptor, value, where in self._delays(state):
                found.setdefault(descriptor, []).extend(
                    self.candidates(state, descriptor, value, where)
                )
        return found

    def _read_done(self, state: State, found: Candidates) -> None:
        for descriptor, value, where in _done_events(state):
            if descriptor in found:
                self.report.warn(
                    where, "HandlerReplaced", f"replaces what `on` has for `{descriptor[:64]}`"
                )
            found[descriptor] = self.candidates(state, descriptor, value, where)

    def _events(self, state: State) -> Iterator[tuple[str, Any, str]]:
        on = state.config["on"]
        if isinstance(on, dict):
            pointer = f"{state.pointer}/on"
            for name, value in on.items():
                where = pointer_to(pointer, name)
                yield self._descriptor(name, where), value, where
        elif isinstance(on, list):
            for name, value, where in listed_events(state, self.report):
                yield self._descriptor(name, where), value, where

    def _descriptor(self, name: str, pointer: str) -> str:
        if not name:
            self.report.warn(pointer, "ReadAsV4", 'the event "" is v4\'s form of `always`')
        elif len(name) > 2 * MAX_NAME:
            self.report.error(pointer, "NameTooLong", f"an event of {len(name)} characters")
        return descriptor_of(name, pointer, self.v4, self.report)

    def candidates(
        self, state: State, descriptor: str, value: Any, pointer: str
    ) -> list[Transition]:
        """XState's toTransitionConfigArray: one transition, or a list to choose from."""
        if isinstance(value, str):
            return [self._made(state, descriptor, pointer, [value] if value else None)]
        if not isinstance(value, list):
            return self._one(state, descriptor, value, pointer)
        found: list[Transition] = []
        for index, item in enumerate(value):
            found += self._one(state, descriptor, item, f"{pointer}/{index}")
        return found

    def _one(self, state: State, descriptor: str, value: Any, pointer: str) -> list[Transition]:
        if value is None or isinstance(value, str):
            return [self._made(state, descriptor, pointer, [value] if value else None)]
        if isinstance(value, dict):
            return [self._from_object(state, descriptor, value, pointer)]
        self.report.error(
            pointer, "WrongType", wrong_type("a transition", value, (str, dict, list))
        )
        return []

    def _from_object(
        self, state: State, descriptor: str, value: dict[str, Any], pointer: str
    ) -> Transition:
        check_keys(value, TRANSITION_KEYS, pointer, "a transition", self.report)
        reenter = value.get("reenter") is True
        if "internal" in value or "external" in value:
            reenter = reenters(value, pointer, self.v4, self._is_region(state), self.report)
        guarded = any(is_given(value.get(key)) for key in ("guard", "cond", "in"))
        actions = value.get("actions")
        acts = actions is not None and actions != []
        named = self._named(value.get("target"), f"{pointer}/target")
        return self._made(state, descriptor, pointer, named, reenter, guarded, acts)

    def _made(
        self,
        state: State,
        descriptor: str,
        pointer: str,
        named: list[str] | None,
        reenter: bool = False,
        guarded: bool = False,
        acts: bool = False,
    ) -> Transition:
        targets = None if named is None else self._resolved(state.index, named, pointer)
        self.count += 1
        return Transition(
            self.count, state.index, descriptor, targets, reenter, guarded, acts, pointer
        )

    def _named(self, value: Any, pointer: str) -> list[str] | None:
        """XState's normalizeTarget; None is a transition without a target."""
        if isinstance(value, str):
            return [value] if value else None
        if not isinstance(value, list):
            return None
        if len(value) > MAX_TARGETS:
            self.report.error(pointer, "TooManyTargets", f"more than {MAX_TARGETS} targets")
            return None
        for name in value:
            if not isinstance(name, str):
                self.report.error(pointer, "WrongType", wrong_type("a target", name, (str,)))
                return None
        return value

    def _resolved(self, source: int, named: list[str], pointer: str) -> tuple[int, ...]:
        found = []
        for text in named:
            target = self.names.target(source, text)
            if target is None:
                advice = self.names.advice(source, text)
                self.report.error(
                    pointer,
                    "TargetNotFound",
                    f"the target `{text[:64]}` leads nowhere; {advice}",
                )
            else:
                found.append(target)
        if len(found) > 1:
            report_conflict(self.names.states, found, pointer, self.report)
        return tuple(found)

    def _is_region(self, state: State) -> bool:
        return state.parent >= 0 and self.names.states[state.parent].kind is Kind.PARALLEL

    def _delays(self, state: State) -> Iterator[tuple[str, Any, str]]:
        after = state.config.get("after")
        if isinstance(after, list):
            for delay, value, where in listed_delays(state, self.report):
                yield delay_event(delay, state.id), value, where
            return
        seen: dict[str, str] = {}
        for delay, value in (after or {}).items() if isinstance(after, dict) else ():
            where = pointer_to(f"{state.pointer}/after", delay)
            descriptor = delay_event(delay, state.id)
            if descriptor in seen:
                self.report.error(
                    where,
                    "DuplicateDelay",
                    f"the delays `{seen[descriptor]}` and `{delay}` are the same; merge them",
                )
            seen[descriptor] = delay
            yield descriptor, self._delayed(value, where), where

    def _delayed(self, value: Any, pointer: str) -> Any:
        """XState takes a string in a list of delayed transitions for one without a target."""
        if not isinstance(value, list) or not any(isinstance(item, str) for item in value):
            return value
        self.report.warn(
            pointer,
            "DelayedTargetIgnored",
            "XState ignores the target of a string in a list of delayed transitions; "
            'write {"target": …} instead',
        )
        return [{} if isinstance(item, str) else item for item in value]


def _done_events(state: State) -> Iterator[tuple[str, Any, str]]:
    """`onDone`, and the handlers of invocations: nothing is invoked, but its events may be sent."""
    done = state.config.get("onDone")
    if isinstance(done, str | dict | list) and done != "":
        yield f"xstate.done.state.{state.id}", done, f"{state.pointer}/onDone"
    invoke = state.config.get("invoke")
    for index, config in enumerate(invoke if isinstance(invoke, list) else [invoke]):
        if not isinstance(config, dict):
            continue
        where = f"{state.pointer}/invoke" + (f"/{index}" if isinstance(invoke, list) else "")
        given = config.get("id")
        invoke_id = given if isinstance(given, str) else f"{index}.{state.id}"
        for key, prefix in _HANDLERS:
            if is_given(config.get(key)):
                yield f"{prefix}{invoke_id}", config[key], f"{where}/{key}"
