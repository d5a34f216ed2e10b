"""How a command reaches a server: address, key and tenant, by flag, environment or context.

The one place where the client's errors become the command line's: exit codes, one sentence, a way
out. An API key is never printed.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from statekeep.cli.exits import REFUSED, UNREACHABLE, CommandError

if TYPE_CHECKING:
    from statekeep.cli.registering import Written
    from statekeep.client import Client, ProblemAnswer


DEFAULT_URL: Final = "http://127.0.0.1:8000"
EXITS: Final[Mapping[int, str]] = {
    UNREACHABLE: "the server cannot be reached or does not answer",
    REFUSED: "the server refused: its code and reasons are shown",
}


def add_connection_arguments(parser: argparse.ArgumentParser) -> None:
    """--server, --api-key, --tenant, --context."""
    parser.add_argument("--server", metavar="URL", help="the server [STATEKEEP_URL]")
    parser.add_argument("--api-key", metavar="KEY", help="the API key [STATEKEEP_API_KEY]")
    parser.add_argument(
        "--tenant", metavar="NAME", help="for the operator's key: the tenant [STATEKEEP_TENANT]"
    )
    names = ["--context", "--server-context"]
    taken = {option for action in parser._actions for option in action.option_strings}
    parser.add_argument(
        *(name for name in names if name not in taken),  # `spawn` has an actor's context
        metavar="NAME",
        dest="place",
        help="a server by its name in `statekeep config`",
    )


@dataclass(frozen=True, slots=True)
class Target:
    """A server, and who asks it."""

    url: str
    key: str | None
    tenant: str | None


def target_of(args: argparse.Namespace) -> Target:
    """What flags, environment and the file of contexts say; a context's key is its server's only.

    Raises CommandError where the file is asked and cannot be read.
    """
    url, key = os.environ.get("STATEKEEP_URL"), os.environ.get("STATEKEEP_API_KEY")
    tenant = args.tenant or os.environ.get("STATEKEEP_TENANT")
    given = args.server or (None if args.place else url)
    if given:
        return Target(given, args.api_key or key, tenant)
    from statekeep.cli.contexts import key_of, load_config  # noqa: PLC0415 - not for `--help`

    config = load_config()
    name = args.place or config.current
    if name is None:
        return Target(DEFAULT_URL, args.api_key or key, tenant)
    context = config.named(name)
    found = args.api_key or key_of(context, config) or key
    return Target(context.server, found, args.tenant or context.tenant or tenant)


@contextmanager
def connected(args: argparse.Namespace) -> Iterator[Client]:
    """A client for the block; its errors end the command."""
    from statekeep.client import (  # noqa: PLC0415 - 0.3 s that `--help` need not pay
        Client,
        ClientError,
        NoServer,
        ProblemAnswer,
    )

    target = target_of(args)
    try:
        with Client(target.url, target.key, tenant=target.tenant) as client:
            yield client
    except ProblemAnswer as error:
        hint = None if _names_places(error) else error.problem.way_out or None
        told = _told(error, getattr(args, "written", None))
        raise CommandError(told, hint=hint, code=REFUSED) from error
    except NoServer as error:
        hint = "start one with `statekeep serve --embedded`, or name one with --server"
        raise CommandError(str(error), hint=hint, code=UNREACHABLE) from error
    except ClientError as error:
        raise CommandError(str(error), code=UNREACHABLE) from error


def _names_places(error: ProblemAnswer) -> bool:
    """Whether the answer is about places in what was sent, which are listed."""
    return error.problem.code in ("InvalidDefinition", "InvalidRequest") and bool(
        error.problem.errors
    )


def _told(error: ProblemAnswer, written: Written | None) -> str:
    """The refusal; what it says about a place, by the line of the file where it stands."""
    problem = error.problem
    head = problem.title if _names_places(error) else problem.detail or problem.title
    lines = [f"{problem.code}: {head}"]
    for fault in problem.errors:
        place = written.place(problem.code, fault.pointer) if written else None
        if place is None:
            lines.append(f"  {fault.pointer or '/'}: {fault.message}")
        else:
            lines.append(f"  {place}: {fault.message} [{fault.pointer or '/'}]")
    return "\n".join(lines)
