"""The audit of what a change decided: one block for all that it treats alike."""

from __future__ import annotations

from statekeep.core.decisions import Decision
from statekeep.storage.ports import Block, Entry


def block_of(entry: Entry, decisions: tuple[Decision, ...]) -> Block:
    """The audit of what a change decided for one cohort."""
    plan = entry.result.get("planHash")
    return Block(
        decisions=decisions,
        at=entry.at,
        by=entry.by,
        change=entry.name,
        law=entry.law,
        plan=None if plan is None else str(plan),
    )
