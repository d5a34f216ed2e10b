"""`statekeep rescue`: a person says where one actor goes on."""

from __future__ import annotations

import argparse
import json

from statekeep.cli.connection import EXITS, add_connection_arguments, connected
from statekeep.cli.exits import OK
from statekeep.cli.output import add_output_argument, print_value
from statekeep.cli.parser import Example
from statekeep.cli.people import plain, state_text

__all__ = ["DESCRIPTION", "EXAMPLES", "EXITS", "add_arguments", "run"]

DESCRIPTION = """
Places one actor in a state of a version, by hand; the audit says who and why. A partial state is
completed by initial states. Only later registrations route the actor from there.
"""
EXAMPLES = (
    Example(
        "statekeep rescue $(statekeep spawn loan-v1) --to loan-v1 --state fee_due --reason ok",
        "accept a state as it is",
        needs="server",
    ),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("actor", metavar="ACTOR", help="the actor's id")
    parser.add_argument("--to", metavar="VERSION", required=True, help="the target version")
    parser.add_argument(
        "--state", metavar="STATE", required=True, help="a state's name, or a state value as JSON"
    )
    parser.add_argument("--reason", metavar="TEXT", required=True, help="for the audit")
    add_connection_arguments(parser)
    add_output_argument(parser)


def run(args: argparse.Namespace) -> int:
    with connected(args) as client:
        answer = client.rescue(args.actor, args.to, _state(args.state), args.reason)
    if args.output == "table":
        print(f"{args.actor} is on {answer.version}, in {state_text(answer.state_value)}.")
    else:
        print_value(plain(answer), args.output)
    return OK


def _state(text: str) -> str | dict[str, object]:
    """A state value as JSON where it is an object; any other text is a state's name."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, dict) else text
