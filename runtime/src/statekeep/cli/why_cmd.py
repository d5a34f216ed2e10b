"""`statekeep why`: the story of one actor, in sentences."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from statekeep.cli.connection import EXITS, add_connection_arguments, connected
from statekeep.cli.exits import OK
from statekeep.cli.output import printable, width_of
from statekeep.cli.parser import Example
from statekeep.cli.people import counted, fitted, moment, state_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from statekeep.web.wire import ActorAnswer, DecisionItem, HistoryItem

__all__ = ["DESCRIPTION", "EXAMPLES", "EXITS", "add_arguments", "run"]

DESCRIPTION = """
Tells where an actor is, by which events it came there, and why it moved, stayed or stranded at each
registration that concerned it, with the hashes that the verdict was read from.
"""
EXAMPLES = (
    Example("statekeep why $(statekeep spawn loan-v1)", "the story of an actor", needs="server"),
)
_SHOWN_EVENTS = 40


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("actor", metavar="ACTOR", help="the actor's id")
    add_connection_arguments(parser)


def run(args: argparse.Namespace) -> int:
    with connected(args) as client:
        actor = client.actor(args.actor)
        history, decisions = list(client.history(args.actor)), list(client.decisions(args.actor))
    print("\n".join(fitted(story(actor, history, decisions), width_of(sys.stdout))))
    return OK


def story(
    actor: ActorAnswer, history: list[HistoryItem], decisions: Iterable[DecisionItem]
) -> list[str]:
    """The actor's story, a sentence a line."""
    return [
        f"{actor.id} is on {actor.version}, in {state_text(actor.state_value)}{_standing(actor)}.",
        _came_by(history),
        *(line for decision in decisions for line in _verdict(decision)),
    ]


def _standing(actor: ActorAnswer) -> str:
    if actor.stranding is None:
        return ", done" if actor.status == "done" else ""
    return (
        f", and needs a rescue: {actor.stranding.change_point} picked it and it has no landing "
        f"({actor.stranding.reason})"
    )


def _came_by(history: list[HistoryItem]) -> str:
    if not history:
        return "It has accepted no event yet."
    types = [printable(item.type) for item in history]
    left_out = len(types) - _SHOWN_EVENTS
    shown = " → ".join(types[:_SHOWN_EVENTS]) + (f" → … {left_out:,} more" if left_out > 0 else "")
    return f"It came there by {counted(len(types), 'event')}: {shown}."


def _verdict(decision: DecisionItem) -> list[str]:
    when = f"{moment(decision.at)}, clock {decision.clock}"
    lines = [f"{when}: {_sentence(decision)}"]
    if decision.message:
        lines.append(f"    {printable(decision.message)}")
    if decision.change_point is not None:
        anchor = decision.anchor_hash.removeprefix("sha256:")[:12]
        lines.append(f"    read from history {decision.fingerprint}, anchor {anchor}")
    return lines


def _sentence(decision: DecisionItem) -> str:
    if decision.change_point is None:
        why = printable(decision.note or decision.reason or "no reason given")
        return f"{decision.by or 'somebody'} took it to {decision.to} by hand: {why}"
    if decision.verdict == "migrated":
        rescued = ", rescued," if decision.rescued else ""
        return (
            f"{decision.change_point} took it{rescued} from {decision.source}"
            f"{_in(decision.from_state)} to {decision.to}{_in(decision.to_state)}"
        )
    word = "found no landing for it" if decision.verdict == "stranded" else "left it"
    return f"{decision.change_point} {word} on {decision.source}: {decision.reason}"


def _in(state: object) -> str:
    return "" if state is None else f" in {state_text(state)}"
