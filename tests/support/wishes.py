"""Facts for the operator's planner, without a cluster: objects and a runtime in short forms."""

from __future__ import annotations

from typing import Any

from statekeep_operator.facts import Facts, Key, Kind, Point, Runtime, Stranded, Version, Wish

REGISTRY = "registry-1"


def wd(name: str, *migrations: str | dict[str, Any], **spec: Any) -> Wish:
    """A definition of `loan`; a migration `paid: v1 PAY` is named, from a version, by a path."""
    listed = [_migration(m) if isinstance(m, str) else m for m in migrations]
    given = {"workflow": "loan", "definition": {"initial": "a"}, **spec}
    return _wish(
        "WorkflowDefinition", name, {**given, **({"migrations": listed} if listed else {})}
    )


def cp(name: str, from_: str | None, to: str, *path: str, **spec: Any) -> Wish:
    """A ChangePoint with an anchor."""
    source = {"from": from_} if from_ is not None else {}
    anchor = {"historyPath": list(path)} if path else {}
    return _wish("ChangePoint", name, {**source, "to": to, **anchor, **spec})


def _wish(kind: Kind, name: str, spec: dict[str, Any]) -> Wish:
    status = spec.pop("status", {})
    annotations = spec.pop("annotations", {})
    generation = spec.pop("generation", 1)
    return Wish(Key(kind, name), f"uid-{name}", generation, spec, status, annotations)


def _migration(text: str) -> dict[str, Any]:
    name, _, rest = text.partition(": ")
    source, *path = rest.split()
    return {"name": name, "from": source, **({"historyPath": path} if path else {})}


def runtime(*versions: str, points: tuple[str, ...] = (), **told: Any) -> Runtime:
    """Registered versions, and points as `name v1 v2`; clocks in that order."""
    known = {name: Version(clock, f"sha256:{clock:064x}") for clock, name in enumerate(versions, 1)}
    found: dict[str, Point] = {}
    for clock, text in enumerate(points, len(versions) + 1):
        name, source, target = text.split()
        found[name] = Point(clock, source, target, migrated=25, stayed=0, stranded=5)
    clock = len(versions) + len(points)
    told = {"registry": REGISTRY, "clock": clock, "law": clock, **told}
    return Runtime(versions=known, points=found, **told)


def facts(*wishes: Wish, of: Runtime, verified: bool = True, **more: Any) -> Facts:
    keys = frozenset(wish.key for wish in wishes) if verified else frozenset()
    return Facts("lending", "loan", wishes, of, verified=keys, **more)


def stranded(point: str, state: str, count: int, reason: str = "StateRemoved") -> Stranded:
    return Stranded(point, "v1", state, reason, count)
