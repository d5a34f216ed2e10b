"""`statekeep config`: the servers that one works with, as contexts in a file."""

from __future__ import annotations

import argparse
import re

from statekeep.cli.contexts import Context, load_config, save_config, words_of
from statekeep.cli.exits import OK
from statekeep.cli.output import Column, add_output_argument, print_listing
from statekeep.cli.parser import Example

DESCRIPTION = """
Contexts in ~/.config/statekeep/config (XDG_CONFIG_HOME; STATEKEEP_CONFIG names another file): a
server, and where its key is to be had, a file or a command. A key itself never stands there.

Which server a command asks: --server, else --context (--server-context where a command has actors'
contexts), else STATEKEEP_URL, else the context in use. The key is --api-key, else the context's
where the server is the context's too, else STATEKEEP_API_KEY.
"""
EXAMPLES = (
    Example(
        "statekeep config set-context laptop --server http://127.0.0.1:8000 --api-key-file key",
        "a first context; it is in use at once",
    ),
    Example(
        "statekeep config set-context prod --server https://sk.example.org "
        "--api-key-command 'pass sk'",
        "a key that a command prints",
    ),
    Example("statekeep config get-contexts", "which there are"),
    Example("statekeep config view", "the whole file"),
)
_COLUMNS = (
    Column("IN USE", "inUse"),
    Column("NAME", "name"),
    Column("SERVER", "server"),
    Column("KEY", "key"),
    Column("TENANT", "tenant"),
)
_PASSWORD = re.compile(r"(?<=//)[^/@]*@")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("get-contexts", help="list the contexts")
    add_output_argument(listing)
    actions.add_parser("current-context", help="print the name of the one in use")
    use = actions.add_parser("use-context", help="use another one from now on")
    use.add_argument("name", metavar="NAME")
    setting = actions.add_parser("set-context", help="add or change one; the first is used at once")
    setting.add_argument("name", metavar="NAME")
    setting.add_argument("--server", metavar="URL", help="the server")
    source = setting.add_mutually_exclusive_group()
    source.add_argument("--api-key-file", metavar="FILE", help="its first word is the API key")
    source.add_argument("--api-key-command", metavar="COMMAND", help="prints the API key")
    setting.add_argument("--tenant", metavar="NAME", help="for the operator's key: the tenant")
    setting.add_argument("--use", action="store_true", help="use it from now on")
    delete = actions.add_parser("delete-context", help="forget one")
    delete.add_argument("name", metavar="NAME")
    actions.add_parser("view", help="print the file, passwords hidden")


def run(args: argparse.Namespace) -> int:
    _ACTIONS[args.action](args)
    return OK


def _get(args: argparse.Namespace) -> None:
    config = load_config()
    rows = [
        {
            "inUse": name == config.current,
            "name": name,
            "server": _hidden(one.server),
            "key": one.api_key_file or " ".join(one.api_key_command) or None,
            "tenant": one.tenant,
        }
        for name, one in sorted(config.contexts.items())
    ]
    print_listing(rows, _COLUMNS, args.output)


def _current(_args: argparse.Namespace) -> None:
    print(load_config().current or "(none)")


def _use(args: argparse.Namespace) -> None:
    config = load_config()
    save_config(config.with_context(args.name, config.named(args.name), use=True))
    print(f"{args.name} is in use.")


def _set(args: argparse.Namespace) -> None:
    config = load_config()
    known = config.contexts.get(args.name)
    if known is None and args.server is None:
        config.named(args.name)
    context = _changed(known or Context(""), args)
    use = args.use or not config.contexts
    save_config(config.with_context(args.name, context, use=use))
    print(f"{args.name} is set{' and in use' if use else ''}.")


def _changed(known: Context, args: argparse.Namespace) -> Context:
    """What is given anew; a key's new source takes the place of the old one."""
    file, command = known.api_key_file, known.api_key_command
    if args.api_key_file is not None:
        file, command = _from_here(args.api_key_file), ()
    elif args.api_key_command is not None:
        file, command = None, words_of(args.api_key_command)
    return Context(args.server or known.server, file, command, args.tenant or known.tenant)


def _from_here(file: str) -> str:
    """A path that means the same wherever it is read; `~` stays for every machine's own home."""
    from pathlib import Path  # noqa: PLC0415

    return file if file.startswith("~") else str(Path(file).absolute())


def _delete(args: argparse.Namespace) -> None:
    save_config(load_config().without(args.name))
    print(f"{args.name} is forgotten.")


def _view(_args: argparse.Namespace) -> None:
    from statekeep.cli.yaml_out import to_yaml  # noqa: PLC0415 - costs PyYAML

    print(_hidden(to_yaml(load_config().to_json())), end="")


def _hidden(text: str) -> str:
    return _PASSWORD.sub("********@", text)


_ACTIONS = {
    "get-contexts": _get,
    "current-context": _current,
    "use-context": _use,
    "set-context": _set,
    "delete-context": _delete,
    "view": _view,
}
