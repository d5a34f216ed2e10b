"""`statekeep keys`: make, list and revoke the API keys of a tenant."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from statekeep.cli.connection import EXITS, add_connection_arguments, connected
from statekeep.cli.output import Column, add_output_argument, print_listing, print_value
from statekeep.cli.parser import Example

if TYPE_CHECKING:
    from statekeep.client import Client

DESCRIPTION = """
API keys of a tenant. Roles: read (everything but contexts), send (read, contexts, spawn and send),
deploy (read, definitions and change-points), admin (all of these, rescue, freeze, delete, keys).
A new key is shown once, and can be shown by nobody ever after.
"""

EXAMPLES = (
    Example(
        "statekeep keys create --role send --name backend", "a key for a backend", needs="server"
    ),
    Example(
        "statekeep keys list", "the keys there are, without the keys themselves", needs="server"
    ),
)

__all__ = ["DESCRIPTION", "EXAMPLES", "EXITS", "add_arguments", "run"]

COLUMNS = (
    Column("ID", "id"),
    Column("NAME", "name"),
    Column("ROLES", "roles"),
    Column("CREATED BY", "createdBy"),
    Column("REVOKED", "revoked"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    create = actions.add_parser("create", help="make a key, and print it this once")
    create.add_argument(
        "--role",
        action="append",
        required=True,
        choices=("read", "send", "deploy", "admin"),
        help="what it may do; may be given several times",
    )
    create.add_argument("--name", default="", help="what it is for")
    listing = actions.add_parser("list", help="list the keys of the tenant")
    revoke = actions.add_parser("revoke", help="revoke a key")
    revoke.add_argument("id", help="the key's id, as `list` shows it")
    for action in (create, listing, revoke):
        add_connection_arguments(action)
    for action in (create, listing):
        add_output_argument(action)


def run(args: argparse.Namespace) -> int:
    with connected(args) as client:
        _ACTIONS[args.action](client, args)
    return 0


def _create(client: Client, args: argparse.Namespace) -> None:
    made = client.create_key(args.role, args.name)
    if args.output == "table":
        print(made.key)
    else:
        print_value(made.model_dump(by_alias=True, mode="json"), args.output)


def _list(client: Client, args: argparse.Namespace) -> None:
    listed = [*client.keys()]
    rows = [key.model_dump(by_alias=True, mode="json", exclude={"key"}) for key in listed]
    if args.output == "table":
        rows = [{**row, "roles": ", ".join(row["roles"])} for row in rows]
    print_listing(rows, COLUMNS, args.output)


def _revoke(client: Client, args: argparse.Namespace) -> None:
    client.revoke_key(args.id)
    print(f"revoked {args.id}")


_ACTIONS = {"create": _create, "list": _list, "revoke": _revoke}
