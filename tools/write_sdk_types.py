"""Writes sdk/typescript/src/generated/ from docs/openapi.json and the table of problems.

Types for what is sent and answered, and a table of what an answer means where it leaves a member
out (a server of another release may say less). Run `python tools/write_sdk_types.py`; a test finds
either out of date.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from statekeep.web.problems import KINDS

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "sdk" / "typescript" / "src" / "generated"
REFERENCE = "#/components/schemas/"
HEAD = "// Written by tools/write_sdk_types.py from docs/openapi.json; a test holds them alike.\n"
PREAMBLE = """
/** A state value as XState writes it: a name, or an object with a value for each key. */
export type StateValue = string | { readonly [key: string]: StateValue };

/** Any JSON object. */
export type JsonObject = { readonly [key: string]: unknown };

/** The codes of the problems that this release knows. */
export type ProblemCode ="""
Schema = Mapping[str, Any]
NAMES = {"ProblemError": "Finding"}
"""What is called otherwise there: `ProblemError` is the class that is thrown."""


def main() -> None:
    """Write both files."""
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, text in files().items():
        (TARGET / name).write_text(text, encoding="utf-8")


def files() -> dict[str, str]:
    """Name -> content."""
    document = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
    schemas = document["components"]["schemas"]
    named = {
        NAMES.get(name, name): schemas[name]
        for name in sorted(schemas)
        if not name.startswith("Page_")
    }
    return {
        "wire.ts": HEAD + "".join(_types(named)),
        "tables.ts": HEAD + _tables(named),
    }


def _types(schemas: Mapping[str, Schema]) -> Iterator[str]:
    yield PREAMBLE + "".join(f"\n  | '{code}'" for code in sorted(KINDS)) + ";\n"
    for name, schema in schemas.items():
        yield f"\n{_comment(schema, '')}export interface {name} {{\n{_members(schema)}}}\n"


def _is_sent(schema: Schema) -> bool:
    """Requests refuse members that they do not know, answers do not."""
    return schema.get("additionalProperties") is False


def _members(schema: Schema) -> str:
    required, lines = set(schema.get("required", ())), []
    for name, member in schema["properties"].items():
        mark = "?" if _is_sent(schema) and name not in required else ""
        lines.append(f"  readonly {name}{mark}: {_type(member)};\n")
    return "".join(lines)


def _comment(schema: Schema, indent: str) -> str:
    text = " ".join(schema.get("description", "").split())
    return f"{indent}/** {text} */\n" if text else ""


def _type(schema: Schema) -> str:
    if "$ref" in schema:
        return _named(schema)
    if "enum" in schema:
        return " | ".join(f"'{value}'" for value in schema["enum"])
    if "anyOf" in schema:
        return _any_of(schema["anyOf"])
    match schema.get("type"):
        case "array":
            return f"ReadonlyArray<{_type(schema['items'])}>"
        case "object":
            return _object(schema)
        case "integer":
            return "number"
        case None:
            return "unknown"
        case plain:
            return str(plain)


def _named(reference: Schema) -> str:
    name = str(reference["$ref"]).removeprefix(REFERENCE)
    return NAMES.get(name, name)


def _any_of(branches: list[Schema]) -> str:
    kinds = [branch.get("type") for branch in branches]
    if kinds[:2] == ["string", "object"] and branches[1].get("additionalProperties") is True:
        return " | ".join(["StateValue", *map(_type, branches[2:])])
    return " | ".join(dict.fromkeys(map(_type, branches)))


def _object(schema: Schema) -> str:
    values = schema.get("additionalProperties", True)
    return "JsonObject" if values is True else f"Readonly<Record<string, {_type(values)}>>"


def _tables(schemas: Mapping[str, Schema]) -> str:
    shapes = {
        name: {"defaults": _defaults(schema), "parts": _parts(schema)}
        for name, schema in schemas.items()
        if not _is_sent(schema)
    }
    lines = "".join(f"  {name}: {json.dumps(shape)},\n" for name, shape in shapes.items())
    comment = (
        "/** What an answer means where it leaves a member out, and the shapes of its parts. */"
    )
    return f"\n{comment}\nexport const SHAPES = {{\n{lines}}} as const;\n"


def _defaults(schema: Schema) -> dict[str, Any]:
    """Members that may be left out; a list or an object without a default is empty then."""
    required = set(schema.get("required", ()))
    empty: dict[str | None, Any] = {"array": [], "object": {}}
    return {
        name: member["default"] if "default" in member else empty.get(member.get("type"))
        for name, member in schema["properties"].items()
        if name not in required
    }


def _parts(schema: Schema) -> dict[str, str]:
    """Member -> the shape of what it holds, one or a list of them."""
    found = {}
    for name, member in schema["properties"].items():
        branches = member.get("anyOf", [member])
        for branch in (inner for outer in branches for inner in (outer, outer.get("items", {}))):
            if "$ref" in branch:
                found[name] = _named(branch)
    return found


if __name__ == "__main__":
    main()
