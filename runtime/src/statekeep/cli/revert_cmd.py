"""`statekeep revert`: the way forward that undoes a version, written down for review."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from statekeep.cli.connection import EXITS as CONNECTION_EXITS
from statekeep.cli.connection import add_connection_arguments, connected
from statekeep.cli.exits import FINDINGS, OK
from statekeep.cli.parser import Example
from statekeep.cli.registering import mapping_of

if TYPE_CHECKING:
    from statekeep.cli.reverting.forward import Forward

DESCRIPTION = """
Actors are never moved backwards; a revert leads forward. It is a next version with the content of
the one before, a migration to it, and the closing of the change-point that led here. This command
writes it and applies nothing: as manifests for a repository or `kubectl apply`, or with
`--format http` as the body that `statekeep deploy -` takes. What it will do is said at its head.

How those land who are on the version is tried on the server: by Replay, unless Same would leave
fewer behind. Nobody is guessed at: who has no landing is listed, and the gate that is written
holds everybody until --map says where they go.
"""
EXAMPLES = (
    Example("statekeep revert loan-v2 > loan-v3.yaml", "manifests, to be reviewed", "server"),
    Example(
        "statekeep revert loan-v2 --manifests manifests/ | statekeep lint -",
        "what is closed is taken from your own files, gates and labels included",
        needs="server",
    ),
    Example(
        "statekeep revert loan-v2 --format http > v3.json && statekeep deploy v3.json",
        "without Kubernetes",
        needs="server",
    ),
)
EXITS = {**CONNECTION_EXITS, FINDINGS: "there is nothing to revert to"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("version", metavar="DEFINITION", help="the version to be undone")
    parser.add_argument(
        "--content-of",
        metavar="VERSION",
        help="whose content comes back; default: the one that led here",
    )
    parser.add_argument("--id", metavar="VERSION", help="of the new version; default: the next")
    parser.add_argument(
        "--landing",
        choices=("Replay", "Same", "MappingOnly"),
        help="how they land; default: see above",
    )
    parser.add_argument(
        "--map",
        metavar="SOURCE=TARGET",
        action="append",
        default=[],
        help="where those in a state land; may be given several times",
    )
    parser.add_argument(
        "--manifests",
        metavar="PATH",
        action="append",
        default=[],
        help="file or folder with the objects that are closed",
    )
    parser.add_argument(
        "--format",
        choices=("manifests", "http"),
        metavar="FORMAT",
        help="manifests, or http; default: as the version was registered",
    )
    add_connection_arguments(parser)


def run(args: argparse.Namespace) -> int:
    from statekeep.cli.reverting.facts import gather  # noqa: PLC0415 - costs the core
    from statekeep.cli.reverting.forward import Wish, look_ahead  # noqa: PLC0415

    mapping = mapping_of(args.map)
    with connected(args) as client:
        facts = gather(client, args.version, args.content_of)
        wish = Wish(args.id or facts.next_id(), args.landing, mapping)
        forward = look_ahead(client, facts, wish)
    form = args.format or ("http" if facts.undone.owner is None else "manifests")
    if form == "http":
        _as_body(forward)
    else:
        _as_manifests(forward, args.manifests)
    return OK


def _as_body(forward: Forward) -> None:
    from statekeep.cli.output import print_value  # noqa: PLC0415
    from statekeep.cli.reverting.told import closings, told  # noqa: PLC0415

    print_value(forward.body, "json")
    sys.stdout.flush()
    print("\n".join(told(forward)), file=sys.stderr)
    for command in closings(forward):
        print(f"`{command}` closes it, once this is deployed.", file=sys.stderr)


def _as_manifests(forward: Forward, paths: list[str]) -> None:
    from statekeep.cli.reverting.manifests import objects, read_own  # noqa: PLC0415
    from statekeep.cli.reverting.told import closings, told  # noqa: PLC0415
    from statekeep.cli.yaml_out import to_yaml_documents  # noqa: PLC0415 - costs PyYAML

    written = to_yaml_documents([*objects(forward, read_own(paths))])
    lines = [*told(forward), *(f"No manifest owns it: `{one}`." for one in closings(forward))]
    print("".join(f"# {line}\n" for line in lines) + written, end="")
