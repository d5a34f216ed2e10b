"""`statekeep deployment`: what came of a registration, while it is applied and ever after."""

from __future__ import annotations

import argparse
import sys
from itertools import islice
from typing import TYPE_CHECKING

from statekeep.cli.colours import Colours
from statekeep.cli.connection import EXITS, add_connection_arguments, connected
from statekeep.cli.exits import OK
from statekeep.cli.output import (
    Column,
    add_output_argument,
    print_listing,
    print_value,
    printable,
    table,
    width_of,
)
from statekeep.cli.parser import Example
from statekeep.cli.people import counted, fitted, moment, plain, rows_of
from statekeep.cli.progress import Bar
from statekeep.cli.watching import watch

if TYPE_CHECKING:
    from statekeep.client import Client
    from statekeep.web.wire import DeploymentAnswer

__all__ = ["DESCRIPTION", "EXAMPLES", "EXITS", "add_arguments", "run"]

DESCRIPTION = """
What a deployment or a change-point did when it was registered: who migrated, stayed and stranded,
by state, under which plan, by whom. With --watch it follows one that is being applied until it is
done; with --actors it lists whom a verdict was about.
"""
EXAMPLES = (
    Example("statekeep deployment loan-v2", "what came of it", "server"),
    Example("statekeep deployment loan-v2 --watch", "until it is done", "server"),
    Example("statekeep deployment loan-v2 --actors stayed", "who stayed", "server"),
)
_COLUMNS = (
    Column("ACTORS", "count", right=True),
    Column("FROM", "version"),
    Column("STATE", "state"),
    Column("VERDICT", "verdict"),
    Column("REASON", "reason"),
)
_ACTORS = (Column("ID", "id"), Column("VERDICT", "verdict"))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="of a version or a change-point")
    parser.add_argument("--watch", action="store_true", help="follow it until it is done")
    parser.add_argument(
        "--actors", choices=("migrated", "stayed", "stranded"), help="list these actors"
    )
    parser.add_argument("--limit", metavar="N", type=int, default=100, help="default 100; 0: all")
    add_connection_arguments(parser)
    add_output_argument(parser)


def run(args: argparse.Namespace) -> int:
    with connected(args) as client:
        if args.watch:
            _follow(client, args.id)
        if args.actors:
            found = client.deployment_actors(args.id, args.actors)
            print_listing(rows_of(islice(found, args.limit or None)), _ACTORS, args.output)
            return OK
        answer = client.deployment(args.id)
    if args.output == "table":
        print("\n".join(_told(answer)))
    else:
        print_value(plain(answer), args.output)
    return OK


def _follow(client: Client, name: str) -> None:
    def look() -> list[str] | None:
        now = client.deployment(name)
        return None if now.state == "done" else [Bar("applying", now.shards).line(now.applied)]

    watch(look, name)


def _told(answer: DeploymentAnswer) -> list[str]:
    by = f" by {printable(answer.deployed_by)}" if answer.deployed_by else ""
    state = "is being applied" if answer.state == "applying" else "is registered"
    lines = [
        (
            f"{answer.id} {state} in workflow {answer.workflow}, at clock {answer.clock}: "
            f"{moment(answer.deployed_at)}{by}."
        ),
        (
            f"{counted(answer.migrated, 'actor')} migrated, {answer.stayed:,} stayed, "
            f"{answer.stranded:,} stranded."
        ),
    ]
    if answer.by_state:
        rows = rows_of(answer.by_state)
        lines += ["", *table(rows, _COLUMNS, Colours.of(sys.stdout), width_of(sys.stdout))]
    if answer.plan_hash:
        lines += ["", f"plan {answer.plan_hash}"]
    return fitted(lines, width_of(sys.stdout))
