"""Reading transitions: every form that XState has for them, into one.

Owns `Draft`, a transition whose targets are still text.  Reads `on`, `onDone`, the handlers of
`invoke`, `after` and `always` of one state, in the order and with the overriding that XState has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from statekeep.core.delay import delay_event
from statekeep.core.findings import Report
from statekeep.core.limits import MAX_NAME, MAX_TARGETS
from statekeep.core.pointers import pointer_to
from statekeep.core.shape import TRANSITION_KEYS, check_keys, wrong_type
from statekeep.core.states import State

EVENTLESS = ""


@dataclass(slots=True)
class Draft:
    source: int
    descriptor: str
    pointer: str
    targets: list[str] | None = None
    reenter: bool = False
    guarded: bool = False
    acts: bool = False


Candidates = dict[str, list[Draft]]


class Reader:
    """Reads the transitions of all states of one definition."""

    __slots__ = ("report",)

    def __init__(self, report: Report) -> None:
        self.report = report

    def read(self, state: State) -> Candidates:
        """The candidates of one state by descriptor; the empty descriptor is `always`."""
        config, pointer = state.config, state.pointer
        found: Candidates = {}
        always: list[Draft] = []
        on = config.get("on")
        if isinstance(on, dict):
            for descriptor, value in on.items():
                where = pointer_to(f"{pointer}/on", descriptor)
                if descriptor == EVENTLESS:
                    always += self.candidates(state, EVENTLESS, value, where)
                else:
                    self._check_descriptor(descriptor, where)
                    found[descriptor] = self.candidates(state, descriptor, value, where)
        if config.get("onDone"):
            descriptor = f"xstate.done.state.{state.id}"
            found[descriptor] = self.candidates(
                state, descriptor, config["onDone"], f"{pointer}/onDone"
            )
        for descriptor, value, where in _invocations(state):
            found[descriptor] = self.candidates(state, descriptor, value, where)
        for descriptor, value, where in self._delays(state):
            found.setdefault(descriptor, []).extend(
                self.candidates(state, descriptor, value, where)
            )
        if config.get("always"):
            given = self.candidates(state, EVENTLESS, config["always"], f"{pointer}/always")
            always = given + always
        if always:
            found[EVENTLESS] = always
        return found

    def candidates(self, state: State, descriptor: str, value: Any, pointer: str) -> list[Draft]:
        """XState's toTransitionConfigArray: one transition, or a list to choose from."""
        if not isinstance(value, list):
            return self._one(state, descriptor, value, pointer)
        found: list[Draft] = []
        for index, item in enumerate(value):
            found += self._one(state, descriptor, item, f"{pointer}/{index}")
        return found

    def _one(self, state: State, descriptor: str, value: Any, pointer: str) -> list[Draft]:
        draft = Draft(state.index, descriptor, pointer)
        if value is None:
            return [draft]
        if isinstance(value, str):
            draft.targets = self._targets(value, pointer)
        elif isinstance(value, dict):
            self._read_object(draft, value)
        else:
            self.report.error(
                pointer, "WrongType", wrong_type("a transition", value, (str, dict, list))
            )
            return []
        return [draft]

    def _read_object(self, draft: Draft, value: dict[str, Any]) -> None:
        check_keys(value, TRANSITION_KEYS, draft.pointer, "a transition", self.report)
        draft.targets = self._targets(value.get("target"), f"{draft.pointer}/target")
        draft.reenter = value.get("reenter") is True
        draft.guarded = any(value.get(key) for key in ("guard", "cond", "in"))
        actions = value.get("actions")
        draft.acts = actions is not None and actions != []

    def _targets(self, value: Any, pointer: str) -> list[str] | None:
        """XState's normalizeTarget; None is a transition without a target."""
        if value is None or value == "":
            return None
        named = value if isinstance(value, list) else [value]
        if len(named) > MAX_TARGETS:
            self.report.error(pointer, "TooManyTargets", f"more than {MAX_TARGETS} targets")
            return None
        for name in named:
            if not isinstance(name, str):
                self.report.error(pointer, "WrongType", wrong_type("a target", name, (str,)))
                return None
            if len(name) > 2 * MAX_NAME:
                self.report.error(pointer, "NameTooLong", f"a target of {len(name)} characters")
                return None
        return list(named)

    def _delays(self, state: State) -> Iterator[tuple[str, Any, str]]:
        after = state.config.get("after")
        if not isinstance(after, dict):
            return
        seen: dict[str, str] = {}
        for delay, value in after.items():
            where = pointer_to(f"{state.pointer}/after", delay)
            descriptor = delay_event(delay, state.id)
            if descriptor in seen:
                self.report.error(
                    where,
                    "DuplicateDelay",
                    f"the delays `{seen[descriptor]}` and `{delay}` are the same; merge them",
                )
            seen[descriptor] = delay
            self._check_descriptor(descriptor, where)
            yield descriptor, value, where

    def _check_descriptor(self, descriptor: str, pointer: str) -> None:
        if len(descriptor) > 2 * MAX_NAME:
            self.report.error(pointer, "NameTooLong", f"an event of {len(descriptor)} characters")


def _invocations(state: State) -> Iterator[tuple[str, Any, str]]:
    """The handlers of invocations. What is invoked is never run; its events may be sent."""
    invoke = state.config.get("invoke")
    listed = invoke if isinstance(invoke, list) else [invoke]
    for index, config in enumerate(listed):
        if not isinstance(config, dict):
            continue
        where = f"{state.pointer}/invoke" + (f"/{index}" if isinstance(invoke, list) else "")
        given = config.get("id")
        invoke_id = given if isinstance(given, str) else f"{index}.{state.id}"
        for key, prefix in (
            ("onDone", "xstate.done.actor."),
            ("onError", "xstate.error.actor."),
            ("onSnapshot", "xstate.snapshot."),
        ):
            if config.get(key):
                yield f"{prefix}{invoke_id}", config[key], f"{where}/{key}"
