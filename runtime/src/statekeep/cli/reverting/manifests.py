"""A revert as the objects of a repository: the new version, and the closing of what led here.

What is closed is written whole, because `kubectl apply` takes away what a manifest leaves out:
from the author's own files where they are given, else from what is registered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from statekeep.cli.exits import CommandError
from statekeep.cli.lint.files import objects_of, parse
from statekeep.cli.lint.manifests import VERSION, is_ours
from statekeep.cli.lint.reading import meant
from statekeep.cli.reverting.facts import Facts
from statekeep.cli.reverting.forward import Forward, in_manifest, policies
from statekeep.cli.sources import read_text, shown_name
from statekeep.cli.text.tree import TextError
from statekeep.web.wire import PointAnswer

Json = dict[str, Any]
_SUFFIXES = (".json", ".yaml", ".yml")
_KEEP = {"argocd.argoproj.io/sync-options": "Prune=false"}


def objects(forward: Forward, own: Sequence[Json]) -> list[Json]:
    """The new version first, then every object with something to close, by kind and name."""
    facts = forward.facts
    owners = {
        (point.owner.kind, point.owner.name) for point in facts.led_here if point.owner is not None
    }
    closing = [_closing(facts, kind, name, own) for kind, name in sorted(owners)]
    return [_next(forward), *closing]


def _next(forward: Forward) -> Json:
    facts, wish = forward.facts, forward.wish
    spec: Json = {
        "workflow": facts.workflow,
        **in_manifest(facts.before),
        **policies(facts.before),
        "migrations": list(forward.migrations),
        "gate": {"maxStranded": 0},
    }
    return _object("WorkflowDefinition", wish.id, spec)


def _closing(facts: Facts, kind: str, name: str, own: Sequence[Json]) -> Json:
    """One object, with what is to be closed closed."""
    points = [p for p in facts.points if p.owner and (p.owner.kind, p.owner.name) == (kind, name)]
    given = next((one for one in own if _is(one, kind, name)), None)
    if kind == "ChangePoint":
        found = given or _object(kind, name, _point_spec(points[0]))
        return _with_spec(found, {"closed": True})
    found = given or _object(kind, name, _definition_spec(facts, name, points))
    closed = [p.name for p in points if p.closed or p in facts.led_here]
    names = sorted({*found["spec"].get("close", ()), *(_short(name, one) for one in closed)})
    return _with_spec(found, {"close": names})


def _with_spec(found: Json, more: Json) -> Json:
    return {**found, "spec": {**found["spec"], **more}}


def _is(found: Json, kind: str, name: str) -> bool:
    return (found.get("kind"), found.get("metadata", {}).get("name")) == (kind, name)


def _object(kind: str, name: str, spec: Json) -> Json:
    metadata = {"name": name, "annotations": dict(_KEEP)}
    return {"apiVersion": VERSION, "kind": kind, "metadata": metadata, "spec": spec}


def _definition_spec(facts: Facts, name: str, points: Iterable[PointAnswer]) -> Json:
    """As it was registered; what belongs to no digest (the gate) is not known here."""
    if name != facts.undone.id:
        raise CommandError(
            f"a migration of {name} leads to {facts.undone.id}, and only its own manifest says all",
            hint=f"name the file of {name} with --manifests",
        )
    listed = [
        {"name": _short(name, point.name), "from": point.source, **_rules(point)}
        for point in sorted(points, key=lambda point: (point.clock, point.name))
    ]
    found = facts.undone
    return {
        "workflow": found.workflow, **in_manifest(found), **policies(found), "migrations": listed,
    }  # fmt: skip


def _short(definition: str, point: str) -> str:
    return point.removeprefix(f"{definition}.")


def _point_spec(point: PointAnswer) -> Json:
    if point.refines is not None:
        own = {k: v for k, v in _rules(point).items() if k not in ("historyPath", "regions")}
        return {"refines": point.refines, "to": point.to, **own}
    return {"from": point.source, "to": point.to, **_rules(point)}


def _rules(point: PointAnswer) -> Json:
    """What differs from the defaults, as people write it."""
    mapping = {
        source: targets[0] if len(targets) == 1 else targets
        for source, targets in point.state_mapping.items()
    }
    written: Mapping[str, tuple[object, object]] = {
        "historyPath": (point.history_path, []),
        "regions": (point.regions, {}),
        "stateMapping": (mapping, {}),
        "landing": (None if point.landing_defaulted else point.landing, None),
        "rescues": (point.rescues, True),
        "evaluation": (point.evaluation, "Continuous"),
        "whileStranded": (point.while_stranded, "Continue"),
    }
    return {key: value for key, (value, default) in written.items() if value != default}


def read_own(paths: Iterable[str]) -> list[Json]:
    """The objects of ours in these files and folders; raises CommandError."""
    found: list[Json] = []
    for file in (file for path in paths for file in _files(path)):
        shown = shown_name(file)
        try:
            parsed = parse(shown, read_text(file))
            if parsed.errors:
                raise parsed.errors[0]
        except OSError as error:
            raise CommandError(f"{shown}: {error.strerror or error}") from None
        except TextError as error:
            place = f"{shown}:{error.mark.line}:{error.mark.column}"
            raise CommandError(f"{place}: {error.message} [{error.code}]") from None
        for document in parsed.documents:
            values = (meant(node) for _, node in objects_of(document.root) if is_ours(node))
            found += [value for value in values if isinstance(value, dict)]
    return found


def _files(path: str) -> list[str]:
    folder = Path(path)
    if path == "-" or not folder.is_dir():
        return [path]
    return sorted(str(one) for one in folder.rglob("*") if one.suffix in _SUFFIXES)
