"""The objects of our kinds as the operator last saw them, and which belong together.

Fed by watches and by listings; the newer of two sightings of an object wins, so their order means
nothing. It reads and writes nothing itself.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from statekeep_operator.facts import Key, Kind, Wish, owner_of, wish_from

Body = Mapping[str, Any]
Place = tuple[str, str, str]
"""Kind, namespace, name."""


@dataclass(frozen=True, slots=True, order=True)
class Group:
    """One workflow of a namespace: what is planned together. An empty name: of unknown workflow."""

    namespace: str
    workflow: str


class Objects:
    """All of them, by place and by workflow."""

    def __init__(self) -> None:
        self._bodies: dict[Place, Body] = {}
        self._groups: dict[Group, set[Place]] = defaultdict(set)
        self._group_of: dict[Place, Group] = {}
        self._projections: dict[tuple[str, str], set[str]] = defaultdict(set)
        """Names of projections, by namespace and definition."""
        self._ours: Counter[Place] = Counter()
        """What we are writing just now, and have no answer about."""
        self._homes: dict[tuple[str, str], str] = {}
        """Workflows of versions that no object describes, as the runtime told."""

    def seen(self, body: Body) -> Group | None:
        """Take in a sighting; the group to look at if it is news, else None.

        What we write ourselves is often seen before it is answered, and is no news either.
        """
        place = place_of(body)
        known = self._bodies.get(place)
        if known is not None and _age(known) >= _age(body):
            return None
        self._bodies[place] = _slim(body)
        self._own(place, known)
        group = self._file(place)
        echo = self._ours[place] and (known is None or _wish_of(known) == _wish_of(body))
        return None if echo else group

    @contextmanager
    def written(self, kind: str, namespace: str, name: str) -> Iterator[None]:
        """While the block runs an object is written by us."""
        place = (kind, namespace, name)
        self._ours[place] += 1
        try:
            yield
        finally:
            self._ours[place] -= 1
            if not self._ours[place]:
                del self._ours[place]

    def gone(self, body: Body) -> Group | None:
        """Take in a deletion."""
        return self._forget(place_of(body), body["metadata"]["uid"])

    def only(
        self, kind: str, namespaces: frozenset[str] | None, listed: Iterable[Body]
    ) -> set[Group]:
        """Take in a whole listing: what it lacks is gone; the groups where anything is news."""
        there = {place_of(body): body for body in listed}
        groups = {self.seen(body) for body in there.values()}
        for place in [p for p in self._bodies if p[0] == kind and p not in there]:
            if namespaces is None or place[1] in namespaces:
                groups.add(self._forget(place, self._bodies[place]["metadata"]["uid"]))
        return {group for group in groups if group is not None}

    def groups(self) -> list[Group]:
        return sorted(group for group, places in self._groups.items() if places)

    def keys(self) -> set[tuple[str, Key]]:
        """Every object that is there, with its namespace."""
        return {(namespace, Key(_kind(kind), name)) for kind, namespace, name in self._bodies}

    def wishes(self, group: Group) -> tuple[Wish, ...]:
        """What people wrote for one workflow, in a fixed order."""
        bodies = (self._bodies[place] for place in sorted(self._groups.get(group, ())))
        return tuple(wish_from(body) for body in bodies if owner_of(body) is None)

    def projection(self, namespace: str, name: str) -> Body | None:
        """The ChangePoint of this name, whoever made it."""
        return self._bodies.get(("ChangePoint", namespace, name))

    def projections_of(self, namespace: str, definition: str) -> dict[str, Body]:
        """The projections that are there of a definition."""
        names = sorted(self._projections.get((namespace, definition), ()))
        return {name: self._bodies["ChangePoint", namespace, name] for name in names}

    def elsewhere(self, group: Group, versions: Iterable[str]) -> dict[str, str]:
        """Those of these versions that other workflows of the namespace have."""
        found = {}
        for version in versions:
            home = self._group_of.get(("WorkflowDefinition", group.namespace, version))
            if home is not None and home != group:
                found[version] = home.workflow
        return found

    def versions_without_home(self, namespace: str) -> list[str]:
        """Versions that a ChangePoint names and nothing describes: the runtime may know them."""
        wishes = self.wishes(Group(namespace, ""))
        return sorted({v for wish in wishes for v in _versions(wish.spec)})

    def has_home(self, namespace: str, version: str, workflow: str) -> set[Group]:
        """The runtime says where a version belongs; the groups that this changes."""
        self._homes[namespace, version] = workflow
        return self._refile(namespace)

    def _file(self, place: Place) -> Group:
        before, after = self._group_of.get(place), self._group_for(place)
        if before is not None and before != after:
            self._groups[before].discard(place)
        self._groups[after].add(place)
        self._group_of[place] = after
        if place[0] == "WorkflowDefinition" and before != after:
            self._refile(place[1])
        return after

    def _refile(self, namespace: str) -> set[Group]:
        """ChangePoints whose workflow was not known find it when a version appears."""
        changed = set()
        for place in sorted(self._groups.get(Group(namespace, ""), ())):
            group = self._group_for(place)
            if group.workflow:
                changed.add(self._file(place))
        return changed

    def _own(self, place: Place, before: Body | None) -> None:
        """Keep up which projections each definition has."""
        after = self._bodies.get(place)
        old, new = (owner_of(body) if body else None for body in (before, after))
        if old is not None and old != new:
            self._projections[place[1], old].discard(place[2])
        if new is not None:
            self._projections[place[1], new].add(place[2])

    def _forget(self, place: Place, uid: str) -> Group | None:
        known = self._bodies.get(place)
        if known is None or known["metadata"]["uid"] != uid:
            return None
        del self._bodies[place]
        self._own(place, known)
        group = self._group_of.pop(place)
        self._groups[group].discard(place)
        if not self._groups[group]:
            del self._groups[group]
        return group

    def _group_for(self, place: Place) -> Group:
        kind, namespace, _ = place
        spec = self._bodies[place].get("spec") or {}
        if kind == "WorkflowDefinition":
            return Group(namespace, spec.get("workflow", ""))
        homes = (self._home_of(namespace, version) for version in _versions(spec))
        return Group(namespace, next((home for home in homes if home), ""))

    def _home_of(self, namespace: str, version: str) -> str | None:
        described = self._bodies.get(("WorkflowDefinition", namespace, version))
        if described is not None:
            workflow: str = described["spec"]["workflow"]
            return workflow
        return self._homes.get((namespace, version))


def place_of(body: Body) -> Place:
    return body["kind"], body["metadata"]["namespace"], body["metadata"]["name"]


def _kind(name: str) -> Kind:
    return "WorkflowDefinition" if name == "WorkflowDefinition" else "ChangePoint"


def _versions(spec: Mapping[str, Any]) -> list[str]:
    return [spec[key] for key in ("to", "from") if spec.get(key)]


def _wish_of(body: Body) -> tuple[str, int, object]:
    """What people have a hand in."""
    meta = body["metadata"]
    return meta["uid"], meta["generation"], _notes(meta)


def _age(body: Body) -> int:
    """Resource versions can be compared, within one resource (KEP-5504)."""
    return int(body["metadata"]["resourceVersion"])


def _slim(body: Body) -> Body:
    """Without what is large and never read."""
    meta = {k: v for k, v in body["metadata"].items() if k not in ("managedFields", "labels")}
    return {
        "kind": body["kind"],
        "metadata": {**meta, "annotations": _notes(meta)},
        "spec": body.get("spec") or {},
        "status": body.get("status") or {},
    }


def _notes(meta: Mapping[str, Any]) -> dict[str, str]:
    notes = meta.get("annotations") or {}
    return {key: text for key, text in notes.items() if "statekeep.dev/" in key}
