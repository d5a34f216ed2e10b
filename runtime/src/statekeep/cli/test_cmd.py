"""`statekeep test`: runs scenario files, for people or, with --jsonl, for programs."""

from __future__ import annotations

import argparse
import asyncio
import fileinput
import json
import sys
from pathlib import Path

from statekeep.cli.colours import Colours
from statekeep.cli.exits import FINDINGS, OK, CommandError
from statekeep.cli.parser import Example

DESCRIPTION = """
Runs scenarios: migrations tested as code, in memory, before they are real.

A scenario deploys definitions, spawns actors, sends events, and says what it expects. A directory
stands for all scenario files in it. With --jsonl each line of the input is a scenario as JSON and
each line of the output {"name", "steps": [result or {"error"}], "actors": {name: {version,
stateValue, status, reason, history, decisions}}}; an error ends its step and not the scenario.
"""

EXAMPLES = (
    Example("statekeep test .", "all scenarios of a directory"),
    Example("statekeep test scenario.yaml -v", "one line a scenario"),
    Example("""echo '{"name": "none", "steps": []}' | statekeep test --jsonl""", "a line each"),
)
EXITS = {FINDINGS: "a scenario failed"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", metavar="PATH", help="a scenario file or a directory")
    parser.add_argument(
        "--jsonl", action="store_true", help="scenarios from stdin, answers to stdout"
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="one line a scenario")
    parser.add_argument("-x", "--exitfirst", action="store_true", help="stop at the first failure")


def run(args: argparse.Namespace) -> int:
    if args.jsonl:
        asyncio.run(_stream(args.paths))
        return OK
    if not args.paths:
        message = "no scenario; name a file or a directory, or use --jsonl"
        raise CommandError(message)
    return asyncio.run(_report(args))


async def _stream(paths: list[str]) -> None:
    """Answer line by line, from stdin or from the files named."""
    from statekeep.cli.scenario.transcript import answer_line  # noqa: PLC0415 - costs the runtime

    for line in fileinput.input(paths or ("-",), mode="rb"):  # noqa: SIM115 - the process ends with it
        if line.strip():
            answer = await answer_line(line)
            sys.stdout.write(json.dumps(answer, ensure_ascii=True) + "\n")
            sys.stdout.flush()


async def _report(args: argparse.Namespace) -> int:
    from statekeep.cli.scenario.files import FileError  # noqa: PLC0415
    from statekeep.cli.scenario.session import Session  # noqa: PLC0415 - costs the runtime

    session = Session(Colours.of(sys.stdout), sys.stdout.write, verbose=args.verbose)
    try:
        failed = await session.run([Path(path) for path in args.paths], stop=args.exitfirst)
    except FileError as error:
        raise CommandError(str(error)) from error
    return FINDINGS if failed else OK
