"""`statekeep send`: events for one actor, one after the other, or for many at once."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from statekeep.cli.connection import EXITS as CONNECTION_EXITS
from statekeep.cli.connection import add_connection_arguments, connected
from statekeep.cli.exits import FINDINGS, OK, CommandError
from statekeep.cli.output import Column, add_output_argument, print_listing, print_value
from statekeep.cli.parser import Example
from statekeep.cli.people import json_object, json_value, rows_of, with_states

if TYPE_CHECKING:
    from statekeep.client import Client
    from statekeep.web.wire import EventAnswer

DESCRIPTION = """
Sends events to an actor, in this order, and shows where each of them led. An event that the actor's
state does not take is not accepted and changes nothing. --context is a JSON merge patch that goes
with the last event.

For many actors at once: --all sends the events to every actor that --workflow, --version and
--state choose; --file takes one event a line, {"actorId", "type", "context"?, "data"?} as JSON,
from a file or - for stdin. Both go in batches, with a bar on a terminal, and say at the end what
became of them.
"""
EXAMPLES = (
    Example(
        "ALICE=$(statekeep spawn loan-v1); statekeep send $ALICE SUBMIT_INFO PAY_FEE",
        "two events",
        needs="server",
    ),
    Example(
        "statekeep spawn loan-v1 --count 3 && statekeep send --all SUBMIT_INFO --state applied",
        "to all that are in a state",
        needs="server",
    ),
    Example(
        """echo '{"actorId": "a1", "type": "PAY_FEE"}' | statekeep send --file -""",
        "a line each; there is no a1, so this one fails",
        needs="server",
        code=FINDINGS,
    ),
)
EXITS = {**CONNECTION_EXITS, FINDINGS: "an event was not accepted"}
_COLUMNS = (
    Column("EVENT", "event"),
    Column("ACCEPTED", "accepted"),
    Column("VERSION", "version"),
    Column("STATE", "stateValue"),
    Column("STATUS", "status"),
    Column("MIGRATED", "migrated"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "words",
        metavar="ACTOR EVENT",
        nargs="*",
        help="the actor's id, and event types; with --all event types alone",
    )
    parser.add_argument("--context", metavar="JSON", help="a merge patch on the context")
    parser.add_argument("--data", metavar="JSON", help="data of the last event")
    parser.add_argument("--if-match", metavar="ETAG", help="only if nothing changed since")
    parser.add_argument("--all", action="store_true", help="to all actors that are not done")
    parser.add_argument("--workflow", metavar="NAME", help="--all: of this workflow")
    parser.add_argument("--version", metavar="VERSION", help="--all: on this version")
    parser.add_argument("--state", metavar="STATE", help="--all: in this state")
    parser.add_argument("--limit", metavar="N", type=int, help="--all: only the first N of them")
    parser.add_argument("--file", metavar="FILE", help="one event a line, as JSON; or -")
    add_connection_arguments(parser)
    add_output_argument(parser)


def run(args: argparse.Namespace) -> int:
    if args.file or args.all:
        return _run_many(args)
    if len(args.words) < 2:
        hint = "`statekeep send ACTOR EVENT…`, or --all EVENT…, or --file FILE"
        raise CommandError("an actor and at least one event are needed", hint=hint)
    with connected(args) as client:
        answers = _sent(client, args)
    rows = [
        {"event": event, **row} for event, row in zip(args.words[1:], rows_of(answers), strict=True)
    ]
    shown = with_states(rows) if args.output == "table" else rows
    print_listing(shown, _COLUMNS, args.output)
    return OK if all(answer.accepted or answer.queued for answer in answers) else FINDINGS


def _sent(client: Client, args: argparse.Namespace) -> list[EventAnswer]:
    actor, *first, last = args.words
    context = json_object(args.context, "--context")
    data = json_value(args.data, "--data")
    answers = [client.send(actor, event) for event in first]
    return [*answers, client.send(actor, last, context, data, if_match=args.if_match)]


def _run_many(args: argparse.Namespace) -> int:
    from statekeep.cli.sending import events_of_file, send_all  # noqa: PLC0415 - not for `--help`

    events: list[dict[str, Any]] = []
    if args.file:
        if args.all or args.words:
            raise CommandError("--file says for whom and what: leave --all, ACTOR and EVENT out")
        events = events_of_file(args.file)
    elif not args.words:
        raise CommandError("--all: which events? `statekeep send --all EVENT…`")
    with connected(args) as client:
        if args.all:
            events = _for_all(client, args)
        sent = send_all(client, events)
    if args.output == "table":
        print("\n".join(sent.told()))
    else:
        print_value(sent.to_json(), args.output)
    return OK if sent.is_clean else FINDINGS


def _for_all(client: Client, args: argparse.Namespace) -> list[dict[str, Any]]:
    """The events in order, each for everybody: all have the first before any has the second."""
    from statekeep.client import requests  # noqa: PLC0415 - costs httpx

    found = client.each(requests.actors(args.version, args.workflow, None, args.state))
    chosen = sorted({actor.id for actor in found if actor.status != "done"})[: args.limit]
    context = json_object(args.context, "--context")
    data = json_value(args.data, "--data")
    more = {k: v for k, v in (("context", context), ("data", data)) if v is not None}
    last = len(args.words) - 1
    return [
        {"actorId": actor, "type": event, **(more if at == last else {})}
        for at, event in enumerate(args.words)
        for actor in chosen
    ]
