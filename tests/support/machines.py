"""Random machines that XState accepts, heavy on parallel and history states.

A seed gives a machine and events, the same on every platform and release of Python, so a case is
named by its seed.  The generator knows nothing of the core: it writes plain definitions.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

EVENTS = ("A", "B", "C", "go", "go.on", "go.on.now", "stop")
DESCRIPTORS = (*EVENTS, *EVENTS, "*", "go.*", "go.on.*", "stop.*")
KEYS = ("a", "b", "c", "d", "x.y", "p q", "é", "back\\slash")


@dataclass
class Place:
    """A state while the machine is made."""

    key: str
    kind: str
    parent: Place | None
    id: str | None = None
    needs_target: bool = False
    children: list[Place] = field(default_factory=list)

    def above(self) -> list[Place]:
        """This place and what is above it, the root last."""
        found, at = [], self
        while at.parent is not None:
            found.append(at)
            at = at.parent
        return [*found, at]

    def path_from(self, top: Place) -> list[str]:
        keys = []
        at = self
        while at is not top:
            keys.append(at.key)
            assert at.parent is not None
            at = at.parent
        return keys[::-1]


def escape(key: str) -> str:
    return key.replace("\\", "\\\\").replace(".", "\\.")


def random_case(seed: int) -> dict[str, Any]:
    """`{"name", "definition", "events", "guards"}` of a seed."""
    maker = _Maker(random.Random(seed))
    definition = maker.machine()
    return {
        "name": f"random-{seed}",
        "definition": definition,
        "events": maker.events(),
        "guards": maker.dice.choice(("Ignore", "Ignore", "Ignore", "Deny")),
    }


class _Maker:
    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.places: list[Place] = []
        self.size = dice.choice((4, 8, 12, 16, 24, 40))
        self.always = dice.choice((0.0, 0.0, 0.05, 0.15))
        self.history = dice.choice((0.0, 0.2, 0.5))
        self.parallel = dice.choice((0.1, 0.4, 0.6))
        self.handlers: list[str] = []

    def machine(self) -> dict[str, Any]:
        root = Place("(machine)", "compound", None, "m" if self.chance(0.2) else None)
        self.places.append(root)
        self.grow(root, 0)
        if not root.children:
            root.kind = "atomic"
        return self.write(root)

    def events(self) -> list[str]:
        pool = [*EVENTS, *EVENTS, *self.handlers, "unknown", ""]
        return [self.dice.choice(pool) for _ in range(self.dice.randint(3, 14))]

    def chance(self, probability: float) -> bool:
        return self.dice.random() < probability

    # The tree.

    def grow(self, place: Place, depth: int) -> None:
        parallel = self.chance(self.parallel if depth else self.parallel / 2)
        place.kind = "parallel" if parallel else "compound"
        for key in self.dice.sample(KEYS, self.dice.randint(1 if depth else 2, 4)):
            if len(self.places) >= self.size and len(place.children) > (1 if parallel else 0):
                break
            self.sprout(place, key, depth)
        if all(child.kind == "history" for child in place.children):
            self.sprout(place, "leaf", 9)
        if self.chance(self.history):
            self.add(place, "h", "history")

    def sprout(self, place: Place, key: str, depth: int) -> None:
        child = self.add(place, key, "atomic")
        roll = self.dice.random()
        if depth < 4 and roll < 0.45 and len(self.places) < self.size:
            self.grow(child, depth + 1)
        elif roll > 0.8:
            child.kind = "final"

    def add(self, parent: Place, key: str, kind: str) -> Place:
        place = Place(key, kind, parent)
        if self.chance(0.15):
            place.id = f"id{len(self.places)}" + (".dot" if self.chance(0.2) else "")
        parent.children.append(place)
        self.places.append(place)
        return place

    # The writing.

    def write(self, place: Place) -> dict[str, Any]:
        node: dict[str, Any] = {}
        if place.id:
            node["id"] = place.id
        if place.kind == "history":
            return self.write_history(place, node)
        if place.kind in ("parallel", "final") or self.chance(0.05):
            node["type"] = place.kind
        if place.kind == "compound":
            node["initial"] = self.initial(place)
        if place.kind in ("compound", "parallel"):
            node["states"] = {child.key: self.write(child) for child in place.children}
        self.write_transitions(place, node)
        self.write_extras(place, node)
        return node

    def write_history(self, place: Place, node: dict[str, Any]) -> dict[str, Any]:
        form = self.dice.randrange(4)
        if form == 0:
            node["history"] = True
        elif form == 1:
            node["type"] = "history"
        else:
            node["history"] = self.dice.choice(("deep", "shallow"))
            node["type"] = "history"
        parent = place.parent
        assert parent is not None
        if place.needs_target or self.chance(0.5):
            inside = [p for p in self.places if parent in p.above()[1:] and p.kind != "history"]
            target = self.dice.choice(inside)
            plain = ".".join(escape(key) for key in target.path_from(parent))
            node["target"] = plain if self.chance(0.7) else self.by_id(target)
        return node

    def initial(self, place: Place) -> Any:
        real = [child for child in place.children if child.kind != "history"]
        chosen = self.dice.choice(real)
        historic = [c for c in place.children if c.kind == "history"]
        if historic and self.chance(0.15):
            chosen = historic[0]
            chosen.needs_target = True
        return chosen.key if self.chance(0.85) else {"target": chosen.key}

    def write_transitions(self, place: Place, node: dict[str, Any]) -> None:
        if self.chance(0.8):
            node["on"] = {
                descriptor: self.candidates(place)
                for descriptor in self.dice.sample(DESCRIPTORS, self.dice.randint(0, 3))
            }
        if place.children and self.chance(0.4):
            node["onDone"] = self.candidates(place)
        if self.chance(self.always):
            node["always"] = self.candidates(place)
        if self.chance(0.05):
            delay = self.dice.choice(("10", "2500", "1e3", "0.5"))
            node["after"] = {delay: self.candidates(place)}
            number = {"1e3": "1000"}.get(delay, delay)
            self.handlers.append(f"xstate.after.{number}.{self.id_of(place)}")
        if self.chance(0.04):
            self.write_invoke(place, node)
        if self.chance(0.05):
            descriptor = f"xstate.done.state.{self.id_of(self.dice.choice(self.places))}"
            node.setdefault("on", {})[descriptor] = self.candidates(place)

    def write_invoke(self, place: Place, node: dict[str, Any]) -> None:
        invoked: dict[str, Any] = {"src": "job"}
        if self.chance(0.5):
            invoked["id"] = "job"
        name = invoked.get("id", f"0.{self.id_of(place)}")
        invoked["onDone"] = self.candidates(place)
        self.handlers.append(f"xstate.done.actor.{name}")
        node["invoke"] = [invoked] if self.chance(0.5) else invoked

    def write_extras(self, place: Place, node: dict[str, Any]) -> None:
        if self.chance(0.1):
            node["tags"] = self.dice.choice(("busy", ["busy", "late"]))
        if self.chance(0.05):
            node["entry"] = ["notify"]
        if self.chance(0.05):
            node["meta"] = {"owner": "x"}
        if place.kind == "final" and self.chance(0.1):
            node["output"] = {"ok": True}

    def candidates(self, place: Place) -> Any:
        roll = self.dice.random()
        if roll < 0.04:
            return self.dice.choice(({}, "", [], [{}]))
        if roll < 0.25:
            return [self.transition(place) for _ in range(self.dice.randint(1, 3))]
        return self.transition(place)

    def transition(self, place: Place) -> Any:
        target = self.target(place)
        if isinstance(target, str) and self.chance(0.5):
            return target
        made: dict[str, Any] = {}
        if target is not None:
            made["target"] = target
        if self.chance(0.25):
            made["reenter"] = self.chance(0.8)
        if self.chance(0.15):
            made["guard"] = "isReady"
        if self.chance(0.15):
            made["actions"] = self.dice.choice(("log", ["log"], [], {"type": "log"}))
        return made

    def target(self, place: Place) -> Any:
        roll = self.dice.random()
        if roll < 0.06:
            return None
        if roll < 0.08:
            return []
        if roll < 0.2:
            several = self.several()
            if several:
                return [self.by_id(target) for target in several]
        near = place.parent.children if place.parent and self.chance(0.4) else self.places
        return self.written(place, self.dice.choice(near))

    def several(self) -> list[Place]:
        """Places in different regions of one parallel state."""
        parallels = [p for p in self.places if p.kind == "parallel"]
        if not parallels:
            return []
        top = self.dice.choice(parallels)
        regions = [child for child in top.children if child.kind != "history"]
        chosen = self.dice.sample(regions, self.dice.randint(1, len(regions)))
        return [
            self.dice.choice([p for p in self.places if region in p.above()]) for region in chosen
        ]

    def written(self, source: Place, target: Place) -> Any:
        forms = [self.by_id(target)]
        above = target.above()
        # XState reads a dot in the source's own key as a step, so such a key has no `.child`.
        if source in above[1:] and not set(source.key) & {".", "\\"}:
            forms.append("." + ".".join(map(escape, target.path_from(source))))
        if source.parent is not None and source.parent in above[1:]:
            forms.append(".".join(map(escape, target.path_from(source.parent))))
        form = self.dice.choice(forms)
        return [form] if self.chance(0.1) else form

    def by_id(self, target: Place) -> str:
        for place in target.above():
            if place.id is not None or place.parent is None:
                start = place.id or "(machine)"
                return ".".join(["#" + escape(start), *map(escape, target.path_from(place))])
        raise AssertionError

    def id_of(self, place: Place) -> str:
        root = self.places[0]
        return place.id or ".".join([root.id or "(machine)", *place.path_from(root)])
