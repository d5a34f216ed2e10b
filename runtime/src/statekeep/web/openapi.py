"""The OpenAPI 3.1 document, made from the table of operations and the wire models.

Nothing is written by hand twice: a path, a model or a problem that is not in the tables is not in
the document, and a test compares the document with the one that is checked in.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from statekeep.web import wire
from statekeep.web.auth import GRANTS, Permission
from statekeep.web.operations import Operation
from statekeep.web.problems import KINDS, MEDIA_TYPE

EVERY_OPERATION: Final = (
    "KeyMissing", "KeyUnknown", "KeyRevoked", "RoleMissing", "ForeignTenant", "TenantMissing",
    "InvalidTenant", "InvalidQuery", "RateLimited", "Unavailable", "StoreMismatch", "Internal",
)  # fmt: skip
EVERY_BODY: Final = (
    "InvalidJson", "LoneSurrogate", "InvalidNumber", "InvalidRequest", "BodyTooLarge", "TooDeep",
    "SlowBody", "UnsupportedEncoding",
)  # fmt: skip
REF: Final = "#/components/schemas/{model}"
Json = dict[str, Any]


def document(operations: Iterable[Operation[Any]], version: str) -> Json:
    """The whole document."""
    table = sorted(operations, key=lambda operation: (operation.path, operation.method))
    names, schemas = _schemas(table)
    paths: dict[str, Json] = {}
    for operation in table:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(
            operation, names
        )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "StateKeep",
            "version": version,
            "summary": "Statecharts as long-lived actors, moved between versions by their history",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"apiKey": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"apiKey": {"type": "apiKey", "in": "header", "name": "x-api-key"}},
            "schemas": schemas,
        },
    }


def rendered(operations: Iterable[Operation[Any]], version: str) -> str:
    """The document as a file."""
    return json.dumps(document(operations, version), indent=2, ensure_ascii=False) + "\n"


def _schemas(table: list[Operation[Any]]) -> tuple[dict[type[BaseModel], str], Json]:
    models: dict[type[BaseModel], None] = {wire.Problem: None, wire.BatchEvent: None}
    for operation in table:
        models.update({m: None for m in (operation.body, operation.answer) if m is not None})
    references, definitions = models_json_schema(
        [(model, "validation") for model in models], ref_template=REF
    )
    names = {model: references[model, "validation"]["$ref"] for model in models}
    return names, dict(sorted(definitions["$defs"].items()))


def _operation(operation: Operation[Any], names: dict[type[BaseModel], str]) -> Json:
    told: Json = {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": f"Roles: {_roles(operation.permission)}.",
        "parameters": [*_path_parameters(operation), *_query(operation), *_headers(operation)],
        "responses": _responses(operation, names),
    }
    if operation.body is not None:
        told["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": names[operation.body]}}},
        }
    return told


def _path_parameters(operation: Operation[Any]) -> list[Json]:
    schema = {"type": "string", "minLength": 1, "maxLength": wire.MAX_ID}
    inside = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
    return [{"name": n, "in": "path", "required": True, "schema": schema} for n in inside]


def _query(operation: Operation[Any]) -> list[Json]:
    schema = operation.query.model_json_schema(ref_template=REF)
    required = set(schema.get("required", ()))
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _not_null(member)}
        for name, member in schema.get("properties", {}).items()
    ]


def _not_null(member: Json) -> Json:
    """A parameter that may be left out is not one that may be null."""
    options = [option for option in member.get("anyOf", ()) if option != {"type": "null"}]
    plain = {name: value for name, value in member.items() if name not in {"anyOf", "default"}}
    if len(options) == 1:
        return {**plain, **options[0]}
    return {**plain, "anyOf": options} if options else member


def _headers(operation: Operation[Any]) -> list[Json]:
    tenant = {"type": "string", "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"}
    headers = [("x-statekeep-tenant", tenant)]
    if operation.keyed:
        headers.append(("Idempotency-Key", {"type": "string", "pattern": "^[!-~]{1,255}$"}))
    if operation.matched:
        headers.append(("If-Match", {"type": "string"}))
    if operation.conditional:
        headers.append(("If-None-Match", {"type": "string"}))
    return [{"name": n, "in": "header", "required": False, "schema": s} for n, s in headers]


def _responses(operation: Operation[Any], names: dict[type[BaseModel], str]) -> Json:
    good: Json = {"description": operation.summary}
    if operation.answer is not None:
        good["content"] = {"application/json": {"schema": {"$ref": names[operation.answer]}}}
    responses: Json = {str(status): good for status in (operation.status, *operation.others)}
    if operation.conditional:
        responses["304"] = {"description": "Nothing has changed since that ETag"}
    by_status: dict[str, list[str]] = {}
    for code in _codes(operation):
        by_status.setdefault(str(KINDS[code].status), []).append(code)
    for status, codes in sorted(by_status.items()):
        responses[status] = {
            "description": ", ".join(codes),
            "content": {MEDIA_TYPE: {"schema": {"$ref": names[wire.Problem]}}},
        }
    return responses


def _codes(operation: Operation[Any]) -> list[str]:
    keyed = ("InvalidIdempotencyKey", "IdempotencyConflict") if operation.keyed else ()
    matched = ("InvalidIfMatch", "StaleRevision") if operation.matched else ()
    body = EVERY_BODY if operation.body is not None else ()
    return [*operation.codes, *keyed, *matched, *body, *EVERY_OPERATION]


def _roles(permission: Permission) -> str:
    return ", ".join(role for role, granted in GRANTS.items() if permission in granted)
