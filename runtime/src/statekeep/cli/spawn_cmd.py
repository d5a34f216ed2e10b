"""`statekeep spawn`: new actors."""

from __future__ import annotations

import argparse

from statekeep.cli.connection import EXITS, add_connection_arguments, connected
from statekeep.cli.exits import OK
from statekeep.cli.output import Column, add_output_argument, print_listing
from statekeep.cli.parser import Example
from statekeep.cli.people import json_object, rows_of
from statekeep.cli.progress import bar

__all__ = ["DESCRIPTION", "EXAMPLES", "EXITS", "add_arguments", "run"]

DESCRIPTION = """
Spawns actors on a version and prints their ids. With --key the same command again spawns nobody
new and prints the same id.
"""
EXAMPLES = (
    Example("statekeep spawn loan-v1 --context '{\"amount\": 50000}'", "one actor", needs="server"),
    Example("statekeep spawn loan-v1 --count 30", "thirty, to try things", needs="server"),
)
_COLUMNS = (Column("ID", "id"), Column("VERSION", "version"), Column("STATUS", "status"))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("version", metavar="VERSION", help="the version to start on")
    parser.add_argument("--context", metavar="JSON", help="the initial context, an object")
    parser.add_argument("--count", metavar="N", type=int, default=1, help="how many; default 1")
    parser.add_argument("--key", metavar="KEY", help="idempotency key")
    add_connection_arguments(parser)
    add_output_argument(parser)


def run(args: argparse.Namespace) -> int:
    context = json_object(args.context, "--context")
    keys = [args.key] if args.count == 1 else [_numbered(args.key, n) for n in range(args.count)]
    answers = []
    with connected(args) as client, bar("spawning", len(keys)) as progress:
        for key in keys:
            answers.append(client.spawn(args.version, context, idempotency_key=key))
            progress.at(len(answers))
    if args.output == "table":
        print("\n".join(answer.id for answer in answers))
    else:
        print_listing(rows_of(answers), _COLUMNS, args.output)
    return OK


def _numbered(key: str | None, number: int) -> str | None:
    return None if key is None else f"{key}-{number + 1}"
