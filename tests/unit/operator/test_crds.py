"""The CRDs: what is checked in is what the models say, bounded and described throughout."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from statekeep_operator import crd

ROOT = Path(__file__).resolve().parents[3]
Schema = dict[str, Any]


def fields(schema: Schema, path: str = "") -> Iterator[tuple[str, Schema]]:
    for name, child in schema.get("properties", {}).items():
        yield f"{path}.{name}", child
        yield from fields(child, f"{path}.{name}")
    for part in ("items", "additionalProperties"):
        if isinstance(schema.get(part), dict):
            yield from fields(schema[part], f"{path}[]")


def schemas() -> Iterator[tuple[str, Schema]]:
    for name, made in (("wd", crd.workflow_definition()), ("cp", crd.change_point())):
        yield from fields(made["spec"]["versions"][0]["schema"]["openAPIV3Schema"], name)


@pytest.mark.parametrize("name", sorted(crd.files()))
def test_what_is_checked_in_is_what_the_models_say(name: str) -> None:
    assert (ROOT / "crds" / name).read_text() == crd.files()[name]


def test_a_file_that_was_edited_by_hand_is_found(tmp_path: Path) -> None:
    assert crd.main([str(tmp_path)]) == 0
    assert crd.main(["--check", str(tmp_path)]) == 0
    edited = tmp_path / "statekeep.dev_changepoints.yaml"
    edited.write_text(edited.read_text().replace("maxLength: 63", "maxLength: 64", 1))
    assert crd.main(["--check", str(tmp_path)]) == 1
    assert "maxLength: 64" in edited.read_text(), "a check changes nothing"


def test_every_field_of_the_spec_has_a_description() -> None:
    bare = [path for path, schema in schemas() if ".spec." in path and "description" not in schema]
    assert bare == []


def test_every_field_is_bounded() -> None:
    bounds = {
        "string": ("maxLength", "enum"),
        "array": ("maxItems",),
        "integer": ("maximum",),
    }
    free = [
        path
        for path, schema in schemas()
        if schema.get("type") in bounds
        and not any(bound in schema for bound in bounds[schema["type"]])
    ]
    assert free == []


def test_every_list_says_how_managers_share_it() -> None:
    silent = [
        path
        for path, schema in schemas()
        if schema.get("type") == "array" and "x-kubernetes-list-type" not in schema
    ]
    assert silent == []


def test_only_what_the_api_server_cannot_know_is_preserved() -> None:
    kept = [p for p, schema in schemas() if schema.get("x-kubernetes-preserve-unknown-fields")]
    assert kept == ["wd.spec.definition"]


def test_no_enum_value_that_people_write_is_a_yaml_boolean() -> None:
    written = [(p, w) for p, s in schemas() if ".spec." in p for w in s.get("enum", ())]
    assert [(p, w) for p, w in written if not isinstance(yaml.safe_load(w), str)] == []
