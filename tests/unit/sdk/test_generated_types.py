"""The SDK's generated sources are those of docs/openapi.json and of the table of problems."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def writer() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "write_sdk_types", ROOT / "tools" / "write_sdk_types.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_checked_in_types_are_current(writer: ModuleType) -> None:
    for name, text in writer.files().items():
        assert (writer.TARGET / name).read_text(encoding="utf-8") == text, (
            "run `python tools/write_sdk_types.py` and commit what it writes"
        )


@pytest.mark.parametrize(
    ("schema", "written"),
    [
        ({"type": "integer"}, "number"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "string | null"),
        ({"anyOf": [{"type": "integer"}, {"type": "number"}]}, "number"),
        ({"enum": ["a", "b"], "type": "string"}, "'a' | 'b'"),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Hop"}}, "ReadonlyArray<Hop>"),
        ({"type": "object", "additionalProperties": True}, "JsonObject"),
        (
            {"type": "object", "additionalProperties": {"type": "integer"}},
            "Readonly<Record<string, number>>",
        ),
        (
            {
                "anyOf": [
                    {"type": "string"},
                    {"type": "object", "additionalProperties": True},
                    {"type": "null"},
                ]
            },
            "StateValue | null",
        ),
        ({}, "unknown"),
    ],
)
def test_a_schema_is_written_as(
    writer: ModuleType, schema: dict[str, object], written: str
) -> None:
    assert writer._type(schema) == written


def test_what_is_sent_may_leave_out_what_has_a_default_and_what_is_answered_has_it(
    writer: ModuleType,
) -> None:
    members = {"a": {"type": "string"}, "b": {"type": "boolean", "default": False}}
    schema = {"properties": members, "required": ["a"]}
    assert writer._members({**schema, "additionalProperties": False}) == (
        "  readonly a: string;\n  readonly b?: boolean;\n"
    )
    assert writer._members(schema) == "  readonly a: string;\n  readonly b: boolean;\n"
    assert writer._defaults(schema) == {"b": False}
