"""`statekeep cohorts`: the classes of actors that are live, as a table or as a digest."""

from __future__ import annotations

import argparse
import json

from statekeep.cli.connection import EXITS, add_connection_arguments, connected
from statekeep.cli.exits import OK
from statekeep.cli.output import Column, add_output_argument, print_listing
from statekeep.cli.parser import Example

__all__ = ["DESCRIPTION", "EXAMPLES", "EXITS", "add_arguments", "run"]

DESCRIPTION = """
Lists the classes of actors that are live: version, state, how many. With --digest it writes what
`statekeep plan --classes` reads: what is registered and every class with its history, as JSON.
There is nothing of any actor's own in it.
"""

EXAMPLES = (
    Example("statekeep cohorts --workflow loan", "how many are where", "server"),
    Example("statekeep cohorts --digest > classes.json", "for `statekeep plan`", "server"),
)
_COLUMNS = (
    Column("WORKFLOW", "workflow"),
    Column("VERSION", "version"),
    Column("STATE", "state"),
    Column("STATUS", "status"),
    Column("REASON", "reason"),
    Column("EVENTS", "historyLength", right=True),
    Column("ACTORS", "count", right=True),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--workflow", metavar="NAME", help="only this workflow")
    parser.add_argument("--digest", action="store_true", help="the digest that `plan` reads")
    add_connection_arguments(parser)
    add_output_argument(parser)


def run(args: argparse.Namespace) -> int:
    from statekeep.client import requests  # noqa: PLC0415 - costs httpx

    with connected(args) as client:
        if args.digest:
            from statekeep.cli.planning.digest import gather  # noqa: PLC0415

            print(json.dumps(gather(client, args.workflow), ensure_ascii=False, indent=1))
            return OK
        rows = []
        for item in client.each(requests.cohorts(args.workflow)):
            row = item.model_dump(by_alias=True, mode="json", exclude={"form"})
            value = row.pop("stateValue")
            row["state"] = value if isinstance(value, str) else json.dumps(value)
            row["reason"] = item.stranding.reason if item.stranding else None
            rows.append(row)
        print_listing(rows, _COLUMNS, args.output)
    return OK
