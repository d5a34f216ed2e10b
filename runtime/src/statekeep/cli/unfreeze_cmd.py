"""`statekeep unfreeze`: let a frozen workflow go on."""

from __future__ import annotations

import argparse

from statekeep.cli.connection import EXITS, add_connection_arguments, connected
from statekeep.cli.exits import OK
from statekeep.cli.parser import Example

__all__ = ["DESCRIPTION", "EXAMPLES", "EXITS", "add_arguments", "run"]

DESCRIPTION = """
Takes the brake off a workflow, and evaluates what came due meanwhile.
"""
EXAMPLES = (Example("statekeep unfreeze loan", "go on", needs="server"),)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("workflow", metavar="WORKFLOW", help="the workflow's name")
    add_connection_arguments(parser)


def run(args: argparse.Namespace) -> int:
    with connected(args) as client:
        answer = client.unfreeze(args.workflow)
    print(f"{answer.workflow} goes on.")
    return OK
