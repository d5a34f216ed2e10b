"""`statekeep deploy`: register a version, and move whom it concerns."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from statekeep.cli.connection import EXITS, add_connection_arguments, connected
from statekeep.cli.exits import OK
from statekeep.cli.following import following
from statekeep.cli.output import add_output_argument, print_value, width_of
from statekeep.cli.parser import Example
from statekeep.cli.people import counted, fitted, plain
from statekeep.cli.registering import LOAN, body_from, register_arguments

if TYPE_CHECKING:
    from statekeep.web.wire import DeploymentAnswer

__all__ = ["DESCRIPTION", "EXAMPLES", "EXITS", "add_arguments", "run"]

DESCRIPTION = """
Registers a version and its migrations, and moves the actors concerned by their history. Nothing is
registered when the server refuses, or when --max-stranded or --expect-plan does not hold. The same
deployment again changes nothing and answers as before.
"""
EXAMPLES = (
    LOAN,
    Example(
        "statekeep deploy loan-v2.json --id loan-v2 --parent loan-v1 --history SUBMIT_INFO,PAY_FEE",
        "the next one, for those who paid",
        needs="server",
    ),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    register_arguments(parser)
    add_connection_arguments(parser)
    add_output_argument(parser)


def run(args: argparse.Namespace) -> int:
    body = body_from(args)
    with connected(args) as client, following(args, str(body["id"])):
        answer = client.deploy(body)
    print_deployed(answer, args.output)
    return OK


def print_deployed(answer: DeploymentAnswer, output: str) -> None:
    """What a registration did."""
    if output == "table":
        print("\n".join(fitted(told(answer), width_of(sys.stdout))))
    else:
        print_value(plain(answer), output)


def told(answer: DeploymentAnswer) -> list[str]:
    """What the registration did, in sentences."""
    done = "was registered before" if answer.unchanged else "is registered"
    head = f"{answer.id} {done} in workflow {answer.workflow}, at clock {answer.clock}."
    return [head, *outcome(answer)]


def outcome(answer: DeploymentAnswer) -> list[str]:
    """Who moved, and what the author should know."""
    lines = []
    if answer.change_points:
        lines.append(
            f"{counted(answer.migrated, 'actor')} migrated, {answer.stayed:,} stayed, "
            f"{answer.stranded:,} stranded."
        )
    lines += [f"{warned.code}: {warned.message}" for warned in answer.warnings]
    if answer.stranded:
        lines.append(f"`statekeep stranded {answer.workflow}` says who, why and the way out.")
    return lines
