"""`statekeep send`: events for one actor, one after the other."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from statekeep.cli.connection import EXITS as CONNECTION_EXITS
from statekeep.cli.connection import add_connection_arguments, connected
from statekeep.cli.exits import FINDINGS, OK
from statekeep.cli.output import Column, add_output_argument, print_listing
from statekeep.cli.parser import Example
from statekeep.cli.people import json_object, json_value, rows_of, with_states

if TYPE_CHECKING:
    from statekeep.client import Client
    from statekeep.web.wire import EventAnswer

DESCRIPTION = """
Sends events to an actor, in this order, and shows where each of them led. An event that the actor's
state does not take is not accepted and changes nothing. --context is a JSON merge patch that goes
with the last event.
"""
EXAMPLES = (
    Example(
        "ALICE=$(statekeep spawn loan-v1); statekeep send $ALICE SUBMIT_INFO PAY_FEE",
        "two events",
        needs="server",
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
    parser.add_argument("actor", metavar="ACTOR", help="the actor's id")
    parser.add_argument("events", metavar="EVENT", nargs="+", help="event types")
    parser.add_argument("--context", metavar="JSON", help="a merge patch on the context")
    parser.add_argument("--data", metavar="JSON", help="data of the last event")
    parser.add_argument("--if-match", metavar="ETAG", help="only if nothing changed since")
    add_connection_arguments(parser)
    add_output_argument(parser)


def run(args: argparse.Namespace) -> int:
    with connected(args) as client:
        answers = _sent(client, args)
    rows = [
        {"event": event, **row} for event, row in zip(args.events, rows_of(answers), strict=True)
    ]
    shown = with_states(rows) if args.output == "table" else rows
    print_listing(shown, _COLUMNS, args.output)
    return OK if all(answer.accepted or answer.queued for answer in answers) else FINDINGS


def _sent(client: Client, args: argparse.Namespace) -> list[EventAnswer]:
    *first, last = args.events
    context = json_object(args.context, "--context")
    data = json_value(args.data, "--data")
    answers = [client.send(args.actor, event) for event in first]
    return [*answers, client.send(args.actor, last, context, data, if_match=args.if_match)]
