"""Parsers of commands: argparse, one look on every Python, examples and exit codes at the end."""

from __future__ import annotations

import argparse
import re
import textwrap
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final, Literal, NoReturn

from statekeep.cli.exits import MEANINGS, OK, USAGE
from statekeep.cli.main import COMMANDS
from statekeep.cli.nearest import did_you_mean

_WIDTH: Final = 100


@dataclass(frozen=True, slots=True)
class Example:
    """A command line of `--help`; a test runs it where `needs` says, and expects `code`."""

    command: str
    says: str
    needs: Literal["files", "server"] = "files"
    code: int = OK


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """`-o, --output FORMAT` on every Python, and never wider than a page."""

    def __init__(self, prog: str, width: int | None = None) -> None:
        super().__init__(prog, max_help_position=28, width=width)
        self._width = min(self._width, _WIDTH)

    def add_argument(self, action: argparse.Action) -> None:
        """Subcommands stand two columns further in, which Python counts from 3.13 on only."""
        super().add_argument(action)
        if action.help is not argparse.SUPPRESS:
            for inner in self._iter_indented_subactions(action):
                width = len(self._format_action_invocation(inner)) + self._current_indent
                self._action_max_length = max(self._action_max_length, width)

    def _format_action_invocation(self, action: argparse.Action) -> str:
        if not action.option_strings or action.nargs == 0:
            return super()._format_action_invocation(action)
        value = self._format_args(action, self._get_default_metavar_for_optional(action))
        return f"{', '.join(action.option_strings)} {value}"


class _Parser(argparse.ArgumentParser):
    """Mistyped options get a suggestion."""

    def error(self, message: str) -> NoReturn:
        known = [option for action in self._actions for option in action.option_strings]
        if message.startswith("unrecognized arguments: -"):
            word = re.split(r"[ =]", message.split(": ", 1)[1], maxsplit=1)[0]
            message = f"no option `{word}`{did_you_mean(word, known)}"
        super().exit(USAGE, f"{self.format_usage()}{self.prog}: {message}\n")


def build(module: ModuleType, name: str, program: str = "statekeep") -> argparse.ArgumentParser:
    """The whole parser of one command."""
    settings: dict[str, Any] = {"allow_abbrev": False, "formatter_class": _Formatter}
    parser = _Parser(
        prog=f"{program} {name}",
        description=_description(module, name),
        epilog=_epilog(examples(module), getattr(module, "EXITS", {})),
        **settings,
    )
    vars(parser)["color"] = False  # of Python 3.14 on; the help is the same text everywhere
    module.add_arguments(parser)
    return parser


def examples(module: ModuleType) -> tuple[Example, ...]:
    found: tuple[Example, ...] = getattr(module, "EXAMPLES", ())
    return found


def _description(module: ModuleType, name: str) -> str:
    """The command's own `DESCRIPTION`, else what the table says."""
    text: str = getattr(module, "DESCRIPTION", "")
    return textwrap.dedent(text).strip() if text else COMMANDS[name][1]


def _epilog(shown: tuple[Example, ...], exits: dict[int, str]) -> str:
    lines = ["examples:"] if shown else []
    for one in shown:
        lines += [f"  $ {one.command}", f"      {one.says}"]
    told = {code: says for code, says in MEANINGS if code in (OK, USAGE)} | exits
    lines += ["", "exit codes:"] + [f"  {code}  {says}" for code, says in sorted(told.items())]
    return "\n".join(lines).strip()
