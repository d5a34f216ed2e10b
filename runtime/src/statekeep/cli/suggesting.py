"""The smallest mapping that would land those who strand, as flags to copy.

Fills in a target only where the new machine leaves no doubt about the name: the same path, or the
one state of the same name. Everything else is the author's to say.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from statekeep.cli.people import leaves_of
from statekeep.core.paths import join_path, split_path

if TYPE_CHECKING:
    from statekeep.core.machine import Machine
    from statekeep.web.wire import PreviewAnswer

UNKNOWN = "TARGET"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Source state → target, or `TARGET` where the author has to choose among `choices`."""

    mapping: Mapping[str, str]
    choices: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        return UNKNOWN not in self.mapping.values()

    @property
    def flags(self) -> str:
        return " ".join(f"--map {_quoted(f'{key}={to}')}" for key, to in self.mapping.items())


def suggestion(answer: PreviewAnswer, definition: object) -> Suggestion | None:
    """For those who would strand; None where nobody would."""
    states = sorted(set(_stranding(answer)))
    if not states:
        return None
    target = _compiled(definition)
    if target is None:
        return Suggestion(dict.fromkeys(states, UNKNOWN), ())
    mapping = {state: _target_of(state, target) or UNKNOWN for state in states}
    taken = (node for node in target.nodes[1:] if not node.children and not node.is_history)
    return Suggestion(mapping, tuple(join_path(node.path) for node in taken))


def _stranding(answer: PreviewAnswer) -> Iterable[str]:
    """The leaves that have no place; where only the history objects, all leaves of a state."""
    misfits = {(kind.version, kind.state) for kind in answer.unlandable}
    for kind in answer.by_state:
        if kind.verdict == "stranded":
            leaves = leaves_of(_value(kind.state))
            yield from [leaf for leaf in leaves if (kind.version, leaf) in misfits] or leaves


def _value(state: str) -> object:
    """A state value from its text: JSON for an object, a state's name otherwise."""
    return json.loads(state) if state.startswith("{") else state


def _compiled(definition: object) -> Machine | None:
    from statekeep.core.compile import compile_machine  # noqa: PLC0415 - only where it strands
    from statekeep.core.findings import DefinitionError  # noqa: PLC0415

    written: Any = definition
    try:
        return compile_machine(json.loads(written) if isinstance(written, str) else written)
    except (DefinitionError, ValueError):
        return None


def _target_of(state: str, target: Machine) -> str | None:
    path = split_path(state)
    here = target.node_at(path)
    if here is not None and not here.is_history:
        return state
    named = [node for node in target.nodes[1:] if node.key == path[-1] and not node.is_history]
    return join_path(named[0].path) if len(named) == 1 else None


def _quoted(text: str) -> str:
    import shlex  # noqa: PLC0415

    return shlex.quote(text)
