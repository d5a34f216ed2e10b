"""`statekeep plan`: what manifests would do to the actors that are live, without a server."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from statekeep.cli.exits import FINDINGS, OK, CommandError
from statekeep.cli.output import Column, add_output_argument, print_listing, print_value
from statekeep.cli.parser import Example

if TYPE_CHECKING:
    from statekeep.cli.planning.digest import LiveWorkflow
    from statekeep.cli.planning.manifests import Wanted
    from statekeep.cli.planning.offline import Planned

DESCRIPTION = """
The plan of a pull request: how many actors would migrate, stay or strand, by state and reason,
and the plan's hash for `gate.expectPlan`. It is computed by the functions that the server asks,
from the manifests and a digest of the live classes, which `statekeep cohorts --digest` writes and
which holds no contexts. Without --classes nobody is live: what is wrong with the manifests is still
found.
"""

EXAMPLES = (
    Example("statekeep plan manifests/loan-v1.yaml manifests/loan-v2.yaml", "manifests alone"),
    Example(
        "statekeep cohorts --digest | statekeep plan manifests/loan-v2.yaml --classes -",
        "with those who are live",
        "server",
    ),
)
EXITS = {FINDINGS: "a manifest would be refused, by its gate or otherwise"}
_COLUMNS = (
    Column("NAME", "name"),
    Column("OUTCOME", "outcome"),
    Column("MIGRATE", "migrated", right=True),
    Column("STAY", "stayed", right=True),
    Column("STRAND", "stranded", right=True),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("manifests", nargs="+", metavar="MANIFEST", help="files with our objects")
    parser.add_argument("--classes", metavar="FILE", help="a digest by `cohorts --digest`; or -")
    add_output_argument(parser)


def run(args: argparse.Namespace) -> int:
    from statekeep.cli.planning.offline import OfflinePlan  # noqa: PLC0415 - costs the runtime

    planned = list(OfflinePlan(_classes(args.classes)).run(_wanted(args.manifests)))
    if args.output == "table":
        _show(planned)
    else:
        print_value({"items": [item.to_json() for item in planned]}, args.output)
    return FINDINGS if any(item.problem is not None for item in planned) else OK


def _wanted(files: list[str]) -> list[Wanted]:
    from statekeep.cli.planning.manifests import read_manifest  # noqa: PLC0415
    from statekeep.cli.text.tree import TextError  # noqa: PLC0415 - costs PyYAML

    wanted = []
    for file in files:
        try:
            wanted += list(read_manifest(file))
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror or error}") from None
        except TextError as error:
            place = f"{file}:{error.mark.line}:{error.mark.column}"
            raise CommandError(f"{place}: {error.message} [{error.code}]") from None
        except (KeyError, TypeError, AttributeError) as error:
            hint = f"`statekeep lint {file}` says what"
            raise CommandError(f"{file}: an object is not well formed", hint=hint) from error
    if not wanted:
        raise CommandError("no WorkflowDefinition and no ChangePoint in these files")
    return wanted


def _classes(file: str | None) -> dict[str, LiveWorkflow]:
    from statekeep.cli.planning.digest import DigestUnreadable, read  # noqa: PLC0415
    from statekeep.cli.sources import read_text  # noqa: PLC0415

    if file is None:
        return {}
    try:
        return read(read_text(file))
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror or error}") from None
    except DigestUnreadable as error:
        raise CommandError(f"{file}: {error}") from error


def _show(planned: list[Planned]) -> None:
    print_listing([item.to_json() for item in planned], _COLUMNS, "table")
    for item in planned:
        for line in _details(item):
            print(line)
    sys.stdout.flush()


def _details(item: Planned) -> list[str]:
    result, name = item.result or {}, item.wanted.name
    refused = [] if item.problem is None else [f"{item.problem.code}: {item.problem.message}"]
    rows = [
        f"{row['count']} in {row['state']} of {row['version']}: {row['verdict']}"
        + (f" ({row['reason']})" if row["reason"] else "")
        for row in result.get("byState", ())
    ]
    states = [
        f"no landing for {state['state']} of {state['version']}: {state['reason']}:"
        f" {state['message']}"
        for state in item.unlandable
    ]
    hashed = [f"plan {result['planHash']}"] if "planHash" in result else []
    warnings = [f"{found['code']}: {found['message']}" for found in result.get("warnings", ())]
    return [f"{name}: {line}" for line in (*refused, *rows, *states, *warnings, *hashed)]
