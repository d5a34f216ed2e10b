"""The objects of our kinds as the operator last saw them, and which belong together.

Fed by watches and by listings; the newer of two sightings of an object wins, so their order means
nothing. It reads and writes nothing itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
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
        self._homes: dict[tuple[str, str], str] = {}
        """Workflows of versions that no object describes, as the runtime told."""

    def seen(self, body: Body) -> Group | None:
        """Take in a sighting; the group to look at if it is news, else None."""
        place = place_of(body)
        known = self._bodies.get(place)
        if known is not None and _age(known) >= _age(body):
            return None
        self._bodies[place] = _slim(body)
        return self._file(place)

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

    def projections_of(self, wish: Wish, group: Group) -> dict[str, Body]:
        """The projections that are there of a definition."""
        places = self._groups.get(group, set())
        bodies = (self._bodies[place] for place in sorted(places) if place[0] == "ChangePoint")
        return {b["metadata"]["name"]: b for b in bodies if owner_of(b) == wish.name}

    def elsewhere(self, group: Group) -> dict[str, str]:
        """The versions of other workflows of the namespace."""
        return {
            name: self._group_of[kind, namespace, name].workflow
            for kind, namespace, name in self._group_of
            if kind == "WorkflowDefinition"
            and namespace == group.namespace
            and self._group_of[kind, namespace, name] != group
        }

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

    def _forget(self, place: Place, uid: str) -> Group | None:
        known = self._bodies.get(place)
        if known is None or known["metadata"]["uid"] != uid:
            return None
        del self._bodies[place]
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


def _age(body: Body) -> int:
    """Resource versions can be compared, within one resource (KEP-5504)."""
    return int(body["metadata"]["resourceVersion"])


def _slim(body: Body) -> Body:
    """Without what is large and never read."""
    meta = {k: v for k, v in body["metadata"].items() if k not in ("managedFields", "labels")}
    notes = meta.get("annotations") or {}
    kept = {key: text for key, text in notes.items() if "statekeep.dev/" in key}
    return {
        "kind": body["kind"],
        "metadata": {**meta, "annotations": kept},
        "spec": body.get("spec") or {},
        "status": body.get("status") or {},
    }
