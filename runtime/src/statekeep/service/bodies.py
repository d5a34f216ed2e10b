"""From the bodies of section "HTTP API" to what the core registers.

One conversion serves every door: the web layer checks shapes with its own models first, scenario
files and the replay of a stored registry come here directly. A body is kept as it was written; its
digest ignores the gate and the order of keys, except in `states`, where order means something.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from statekeep.core.canonical import canonical_json
from statekeep.core.compile import compile_machine
from statekeep.core.findings import DefinitionError, Finding, Report
from statekeep.core.gate import Accepted, Gate
from statekeep.core.machine import Machine
from statekeep.core.normalise import normalise
from statekeep.core.plan import Strand, state_text
from statekeep.core.points import Deployment, Migration, PointRegistration
from statekeep.service.errors import InvalidRequest, TooLarge
from statekeep.service.fields import Body, Fields, as_object, one_or_many, pointer_to, string_list

GATE_FIELDS = ("maxStranded", "expectPlan", "accept", "gate")
MIGRATION_RULES = (
    "regions", "stateMapping", "landing", "rescues", "evaluation", "whileStranded", "historyPath",
)  # fmt: skip
MIGRATION_FIELDS = ("name", "from", *MIGRATION_RULES)
DEPLOYMENT_FIELDS = (
    "id", "workflow", "parentId", "name", "definition", "definitionJSON", "keyOrder", "guards",
    "journal", "owner", "migrations", *MIGRATION_RULES, *GATE_FIELDS,
)  # fmt: skip
POINT_FIELDS = (
    "name", "workflow", "owner", "from", "to", "refines", *MIGRATION_RULES, *GATE_FIELDS,
)  # fmt: skip
PERCENTAGE = re.compile(r"(\d{1,3})(\.\d+)?%")
Guards = Literal["Ignore", "Deny"]


@dataclass(frozen=True, slots=True)
class DeploymentHead:
    """What must be known of a deployment before its workflow is."""

    id: str
    workflow: str | None
    parents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PointHead:
    """What must be known of a change-point before its workflow is."""

    name: str
    workflow: str | None
    versions: tuple[str, ...]
    refines: str | None


def deployment_head(body: object) -> DeploymentHead:
    """Read the names of a deployment; `migrations` excludes the short form."""
    fields = Fields(as_object(body))
    fields.only(DEPLOYMENT_FIELDS)
    parent = fields.optional_name("parentId")
    sources = tuple(item.name("from") for item in fields.objects("migrations"))
    return DeploymentHead(
        id=fields.name("id"),
        workflow=fields.optional_name("workflow"),
        parents=(*((parent,) if parent else ()), *sources),
    )


def own_workflow(body: Body) -> str:
    """The workflow of a deployment that names none and has no parent."""
    definition = _definition(Fields(body))
    own = definition.get("id") if isinstance(definition, Mapping) else None
    return own if isinstance(own, str) and own else str(body["id"])


def deployment(body: Body, workflow: str) -> Deployment:
    """What the core registers for this body."""
    fields = Fields(as_object(body))
    return Deployment(
        id=fields.name("id"),
        workflow=workflow,
        machine=machine(body),
        migrations=_migrations(fields),
        body_digest=body_digest(body),
    )


def point_names(body: Body) -> frozenset[str]:
    """The change-points that a registered body brought."""
    fields = Fields(body)
    if "id" not in body:
        return frozenset((fields.name("name"),))
    return frozenset(migration.name for migration in _migrations(fields))


def machine(body: Body) -> Machine:
    """Compile the definition of a deployment body."""
    fields = Fields(body)
    guards: tuple[Guards, ...] = ("Ignore", "Deny")
    order = fields.choice("keyOrder", ("Written", "Lost"))
    return compile_machine(
        _definition(fields),
        guards=fields.choice("guards", guards) or "Ignore",
        source="object" if order == "Lost" else "string",
    )


def keeps_journal(body: Body) -> bool:
    """Whether the times and data of events are kept."""
    return Fields(body).choice("journal", ("Types", "Full")) == "Full"


def point_head(body: object) -> PointHead:
    """Read the names of a change-point."""
    fields = Fields(as_object(body))
    fields.only(POINT_FIELDS)
    source, target = fields.optional_name("from"), fields.name("to")
    return PointHead(
        name=fields.name("name"),
        workflow=fields.optional_name("workflow"),
        versions=(*((source,) if source else ()), target),
        refines=fields.optional_name("refines"),
    )


def point(body: Body) -> PointRegistration:
    """What the core registers for a change-point's body."""
    fields = Fields(as_object(body))
    if not fields.has("from") and not fields.has("refines"):
        raise InvalidRequest("give 'from', or 'refines' for a refinement", "/from")
    return PointRegistration(
        name=fields.name("name"),
        target=fields.name("to"),
        source=fields.optional_name("from"),
        refines=fields.optional_name("refines"),
        body_digest=body_digest(body),
        **_rules(fields),  # type: ignore[arg-type]
    )


def gate(body: Body) -> Gate:
    """The gate of a body: at its top, or under `gate` as in a custom resource."""
    fields = Fields(body)
    inner = body.get("gate")
    if inner is not None:
        fields = Fields({**as_object(inner, "/gate"), **_given(body, GATE_FIELDS[:3])}, "/gate")
    return Gate(
        max_stranded=_max_stranded(fields),
        expect_plan=fields.text("expectPlan") or None if fields.has("expectPlan") else None,
        accept=tuple(_accepted(item) for item in fields.objects("accept"))
        if fields.has("accept")
        else None,
    )


def body_digest(body: Body) -> str:
    """Equal for bodies that ask for the same."""
    plain = {key: value for key, value in body.items() if key not in _NOT_DIGESTED}
    text = canonical_json([_plain(plain), _machine_digested(body)])
    return "sha256:" + sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _machine_digested(body: Body) -> object:
    """The machine of a body for its digest; where the order of states is lost, it says nothing."""
    if "id" not in body:
        return None
    definition = _definition(Fields(body))
    if body.get("keyOrder") == "Lost" and isinstance(definition, dict):
        return _plain(normalise(definition, "object", Report()).definition)
    return _ordered(definition)


_NOT_DIGESTED = {*GATE_FIELDS, "owner", "definition", "definitionJSON", "keyOrder"}


def _definition(fields: Fields) -> object:
    written, text = fields.body.get("definition"), fields.body.get("definitionJSON")
    if (written is None) == (text is None):
        raise InvalidRequest(
            "give the machine as 'definition' or as 'definitionJSON', exactly one of them",
            pointer_to(fields.pointer, "definition"),
        )
    if text is not None or isinstance(written, str):
        return _parsed(fields.text("definitionJSON" if text is not None else "definition"))
    return written


def _parsed(text: str) -> object:
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        finding = Finding("", "InvalidJSON", f"the definition is no JSON: {error}", "error")
        raise DefinitionError((finding,)) from error


def _no_constant(name: str) -> object:
    message = f"{name} is no JSON value"
    raise ValueError(message)


def _migrations(fields: Fields) -> tuple[Migration, ...]:
    own = fields.name("id")
    parent = fields.optional_name("parentId")
    listed = fields.objects("migrations")
    if parent is None:
        _refuse_rules_without_parent(fields, "migrations" if listed else "parentId")
        return tuple(_migration(item, own) for item in listed)
    if listed:
        raise InvalidRequest(
            "give 'parentId' with its rules, or 'migrations', not both", "/migrations"
        )
    name = fields.optional_name("name") or f"{own}.{parent}"
    return (Migration(name=name, source=parent, **_rules(fields)),)  # type: ignore[arg-type]


def _refuse_rules_without_parent(fields: Fields, way: str) -> None:
    for key in ("name", *MIGRATION_RULES):
        if fields.body.get(key) not in (None, [], {}):
            where = "inside the migrations" if way == "migrations" else "together with 'parentId'"
            raise InvalidRequest(f"'{key}' means something only {where}", pointer_to("", key))


def _migration(fields: Fields, own: str) -> Migration:
    fields.only(MIGRATION_FIELDS)
    source = fields.name("from")
    name = fields.optional_name("name") or f"{own}.{source}"
    return Migration(name=name, source=source, **_rules(fields))  # type: ignore[arg-type]


def _rules(fields: Fields) -> dict[str, object]:
    return {
        "history_path": fields.names("historyPath"),
        "regions": fields.table(
            "regions", lambda value, at: string_list(value, at, "a list of event types")
        ),
        "mapping": fields.table("stateMapping", one_or_many),
        "landing": fields.choice("landing", ("Replay", "Same", "MappingOnly")),
        "rescues": fields.flag("rescues", default=True),
        "evaluation": fields.choice("evaluation", ("Continuous", "Once")) or "Continuous",
        "while_stranded": fields.choice("whileStranded", ("Continue", "Block", "Buffer"))
        or "Continue",
    }


def _given(body: Body, keys: Sequence[str]) -> dict[str, object]:
    return {key: body[key] for key in keys if body.get(key) is not None}


def _max_stranded(fields: Fields) -> int | str | None:
    value = fields.body.get("maxStranded")
    if value is None:
        return None
    whole = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    percentage = PERCENTAGE.fullmatch(value) if isinstance(value, str) else None
    if not whole and (percentage is None or float(value[:-1]) > 100):  # type: ignore[index]
        raise fields.wrong("maxStranded", "a count, or a percentage such as '5%'")
    return value  # type: ignore[return-value]


def _accepted(fields: Fields) -> Accepted:
    fields.only(("version", "state", "reason", "max"))
    most = fields.body.get("max")
    if most is not None and (isinstance(most, bool) or not isinstance(most, int) or most < 0):
        raise fields.wrong("max", "a count")
    state = state_text(_plain(fields.body.get("state")))
    return Accepted(Strand(fields.name("version"), state, fields.name("reason")), most)


def _plain(value: object) -> object:
    """What canonical JSON can write: tuples and mappings of any kind."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _ordered(node: object) -> object:
    """A state node with its children as a list, so that sorting keys does not lose their order."""
    if not isinstance(node, Mapping):
        return _plain(node)
    sealed = {str(key): _plain(value) for key, value in node.items() if key != "states"}
    children = node.get("states")
    if isinstance(children, Mapping):
        sealed["states"] = [[str(key), _ordered(child)] for key, child in children.items()]
    elif "states" in node:
        sealed["states"] = _plain(children)
    return sealed


def check_size(body: Body, limit: int) -> None:
    """Refuse a definition that is larger than a custom resource could carry."""
    size = len(canonical_json(_plain(body)).encode("utf-8", "surrogatepass"))
    if size > limit:
        raise TooLarge("the definition's body", size, limit)
