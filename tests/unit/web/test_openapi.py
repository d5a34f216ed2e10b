"""The OpenAPI document says what the API does, and the one that is checked in is this one."""

import json
import re
from pathlib import Path

import jsonschema
import pytest

from statekeep.web.app import OPERATIONS, openapi_json
from statekeep.web.problems import KINDS

CHECKED_IN = Path(__file__).parents[3] / "docs" / "openapi.json"
DOCUMENT = json.loads(openapi_json())


def test_the_checked_in_document_is_current() -> None:
    assert CHECKED_IN.read_bytes() == openapi_json(), (
        "run `python tools/write_openapi.py` and commit docs/openapi.json"
    )


def test_every_reference_leads_somewhere() -> None:
    references = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(DOCUMENT)))
    assert references <= set(DOCUMENT["components"]["schemas"])


@pytest.mark.parametrize("name", sorted(DOCUMENT["components"]["schemas"]))
def test_every_schema_is_a_json_schema(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(DOCUMENT["components"]["schemas"][name])


def test_every_problem_of_the_table_is_some_operations() -> None:
    named = {
        code
        for path in DOCUMENT["paths"].values()
        for operation in path.values()
        for response in operation["responses"].values()
        for code in re.findall(r"[A-Z]\w+", response["description"])
    }
    elsewhere = {"UnknownRoute", "MethodNotAllowed", "InvalidHttp", "HeadTooLarge", "SlowHead"}
    assert set(KINDS) - named == elsewhere


def test_operation_names_are_unique_and_every_path_is_under_v1() -> None:
    names = [operation.name for operation in OPERATIONS]
    assert len(names) == len(set(names))
    assert all(operation.path.startswith("/v1/") for operation in OPERATIONS)


def test_every_route_has_a_method_of_the_typescript_sdk() -> None:
    """A new one gets its method in sdk/typescript/src/client.ts, and a line in its page."""
    sources = Path(__file__).parents[3] / "sdk" / "typescript" / "src"
    text = (sources / "client.ts").read_text(encoding="utf-8")
    called = {
        re.sub(r"\$\{[^}]+\}", "{id}", path) for path in re.findall(r"['`](/v1/[^'`]+)", text)
    }
    assert sorted(set(DOCUMENT["paths"]) ^ called) == []
