"""`statekeep adopt`: let objects go on with a runtime that has lost or changed its registry."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from statekeep.cli.connection import EXITS as CONNECTION_EXITS
from statekeep.cli.connection import add_connection_arguments, connected
from statekeep.cli.exits import FINDINGS, OK, REFUSED, CommandError
from statekeep.cli.parser import Example
from statekeep.cli.people import counted

if TYPE_CHECKING:
    from statekeep.cli.adopting.cluster import Cluster
    from statekeep.cli.adopting.remembered import Remembered
    from statekeep.cli.adopting.told import Has
    from statekeep.client import Client

DESCRIPTION = """
When the runtime's registry is another one than the objects of a namespace remember, each of them
says RegistryReplaced and nothing is registered by itself: clocks would be others than before, and
decisions follow clocks. Restore the runtime's data where that can be done. Where a new beginning
is meant, this command shows what the objects remember and what the runtime has, asks, marks the
objects by the annotation statekeep.dev/adopt-registry, and waits for what becomes of them.

It reads the cluster of your kubeconfig, and the runtime with a key of the namespace's tenant.
"""
EXAMPLES = (
    Example("statekeep adopt --namespace lending", "look, answer, wait", needs="server"),
    Example("statekeep adopt --workflow loan --yes", "one workflow, unasked", needs="server"),
)
EXITS = {**CONNECTION_EXITS, FINDINGS: "nothing was adopted, or an object is not ready afterwards"}
LOOK_SECONDS: Final = 0.5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-n", "--namespace", metavar="NAME", help="default: the one of the kubeconfig's context"
    )
    parser.add_argument("--workflow", metavar="NAME", help="objects of this workflow only")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=float,
        default=60.0,
        help="how long to wait for the objects; default: 60",
    )
    parser.add_argument("--kube-context", metavar="NAME", help="a context of the kubeconfig")
    add_connection_arguments(parser)


def run(args: argparse.Namespace) -> int:
    from statekeep.cli.adopting.cluster import cluster_of  # noqa: PLC0415 - costs a second
    from statekeep.cli.adopting.told import comparison, strangers  # noqa: PLC0415

    namespace = args.namespace or os.environ.get("STATEKEEP_NAMESPACE")
    cluster = cluster_of(args.kube_context, namespace)
    objects = _objects(cluster, args.workflow)
    if not objects:
        raise CommandError(
            f"there is no object of {args.workflow or 'ours'} in namespace {cluster.namespace}",
            hint="--namespace names another one",
        )
    with connected(args) as client:
        has = _has(client, objects)
    _agreed(objects, has[objects[0].workflow].registry)
    foreign = strangers(objects, has)
    if not foreign:
        print(f"Nothing to adopt: every object in {cluster.namespace} belongs to this runtime.")
        return OK
    registry = has[foreign[0].workflow].registry
    print("\n".join(comparison(foreign, has)))
    print(_MEANING)
    if not (args.yes or _said_yes(len(foreign), registry)):
        print("Nothing was adopted.")
        return FINDINGS
    for one in foreign:
        cluster.adopt(one, registry)
    return _wait(cluster, {one.title for one in foreign}, args.timeout)


_MEANING = """
Adopting registers all of this anew, in the order of the routing graph. Clocks start over where the
runtime has none; actors that the runtime does not have do not come back."""


def _objects(cluster: Cluster, workflow: str | None) -> list[Remembered]:
    from statekeep.cli.adopting.remembered import remembered  # noqa: PLC0415

    found = remembered(cluster.items())
    return [one for one in found if workflow is None or one.workflow == workflow]


def _has(client: Client, objects: Sequence[Remembered]) -> Mapping[str | None, Has]:
    """What the runtime has of each workflow; of an object of unknown workflow, its registry."""
    from statekeep.cli.adopting.told import Has  # noqa: PLC0415

    found: dict[str | None, Has] = {}
    for workflow in sorted({one.workflow or "" for one in objects}):
        summary = client.workflow(workflow or "unknown")
        found[workflow or None] = Has(
            registry=summary.registry,
            versions={v.id: (v.clock, sum(v.actors.values())) for v in summary.versions},
            points={point.name: point.clock for point in summary.points},
        )
    return found


def _agreed(objects: Sequence[Remembered], registry: str) -> None:
    """The operator's runtime and ours must be one: it says which registry it sees."""
    from statekeep.cli.adopting.remembered import REPLACED  # noqa: PLC0415

    seen = f"registry is {registry}"
    other = [one for one in objects if one.reason == REPLACED and seen not in one.message]
    if other:
        raise CommandError(
            f"this runtime's registry is {registry}, and the operator sees another one: "
            f"{other[0].title}: {other[0].message}",
            hint="--server must name the runtime that the operator works with",
            code=REFUSED,
        )


def _said_yes(number: int, registry: str) -> bool:
    if not sys.stdin.isatty():
        raise CommandError(
            "nobody can be asked here, and nothing was adopted", hint="--yes adopts unasked"
        )
    question = f"Adopt registry {registry} for {counted(number, 'object')}? [y/N] "
    return input(question).strip().lower() in ("y", "yes")


def _wait(cluster: Cluster, titles: set[str], seconds: float) -> int:
    """Wait until every one has been looked at and is ready, or says what else it waits for."""
    from statekeep.cli.adopting.remembered import REPLACED, remembered  # noqa: PLC0415

    deadline = time.monotonic() + seconds
    while True:
        found = [one for one in remembered(cluster.items()) if one.title in titles]
        if all(one.ready == "True" for one in found) or time.monotonic() >= deadline:
            break
        time.sleep(LOOK_SECONDS)
    for one in found:
        print(f"{one.title}: {one.reason}: {one.message}")
    if any(one.reason == REPLACED for one in found):
        print("Some have not been looked at yet: does the operator run?", file=sys.stderr)
    return OK if all(one.ready == "True" for one in found) else FINDINGS
