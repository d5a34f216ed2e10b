"""`statekeep preview`: what a deployment would do, computed by the code that would do it."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING

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
from statekeep.cli.people import counted, leaves_of, plain
from statekeep.cli.registering import body_from, register_arguments

if TYPE_CHECKING:
    from statekeep.web.wire import ByState, PreviewAnswer

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
    Column("REASON", "reason"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    register_arguments(parser)
    parser.add_argument("--check", action="store_true", help="end with 1 if anybody would strand")
    add_connection_arguments(parser)
    add_output_argument(parser)


def run(args: argparse.Namespace) -> int:
    body = body_from(args)
    with connected(args) as client:
        answer = client.preview(body)
    if args.output == "table":
        print("\n".join(drawn(answer, Colours.of(sys.stdout), width_of(sys.stdout))))
    else:
        print_value(plain(answer), args.output)
    return FINDINGS if args.check and answer.counts.would_strand else OK


def drawn(answer: PreviewAnswer, colours: Colours, width: int | None) -> list[str]:
    """The plan as people read it."""
    counts = answer.counts
    lines = [_route(answer)] if answer.change_points else []
    lines.append(
        f"{counted(counts.would_migrate, 'actor')} would migrate, {counts.would_stay:,} would "
        f"stay, {counts.would_strand:,} would strand."
    )
    if answer.by_state:
        rows = [_row(kind) for kind in answer.by_state]
        lines += ["", *table(rows, _COLUMNS, colours, width)]
    lines += _suggestion(answer)
    lines += [f"{warned.code}: {warned.message}" for warned in answer.warnings]
    return [*lines, f"plan {answer.plan_hash}"]


def _route(answer: PreviewAnswer) -> str:
    routes = []
    for point in answer.change_points:
        anchor = " ".join(point.history_path) or "any history"
        routes.append(
            f"{point.name}: {point.source} → {point.to}, for {anchor}, by {point.landing}"
        )
    return "\n".join(routes)


def _row(kind: ByState) -> dict[str, object]:
    return {
        "count": kind.count,
        "from": kind.version,
        "state": printable(kind.state),
        "verdict": kind.verdict,
        "reason": kind.reason,
    }


def _suggestion(answer: PreviewAnswer) -> list[str]:
    """The flags that would land those who strand, one for each state; the targets are theirs."""
    states = sorted(
        {
            leaf
            for kind in answer.by_state
            if kind.verdict == "stranded"
            for leaf in leaves_of(_value(kind.state))
        }
    )
    if not states:
        return []
    flags = " ".join(f"--map {state}=TARGET" for state in states)
    return ["", f"Everybody would land with a target for each of these: {flags}"]


def _value(state: str) -> object:
    """A state value from its text: JSON for an object, a state's name otherwise."""
    return json.loads(state) if state.startswith("{") else state
