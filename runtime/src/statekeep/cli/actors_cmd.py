"""`statekeep actors`: who there is, one by one or grouped by state."""

from __future__ import annotations

import argparse
from itertools import islice

from statekeep.cli.connection import EXITS, add_connection_arguments, connected
from statekeep.cli.exits import OK
from statekeep.cli.output import Column, add_output_argument, print_listing
from statekeep.cli.parser import Example
from statekeep.cli.people import rows_of, with_states

__all__ = ["EXAMPLES", "EXITS", "add_arguments", "run"]

EXAMPLES = (
    Example("statekeep actors --workflow loan --by-state", "how many are where", "server"),
    Example("statekeep actors --version loan-v1 --limit 20", "twenty of a version", "server"),
)
_ACTORS = (
    Column("ID", "id"),
    Column("VERSION", "version"),
    Column("STATE", "stateValue"),
    Column("STATUS", "status"),
    Column("REASON", "reason"),
)
_GROUPS = (Column("ACTORS", "count", right=True), *_ACTORS[1:])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--workflow", metavar="NAME", help="only this workflow")
    parser.add_argument("--version", metavar="VERSION", help="only this version")
    parser.add_argument("--status", choices=("active", "done", "needs_rescue"))
    parser.add_argument("--by-state", action="store_true", help="count them by state")
    parser.add_argument("--limit", metavar="N", type=int, default=100, help="default 100; 0: all")
    add_connection_arguments(parser)
    add_output_argument(parser)


def run(args: argparse.Namespace) -> int:
    wanted = (args.version, args.workflow, args.status)
    with connected(args) as client:
        found = client.groups(*wanted) if args.by_state else client.actors(*wanted)
        rows = rows_of(islice(found, args.limit or None))
    shown = with_states(rows) if args.output == "table" else rows
    print_listing(shown, _GROUPS if args.by_state else _ACTORS, args.output)
    return OK
