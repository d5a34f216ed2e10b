"""What is to be drawn: a file with a machine, or a version of the server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from statekeep.cli.definition_file import load_machine
from statekeep.cli.exits import CommandError
from statekeep.cli.people import state_text
from statekeep.core.compile import compile_machine
from statekeep.core.findings import DefinitionError
from statekeep.core.machine import Machine
from statekeep.core.paths import split_path
from statekeep.core.points import Migration, state_mapping

if TYPE_CHECKING:
    from statekeep.client import Client
    from statekeep.web.wire import DefinitionAnswer

Json = dict[str, Any]
_SUFFIXES = (".json", ".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Given:
    """A machine under a name, the migrations that its file or server knows, and who is there."""

    name: str
    machine: Machine
    migrations: Sequence[Json] = ()
    actors: Mapping[str, int] = field(default_factory=dict)
    """By state value, as text."""


def is_file(name: str) -> bool:
    return name == "-" or name.endswith(_SUFFIXES) or Path(name).is_file()


def of_file(name: str) -> Given:
    """Raises CommandError with file, line and column."""
    from statekeep.cli.planning.manifests import read_manifest  # noqa: PLC0415 - costs PyYAML

    machine = load_machine(name, None)
    wanted = [] if name == "-" else [w for w in read_manifest(name) if "definition" in str(w.body)]
    if not wanted:
        return Given("stdin" if name == "-" else Path(name).stem, machine)
    return Given(wanted[0].name, machine, wanted[0].body.get("migrations", ()))


def of_server(client: Client, name: str) -> Given:
    """A registered version, the change-points that lead to it, and who is on it."""
    found = client.definition(name)
    points = [
        point.model_dump(by_alias=True, mode="json")
        for point in client.change_points(found.workflow)
        if point.to == name
    ]
    actors: dict[str, int] = {}
    for group in client.groups(name, found.workflow):
        text = state_text(group.state_value)
        actors[text] = actors.get(text, 0) + group.count
    return Given(name, _machine(found), points, actors)


def _machine(found: DefinitionAnswer) -> Machine:
    """In the form that has the digest of the version."""
    try:
        machine = compile_machine(found.definition, guards=found.guards)
        if machine.digest == found.digest:
            return machine
    except DefinitionError:
        pass
    return compile_machine(found.definition, guards=found.guards, source="object")


def migration(source: Given, target: Given, flags: Json) -> Migration:
    """The one that leads from one to the other; what flags say wins over what is written."""
    known = [rules for rules in target.migrations if rules.get("from") == source.name]
    known = [rules for rules in known if not rules.get("closed")] or known
    if "name" in flags:
        known = [rules for rules in known if str(rules.get("name")).endswith(flags["name"])]
    if len(known) > 1:
        names = ", ".join(str(rules.get("name")) for rules in known)
        raise CommandError(
            f"{len(known)} migrations lead from {source.name} to {target.name}: {names}",
            hint="say which by --name",
        )
    rules: Json = {**(_of_source(known[0], source.machine) if known else {}), **flags}
    return Migration(
        name=str(rules.get("name") or f"{target.name}.{source.name}"),
        source=source.name,
        history_path=tuple(rules.get("historyPath") or ()),
        regions=tuple(sorted((k, tuple(v)) for k, v in (rules.get("regions") or {}).items())),
        mapping=state_mapping(rules.get("stateMapping")),
        landing=rules.get("landing"),
    )


def _of_source(rules: Json, source: Machine) -> Json:
    """Without the mapping of states that only a version on the way has: nobody here is in one."""
    mapping = (rules.get("stateMapping") or {}).items()
    kept = {key: to for key, to in mapping if source.node_at(split_path(key)) is not None}
    return {**rules, "stateMapping": kept}
