"""Random statecharts as trees that can be changed, and their machine JSON.

Targets are kept as paths, so that a changed tree can be mended before it is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from random import Random
from typing import Any

Path = tuple[str, ...]

KEYS = ("a", "b", "c", "d", "e", "p.q")
EVENTS = ("A", "B", "C", "D", "E", "x.y")
HISTORY = ("shallow", "deep")
ROOT_ID = "w"


@dataclass
class Move:
    """A transition: its targets (None: targetless), and whether it acts, reenters, is guarded."""

    targets: list[Path] | None
    actions: bool = False
    reenter: bool = False
    guard: bool = False


@dataclass
class State:
    key: str
    kind: str
    children: list[State] = field(default_factory=list)
    initial: str | None = None
    on: list[tuple[str, Move]] = field(default_factory=list)
    always: Move | None = None
    done: Move | None = None
    default: Path | None = None


def copy(root: State) -> State:
    return deepcopy(root)


def walk(state: State, path: Path = ()) -> Iterator[tuple[Path, State]]:
    yield path, state
    for child in state.children:
        yield from walk(child, (*path, child.key))


def at(root: State, path: Path) -> State | None:
    here = root
    for key in path:
        found = [child for child in here.children if child.key == key]
        if not found:
            return None
        here = found[0]
    return here


def random_chart(rng: Random) -> State:
    root = _grow(rng, ROOT_ID, 0)
    for path, state in walk(root):
        add_moves(rng, root, path, state)
    mend(rng, root)
    return root


def _grow(rng: Random, key: str, depth: int) -> State:
    state = State(key, _kind(rng, depth))
    if state.kind in ("compound", "parallel"):
        fill(rng, state, depth)
    return state


def _kind(rng: Random, depth: int) -> str:
    if depth == 0:
        return rng.choices(("compound", "parallel"), (75, 25))[0]
    if depth >= 3:
        return "atomic"
    return rng.choices(("atomic", "compound", "parallel"), (56, 24, 20))[0]


def fill(rng: Random, state: State, depth: int) -> None:
    """Give a compound or parallel state its children."""
    count = rng.randint(2, 4) if state.kind == "compound" else rng.randint(2, 3)
    keys = rng.sample(KEYS, count)
    state.children = [_grow(rng, key, depth + 1) for key in keys]
    if state.kind == "compound" and rng.random() < 0.35:
        last = state.children[-1]
        last.kind, last.children = "final", []
    if rng.random() < 0.2:
        state.children.append(State("h", rng.choice(HISTORY)))


def add_moves(rng: Random, root: State, path: Path, state: State) -> None:
    if state.kind in HISTORY or (state.kind == "final" and rng.random() < 0.9):
        return
    for _ in range(rng.choice((1, 2, 3)) if path else rng.choice((0, 1))):
        state.on.append((random_event(rng), random_move(rng, root, path)))
    if path and rng.random() < 0.05:
        state.always = random_move(rng, root, path)
    if path and state.kind in ("compound", "parallel") and rng.random() < 0.6:
        state.done = random_move(rng, root, path)


def random_event(rng: Random) -> str:
    return rng.choice(("*", "x.*")) if rng.random() < 0.04 else rng.choice(EVENTS)


def random_move(rng: Random, root: State, path: Path) -> Move:
    if rng.random() < 0.06:
        return Move(None, actions=rng.random() < 0.5)
    move = Move([random_target(rng, root, path)], reenter=rng.random() < 0.08)
    move.guard = rng.random() < 0.03
    if rng.random() < 0.05:
        move.targets = _two_regions(rng, root) or move.targets
    return move


def random_target(rng: Random, root: State, path: Path) -> Path:
    """Mostly a sibling, sometimes any state."""
    siblings = [(*path[:-1], child.key) for child in _children(root, path[:-1])] if path else []
    if siblings and rng.random() < 0.75:
        return rng.choice(siblings)
    return rng.choice([other for other, _ in walk(root) if other])


def _children(root: State, path: Path) -> list[State]:
    parent = at(root, path)
    return parent.children if parent else []


def _two_regions(rng: Random, root: State) -> list[Path] | None:
    parallels = [(path, state) for path, state in walk(root) if state.kind == "parallel"]
    if not parallels:
        return None
    path, state = rng.choice(parallels)
    regions = [child for child in state.children if child.kind not in HISTORY]
    if len(regions) < 2:
        return None
    return [
        (*path, region.key, rng.choice([c.key for c in region.children if c.kind not in HISTORY]))
        if any(c.kind not in HISTORY for c in region.children)
        else (*path, region.key)
        for region in rng.sample(regions, 2)
    ]


def mend(rng: Random, root: State) -> None:
    """Drop or redirect what points nowhere; give every compound an initial child."""
    for path, state in walk(root):
        real = [child for child in state.children if child.kind not in HISTORY]
        if state.kind in ("compound", "parallel") and not real:
            state.kind, state.children = "atomic", []
        if state.kind == "compound" and state.initial not in [c.key for c in real]:
            state.initial = rng.choice(real[:2]).key
        state.on = [(e, move) for e, move in state.on if _mend_move(rng, root, path, move)]
        for name in ("always", "done"):
            move = getattr(state, name)
            if move is not None and not _mend_move(rng, root, path, move):
                setattr(state, name, None)
        if state.kind not in ("compound", "parallel"):
            state.done = None
        _mend_default(rng, root, path, state)


def _mend_move(rng: Random, root: State, path: Path, move: Move) -> bool:
    if move.targets is None:
        return True
    there = [target for target in move.targets if target and at(root, target) is not None]
    if not there and rng.random() < 0.5:
        there = [random_target(rng, root, path)]
    if len(there) == 2 and not _apart(root, *there):
        there = there[:1]
    move.targets = there
    return bool(there)


def _apart(root: State, one: Path, other: Path) -> bool:
    """In two regions of one parallel state."""
    shared = 0
    while shared < min(len(one), len(other)) and one[shared] == other[shared]:
        shared += 1
    parent = at(root, one[:shared])
    parted = shared < len(one) and shared < len(other)
    return parted and parent is not None and parent.kind == "parallel"


def _mend_default(rng: Random, root: State, path: Path, state: State) -> None:
    if state.kind not in HISTORY:
        return
    parent = at(root, path[:-1])
    assert parent is not None
    real = [(*path[:-1], c.key) for c in parent.children if c.kind not in HISTORY]
    if state.default is not None and state.default not in real:
        state.default = None
    if state.default is None and rng.random() < 0.4:
        state.default = rng.choice(real)


def reference(path: Path) -> str:
    return "#" + ".".join(_escaped(key) for key in (ROOT_ID, *path))


def dotted(path: Path) -> str:
    return ".".join(_escaped(key) for key in path)


def _escaped(key: str) -> str:
    return key.replace("\\", "\\\\").replace(".", "\\.")


def machine_json(root: State) -> dict[str, Any]:
    return {"id": ROOT_ID, **_state_json(root)}


def _state_json(state: State) -> dict[str, Any]:
    out: dict[str, Any] = {}
    if state.kind in ("final", "parallel"):
        out["type"] = state.kind
    if state.kind in HISTORY:
        return {"type": "history", "history": state.kind, **_default_json(state)}
    if state.kind == "compound":
        out["initial"] = state.initial
    moves: dict[str, list[Any]] = {}
    for event_type, move in state.on:
        moves.setdefault(event_type, []).append(_move_json(move))
    if moves:
        out["on"] = {key: many[0] if len(many) == 1 else many for key, many in moves.items()}
    if state.always is not None:
        out["always"] = _move_json(state.always)
    if state.done is not None:
        out["onDone"] = _move_json(state.done)
    if state.children:
        out["states"] = {child.key: _state_json(child) for child in state.children}
    return out


def _default_json(state: State) -> dict[str, Any]:
    return {"target": reference(state.default)} if state.default else {}


def _move_json(move: Move) -> Any:
    out: dict[str, Any] = {}
    if move.targets is not None:
        named = [reference(target) for target in move.targets]
        out["target"] = named[0] if len(named) == 1 else named
    if move.actions:
        out["actions"] = ["note"]
    if move.reenter:
        out["reenter"] = True
    if move.guard:
        out["guard"] = "allowed"
    return out
