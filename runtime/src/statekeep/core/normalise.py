"""The object form of a definition, as it comes through YAML and the Kubernetes API, made one form.

YAML 1.1 reads a plain `on` as a boolean, which arrives as the key "true"; the API server sorts
keys; some tools drop `null`.  This is the one place that knows: every door that takes the object
form calls it, and gets the same definition, with the same digest, whatever way it came.

Invariant: a definition in normal form is left as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from statekeep.core.chart import Source
from statekeep.core.findings import Report
from statekeep.core.pointers import pointer_to
from statekeep.core.shape import QUOTE

_BOOLEANS = ("true", "false")


@dataclass(frozen=True, slots=True)
class Normal:
    definition: dict[str, Any]
    renamed: frozenset[str]
    """Pointers of what is `on` here and was written "true"."""

    def given(self, pointer: str) -> str:
        """The pointer as the user gave the definition."""
        if not self.renamed:
            return pointer
        here, there = "", ""
        for part in pointer.split("/")[1:]:
            here = f"{here}/{part}"
            there = f"{there}/{'true' if here in self.renamed else part}"
        return there


def normalise(definition: dict[str, Any], source: Source, report: Report) -> Normal:
    """The definition in normal form; a string is in it already."""
    if source == "string":
        return Normal(definition, frozenset())
    renamed: set[str] = set()
    return Normal(_state(definition, "", renamed, report), frozenset(renamed))


def _state(config: Mapping[str, Any], pointer: str, renamed: set[str], report: Report) -> Any:
    state: dict[str, Any] = {}
    for key, value in config.items():
        if value is None:
            continue
        if key == "true":
            _rename(state, config, value, pointer, renamed, report)
        elif key == "states" and isinstance(value, dict):
            state[key] = _states(value, f"{pointer}/states", renamed, report)
        elif key == "on" and isinstance(value, dict):
            state[key] = _events(value, f"{pointer}/on", report)
        else:
            state[key] = _without_nulls(key, value, pointer_to(pointer, key), report)
    return state


def _rename(
    state: dict[str, Any],
    config: Mapping[str, Any],
    value: Any,
    pointer: str,
    renamed: set[str],
    report: Report,
) -> None:
    if config.get("on") is not None:
        report.error(
            f"{pointer}/true",
            "DuplicateOn",
            'has both "on" and the key "true", which is a plain `on` read by YAML 1.1; '
            'keep one of them, and write "on" in quotes',
        )
        return
    renamed.add(f"{pointer}/on")
    if isinstance(value, dict):
        state["on"] = _events(value, f"{pointer}/on", report)
    else:
        state["on"] = value


def _states(
    below: Mapping[str, Any], pointer: str, renamed: set[str], report: Report
) -> dict[str, Any]:
    states: dict[str, Any] = {}
    for key in sorted(below):
        where = pointer_to(pointer, key)
        _check_name(key, where, "state", report)
        value = below[key]
        states[key] = _state(value, where, renamed, report) if isinstance(value, dict) else value
    return states


def _events(on: Mapping[str, Any], pointer: str, report: Report) -> dict[str, Any]:
    events: dict[str, Any] = {}
    for key, value in on.items():
        where = pointer_to(pointer, key)
        _check_name(key, where, "event", report)
        events[key] = _transition(value, where, report)
    return events


def _transition(value: Any, pointer: str, report: Report) -> Any:
    if value is None:
        report.error(
            pointer,
            "NullTransition",
            "a null is dropped by some tools on the way to the cluster, and with it this "
            "transition; to forbid the event write {}",
        )
        return {}
    return _dropped(value)


def _check_name(key: str, pointer: str, what: str, report: Report) -> None:
    if key in _BOOLEANS:
        report.error(
            pointer,
            "BooleanName",
            f'the {what} name "{key}" is how YAML 1.1 reads a plain '
            f"{'on, yes or y' if key == 'true' else 'off, no or n'}; {QUOTE}",
        )


def _without_nulls(key: str, value: Any, pointer: str, report: Report) -> Any:
    if key == "after" and isinstance(value, dict):
        return {
            delay: _transition(item, pointer_to(pointer, delay), report)
            for delay, item in value.items()
        }
    return _dropped(value)


def _dropped(value: Any) -> Any:
    """Without the nulls that client-side apply would drop: members of objects."""
    if isinstance(value, dict):
        return {key: _dropped(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_dropped(item) for item in value]
    return value
