"""From files and flags to the body of a deployment, for `deploy` and `preview` alike.

A file is a body as `POST /v1/definitions` takes it, or a machine alone; flags say the rest and win
over what the file says. What is wrong with a body the server says, with a pointer.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from statekeep.cli.exits import CommandError
from statekeep.cli.parser import Example
from statekeep.cli.sources import read_text, shown_name

if TYPE_CHECKING:
    from statekeep.cli.yaml12 import Loaded

_FLAGS: dict[str, str] = {
    "id": "id",
    "workflow": "workflow",
    "parent": "parentId",
    "name": "name",
    "landing": "landing",
    "guards": "guards",
    "max_stranded": "maxStranded",
    "expect_plan": "expectPlan",
}
_POINT_FLAGS: dict[str, str] = {
    "workflow": "workflow",
    "source": "from",
    "to": "to",
    "refines": "refines",
    "landing": "landing",
    "max_stranded": "maxStranded",
    "expect_plan": "expectPlan",
}


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was read, so that a refusal can name the line that it is about."""

    shown: str
    loaded: Loaded
    machine: str | None
    """The pointer of the machine in the file; what is said of a machine counts from there."""

    def place(self, code: str, pointer: str) -> str | None:
        """`file:line:column`; None for what flags have said."""
        if code == "InvalidDefinition":
            if self.machine is None:
                return None
            pointer = self.machine + pointer
        elif self.machine == "":
            return None
        mark = self.loaded.mark(pointer)
        return f"{self.shown}:{mark.line}:{mark.column}"


def register_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, and the flags for what a machine alone does not say."""
    parser.add_argument("file", metavar="FILE", help="a deployment, or a machine alone; or -")
    parser.add_argument("--id", metavar="VERSION", help="the id of the new version")
    parser.add_argument("--workflow", metavar="NAME", help="default: the parent's")
    parser.add_argument("--parent", metavar="VERSION", help="the version whose actors may move")
    parser.add_argument("--name", metavar="NAME", help="the change-point's; default ID.PARENT")
    add_rule_arguments(parser)
    parser.add_argument("--guards", choices=("Ignore", "Deny"))


def add_rule_arguments(parser: argparse.ArgumentParser) -> None:
    """What every change-point may say, and its gate."""
    parser.add_argument(
        "--history", metavar="A,B,…", help="the events with which their history must begin"
    )
    parser.add_argument(
        "--map",
        metavar="SOURCE=TARGET",
        action="append",
        default=[],
        help="where those in a state land; may be given several times",
    )
    parser.add_argument("--landing", choices=("Replay", "Same", "MappingOnly"))
    parser.add_argument(
        "--max-stranded", metavar="N", help="move nobody if more than N (or N%%) would strand"
    )
    parser.add_argument(
        "--expect-plan", metavar="HASH", help="move nobody unless the plan is the previewed one"
    )


def body_from(args: argparse.Namespace) -> dict[str, Any]:
    """The body of a deployment that the file and the flags say together."""
    written, loaded = _loaded(args.file)
    whole = "definition" in written or "definitionJSON" in written
    place = "/definition" if "definition" in written else None
    args.written = Written(shown_name(args.file), loaded, place if whole else "")
    body = written if whole else _machine(written)
    _put_flags(body, args, _FLAGS)
    if "id" not in body:
        raise CommandError(f"{shown_name(args.file)}: a machine alone; name the version with --id")
    return body


def point_body(args: argparse.Namespace) -> dict[str, Any]:
    """The body of a change-point: of a file, or of its name and the flags."""
    is_file = args.name == "-" or args.name.endswith((".json", ".yaml", ".yml"))
    body: dict[str, Any] = {"name": args.name}
    if is_file:
        body, loaded = _loaded(args.name)
        args.written = Written(shown_name(args.name), loaded, None)
    _put_flags(body, args, _POINT_FLAGS)
    if "name" not in body:
        raise CommandError(f"{shown_name(args.name)}: a change-point needs a `name`")
    if "to" not in body:
        raise CommandError(f"{body['name']}: where does it lead? --to VERSION")
    return body


def _put_flags(body: dict[str, Any], args: argparse.Namespace, flags: Mapping[str, str]) -> None:
    for flag, member in flags.items():
        if getattr(args, flag) is not None:
            body[member] = getattr(args, flag)
    if args.history is not None:
        body["historyPath"] = [event for event in args.history.split(",") if event]
    if args.map:
        body["stateMapping"] = {**body.get("stateMapping", {}), **mapping_of(args.map)}
    if isinstance(body.get("maxStranded"), str) and body["maxStranded"].isdigit():
        body["maxStranded"] = int(body["maxStranded"])


def _machine(written: dict[str, Any]) -> dict[str, Any]:
    return {"definition": written}


def mapping_of(pairs: list[str]) -> dict[str, str | list[str]]:
    """A stateMapping from `SOURCE=TARGET` pairs."""
    mapping: dict[str, str | list[str]] = {}
    for pair in pairs:
        source, equals, target = pair.partition("=")
        if not equals or not source or not target:
            raise CommandError(f"--map {pair}: write it as SOURCE=TARGET or SOURCE=TARGET,TARGET")
        targets = target.split(",")
        mapping[source] = targets[0] if len(targets) == 1 else targets
    return mapping


def _loaded(file: str) -> tuple[dict[str, Any], Loaded]:
    from statekeep.cli.text.json_text import parse_json  # noqa: PLC0415
    from statekeep.cli.text.tree import TextError  # noqa: PLC0415 - costs PyYAML
    from statekeep.cli.yaml12 import load  # noqa: PLC0415

    shown = shown_name(file)
    try:
        text = read_text(file)
        if file.endswith(".json"):
            parse_json(text)  # what is wrong in JSON is said in the words of JSON
        loaded = load(text)
    except OSError as error:
        raise CommandError(f"{shown}: {error.strerror or error}") from None
    except TextError as error:
        place = f"{shown}:{error.mark.line}:{error.mark.column}"
        raise CommandError(f"{place}: {error.message} [{error.code}]") from None
    value = None if loaded is None else loaded.value
    if loaded is None or not isinstance(value, dict):
        raise CommandError(f"{shown}: an object is expected: a deployment, or a machine")
    if value.get("apiVersion", "").startswith("statekeep.dev/"):
        hint = "`kubectl apply` registers manifests, and `statekeep plan` shows what they would do"
        raise CommandError(f"{shown}: a manifest, which is the operator's business", hint=hint)
    return value, loaded


LOAN = Example(
    "statekeep deploy loan-v1.json --id loan-v1 --workflow loan", "a first version", needs="server"
)
