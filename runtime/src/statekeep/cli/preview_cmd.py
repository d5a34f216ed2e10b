"""`statekeep preview`: what a deployment would do, computed by the code that would do it."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from statekeep.cli.colours import Colours
from statekeep.cli.connection import EXITS as CONNECTION_EXITS
from statekeep.cli.connection import add_connection_arguments, connected
from statekeep.cli.exits import FINDINGS, OK
from statekeep.cli.output import (
    Column,
    add_output_argument,
    print_value,
    printable,
    table,
    width_of,
)
from statekeep.cli.parser import Example
from statekeep.cli.people import counted, fitted, plain, wrapped
from statekeep.cli.registering import body_from, register_arguments
from statekeep.cli.suggesting import suggestion

if TYPE_CHECKING:
    from statekeep.client import Client
    from statekeep.web.wire import ByState, FlowItem, PreviewAnswer

DESCRIPTION = """
Shows what `deploy` of the same would do, and writes nothing: who would migrate and where they would
land, who would stay, who would strand and why, with the mapping that would land them to fill in.
The plan's hash goes into --expect-plan.
"""
EXAMPLES = (
    Example(
        "statekeep preview loan-v2.json --id loan-v2 --parent loan-v1 "
        "--history SUBMIT_INFO,PAY_FEE",
        "before the deployment",
        needs="server",
    ),
)
EXITS = {**CONNECTION_EXITS, FINDINGS: "with --check: somebody would strand"}


def _painted(paint: Colours, text: str) -> str:
    colour = {"migrated": paint.green, "stranded": paint.red}.get(text.strip(), paint.dim)
    return colour(text)


_COLUMNS = (
    Column("ACTORS", "count", right=True),
    Column("FROM", "from"),
    Column("STATE", "state"),
    Column("VERDICT", "verdict", _painted),
    Column("LANDS IN, OR WHY NOT", "why"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    register_arguments(parser)
    parser.add_argument("--check", action="store_true", help="end with 1 if anybody would strand")
    add_connection_arguments(parser)
    add_output_argument(parser)


def run(args: argparse.Namespace) -> int:
    body = body_from(args)
    machine = body.get("definition") or body.get("definitionJSON")
    with connected(args) as client:
        answer = client.preview(body)
        offered = _offered(client, body, answer, machine) if args.output == "table" else None
    if args.output == "table":
        colours, width = Colours.of(sys.stdout), width_of(sys.stdout)
        print("\n".join(drawn(answer, colours, width, offered)))
    else:
        print_value(plain(answer), args.output)
    return FINDINGS if args.check and answer.counts.would_strand else OK


def _offered(
    client: Client, body: dict[str, Any], answer: PreviewAnswer, machine: object
) -> list[str]:
    """A mapping for those who would strand, tried on the server where it is whole."""
    found = suggestion(answer, machine)
    if found is None:
        return []
    if found.is_whole and "migrations" not in body:
        tried = {**body, "stateMapping": {**body.get("stateMapping", {}), **found.mapping}}
        left = client.preview(tried, limit=1).counts.would_strand
        who = "everybody" if not left else f"all but {left:,}"
        return ["", f"With this mapping {who} would land:", f"  {found.flags}"]
    lines = ["", "With a target for each of these everybody would land:", f"  {found.flags}"]
    if found.choices:
        lines += wrapped(f"  TARGET is one of {', '.join(found.choices)}")
    return lines


def drawn(
    answer: PreviewAnswer,
    colours: Colours,
    width: int | None,
    offered: list[str] | None = None,
) -> list[str]:
    """The plan as people read it."""
    counts = answer.counts
    lines = [_route(answer)] if answer.change_points else []
    lines.append(
        f"{counted(counts.would_migrate, 'actor')} would migrate, {counts.would_stay:,} would "
        f"stay, {counts.would_strand:,} would strand."
    )
    rows = [_flow(kind, answer) for kind in answer.flows] or [_row(k) for k in answer.by_state]
    if rows:
        lines += ["", *table(rows, _COLUMNS, colours, width)]
    lines += offered or []
    warned = [f"{one.code}: {one.message}" for one in answer.warnings]
    return fitted([*lines, "", *warned, f"plan {answer.plan_hash}"], width)


def _route(answer: PreviewAnswer) -> str:
    routes = []
    for point in answer.change_points:
        anchor = " ".join(point.history_path) or "any history"
        routes.append(
            f"{point.name}: {point.source} → {point.to}, for {anchor}, by {point.landing}"
        )
    return "\n".join(routes)


def _flow(kind: FlowItem, answer: PreviewAnswer) -> dict[str, object]:
    """A landing by its state; by its version too where the plan leads further than it says."""
    goals = {point.to for point in answer.change_points}
    lands = printable(kind.to_state)
    further = lands if {kind.to_version} == goals else f"{lands} of {kind.to_version}"
    why = f"→ {further}" if kind.verdict == "migrated" else kind.reason
    return {
        "count": kind.count,
        "from": kind.version,
        "state": printable(kind.state),
        "verdict": kind.verdict,
        "why": why,
    }


def _row(kind: ByState) -> dict[str, object]:
    return {
        "count": kind.count,
        "from": kind.version,
        "state": printable(kind.state),
        "verdict": kind.verdict,
        "why": kind.reason,
    }
