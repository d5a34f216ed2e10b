"""Manifests as what they register: the bodies that the operator would send for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from statekeep.cli.lint.files import objects_of, parse
from statekeep.cli.lint.manifests import is_ours
from statekeep.cli.lint.reading import meant
from statekeep.cli.sources import read_text, shown_name

Json = dict[str, Any]
RULES: Final[Mapping[str, Any]] = {
    "historyPath": [],
    "regions": {},
    "stateMapping": {},
    "landing": None,
    "rescues": True,
    "evaluation": "Continuous",
    "whileStranded": "Continue",
}
"""Every rule with its default, which is left out: so a body is the same wherever it comes from."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One object of a manifest: where it stands, and what it registers."""

    file: str
    kind: Literal["WorkflowDefinition", "ChangePoint"]
    name: str
    body: Json

    @property
    def sources(self) -> tuple[str, ...]:
        """The versions that must be there first."""
        if self.kind == "ChangePoint":
            ends = (self.body.get("from"), self.body.get("to"))
            return tuple(end for end in ends if end is not None)
        return tuple(item["from"] for item in self.body.get("migrations", ()))


def read_manifest(file: str) -> Iterator[Wanted]:
    """The objects of a file that are ours. Raises OSError or TextError."""
    shown, text = shown_name(file), read_text(file)
    parsed = parse(shown, text)
    if parsed.errors:
        raise parsed.errors[0]
    for document in parsed.documents:
        for _, node in objects_of(document.root):
            if is_ours(node):
                value = meant(node)
                if isinstance(value, dict):
                    yield from _wanted(shown, value)


def _wanted(file: str, value: Json) -> Iterator[Wanted]:
    name, spec = str(value.get("metadata", {}).get("name", "")), value.get("spec") or {}
    if value.get("kind") == "WorkflowDefinition":
        yield Wanted(file, "WorkflowDefinition", name, _definition(name, spec))
    elif value.get("kind") == "ChangePoint":
        yield Wanted(file, "ChangePoint", name, _point(name, spec))


def _definition(name: str, spec: Json) -> Json:
    body: Json = {"id": name, "workflow": spec.get("workflow")}
    if spec.get("definitionJSON") is not None:
        body["definitionJSON"] = spec["definitionJSON"]
    else:
        body |= {"definition": spec.get("definition"), "keyOrder": "Lost"}
    body |= _other_than(spec, {"guards": "Ignore", "journal": "Types"})
    listed = [
        {"name": f"{name}.{item['name']}", "from": item["from"], **_other_than(item, RULES)}
        for item in spec.get("migrations") or ()
    ]
    return {**body, **({"migrations": listed} if listed else {}), **(spec.get("gate") or {})}


def _point(name: str, spec: Json) -> Json:
    ends = {key: spec[key] for key in ("from", "to", "refines") if spec.get(key)}
    return {"name": name, **ends, **_other_than(spec, RULES), **(spec.get("gate") or {})}


def _other_than(written: Json, defaults: Mapping[str, Any]) -> Json:
    return {
        key: written[key]
        for key, default in defaults.items()
        if written.get(key) is not None and written[key] != default
    }
