"""YAML that every tool reads alike: what any of them would take for something else is quoted.

For ``-o yaml`` and for manifests that commands write. Invariant, tested: kubectl, kustomize, PyYAML
and our own YAML 1.2 loader read back what was given.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

import yaml

from statekeep.cli.yaml_words import readings

# Line breaks to YAML 1.1 and none to 1.2: only escapes mean the same to both.
_ODD_BREAKS: Final = re.compile("[\x85\u2028\u2029]")


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's signature
        """Anchors would only puzzle readers."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        """Lists stand one step below their key, as kubectl does not but people do."""
        super().increase_indent(flow, False)


def _string(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None
    if _ODD_BREAKS.search(text):
        style = '"'
    elif "\n" in text and all(line == line.rstrip() for line in text.split("\n")):
        style = "|"
    elif _ambiguous(text):
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _ambiguous(text: str) -> bool:
    written = json.dumps(text)
    read = readings(text)
    return any(said != written for said in (*read.keys, *read.values))


_Dumper.add_representer(str, _string)


def to_yaml(value: object) -> str:
    """One document, keys in the order given, lines never folded."""
    return str(yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10**9))


def to_yaml_documents(values: list[object]) -> str:
    return "---\n".join(to_yaml(value) for value in values)
