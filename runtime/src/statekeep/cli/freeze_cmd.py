"""`statekeep freeze`: the brake of a workflow."""

from __future__ import annotations

import argparse

from statekeep.cli.connection import EXITS, add_connection_arguments, connected
from statekeep.cli.exits import OK
from statekeep.cli.parser import Example

__all__ = ["DESCRIPTION", "EXAMPLES", "EXITS", "add_arguments", "run"]

DESCRIPTION = """
Stops registrations and landings of a workflow, whatever git says. Events go on and nothing is lost;
`statekeep unfreeze` lets everything that is due happen.
"""
EXAMPLES = (
    Example("statekeep freeze loan --reason 'wrong fee in loan-v2'", "stop", needs="server"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("workflow", metavar="WORKFLOW", help="the workflow's name")
    parser.add_argument("--reason", metavar="TEXT", required=True, help="shown to everybody")
    add_connection_arguments(parser)


def run(args: argparse.Namespace) -> int:
    with connected(args) as client:
        answer = client.freeze(args.workflow, args.reason)
    print(f"{answer.workflow} is frozen: {answer.reason}")
    print(f"`statekeep unfreeze {answer.workflow}` lets it go on.")
    return OK
