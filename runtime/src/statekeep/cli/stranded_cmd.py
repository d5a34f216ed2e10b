"""`statekeep stranded`: who needs a rescue, why, and what the way out is."""

from __future__ import annotations

import argparse

from statekeep.cli.connection import EXITS as CONNECTION_EXITS
from statekeep.cli.connection import add_connection_arguments, connected
from statekeep.cli.exits import FINDINGS, OK
from statekeep.cli.output import Column, add_output_argument, print_listing
from statekeep.cli.parser import Example
from statekeep.cli.people import counted, rows_of

DESCRIPTION = """
Lists the actors of a workflow that a change-point has picked and that have no landing: by
change-point, state and reason. They are where they were, and go on there until a later deployment
takes them along, or a person does.
"""
EXAMPLES = (Example("statekeep stranded loan", "is anybody?", needs="server"),)
EXITS = {**CONNECTION_EXITS, FINDINGS: "somebody is stranded"}
_COLUMNS = (
    Column("ACTORS", "count", right=True),
    Column("VERSION", "version"),
    Column("STATE", "state"),
    Column("REASON", "reason"),
    Column("CHANGE-POINT", "changePoint"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("workflow", metavar="WORKFLOW", help="the workflow's name")
    add_connection_arguments(parser)
    add_output_argument(parser)


def run(args: argparse.Namespace) -> int:
    with connected(args) as client:
        summary = client.workflow(args.workflow)
    total = sum(kind.count for kind in summary.stranded)
    if args.output != "table":
        print_listing(rows_of(summary.stranded), _COLUMNS, args.output)
    elif not total:
        print(f"Nobody is stranded in {args.workflow}.")
    else:
        print_listing(rows_of(summary.stranded), _COLUMNS, args.output)
        print(f"\n{counted(total, 'actor')} in need of a rescue. The way out:")
        for name in sorted({kind.change_point for kind in summary.stranded}):
            target = next((p.to for p in summary.points if p.name == name), "the target")
            print(f"  {name}: deploy a next version with --parent {target} and a --map for each")
            print("  state above, or `statekeep rescue ACTOR` for one actor")
    return FINDINGS if total else OK
