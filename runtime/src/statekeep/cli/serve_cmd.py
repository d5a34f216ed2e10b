"""`statekeep serve`: the runtime, in the foreground, until a signal stops it.

Holds the command's arguments only; what it takes to serve is imported when it serves.
"""

from __future__ import annotations

import argparse
import os

from statekeep.cli.exits import CommandError
from statekeep.cli.parser import Example
from statekeep.config import (
    SettingInvalid,
    Settings,
    add_flags,
    described,
    read_settings,
    variable,
)

DESCRIPTION = """
Serves the HTTP API on a Redis 7.0+ or Valkey 8+. Every setting is a flag or an environment
variable (in brackets); a flag wins. It writes JSON lines to standard error, drains on SIGTERM, and
says at /readyz what it depends on.

With --embedded it starts a private Valkey and keeps its data, its encryption key and an API key
below --data-dir: enough for a laptop, and for nothing else.
"""

EXAMPLES = (
    Example("statekeep serve --embedded", "try it on this machine; prints the API key", "server"),
    Example(
        "statekeep serve --redis-url redis://store --key-ring /k --pepper-file /p --show-settings",
        "how it would serve on a store of yours",
    ),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_flags(parser)
    parser.add_argument(
        "--show-settings", action="store_true", help="print the settings, secrets hidden, and end"
    )


def run(args: argparse.Namespace) -> int:
    try:
        settings = read_settings(vars(args), os.environ)
    except SettingInvalid as error:
        raise CommandError(str(error), hint="see `statekeep serve --help`") from error
    if args.show_settings:
        _show(settings)
    else:
        from statekeep.cli.server import serve_until_stopped  # noqa: PLC0415 - heavy

        serve_until_stopped(settings)
    return 0


def _show(settings: Settings) -> None:
    for name, value in described(settings).items():
        print(f"{variable(name)}={value}")
