"""`statekeep get`: one actor."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from statekeep.cli.connection import EXITS, add_connection_arguments, connected
from statekeep.cli.exits import OK
from statekeep.cli.output import add_output_argument, print_value, printable
from statekeep.cli.parser import Example
from statekeep.cli.people import plain, state_text

if TYPE_CHECKING:
    from statekeep.web.wire import ActorAnswer

__all__ = ["EXAMPLES", "EXITS", "add_arguments", "run"]

EXAMPLES = (
    Example(
        "statekeep get $(statekeep spawn loan-v1)", "where an actor is, and with what", "server"
    ),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("actor", metavar="ACTOR", help="the actor's id")
    add_connection_arguments(parser)
    add_output_argument(parser)


def run(args: argparse.Namespace) -> int:
    with connected(args) as client:
        answer = client.actor(args.actor)
    if args.output == "table":
        print("\n".join(f"{title + ':':<10}{text}" for title, text in _told(answer)))
    else:
        print_value(plain(answer), args.output)
    return OK


def _told(answer: ActorAnswer) -> list[tuple[str, str]]:
    lines = [
        ("Actor", answer.id),
        ("Version", f"{answer.version} (workflow {answer.workflow})"),
        ("State", state_text(answer.state_value)),
        ("Status", answer.status),
        ("History", f"{answer.history_length} events"),
        ("Revision", str(answer.revision)),
    ]
    if answer.stranding is not None:
        why = f"{answer.stranding.reason}, by {answer.stranding.change_point}"
        lines += [("Stranded", why), ("", printable(answer.stranding.message))]
    if answer.queued:
        lines.append(("Queued", f"{answer.queued} events"))
    if answer.context is not None:
        lines.append(("Context", printable(json.dumps(answer.context, ensure_ascii=False))))
    return lines
