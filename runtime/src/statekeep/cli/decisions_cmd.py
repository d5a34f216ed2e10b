"""`statekeep decisions`: the audit of one actor."""

from __future__ import annotations

import argparse

from statekeep.cli.connection import EXITS, add_connection_arguments, connected
from statekeep.cli.exits import OK
from statekeep.cli.output import Column, add_output_argument, print_listing
from statekeep.cli.parser import Example
from statekeep.cli.people import moment, rows_of

__all__ = ["EXAMPLES", "EXITS", "add_arguments", "run"]

EXAMPLES = (
    Example(
        "statekeep decisions $(statekeep spawn loan-v1)", "every verdict there was", needs="server"
    ),
)
_COLUMNS = (
    Column("WHEN", "when"),
    Column("CLOCK", "clock", right=True),
    Column("CHANGE-POINT", "changePoint"),
    Column("VERDICT", "verdict"),
    Column("FROM", "from"),
    Column("TO", "to"),
    Column("REASON", "reason"),
    Column("BY", "by"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("actor", metavar="ACTOR", help="the actor's id")
    add_connection_arguments(parser)
    add_output_argument(parser)


def run(args: argparse.Namespace) -> int:
    with connected(args) as client:
        rows = rows_of(client.decisions(args.actor))
    if args.output == "table":
        rows = [{**row, "when": moment(row["at"])} for row in rows]
    print_listing(rows, _COLUMNS, args.output)
    return OK
