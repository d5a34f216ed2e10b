"""Plain YAML scalars that the tools on the way read differently, or not as they are written.

Looks at text only. A difference between kubectl and kustomize is an error, because then one file
gives two definitions, and so is what one of them refuses; a warning is what only Python clients
read differently, what is read by all but not as written, what client-side apply drops, and the
plain key `on` of a state, which StateKeep takes for `on` either way.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from statekeep.cli.lint.problem import Problem, Severity
from statekeep.cli.lint.roles import ROLES, below
from statekeep.cli.text.tree import Mapping, Node, Scalar, Sequence, escape
from statekeep.cli.text.yaml_text import is_merge
from statekeep.cli.yaml_words import FALSE, NOT_FINITE, NULL, TRUE, Readings, go_number, readings

_TOOLS = (("kubectl", "Helm", "Argo CD"), ("kustomize", "Flux"), ("PyYAML",))
_KNOWN_TAGS = (None, "!", "tag:yaml.org,2002:str")


def word_problems(node: Node, role: str, pointer: str = "") -> Iterator[Problem]:
    """Every such scalar in the tree, keys and values, in no particular order."""
    stack = [(node, role, pointer)]
    while stack:
        node, role, pointer = stack.pop()
        if isinstance(node, Scalar):
            yield from _value(node, role, pointer)
        elif isinstance(node, Sequence):
            stack += [(item, role, f"{pointer}/{at}") for at, item in enumerate(node.items)]
        else:
            yield from _keys(node, role, pointer)
            yield from _collisions(node, pointer)
            stack += [
                (value, below(role, key.text), f"{pointer}/{escape(key.text)}")
                for key, value in node.entries
                if isinstance(key, Scalar)
            ]


def quoted(text: str) -> str:
    """The form that every reader takes for this text."""
    return json.dumps(text, ensure_ascii=False)


def _keys(node: Mapping, role: str, pointer: str) -> Iterator[Problem]:
    for key, _ in node.pairs:
        if not isinstance(key, Scalar):
            message = "a list or mapping as a key; every key must be a string"
            yield Problem("error", "KeyNotString", message, key.mark, pointer)
        elif key.plain and not is_merge(key):
            read = readings(key.text)
            if set(read.keys) != {json.dumps(key.text)}:
                yield _key_problem(key, role, read, f"{pointer}/{escape(key.text)}")


def _key_problem(key: Scalar, role: str, read: Readings, pointer: str) -> Problem:
    write = quoted(key.text)
    if role == "state" and key.text == "on":
        message = (
            'kubectl, Helm and Argo CD make the key "true" of a plain `on`, kustomize and Flux '
            '"on"; StateKeep takes both for `on`, other tools do not: write "on"'
        )
        return Problem("warning", "YamlWord", message, key.mark, pointer, write)
    told = _told(read.keys)
    message = f"the {ROLES[role].key} {_shown(key.text)}, unquoted: {told}"
    if read.kustomize.key is None and read.kubectl.key is not None:
        message += ", and with it the whole Kustomization"
    severity = _severity(read.keys)
    return Problem(severity, _code(key.text), f"{message}; write {write}", key.mark, pointer, write)


def _value(node: Scalar, role: str, pointer: str) -> Iterator[Problem]:
    if node.tag not in _KNOWN_TAGS:
        message = f"the tag {node.tag} is not kept by every tool; write the plain JSON value"
        yield Problem("warning", "YamlTag", message, node.mark, pointer)
    if not node.plain:
        return
    read = readings(node.text)
    if node.text in NULL:
        yield _null(node, pointer)
    elif len(set(read.values)) > 1 or read.kubectl.value is None:
        told = _told(read.values)
        message = f"the {ROLES[role].value} {_shown(node.text)}, unquoted: {told}"
        write, way = _way(node.text, role, read)
        severity = _severity(read.values)
        yield Problem(
            severity, _code(node.text), f"{message}; write {way}", node.mark, pointer, write
        )
    elif read.kubectl.value != json.dumps(node.text) and _rewritten(node.text, read):
        message = f"{_shown(node.text)} is read as {read.kubectl.value} by every tool"
        way = f"write {quoted(node.text)} for the text or {read.kubectl.value} for the number"
        yield Problem("warning", "YamlNumber", f"{message}; {way}", node.mark, pointer)


def _null(node: Scalar, pointer: str) -> Problem:
    what = (
        "an empty value is null, which" if not node.text else f"{_shown(node.text)} is a value that"
    )
    message = (
        f"{what} kubectl and Argo CD drop in client-side apply and others keep; "
        "write {} to forbid an event, or leave the key out"
    )
    if node.text:
        message += f", or write {quoted(node.text)} for the text"
    return Problem("warning", "YamlNull", message, node.mark, pointer)


def _way(text: str, role: str, read: Readings) -> tuple[str | None, str]:
    """The form to write, where there is one, and the sentence's end."""
    meaning = read.kubectl.value
    if meaning in ("true", "false"):
        if role == "flag":
            return meaning, meaning
        if role == "free":
            return None, f"{quoted(text)} for the word or {meaning} for the boolean"
    if go_number(text) is not None:
        return None, f"{quoted(text)} for the text or {meaning} for the number"
    return quoted(text), quoted(text)


def _rewritten(text: str, read: Readings) -> bool:
    return text not in TRUE and text not in FALSE and read.kubectl.value != text


def _severity(read: tuple[str | None, str | None, str | None]) -> Severity:
    kubectl, kustomize, _ = read
    return "warning" if kubectl == kustomize and kubectl is not None else "error"


def _code(text: str) -> str:
    if text in NULL:
        return "YamlNull"
    if text in NOT_FINITE or go_number(text) is not None:
        return "YamlNumber"
    if text[:1].isdigit() or text[:1] in "+-":
        return "YamlTime"
    return "YamlWord"


def _told(read: tuple[str | None, str | None, str | None]) -> str:
    """Who reads what, tools with one answer together."""
    parts = []
    for answer in dict.fromkeys(read):
        agreed = [names for names, said in zip(_TOOLS, read, strict=True) if said == answer]
        tools = [name for names in agreed for name in names]
        ends = "s" if len(tools) == 1 else ""
        verb = f"refuse{ends} it" if answer is None else f"read{ends} {answer}"
        parts.append(f"{_listed(tools)} {verb}")
    return ", ".join(parts)


def _listed(names: tuple[str, ...] | list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _shown(text: str) -> str:
    return f"`{text}`"


def _collisions(node: Mapping, pointer: str) -> Iterator[Problem]:
    """Keys that are written differently and become one; plain duplicates are not meant here."""
    for column, names in enumerate(_TOOLS[:2]):
        tools = _listed(names)
        seen: dict[str, Scalar] = {}
        for key, _ in node.pairs:
            if not isinstance(key, Scalar) or is_merge(key):
                continue
            read = readings(key.text).keys[column] if key.plain else json.dumps(key.text)
            if read is None:
                continue
            first = seen.setdefault(read, key)
            if first.text != key.text or first.plain != key.plain:
                yield _collision(first, key, read, tools, pointer)


def _collision(first: Scalar, key: Scalar, read: str, tools: str, pointer: str) -> Problem:
    one, other = (quoted(k.text) if not k.plain else k.text for k in (first, key))
    message = (
        f"`{one}` in line {first.mark.line} and `{other}` are one key to {tools}, {read}: "
        f"what stands under the first is lost; write {quoted(first.text)} and {quoted(key.text)}"
    )
    if first.text == key.text:
        message = f"`{one}` in line {first.mark.line} and `{other}` are one key to {tools}"
    where = f"{pointer}/{escape(key.text)}"
    return Problem("error", "KeysCollide", message, key.mark, where)
