"""`statekeep stranded`: who needs a rescue, why, and what the way out is."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from statekeep.cli.colours import Colours
from statekeep.cli.connection import EXITS as CONNECTION_EXITS
from statekeep.cli.connection import add_connection_arguments, connected
from statekeep.cli.exits import FINDINGS, OK, REFUSED, CommandError
from statekeep.cli.output import Column, add_output_argument, print_listing, table, width_of
from statekeep.cli.parser import Example
from statekeep.cli.people import counted, rows_of, wrapped
from statekeep.cli.watching import watch

if TYPE_CHECKING:
    from statekeep.client import Client
    from statekeep.web.wire import WorkflowSummary

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
    parser.add_argument(
        "--watch", action="store_true", help="look again every two seconds, until Ctrl-C"
    )
    add_connection_arguments(parser)
    add_output_argument(parser)


def run(args: argparse.Namespace) -> int:
    with connected(args) as client:
        if args.watch:
            watch(lambda: _drawn(client.workflow(args.workflow)), f"stranded in {args.workflow}")
        summary = client.workflow(args.workflow)
        if not summary.versions:
            raise _unknown(client, args.workflow)
    if args.output == "table":
        print("\n".join(_drawn(summary)))
    else:
        print_listing(rows_of(summary.stranded), _COLUMNS, args.output)
    return FINDINGS if summary.stranded else OK


def _drawn(summary: WorkflowSummary) -> list[str]:
    total = sum(kind.count for kind in summary.stranded)
    if not total:
        return [f"Nobody is stranded in {summary.workflow}."]
    rows = rows_of(summary.stranded)
    listed = table(rows, _COLUMNS, Colours.of(sys.stdout), width_of(sys.stdout))
    lines = [*listed, "", f"{counted(total, 'actor')} in need of a rescue. The way out:"]
    for name in sorted({kind.change_point for kind in summary.stranded}):
        target = next((p.to for p in summary.points if p.name == name), "the target")
        lines += wrapped(
            f"  {name}: deploy a next version with --parent {target} and a --map for each "
            "state above, or `statekeep rescue ACTOR` for one actor"
        )
    return lines


def _unknown(client: Client, workflow: str) -> CommandError:
    """A workflow in which nothing is registered: most likely another one was meant."""
    from statekeep.cli.nearest import did_you_mean  # noqa: PLC0415 - only for mistakes

    known = {version.workflow for version in client.definitions()}
    return CommandError(
        f"UnknownWorkflow: there is no workflow `{workflow}`{did_you_mean(workflow, known)}",
        hint="`statekeep versions` lists what is registered",
        code=REFUSED,
    )
