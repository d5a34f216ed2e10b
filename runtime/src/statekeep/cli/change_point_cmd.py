"""`statekeep change-point`: change-points of their own: later migrations, hotfixes, rescues."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from statekeep.cli.colours import Colours
from statekeep.cli.connection import EXITS as CONNECTION_EXITS
from statekeep.cli.connection import add_connection_arguments, connected
from statekeep.cli.deploy_cmd import print_deployed
from statekeep.cli.exits import FINDINGS, OK
from statekeep.cli.following import following
from statekeep.cli.output import (
    Column,
    add_output_argument,
    print_listing,
    print_value,
    width_of,
)
from statekeep.cli.parser import Example
from statekeep.cli.people import plain, rows_of
from statekeep.cli.preview_cmd import drawn
from statekeep.cli.registering import add_rule_arguments, point_body

if TYPE_CHECKING:
    from statekeep.web.wire import PointAnswer

DESCRIPTION = """
A change-point leads actors from one registered version to another. Deployments bring their own;
this is for those that come later: a migration that was forgotten, a rescue, and with --refines a
hotfix, which shares source and anchor with the point it refines. FILE is a body as
`POST /v1/change-points` takes it, JSON or YAML; flags say the rest and win.
"""
EXAMPLES = (
    Example("statekeep change-point list --workflow loan", "all of a workflow", "server"),
    Example(
        "statekeep change-point preview late --from loan-v1 --to loan-v2 --landing Same",
        "what it would do",
        "server",
    ),
    Example(
        "statekeep change-point deploy late --from loan-v1 --to loan-v2 --landing Same",
        "and do it",
        "server",
    ),
    Example(
        "statekeep change-point get loan-v2.loan-v1", "what it asks and where it leads", "server"
    ),
    Example("statekeep change-point close late", "it picks nobody any more", "server"),
)
EXITS = {**CONNECTION_EXITS, FINDINGS: "preview --check: somebody would strand"}
_COLUMNS = (
    Column("NAME", "name"),
    Column("CLOCK", "clock", right=True),
    Column("FROM", "from"),
    Column("TO", "to"),
    Column("FOR", "anchor"),
    Column("LANDING", "landing"),
    Column("CLOSED", "closed"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, says in (("preview", "what one would do"), ("deploy", "register one")):
        action = actions.add_parser(name, help=says)
        action.add_argument(
            "name", metavar="FILE|NAME", help="a body, or the name where flags say all"
        )
        action.add_argument("--from", dest="source", metavar="VERSION", help="the source")
        action.add_argument("--to", metavar="VERSION", help="the target")
        action.add_argument("--refines", metavar="NAME", help="the point of which it is a hotfix")
        action.add_argument("--workflow", metavar="NAME", help="default: that of its versions")
        add_rule_arguments(action)
        add_connection_arguments(action)
        add_output_argument(action)
        if name == "preview":
            action.add_argument(
                "--check", action="store_true", help="end with 1 if any would strand"
            )
    listing = actions.add_parser("list", help="list them")
    listing.add_argument("--workflow", metavar="NAME", help="only of this workflow")
    get = actions.add_parser("get", help="show one")
    close = actions.add_parser("close", help="let one pick nobody any more; `statekeep close`")
    for action in (get, close):
        action.add_argument("name", metavar="CHANGE-POINT", help="its name")
        action.add_argument("--workflow", metavar="NAME", help="where several workflows have one")
    for action in (listing, get, close):
        add_connection_arguments(action)
    for action in (listing, get):
        add_output_argument(action)


def run(args: argparse.Namespace) -> int:
    return _ACTIONS[args.action](args)


def _preview(args: argparse.Namespace) -> int:
    body = point_body(args)
    with connected(args) as client:
        answer = client.preview_change_point(body)
    if args.output == "table":
        print("\n".join(drawn(answer, Colours.of(sys.stdout), width_of(sys.stdout))))
    else:
        print_value(plain(answer), args.output)
    return FINDINGS if args.check and answer.counts.would_strand else OK


def _deploy(args: argparse.Namespace) -> int:
    body = point_body(args)
    with connected(args) as client, following(args, str(body["name"])):
        answer = client.change_point(body)
    print_deployed(answer, args.output)
    return OK


def _list(args: argparse.Namespace) -> int:
    with connected(args) as client:
        rows = rows_of(client.change_points(args.workflow))
    if args.output == "table":
        rows.sort(key=lambda row: (row["workflow"], row["clock"], row["name"]))
        rows = [{**row, "anchor": _anchor(row)} for row in rows]
    print_listing(rows, _COLUMNS, args.output)
    return OK


def _anchor(row: dict[str, Any]) -> str:
    regions = [f"{path}: {' '.join(begin)}" for path, begin in row["regions"].items()]
    whole = [" ".join(row["historyPath"])] if row["historyPath"] else []
    return "; ".join([*whole, *regions]) or "any history"


def _get(args: argparse.Namespace) -> int:
    with connected(args) as client:
        answer = client.get_change_point(args.name, args.workflow)
    if args.output == "table":
        print("\n".join(_shown(answer)))
    else:
        print_value(plain(answer), args.output)
    return OK


def _shown(answer: PointAnswer) -> list[str]:
    row = plain(answer)
    mapped = ", ".join(f"{key} → {' + '.join(to)}" for key, to in answer.state_mapping.items())
    defaulted = " (by default)" if answer.landing_defaulted else ""
    owner = f"{answer.owner.kind} {answer.owner.name}" if answer.owner else "-"
    lines = [
        ("Change-point", f"{answer.name} (workflow {answer.workflow}, clock {answer.clock})"),
        ("Leads", f"from {answer.source} to {answer.to}"),
        ("For", _anchor(row)),
        ("Mapping", mapped or "-"),
        ("Landing", f"{answer.landing}{defaulted}"),
        (
            "Refines",
            f"{answer.refines} (refinement {answer.refinement})" if answer.refines else "-",
        ),
        ("Rescues", "yes" if answer.rescues else "no"),
        ("Stranded", f"events {answer.while_stranded}"),
        ("Closed", "yes" if answer.closed else "no"),
        ("Owner", owner),
    ]
    return [f"{title + ':':<14}{text}" for title, text in lines]


def _close(args: argparse.Namespace) -> int:
    from statekeep.cli.close_cmd import run as close  # noqa: PLC0415

    return close(args)


_ACTIONS = {"preview": _preview, "deploy": _deploy, "list": _list, "get": _get, "close": _close}
