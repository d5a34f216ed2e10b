"""What XState v4 wrote differently, read with v5's behaviour.

Two rules.  What v5 would refuse or could never mean is converted, with a warning that says so.
What v5 accepts keeps v5's meaning, whatever v4 meant, with a warning where the two differ: a v5
machine never changes because it looks like v4.  Some conversions would change a v5 machine (an
event may well be called `done.state.x`), so they are made only in a definition that v5 itself
would not take: one with `cond`, `in`, the event "" or a list where v5 has an object.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from statekeep.core.delay import delay_event
from statekeep.core.findings import Report
from statekeep.core.pointers import pointer_to
from statekeep.core.shape import wrong_type
from statekeep.core.states import State

_AFTER = re.compile(r"xstate\.after\(([^)]*)\)#(.+)", re.DOTALL)
_OLD_NAMES = ("done.state.", "done.invoke.", "error.platform.", "xstate.after(")
_DONE = (
    ("done.state.", "xstate.done.state."),
    ("done.invoke.", "xstate.done.actor."),
    ("error.platform.", "xstate.error.actor."),
)


_MARKERS = ('"cond":', '"in":', '"":', '"on":[', '"after":[')


def is_v4(states: Sequence[State], canonical: str) -> bool:
    """Whether anything stands there that v5 would not take.

    The canonical text shows at once where nothing of the kind can stand.
    """
    if not any(marker in canonical for marker in _MARKERS):
        return False
    return any(_has_marker(state.config) for state in states)


def _has_marker(config: dict[str, Any]) -> bool:
    on, after = config.get("on"), config.get("after")
    if isinstance(on, list) or isinstance(after, list):
        return True
    if isinstance(on, dict) and ("" in on or any(map(_has_cond, on.values()))):
        return True
    if isinstance(after, dict) and any(map(_has_cond, after.values())):
        return True
    return _has_cond(config.get("always")) or _has_cond(config.get("onDone"))


def _has_cond(value: Any) -> bool:
    listed = value if isinstance(value, list) else (value,)
    return any(isinstance(item, dict) and ("cond" in item or "in" in item) for item in listed)


def descriptor_of(descriptor: str, pointer: str, v4: bool, report: Report) -> str:
    """The v5 name of an event descriptor."""
    renamed = _renamed(descriptor) if descriptor.startswith(_OLD_NAMES) else None
    if renamed is None:
        if v4 and descriptor.endswith(".*"):
            report.warn(
                pointer,
                "WildcardOfV5",
                f"`{descriptor[:64]}` matches all events of that prefix in v5, and none in v4",
            )
        return descriptor
    if not v4:
        report.warn(
            pointer,
            "EventOfV4",
            f"`{descriptor[:64]}` is an ordinary event in XState v5; "
            f"if you mean v4's, write `onDone`, or `{renamed[:64]}`",
        )
        return descriptor
    report.warn(pointer, "ReadAsV4", f"read as `{renamed[:64]}`, its name in XState v5")
    return renamed


def _renamed(descriptor: str) -> str | None:
    for old, new in _DONE:
        if descriptor.startswith(old):
            return new + descriptor[len(old) :]
    found = _AFTER.fullmatch(descriptor)
    return delay_event(found[1], found[2]) if found else None


def listed_events(state: State, report: Report) -> Iterator[tuple[str, Any, str]]:
    """`on: [{event, target}]` as (event, transition, pointer); v5 has no such list."""
    yield from _listed(state, "on", "event", report)


def listed_delays(state: State, report: Report) -> Iterator[tuple[str, Any, str]]:
    """`after: [{delay, target}]` as (delay, transition, pointer); v5 has no such list."""
    yield from _listed(state, "after", "delay", report)


def _listed(state: State, key: str, name: str, report: Report) -> Iterator[tuple[str, Any, str]]:
    pointer = f"{state.pointer}/{key}"
    report.warn(pointer, "ReadAsV4", f"a list is v4's form of `{key}`; write an object")
    for index, item in enumerate(state.config[key]):
        where = f"{pointer}/{index}"
        if not isinstance(item, dict):
            report.error(where, "WrongType", wrong_type("a transition in a list", item, (dict,)))
            continue
        given = item.get(name)
        if isinstance(given, int | float) and not isinstance(given, bool) and name == "delay":
            given = str(given)
        if not isinstance(given, str):
            report.error(pointer_to(where, name), "WrongType", wrong_type(name, given, (str,)))
            continue
        yield given, {member: value for member, value in item.items() if member != name}, where


def reenters(
    value: dict[str, Any], pointer: str, v4: bool, is_region: bool, report: Report
) -> bool:
    """Whether the transition leaves and enters its source: `reenter`, and what v4 had for it."""
    given = value.get("reenter") is True
    for key in ("internal", "external"):
        if not isinstance(value.get(key), bool):
            continue
        where = f"{pointer}/{key}"
        external = value[key] is (key == "external")
        if v4 and external and not given and not is_region:
            report.warn(where, "ReadAsV4", 'read as "reenter": true, its name in XState v5')
            given = True
        else:
            report.warn(
                where,
                "InternalIgnored",
                f'XState v5 ignores `{key}`; write "reenter": true to leave and enter the state',
            )
    return given
