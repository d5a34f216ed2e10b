"""lint knows the fields of our two kinds as the CRDs have them, with the same bounds."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from statekeep.cli.lint.files import lint_text
from statekeep.cli.yaml_out import to_yaml

FOLDER = Path(__file__).parents[3] / "crds"
KINDS = {
    "WorkflowDefinition": {"workflow": "loan", "definition": {}},
    "ChangePoint": {"from": "a", "to": "b"},
}


def schema(kind: str) -> dict[str, Any]:
    """The schema of a kind's spec."""
    for path in sorted(FOLDER.glob("*.yaml")):
        crd = yaml.safe_load(path.read_text())
        if crd["kind"] == "CustomResourceDefinition" and crd["spec"]["names"]["kind"] == kind:
            (version,) = crd["spec"]["versions"]
            spec: dict[str, Any] = version["schema"]["openAPIV3Schema"]["properties"]["spec"]
            if "properties" in spec:
                return spec
    pytest.skip(f"CRDS NOT CHECKED: no schema of {kind} in {FOLDER}")


def fields(described: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every described field with its path; `[]` is an item of a list."""
    for name, inner in described.get("properties", {}).items():
        yield f"{path}/{name}", inner
        yield from fields(inner, f"{path}/{name}")
        yield from fields(inner.get("items", {}), f"{path}/{name}/[]")


def nested(path: str, value: object) -> Any:
    """A spec that holds `value` at the path and nothing else."""
    for token in reversed(path.split("/")[1:]):
        value = [value] if token == "[]" else {token: value}
    return value


def codes(kind: str, path: str, value: object) -> set[str]:
    spec = {**KINDS[kind], **nested(path, value)}
    manifest = {
        "apiVersion": "statekeep.dev/v1alpha1",
        "kind": kind,
        "metadata": {"name": "x"},
        "spec": spec,
    }
    pointer = f"/spec{path.replace('[]', '0')}"
    found = lint_text("x.yaml", to_yaml(manifest), "Ignore").found
    return {one.problem.code for one in found if one.problem.pointer.startswith(pointer)}


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_the_crd_is_known(kind: str) -> None:
    for path, _ in fields(schema(kind)):
        assert "UnknownField" not in codes(kind, path, None), path


@pytest.mark.parametrize("kind", KINDS)
def test_every_enumeration_is_the_same(kind: str) -> None:
    enumerations = [
        (path, inner["enum"]) for path, inner in fields(schema(kind)) if "enum" in inner
    ]
    assert enumerations
    for path, words in enumerations:
        for word in words:
            assert codes(kind, path, word) == set(), (path, word)
        assert codes(kind, path, "Wrong") == {"UnknownWord"}, path


@pytest.mark.parametrize("kind", KINDS)
def test_every_bound_of_a_list_is_the_same(kind: str) -> None:
    for path, inner in fields(schema(kind)):
        most = inner.get("maxItems")
        if most is not None:
            assert "TooMany" not in codes(kind, path, ["a"] * most), path
            assert "TooMany" in codes(kind, path, ["a"] * (most + 1)), path


@pytest.mark.parametrize("kind", KINDS)
def test_every_bound_of_a_name_is_the_same(kind: str) -> None:
    for path, inner in fields(schema(kind)):
        longest = inner.get("maxLength")
        if longest is not None and inner.get("pattern", "").startswith("^[a-z0-9]([-"):
            assert codes(kind, path, "a" * longest) == set(), path
            assert codes(kind, path, "a" * (longest + 1)) == {"WrongType"}, path
            assert codes(kind, path, "Upper") == {"WrongType"}, path


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_crd_requires_is_missed(kind: str) -> None:
    for name in schema(kind)["required"]:
        spec = {key: value for key, value in KINDS[kind].items() if key != name}
        manifest = {
            "apiVersion": "statekeep.dev/v1alpha1",
            "kind": kind,
            "metadata": {"name": "x"},
            "spec": spec,
        }
        found = lint_text("x.yaml", to_yaml(manifest), "Ignore").found
        assert ("Missing", "/spec") in {(one.problem.code, one.problem.pointer) for one in found}
