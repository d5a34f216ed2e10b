"""Whether states can be active together.

Each state on the way from the root to a target claims one child of its parent.  A compound state
can grant one claim only; a parallel state grants all.  A history state claims all of its parent,
because nobody knows beforehand what it stands for.
"""

from __future__ import annotations

from collections.abc import Sequence

from statekeep.core.chart import HISTORY, Kind


def conflict(
    parents: Sequence[int], kinds: Sequence[Kind], targets: Sequence[int]
) -> tuple[int, int] | None:
    """Two of the targets that exclude each other, or None."""
    claims: dict[int, tuple[int, int]] = {}
    for target in targets:
        child = target
        while (parent := parents[child]) >= 0:
            held, holder = claims.setdefault(parent, (child, target))
            if held != child and _excludes(kinds, parent, held, child):
                return holder, target
            child = parent
    return None


def _excludes(kinds: Sequence[Kind], parent: int, held: int, child: int) -> bool:
    if kinds[parent] is Kind.COMPOUND:
        return True
    return kinds[held] in HISTORY or kinds[child] in HISTORY
