"""What authors do to a workflow between two versions."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from support.scenarios.charts import (
    HISTORY,
    KEYS,
    Move,
    Path,
    State,
    add_moves,
    at,
    copy,
    fill,
    mend,
    random_event,
    random_move,
    walk,
)


def changed(rng: Random, root: State) -> State:
    """Another version: one to three changes, mended so that it compiles."""
    new = copy(root)
    for _ in range(rng.choice((0, 1, 1, 1, 2, 2, 3))):
        rng.choices(CHANGES, WEIGHTS)[0](rng, new)
        mend(rng, new)
    return new


def _any(rng: Random, root: State, *kinds: str) -> tuple[Path, State] | None:
    found = [(p, s) for p, s in walk(root) if p and (s.kind in kinds or not kinds)]
    return rng.choice(found) if found else None


def _parent(root: State, path: Path) -> State:
    parent = at(root, path[:-1])
    assert parent is not None
    return parent


def _free_key(rng: Random, parent: State) -> str:
    taken = [child.key for child in parent.children]
    return rng.choice([key for key in (*KEYS, "n", "o") if key not in taken])


def _rename(rng: Random, root: State) -> None:
    found = _any(rng, root)
    if found is None:
        return
    path, state = found
    new = (*path[:-1], _free_key(rng, _parent(root, path)))
    if rng.random() < 0.8:
        _redirect(root, path, new)
    if _parent(root, path).initial == state.key:
        _parent(root, path).initial = new[-1]
    state.key = new[-1]


def _redirect(root: State, old: Path, new: Path) -> None:
    for _, state in walk(root):
        moves = [move for _, move in state.on] + [m for m in (state.always, state.done) if m]
        for move in moves:
            if move.targets is not None:
                move.targets = [
                    (*new, *t[len(old) :]) if t[: len(old)] == old else t for t in move.targets
                ]


def _remove(rng: Random, root: State) -> None:
    found = _any(rng, root)
    if found is None:
        return
    parent = _parent(root, found[0])
    if len([child for child in parent.children if child.kind not in HISTORY]) > 1:
        parent.children.remove(found[1])


def _add(rng: Random, root: State) -> None:
    parents = [(p, s) for p, s in walk(root) if s.kind in ("compound", "parallel")]
    if not parents:
        return
    path, parent = rng.choice(parents)
    state = State(_free_key(rng, parent), "atomic")
    parent.children.insert(rng.randint(0, len(parent.children)), state)
    add_moves(rng, root, (*path, state.key), state)
    for sibling in parent.children:
        if sibling.kind in ("atomic", "compound") and rng.random() < 0.3:
            move = random_move(rng, root, (*path, sibling.key))
            sibling.on.append((random_event(rng), move))


def _move(rng: Random, root: State) -> None:
    found = _any(rng, root, "atomic", "compound", "final")
    if found is None:
        return
    path, state = found
    homes = [
        (p, s)
        for p, s in walk(root)
        if s.kind in ("compound", "parallel") and p[: len(path)] != path and p != path[:-1]
    ]
    homes = [(p, s) for p, s in homes if state.key not in [c.key for c in s.children]]
    old = _parent(root, path)
    if not homes or len([c for c in old.children if c.kind not in HISTORY]) < 2:
        return
    home_path, home = rng.choice(homes)
    old.children.remove(state)
    home.children.append(state)
    _redirect(root, path, (*home_path, state.key))


def _deepen(rng: Random, root: State) -> None:
    found = _any(rng, root, "atomic")
    if found is None or len(found[0]) > 3:
        return
    path, state = found
    state.kind = rng.choice(("compound", "parallel"))
    fill(rng, state, max(2, len(path)))
    for child in state.children:
        add_moves(rng, root, (*path, child.key), child)


def _flatten(rng: Random, root: State) -> None:
    found = _any(rng, root, "compound", "parallel")
    if found is not None:
        found[1].kind, found[1].children = "atomic", []


def _swap(rng: Random, root: State) -> None:
    found = [s for _, s in walk(root) if s.kind in ("compound", "parallel")]
    if found:
        state = rng.choice(found)
        state.kind = "parallel" if state.kind == "compound" else "compound"


def _finish(rng: Random, root: State) -> None:
    found = _any(rng, root, "atomic", "final")
    if found is not None:
        found[1].kind = "final" if found[1].kind == "atomic" else "atomic"


def _history(rng: Random, root: State) -> None:
    found = _any(rng, root, *HISTORY)
    if found is not None:
        found[1].kind = "deep" if found[1].kind == "shallow" else "shallow"


def _wrap(rng: Random, root: State) -> None:
    found = _any(rng, root, "atomic", "compound", "parallel")
    if found is None or len(found[0]) > 2:
        return
    path, state = found
    parent = _parent(root, path)
    outer = State(state.key, "compound", [state], initial=state.key)
    if rng.random() < 0.5:
        outer.key = _free_key(rng, parent)
        if parent.initial == state.key:
            parent.initial = outer.key
    parent.children[parent.children.index(state)] = outer
    outer.children.append(State(_free_key(rng, outer), rng.choice(("atomic", "final"))))
    _redirect(root, path, (*path[:-1], outer.key, state.key))


def _add_move(rng: Random, root: State) -> None:
    found = _any(rng, root, "atomic", "compound", "parallel")
    if found is not None:
        found[1].on.append((random_event(rng), random_move(rng, root, found[0])))


def _drop_move(rng: Random, root: State) -> None:
    found = [state for _, state in walk(root) if state.on]
    if found:
        moves = rng.choice(found).on
        moves.remove(rng.choice(moves))


def _restart(rng: Random, root: State) -> None:
    found = [state for _, state in walk(root) if state.kind == "compound"]
    if found:
        state = rng.choice(found)
        real = [child.key for child in state.children if child.kind not in HISTORY]
        state.initial = rng.choice(real)


def _always(rng: Random, root: State) -> None:
    found = _any(rng, root, "atomic", "compound")
    if found is not None:
        found[1].always = random_move(rng, root, found[0])


def _trap(rng: Random, root: State) -> None:
    """Two siblings that lead to each other without an event, or one that leads elsewhere."""
    found = _any(rng, root, "atomic")
    if found is None:
        return
    path, state = found
    move = random_move(rng, root, path)
    other = at(root, move.targets[0]) if move.targets else None
    state.always = move
    if other is not None and other.kind in ("atomic", "compound") and rng.random() < 0.7:
        other.always = Move([path])


CHANGES: tuple[Callable[[Random, State], None], ...] = (
    _rename,
    _remove,
    _add,
    _move,
    _deepen,
    _flatten,
    _swap,
    _finish,
    _history,
    _wrap,
    _add_move,
    _drop_move,
    _restart,
    _always,
    _trap,
)
WEIGHTS = (6, 5, 5, 4, 5, 3, 3, 3, 1, 3, 6, 3, 2, 1, 2)
