"""`statekeep lint`: reads files, hands their text to the linter, prints what it found."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from statekeep.cli.colours import Colours
from statekeep.cli.exits import FINDINGS, OK, USAGE
from statekeep.cli.lint.files import Linted, lint_text
from statekeep.cli.lint.problem import Located, Problem, in_order, unreadable
from statekeep.cli.lint.report import FORMATS, as_github, as_json, as_text, summary
from statekeep.cli.lint.together import Placed, together
from statekeep.cli.parser import Example
from statekeep.cli.sources import read_text, shown_name
from statekeep.cli.text.tree import Mark, TextError

_SUFFIXES: Final = (".json", ".yaml", ".yml")

DESCRIPTION = """
Definitions (XState JSON) and manifests (WorkflowDefinition, ChangePoint; YAML or JSON): every
error and warning, with file, line, column and JSON pointer.

Manifests are read as text, because kubectl, kustomize (so all of Flux) and Python read plain YAML
words differently: `on`, `YES`, `n`, `010`, `1e3`, `12:30` and the like are reported wherever two
of them would disagree, with the form to write instead.
"""

EXAMPLES = (
    Example("statekeep lint loan-v1.json", "one definition"),
    Example("statekeep lint -W error manifests/", "a folder in CI, where warnings fail too"),
    Example(
        "statekeep lint --format github manifests/loan-v2.yaml", "annotations in a pull request"
    ),
    Example("cat manifests/loan-v2.yaml | statekeep lint -", "what another tool has rendered"),
)
EXITS = {FINDINGS: "an error was found; with `-W error`, anything at all"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="file, folder (every .json, .yaml, .yml), or -"
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="text",
        metavar="FORMAT",
        help="text (default), json, or github (annotations)",
    )
    parser.add_argument(
        "-W",
        dest="warnings",
        choices=("error", "ignore"),
        metavar="HOW",
        help="`error`: warnings fail too; `ignore`: leave them out",
    )
    parser.add_argument(
        "--guards",
        choices=("Ignore", "Deny"),
        default="Ignore",
        metavar="POLICY",
        help="for definitions outside a manifest: Ignore (default) or Deny",
    )


def run(args: argparse.Namespace) -> int:
    found: dict[str, list[Located]] = {}
    objects: list[Placed] = []
    unread = 0
    for name in _names(args.files):
        shown = shown_name(name)
        try:
            linted = _linted(name, shown, args)
        except OSError as error:
            unread += 1
            print(f"statekeep lint: {name}: {error.strerror or error}", file=sys.stderr)
            continue
        found[shown] = linted.found
        objects += linted.objects
    for one in together(objects):
        found[one.file] = in_order([*found[one.file], one])
    listed = _weighed([one for listed in found.values() for one in listed], args.warnings)
    _print(listed, len(found), args.format)
    if unread:
        return USAGE
    return FINDINGS if any(one.problem.severity == "error" for one in listed) else OK


def _linted(name: str, shown: str, args: argparse.Namespace) -> Linted:
    try:
        linted = lint_text(shown, read_text(name), args.guards)
    except TextError as error:
        return Linted([Located(shown, unreadable(error))], 0)
    if linted.ours or linted.found or name not in args.files:
        return linted
    message = "nothing of StateKeep in this file: no definition, no manifest, no scenario"
    return Linted([Located(shown, Problem("warning", "NothingHere", message, Mark(1, 1)))], 0)


def _names(given: list[str]) -> Iterator[str]:
    """Folders stand for the files below them, in the order of their names."""
    for name in given:
        path = Path(name)
        if name != "-" and path.is_dir():
            below = (str(one) for one in path.rglob("*") if one.suffix in _SUFFIXES)
            yield from sorted(one for one in below if Path(one).is_file())
        else:
            yield name


def _weighed(found: list[Located], how: str | None) -> list[Located]:
    if how == "ignore":
        return [one for one in found if one.problem.severity == "error"]
    if how == "error":
        return [replace(one, problem=replace(one.problem, severity="error")) for one in found]
    return found


def _print(found: list[Located], files: int, form: str) -> None:
    if form == "json":
        print(as_json(found, files))
        return
    lines = as_github(found) if form == "github" else as_text(found, Colours.of(sys.stdout))
    for line in lines:
        print(line)
    sys.stdout.flush()
    print(summary(found, files), file=sys.stderr)
