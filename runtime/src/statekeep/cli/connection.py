"""How a command reaches a server: address, key and tenant, by flag or by environment.

The one place where the client's errors become the command line's: exit codes, one sentence, a way
out. An API key is never printed.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from statekeep.cli.exits import REFUSED, UNREACHABLE, CommandError

if TYPE_CHECKING:
    from statekeep.client import Client, ProblemAnswer


DEFAULT_URL: Final = "http://127.0.0.1:8000"
EXITS: Final[Mapping[int, str]] = {
    UNREACHABLE: "the server cannot be reached or does not answer",
    REFUSED: "the server refused: its code and reasons are shown",
}


def add_connection_arguments(parser: argparse.ArgumentParser) -> None:
    """--server, --api-key, --tenant."""
    parser.add_argument("--server", metavar="URL", help="the server [STATEKEEP_URL]")
    parser.add_argument("--api-key", metavar="KEY", help="the API key [STATEKEEP_API_KEY]")
    parser.add_argument(
        "--tenant", metavar="NAME", help="for the operator's key: the tenant [STATEKEEP_TENANT]"
    )


@contextmanager
def connected(args: argparse.Namespace) -> Iterator[Client]:
    """A client for the block; its errors end the command."""
    from statekeep.client import (  # noqa: PLC0415 - 0.3 s that `--help` need not pay
        Client,
        ClientError,
        NoServer,
        ProblemAnswer,
    )

    url = args.server or os.environ.get("STATEKEEP_URL") or DEFAULT_URL
    key = args.api_key or os.environ.get("STATEKEEP_API_KEY")
    tenant = args.tenant or os.environ.get("STATEKEEP_TENANT")
    try:
        with Client(url, key, tenant=tenant) as client:
            yield client
    except ProblemAnswer as error:
        hint = error.problem.way_out or None
        raise CommandError(_told(error), hint=hint, code=REFUSED) from error
    except NoServer as error:
        hint = "start one with `statekeep serve --embedded`, or name one with --server"
        raise CommandError(str(error), hint=hint, code=UNREACHABLE) from error
    except ClientError as error:
        raise CommandError(str(error), code=UNREACHABLE) from error


def _told(error: ProblemAnswer) -> str:
    problem = error.problem
    lines = [f"{problem.code}: {problem.detail or problem.title}"]
    lines += [f"  {fault.pointer or '/'}: {fault.message}" for fault in problem.errors]
    return "\n".join(lines)
