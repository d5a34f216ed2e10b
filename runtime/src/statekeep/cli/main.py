"""The command line: finds the command, builds its parser, runs it, turns its end into an exit code.

Owns the table of commands. Imports nothing that is not needed: `statekeep --help` is written from
this table alone, and a command's module is imported when it is asked for. A command's module
has ``add_arguments(parser)``, ``run(args) -> int`` and ``EXAMPLES``; it raises CommandError to end.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

COMMANDS: dict[str, tuple[str, str]] = {
    "serve": ("statekeep.cli.serve_cmd", "the runtime: the HTTP API on Redis or Valkey"),
    "deploy": ("statekeep.cli.deploy_cmd", "register a version, and move whom it concerns"),
    "preview": ("statekeep.cli.preview_cmd", "what a deployment would do; nothing is written"),
    "versions": ("statekeep.cli.versions_cmd", "which versions are registered"),
    "spawn": ("statekeep.cli.spawn_cmd", "new actors"),
    "send": ("statekeep.cli.send_cmd", "events for an actor, or for many"),
    "get": ("statekeep.cli.get_cmd", "one actor"),
    "actors": ("statekeep.cli.actors_cmd", "who there is, one by one or by state"),
    "why": ("statekeep.cli.why_cmd", "the story of an actor, in sentences"),
    "decisions": ("statekeep.cli.decisions_cmd", "the audit of an actor"),
    "stranded": ("statekeep.cli.stranded_cmd", "who needs a rescue, why, and the way out"),
    "rescue": ("statekeep.cli.rescue_cmd", "place one actor by hand"),
    "revert": ("statekeep.cli.revert_cmd", "write the way forward that undoes a version"),
    "adopt": ("statekeep.cli.adopt_cmd", "let objects go on with another registry"),
    "change-point": ("statekeep.cli.change_point_cmd", "later migrations, hotfixes and rescues"),
    "deployment": ("statekeep.cli.deployment_cmd", "what came of a registration"),
    "close": ("statekeep.cli.close_cmd", "let a change-point pick nobody any more"),
    "freeze": ("statekeep.cli.freeze_cmd", "the brake of a workflow"),
    "unfreeze": ("statekeep.cli.unfreeze_cmd", "take the brake off"),
    "keys": ("statekeep.cli.keys_cmd", "make, list and revoke API keys"),
    "registry": ("statekeep.cli.registry_cmd", "export and import all that is registered"),
    "lint": ("statekeep.cli.lint_cmd", "find what is wrong in definitions and manifests"),
    "replay": ("statekeep.cli.replay_cmd", "run events through a definition, no server"),
    "diagram": ("statekeep.cli.diagram_cmd", "draw a definition, or a migration"),
    "plan": ("statekeep.cli.plan_cmd", "what manifests would do to live actors, no server"),
    "cohorts": ("statekeep.cli.cohorts_cmd", "the classes of actors that are live"),
    "test": ("statekeep.cli.test_cmd", "run scenarios: migrations tested as code"),
    "config": ("statekeep.cli.config_cmd", "the servers you work with, as contexts in a file"),
    "completion": ("statekeep.cli.completion_cmd", "print the completion script of a shell"),
}

_EXAMPLES = """\
examples:
  statekeep lint manifests/                          errors and warnings, with file and line
  statekeep replay loan-v1.json SUBMIT_INFO PAY_FEE  what these events lead to
  statekeep help lint                                options, examples, exit codes of a command
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command line; the entry point of `statekeep` and of `kubectl statekeep`."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _dispatch(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        return _reader_has_gone()
    except KeyboardInterrupt:
        return 130
    return code


def program() -> str:
    """As people typed it: kubectl runs plugins under their file's name."""
    name = sys.argv[0].rpartition("/")[2]
    return "kubectl statekeep" if name.startswith("kubectl-") else "statekeep"


def _dispatch(arguments: list[str]) -> int:
    first = arguments[0] if arguments else "--help"
    if first in ("-h", "--help") or arguments == ["help"]:
        print(overview(program()), end="")
        return 0 if arguments else 2
    if first in ("-V", "--version"):
        print(f"statekeep {_version()}")
        return 0
    if first == "help":
        return _dispatch([*arguments[1:], "--help"])
    if first not in COMMANDS:
        return _unknown(first)
    return _run(first, arguments[1:])


def _run(name: str, arguments: list[str]) -> int:
    from statekeep.cli.exits import CommandError  # noqa: PLC0415
    from statekeep.cli.parser import build  # noqa: PLC0415

    module = load(name)
    try:
        parsed = build(module, name, program()).parse_args(arguments)
    except SystemExit as ended:
        return int(ended.code or 0)
    try:
        code: int = module.run(parsed)
    except CommandError as error:
        sys.stdout.flush()
        print(f"{program()} {name}: {error.message}", file=sys.stderr)
        if error.hint:
            print(f"  {error.hint}", file=sys.stderr)
        return error.code
    return code


def load(name: str) -> ModuleType:
    import importlib  # noqa: PLC0415

    return importlib.import_module(COMMANDS[name][0])


def overview(prog: str) -> str:
    width = max(len(name) for name in COMMANDS)
    listed = "".join(f"  {name:<{width}}  {says}\n" for name, (_, says) in COMMANDS.items())
    return (
        f"usage: {prog} COMMAND [OPTIONS]\n\n"
        "Statecharts as long-lived actors, moved between workflow versions by their history.\n\n"
        f"commands:\n{listed}\n"
        "options:\n"
        "  -h, --help     this page; `help COMMAND` for a command's own\n"
        "  -V, --version  the version\n\n"
        f"{_EXAMPLES}"
    )


def _version() -> str:
    from importlib import metadata  # noqa: PLC0415

    try:
        return metadata.version("statekeep")
    except metadata.PackageNotFoundError:
        return "(not installed)"


def _unknown(word: str) -> int:
    from statekeep.cli.nearest import did_you_mean  # noqa: PLC0415

    what = "option" if word.startswith("-") else "command"
    hint = did_you_mean(word, COMMANDS)
    print(f"{program()}: no {what} `{word}`{hint}", file=sys.stderr)
    print(f"  `{program()} --help` lists the commands", file=sys.stderr)
    return 2


def _reader_has_gone() -> int:
    """The rest of the output goes nowhere, so that Python's own last flush stays silent."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 141


if __name__ == "__main__":
    sys.exit(main())
