"""`statekeep registry`: a tenant's whole registry, into a file and out of one."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from statekeep.cli.connection import EXITS, add_connection_arguments, connected
from statekeep.cli.exits import CommandError
from statekeep.cli.output import add_output_argument, print_value
from statekeep.cli.parser import Example
from statekeep.cli.people import counted, plain

if TYPE_CHECKING:
    from statekeep.client import Client

DESCRIPTION = """
Versions, change-points, closings and freezes with their clocks: everything that is registered, and
no actors. An export is one JSON document. An import enters it where its workflows are unknown, each
whole or not at all; one that was cut off is simply run again.
"""

EXAMPLES = (
    Example("statekeep registry export --file loan.json", "write it to a file", needs="server"),
    Example("statekeep registry import loan.json", "enter it elsewhere", needs="server"),
)

__all__ = ["DESCRIPTION", "EXAMPLES", "EXITS", "add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    export = actions.add_parser("export", help="write the registry as JSON")
    export.add_argument("--file", type=Path, help="where to (standard output if it is left out)")
    export.add_argument("--workflow", help="only this workflow")
    enter = actions.add_parser("import", help="enter an exported registry")
    enter.add_argument("file", help="what `export` has written; `-` is standard input")
    for action in (export, enter):
        add_connection_arguments(action)
    add_output_argument(enter)


def run(args: argparse.Namespace) -> int:
    document = _read(args.file) if args.action == "import" else None
    with connected(args) as client:
        if document is None:
            _export(client, args)
        else:
            _import(client, document, args.output)
    return 0


def _export(client: Client, args: argparse.Namespace) -> None:
    found = plain(client.export_registry(args.workflow))
    text = json.dumps(found, ensure_ascii=False, indent=1) + "\n"
    if args.file is None:
        print(text, end="")
        return
    try:
        args.file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{args.file}: {error.strerror}") from error
    print(f"{_told(found['workflows'])} written to {args.file}")


def _import(client: Client, document: dict[str, Any], output: str) -> None:
    """One workflow at a time: no request is larger than it must be, and each is there whole."""
    books = document.get("workflows")
    parts = books if isinstance(books, list) else []
    done = [plain(client.import_registry({**document, "workflows": [part]})) for part in parts]
    if not parts:
        done = [plain(client.import_registry(document))]
    total = {
        **done[-1],
        **{
            name: [one for part in done for one in part[name]]
            for name in ("workflows", "unchanged")
        },
        "entries": sum(part["entries"] for part in done),
    }
    if output != "table":
        print_value(total, output)
        return
    known = len(total["unchanged"])
    print(
        f"{counted(total['entries'], 'entry', 'entries')} of"
        f" {counted(len(total['workflows']), 'workflow')} imported"
        + (f" ({known} of them were there)" if known else "")
    )


def _told(books: list[dict[str, Any]]) -> str:
    entries = sum(len(book["entries"]) for book in books)
    return f"{counted(entries, 'entry', 'entries')} of {counted(len(books), 'workflow')}"


def _read(name: str) -> dict[str, Any]:
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
        document = json.loads(text)
    except OSError as error:
        raise CommandError(f"{name}: {error.strerror}") from error
    except ValueError as error:
        raise CommandError(f"{name}: no JSON: {error}") from error
    if not isinstance(document, dict):
        raise CommandError(f"{name}: this is no export: an object is expected")
    return document
