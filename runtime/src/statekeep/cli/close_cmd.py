"""`statekeep close`: from now on a change-point picks nobody."""

from __future__ import annotations

import argparse

from statekeep.cli.connection import EXITS, add_connection_arguments, connected
from statekeep.cli.exits import OK
from statekeep.cli.parser import Example

__all__ = ["DESCRIPTION", "EXAMPLES", "EXITS", "add_arguments", "run"]

DESCRIPTION = """
Closes a change-point: it picks nobody any more, and is never opened again. Who has gone over it
stays where it led.
"""
EXAMPLES = (Example("statekeep close loan-v2.loan-v1", "stop a migration", needs="server"),)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="CHANGE-POINT", help="its name")
    parser.add_argument("--workflow", metavar="NAME", help="where several workflows have one")
    add_connection_arguments(parser)


def run(args: argparse.Namespace) -> int:
    with connected(args) as client:
        answer = client.close(args.name, args.workflow)
    print(f"{answer.name} is closed: it takes nobody from {answer.source} to {answer.to} any more.")
    return OK
