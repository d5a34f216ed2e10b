"""The CRDs, generated from the models: ``python -m statekeep_operator.crd [--check] DIRECTORY``.

A structural schema has no ``$ref``, no ``anyOf`` for optional fields and no titles; this module
flattens what pydantic writes into that form and adds what only Kubernetes knows: CEL rules,
columns, selectable fields, the status subresource with ``observedGeneration`` -1 (without it Flux
calls an object that nobody has seen ready).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from statekeep_operator import models

Schema = dict[str, Any]

_DROPPED = frozenset({"title", "$defs", "additionalProperties"})


def _rule(rule: str, message: str, field_path: str | None = None) -> dict[str, str]:
    extra = {"fieldPath": field_path} if field_path else {}
    return {"rule": rule, "message": message, "reason": "FieldValueInvalid", **extra}


def structural(model: type[BaseModel]) -> Schema:
    """The model's JSON schema as a structural schema."""
    raw = model.model_json_schema(by_alias=True)
    return _flatten(raw, raw.get("$defs", {}))


def _flatten(schema: Schema, definitions: dict[str, Schema]) -> Schema:
    schema = _resolved(schema, definitions)
    flat = {key: value for key, value in schema.items() if key not in _DROPPED}
    if "const" in flat:
        flat["enum"] = [flat.pop("const")]
    if flat.get("default", 0) is None:
        del flat["default"]
    if "properties" in schema:
        flat["properties"] = {
            name: _flatten(child, definitions) for name, child in schema["properties"].items()
        }
    if "items" in schema:
        flat["items"] = _flatten(schema["items"], definitions)
    if isinstance(schema.get("additionalProperties"), dict):
        flat["additionalProperties"] = _flatten(schema["additionalProperties"], definitions)
    return flat


def _resolved(schema: Schema, definitions: dict[str, Schema]) -> Schema:
    """Follow ``$ref`` and take the one branch of an optional field that is not null."""
    if "$ref" in schema:
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        target = _resolved(definitions[schema["$ref"].rpartition("/")[2]], definitions)
        return {**target, **rest}
    if "anyOf" in schema:
        rest = {key: value for key, value in schema.items() if key != "anyOf"}
        branches = [branch for branch in schema["anyOf"] if branch.get("type") != "null"]
        if rest.get("x-kubernetes-int-or-string"):
            return rest
        (only,) = branches
        return {**_resolved(only, definitions), **rest}
    return schema


_ONE_MACHINE = _rule(
    "has(self.definition) != has(self.definitionJSON)",
    "give exactly one of `definition` and `definitionJSON`",
    ".definition",
)
_CLOSE_GROWS = _rule(
    "!has(oldSelf.close) || (has(self.close) && oldSelf.close.all(n, n in self.close))",
    "`close` may only grow: a closed migration stays closed; register a new migration instead",
    ".close",
)
_CLOSE_NAMES = _rule(
    "!has(self.close) || (has(self.migrations) && self.close.all(n, "
    "self.migrations.exists(m, m.name == n)))",
    "`close` must name migrations of this object",
    ".close",
)
_APPLIED_MIGRATIONS = _rule(
    "!has(oldSelf.status) || !has(oldSelf.status.migrations) || "
    "oldSelf.status.migrations.all(s, !has(s.clock) || "
    "!has(oldSelf.spec.migrations) || oldSelf.spec.migrations.all(o, o.name != s.name || "
    "(has(self.spec.migrations) && self.spec.migrations.exists(n, n == o))))",
    "an applied migration must not change or go: add a migration under a new name, or a "
    "ChangePoint that refines it",
    ".spec.migrations",
)
_SOURCE_OR_REFINES = _rule(
    "has(self.refines) != has(self.from)",
    "give exactly one of `from` and `refines`: a refinement has the source of the point "
    "that it refines",
    ".from",
)
_REFINEMENT_SHARES = _rule(
    "!has(self.refines) || (!has(self.historyPath) && !has(self.regions))",
    "a refinement shares the anchor of the point that it refines: leave out `historyPath` "
    "and `regions`",
    ".refines",
)
_CLOSED_STAYS = _rule(
    "!has(oldSelf.closed) || !oldSelf.closed || (has(self.closed) && self.closed)",
    "`closed` must stay true: register a new ChangePoint, or refine this one, instead",
    ".closed",
)

# CEL does not see `stateMapping`, whose values are preserved; the webhook and the operator compare
# its digest.
_FROZEN_FIELDS = (
    "from",
    "to",
    "historyPath",
    "regions",
    "refines",
    "landing",
    "rescues",
    "evaluation",
    "whileStranded",
)


def _frozen(field: str) -> dict[str, str]:
    new, old = f"self.spec.{field}", f"oldSelf.spec.{field}"
    return _rule(
        "!has(oldSelf.status) || !has(oldSelf.status.clock) || "
        f"(has({new}) == has({old}) && (!has({new}) || {new} == {old}))",
        f"`{field}` of an applied ChangePoint must not change: make a new ChangePoint, or "
        f"one that refines this one",
        f".spec.{field}",
    )


def _column(name: str, path: str, kind: str = "string", *, wide: bool = False) -> dict[str, Any]:
    return {"name": name, "type": kind, "jsonPath": path} | ({"priority": 1} if wide else {})


def _condition(field: str) -> str:
    return f'.status.conditions[?(@.type=="Ready")].{field}'


_READY_COLUMNS = [
    _column("Ready", _condition("status")),
    _column("Reason", _condition("reason")),
    _column("Message", _condition("message"), wide=True),
    _column("Age", ".metadata.creationTimestamp", "date"),
]


def _crd(
    names: dict[str, Any],
    spec: Schema,
    status: Schema,
    *,
    description: str,
    rules: list[dict[str, str]],
    columns: list[dict[str, Any]],
    selectable: list[str],
) -> Schema:
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{names['plural']}.{models.GROUP}"},
        "spec": {
            "group": models.GROUP,
            "scope": "Namespaced",
            "names": {**names, "categories": ["statekeep"]},
            "versions": [
                {
                    "name": models.VERSION,
                    "served": True,
                    "storage": True,
                    "subresources": {"status": {}},
                    "additionalPrinterColumns": columns,
                    "selectableFields": [{"jsonPath": path} for path in selectable],
                    "schema": {
                        "openAPIV3Schema": {
                            "type": "object",
                            "description": description,
                            "required": ["spec"],
                            "x-kubernetes-validations": rules,
                            "properties": {
                                "spec": spec,
                                "status": {**status, "default": {"observedGeneration": -1}},
                            },
                        }
                    },
                }
            ],
        },
    }


def workflow_definition() -> Schema:
    spec = structural(models.WorkflowDefinitionSpec)
    spec["x-kubernetes-validations"] = [_ONE_MACHINE, _CLOSE_GROWS, _CLOSE_NAMES]
    return _crd(
        {
            "kind": "WorkflowDefinition",
            "plural": "workflowdefinitions",
            "singular": "workflowdefinition",
            "listKind": "WorkflowDefinitionList",
            "shortNames": ["wd"],
        },
        spec,
        structural(models.WorkflowDefinitionStatus),
        description=(
            "One immutable version of a workflow, and the migrations by which actors come to it."
        ),
        rules=[_APPLIED_MIGRATIONS],
        columns=[
            _column("Workflow", ".spec.workflow"),
            _column("Actors", ".status.actors.total", "integer"),
            _column("Stranded", ".status.stranded", "integer"),
            *_READY_COLUMNS,
        ],
        selectable=[".spec.workflow"],
    )


def change_point() -> Schema:
    spec = structural(models.ChangePointSpec)
    spec["x-kubernetes-validations"] = [_SOURCE_OR_REFINES, _REFINEMENT_SHARES, _CLOSED_STAYS]
    return _crd(
        {
            "kind": "ChangePoint",
            "plural": "changepoints",
            "singular": "changepoint",
            "listKind": "ChangePointList",
            "shortNames": ["cp"],
        },
        spec,
        structural(models.ChangePointStatus),
        description=(
            "A registered point at which actors with a certain history go from one version to "
            "another."
        ),
        rules=[_frozen(field) for field in _FROZEN_FIELDS],
        columns=[
            _column("From", ".spec.from"),
            _column("To", ".spec.to"),
            _column("Clock", ".status.clock", "integer"),
            _column("Migrated", ".status.result.migrated", "integer"),
            _column("Stranded", ".status.stranded", "integer"),
            *_READY_COLUMNS,
        ],
        selectable=[".spec.from", ".spec.to"],
    )


def files() -> dict[str, str]:
    """File name to content of every CRD."""
    return {
        "statekeep.dev_workflowdefinitions.yaml": _text(workflow_definition()),
        "statekeep.dev_changepoints.yaml": _text(change_point()),
    }


def _text(crd: Schema) -> str:
    head = (
        "# Generated by `make crds` from operator/src/statekeep_operator/models.py. Do not edit.\n"
    )
    return head + yaml.dump(crd, Dumper=_Plain, sort_keys=False, width=120)


class _Plain(yaml.SafeDumper):
    """Repeats shared values instead of writing anchors, which readers of a CRD do not expect."""

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="statekeep_operator.crd", description="Write the CRDs, or check them."
    )
    parser.add_argument("directory", type=Path)
    parser.add_argument(
        "--check", action="store_true", help="change nothing; fail where a file is not current"
    )
    options = parser.parse_args(arguments)
    stale = [
        name for name, text in files().items() if not _is_current(options.directory / name, text)
    ]
    if options.check:
        for name in stale:
            sys.stderr.write(
                f"{options.directory / name} is not what the models say: `make crds`\n"
            )
        return 1 if stale else 0
    for name in stale:
        (options.directory / name).write_text(files()[name], encoding="utf-8")
    return 0


def _is_current(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
