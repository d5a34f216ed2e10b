"""`statekeep test`: runs scenario files, for people or, with --jsonl, for programs."""

from __future__ import annotations

import argparse
import asyncio
import fileinput
import json
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from statekeep.cli.colours import Colours
from statekeep.cli.connection import add_connection_arguments, target_of
from statekeep.cli.exits import FINDINGS, OK, CommandError
from statekeep.cli.parser import Example

if TYPE_CHECKING:
    from statekeep.cli.scenario.backend import Backend

DESCRIPTION = """
Runs scenarios: migrations tested as code, in memory, before they are real; with --server against
a server, under names of their own, with the actors deleted afterwards.

A scenario deploys definitions, spawns actors, sends events, and says what it expects. A directory
stands for all scenario files in it. With --jsonl each line of the input is a scenario as JSON and
each line of the output {"name", "steps": [result or {"error"}], "actors": {name: {version,
stateValue, status, reason, history, decisions}}}; an error ends its step and not the scenario.
"""

EXAMPLES = (
    Example("statekeep test .", "all scenarios of a directory"),
    Example("statekeep test scenario.yaml -v", "one line a scenario"),
    Example("statekeep test . --server http://127.0.0.1:8000", "against a server", "server"),
    Example("""echo '{"name": "none", "steps": []}' | statekeep test --jsonl""", "a line each"),
)
EXITS = {FINDINGS: "a scenario failed"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", metavar="PATH", help="a scenario file or a directory")
    parser.add_argument(
        "--jsonl", action="store_true", help="scenarios from stdin, answers to stdout"
    )
    add_connection_arguments(parser)
    parser.add_argument("-v", "--verbose", action="store_true", help="one line a scenario")
    parser.add_argument("-x", "--exitfirst", action="store_true", help="stop at the first failure")


def run(args: argparse.Namespace) -> int:
    if not args.jsonl and not args.paths:
        message = "no scenario; name a file or a directory, or use --jsonl"
        raise CommandError(message)
    return asyncio.run(_run(args))


async def _run(args: argparse.Namespace) -> int:
    async with AsyncExitStack() as stack:
        backend = await _place(args, stack)
        if args.jsonl:
            await _stream(args.paths, backend)
            return OK
        return await _report(args, backend)


async def _place(args: argparse.Namespace, stack: AsyncExitStack) -> Callable[[], Backend]:
    """Where each scenario runs: in a runtime of its own, or under names of its own on a server."""
    if args.server is None and args.place is None:
        from statekeep.cli.scenario.memory_backend import ServiceBackend  # noqa: PLC0415

        return ServiceBackend.in_memory
    from statekeep.cli.scenario.server_backend import ServerBackend  # noqa: PLC0415
    from statekeep.client import AsyncClient  # noqa: PLC0415 - costs httpx

    target = target_of(args)
    client = await stack.enter_async_context(
        AsyncClient(target.url, target.key, tenant=target.tenant)
    )
    return lambda: ServerBackend(client)


async def _stream(paths: list[str], backend: Callable[[], Backend]) -> None:
    """Answer line by line, from stdin or from the files named."""
    from statekeep.cli.scenario.transcript import answer_line  # noqa: PLC0415 - costs the runtime

    lines = fileinput.input(paths or ("-",), mode="rb")  # noqa: SIM115 - the process ends with it
    for line in lines:
        if line.strip():
            answer = await answer_line(line, backend)
            sys.stdout.write(json.dumps(answer, ensure_ascii=True) + "\n")
            sys.stdout.flush()


async def _report(args: argparse.Namespace, backend: Callable[[], Backend]) -> int:
    from statekeep.cli.scenario.files import FileError  # noqa: PLC0415
    from statekeep.cli.scenario.session import Session  # noqa: PLC0415 - costs the runtime

    session = Session(backend, Colours.of(sys.stdout), sys.stdout.write, verbose=args.verbose)
    try:
        failed = await session.run([Path(path) for path in args.paths], stop=args.exitfirst)
    except FileError as error:
        raise CommandError(str(error)) from error
    return FINDINGS if failed else OK
