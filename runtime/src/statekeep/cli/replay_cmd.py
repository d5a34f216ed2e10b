"""`statekeep replay`: a definition and its events for people, or a stream of cases."""

from __future__ import annotations

import argparse
import sys

from statekeep.cli.colours import Colours
from statekeep.cli.exits import FINDINGS, OK, CommandError
from statekeep.cli.output import Column, add_output_argument, print_listing, print_value
from statekeep.cli.parser import Example
from statekeep.cli.replay import Replayed, replay_lines, walk

DESCRIPTION = """
Runs events through a definition and shows where they lead: no server, nothing stored.

With --jsonl each line of the input is {"definition", "events", "guards"?} and each line of the
output {"states": [initial, after each event …], "status": […], "accepted": […], "error": null or
{code, pointer, message}}. A line that cannot be read is answered by its error; the exit code is 0.
"""

EXAMPLES = (
    Example("statekeep replay loan-v1.json SUBMIT_INFO PAY_FEE", "a table, one row an event"),
    Example(
        "statekeep replay manifests/loan-v2.yaml SUBMIT_INFO -o json", "of a manifest, as JSON"
    ),
    Example("statekeep replay --jsonl < cases.jsonl", "many cases, streaming"),
)
EXITS = {FINDINGS: "an event never came to rest"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "definition", nargs="?", metavar="FILE", help="a definition, or a manifest with one; or -"
    )
    parser.add_argument("events", nargs="*", metavar="EVENT", help="event types, in order")
    parser.add_argument("--jsonl", action="store_true", help="cases from stdin, answers to stdout")
    parser.add_argument(
        "--guards",
        choices=("Ignore", "Deny"),
        metavar="POLICY",
        help="Ignore (default, or the manifest's own) or Deny",
    )
    add_output_argument(parser)


def run(args: argparse.Namespace) -> int:
    if args.jsonl:
        if args.definition or args.guards:
            message = "--jsonl takes definitions and guards from its input, not as arguments"
            raise CommandError(message)
        replay_lines(sys.stdin.buffer, _answer)
        return OK
    if not args.definition:
        raise CommandError("no definition; name a file, or use --jsonl")
    return _show(_replayed(args), args.events, args.output)


def _answer(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _replayed(args: argparse.Namespace) -> Replayed:
    from statekeep.cli.definition_file import load_machine  # noqa: PLC0415 - costs PyYAML

    return walk(load_machine(args.definition, args.guards), tuple(args.events))


def _show(replayed: Replayed, events: list[str], form: str) -> int:
    if form == "table":
        print_listing(_rows(replayed, events), _COLUMNS, form)
    else:
        print_value(replayed.as_json(), form)
    if replayed.error is None:
        return OK
    sys.stdout.flush()
    print(f"statekeep replay: {replayed.error.message} [{replayed.error.code}]", file=sys.stderr)
    return FINDINGS


def _rows(replayed: Replayed, events: list[str]) -> list[dict[str, object]]:
    steps = zip(("(initial)", *events), replayed.states, replayed.status, strict=False)
    accepted = (None, *replayed.accepted)
    return [
        {"at": at, "event": event, "accepted": accepted[at], "state": state, "status": status}
        for at, (event, state, status) in enumerate(steps)
    ]


def _paint_accepted(colours: Colours, text: str) -> str:
    return colours.red(text) if text == "no" else text


def _paint_status(colours: Colours, text: str) -> str:
    return colours.green(text) if text == "done" else text


_COLUMNS = (
    Column("#", "at", right=True),
    Column("EVENT", "event"),
    Column("ACCEPTED", "accepted", _paint_accepted),
    Column("STATE", "state"),
    Column("STATUS", "status", _paint_status),
)
