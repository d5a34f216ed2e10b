"""`statekeep versions`: which versions are registered."""

from __future__ import annotations

import argparse

from statekeep.cli.connection import EXITS, add_connection_arguments, connected
from statekeep.cli.exits import OK
from statekeep.cli.output import Column, add_output_argument, print_listing
from statekeep.cli.parser import Example
from statekeep.cli.people import moment, rows_of

__all__ = ["DESCRIPTION", "EXAMPLES", "EXITS", "add_arguments", "run"]

DESCRIPTION = """
Lists the versions that are registered, by workflow: at which clock, since when, by whom or by which
custom resource, and the digest of the machine. Equal digests are equal machines.
"""
EXAMPLES = (Example("statekeep versions --workflow loan", "the versions of a workflow", "server"),)
_COLUMNS = (
    Column("WORKFLOW", "workflow"),
    Column("VERSION", "id"),
    Column("CLOCK", "clock", right=True),
    Column("SINCE", "since"),
    Column("OWNER", "owned"),
    Column("DIGEST", "digest"),
)
_SHOWN_DIGEST = 19


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--workflow", metavar="NAME", help="only this workflow")
    add_connection_arguments(parser)
    add_output_argument(parser)


def run(args: argparse.Namespace) -> int:
    with connected(args) as client:
        rows = rows_of(client.definitions(args.workflow))
    if args.output == "table":
        rows = [
            {
                **row,
                "since": moment(row["deployedAt"]),
                "owned": row["owner"]["kind"] if row["owner"] else row["deployedBy"] or None,
                "digest": row["digest"][:_SHOWN_DIGEST],
            }
            for row in sorted(rows, key=lambda row: (row["workflow"], row["clock"], row["id"]))
        ]
    print_listing(rows, _COLUMNS, args.output)
    return OK
