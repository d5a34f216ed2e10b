"""`statekeep diagram`: draws a definition, or a migration from one version to another."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from statekeep.cli.connection import EXITS as CONNECTION_EXITS
from statekeep.cli.connection import add_connection_arguments, connected
from statekeep.cli.exits import CommandError
from statekeep.cli.parser import Example
from statekeep.cli.registering import mapping_of

if TYPE_CHECKING:
    from statekeep.cli.drawing.given import Given

DESCRIPTION = """
Draws a definition: states in states, regions side by side, what leads from where to where. With
--from it draws a migration instead: for every state in which somebody can be on the one version,
where they go on the other, who stays and who would strand. Both may be files (definitions or
manifests) or versions of a server, which says how many actors are in each state now.

For the terminal, as Mermaid for a page, or as an SVG file. What a migration asks and how it lands
is read from the manifest or the server; the flags say it for files without.
"""
EXAMPLES = (
    Example("statekeep diagram loan-v2.json", "in the terminal"),
    Example("statekeep diagram loan-v2.json --format svg > loan-v2.svg", "a picture"),
    Example(
        "statekeep diagram --from manifests/loan-v1.yaml --to manifests/loan-v2.yaml",
        "what a migration does with whom",
    ),
    Example(
        "statekeep diagram loan-v2 --from loan-v1 --name loan-v2.loan-v1 --format mermaid",
        "what is registered",
        "server",
    ),
)
EXITS = CONNECTION_EXITS
FORMATS = ("text", "mermaid", "svg")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", nargs="?", metavar="FILE|VERSION", help="what to draw")
    parser.add_argument(
        "--format", choices=FORMATS, default="text", metavar="FORMAT", help="text, mermaid or svg"
    )
    parser.add_argument("--from", dest="source", metavar="A", help="draw the migration from A")
    parser.add_argument("--to", dest="target", metavar="B", help="to B; the same as FILE|VERSION")
    parser.add_argument("--history", metavar="A,B,…", help="the events with which they begin")
    parser.add_argument(
        "--map", metavar="SOURCE=TARGET", action="append", default=[], help="where those land"
    )
    parser.add_argument("--landing", choices=("Replay", "Same", "MappingOnly"))
    parser.add_argument("--name", metavar="NAME", help="of the migration, where several lead there")
    add_connection_arguments(parser)


def run(args: argparse.Namespace) -> int:
    wanted = args.what or args.target
    if wanted is None or (args.what and args.target):
        raise CommandError("name one file or version to draw; for a migration, --from A --to B")
    if args.source is None:
        _draw_machine(_given(args, wanted), args.format)
    else:
        _draw_migration(_given(args, args.source), _given(args, wanted), args)
    return 0


def _given(args: argparse.Namespace, name: str) -> Given:
    from statekeep.cli.drawing.given import is_file, of_file, of_server  # noqa: PLC0415

    if is_file(name):
        return of_file(name)
    with connected(args) as client:
        return of_server(client, name)


def _draw_machine(given: Given, form: str) -> None:
    from statekeep.cli.drawing import mermaid, svg, text  # noqa: PLC0415
    from statekeep.cli.drawing.picture import crowded, picture  # noqa: PLC0415

    drawn = picture(given.machine, given.name, crowded(given.actors))
    if form == "svg":
        print(svg.render(drawn), end="")
    elif form == "mermaid":
        print("\n".join(mermaid.lines(drawn)))
    else:
        print("\n".join(text.lines(drawn, _colours())))


def _draw_migration(source: Given, target: Given, args: argparse.Namespace) -> None:
    from statekeep.cli.drawing import migration as drawing  # noqa: PLC0415
    from statekeep.cli.drawing.course import course  # noqa: PLC0415
    from statekeep.cli.drawing.given import migration  # noqa: PLC0415
    from statekeep.cli.output import width_of  # noqa: PLC0415
    from statekeep.core.refusals import Refused  # noqa: PLC0415

    asked = migration(source, target, _flags(args))
    try:
        found = course((source.name, source.machine), (target.name, target.machine), asked)
    except Refused as error:
        raise CommandError(f"this migration would be refused: {error}") from None
    if args.format == "svg":
        print(drawing.svg(found, source.actors), end="")
    elif args.format == "mermaid":
        print("\n".join(drawing.mermaid(found, source.actors)))
    else:
        lines = drawing.lines(found, source.actors, _colours(), width_of(sys.stdout))
        print("\n".join(lines))


def _flags(args: argparse.Namespace) -> dict[str, Any]:
    flags: dict[str, Any] = {}
    if args.history is not None:
        flags["historyPath"] = [event for event in args.history.split(",") if event]
    if args.map:
        flags["stateMapping"] = mapping_of(args.map)
    if args.landing:
        flags["landing"] = args.landing
    if args.name:
        flags["name"] = args.name
    return flags


def _colours() -> Any:
    from statekeep.cli.colours import Colours  # noqa: PLC0415

    return Colours.of(sys.stdout)
