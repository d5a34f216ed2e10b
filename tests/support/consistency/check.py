"""Is there a legal serial order? A search over what may have come next, judged by the model.

For one actor the state of the search is how many changes of the registry have happened, which of
its operations have, and what the model makes of it. What began only after another had ended comes
after it. A queue drains between operations, as soon as the rescue lets it. What was refused must be
refused by the model at its place, for one of the reasons that the model has; what was answered
`Busy` has not happened; what was answered by a key alone must be what the key was told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from support.consistency.one_actor import NAME, OneActor, ungated
from support.consistency.record import Change, History, Json, Operation
from support.model.registration import Refused, register
from support.model.world import Actor, World

GATE_CODES = frozenset({"TooManyStranded", "PlanDrifted"})
NOT_DONE = frozenset({"Busy", "Unavailable"})
MOST_STATES = 200_000
VERDICTS = ("migrated", "stayed", "stranded")
Tally = tuple[int, int, int]


class TooManyStates(Exception):
    """The search was given up: nothing is known of this history."""


def faults(history: History) -> list[str]:
    """Everything that no serial order explains; nothing for a history that is legal."""
    worlds = _worlds(history.changes)
    found = [*_refusals(history, worlds)]
    searches = {
        name: Search(history.changes, worlds, operations, history.final.get(name))
        for name, operations in history.actors.items()
    }
    orders = {name: next(search.orders(), None) for name, search in searches.items()}
    for name in [name for name, order in orders.items() if order is None]:
        listed = "\n  ".join(map(str, (*history.changes, *history.actors[name])))
        end = history.final.get(name)
        found.append(f"no serial order explains {name}:\n  {listed}\n  {end}")
    return found or _miscounted(history.changes, list(searches.values()))


def _worlds(changes: Sequence[Change]) -> list[World]:
    """What is registered before each change, and after all; with nobody in it."""
    session = OneActor(World())
    worlds = [session.world.copy()]
    for change in changes:
        session.apply(change)
        worlds.append(session.world.copy())
    return worlds


def _refusals(history: History, worlds: Sequence[World]) -> Iterator[str]:
    """Registrations that were refused, though nothing that was registered then refuses them."""
    for operation in history.registry:
        code = operation.error
        if code is None or code in GATE_CODES | NOT_DONE:
            continue
        first = sum(change.end < operation.begin for change in history.changes)
        last = sum(change.begin < operation.end for change in history.changes)
        if not any(code in _codes(worlds[j], operation) for j in range(first, last + 1)):
            yield f"nobody should refuse this: {operation}"


def _codes(world: World, operation: Operation) -> Sequence[str]:
    session = OneActor(world.copy())
    try:
        if operation.kind in ("deploy", "changePoint"):
            register(session.world, ungated(operation.asked))
        else:
            getattr(session, operation.kind)(operation.asked["name"])
    except Refused as refused:
        return refused.codes
    return ()


def _miscounted(changes: Sequence[Change], searches: Sequence[Search]) -> list[str]:
    """What registrations have counted, if it is not what the actors add up to, in whatever order
    each of them may have been: one that stranded as it was spawned looks as if it had before."""
    said = tuple(_counted(change) for change in changes)
    if said == _sum([next(search.orders()) for search in searches], len(changes)):
        return []
    reachable = {_sum([], len(changes))}
    for search in searches:
        mine = {_sum([order], len(changes)) for order in search.orders()}
        reachable = {_added(one, other) for one in reachable for other in mine}
    return [] if said in reachable else [f"the registrations say {said}, the actors {reachable}"]


def _counted(change: Change) -> Tally:
    migrated, stayed, stranded = (int(change.result.get(word, 0)) for word in VERDICTS)
    return migrated, stayed, stranded


def _sum(orders: Sequence[tuple[str, ...]], changes: int) -> tuple[Tally, ...]:
    counts = [Counter(order[number] for order in orders) for number in range(changes)]
    return tuple((c["migrated"], c["stayed"], c["stranded"]) for c in counts)


def _added(one: tuple[Tally, ...], other: tuple[Tally, ...]) -> tuple[Tally, ...]:
    pairs = zip(one, other, strict=True)
    return tuple((a[0] + b[0], a[1] + b[1], a[2] + b[2]) for a, b in pairs)


@dataclass(frozen=True)
class State:
    """Where the search is."""

    changes: int
    done: frozenset[int]
    actor: Actor | None
    revision: int = 0
    rescues: int = 0
    verdicts: tuple[str, ...] = ()

    def key(self) -> tuple[object, ...]:
        """Equal for states from which the same is possible."""
        return (self.changes, self.done, repr(self.actor), self.revision, self.verdicts)


class Search:
    """A depth-first search for an order of one actor's operations and all changes."""

    def __init__(
        self,
        changes: Sequence[Change],
        worlds: Sequence[World],
        operations: Sequence[Operation],
        final: Json | None,
    ) -> None:
        self._changes = changes
        self._worlds = worlds
        self._operations = [o for o in operations if o.error not in NOT_DONE]
        self._final = final
        decisions = final["decisions"] if final is not None else []
        self._by_hand = [d["clock"] for d in decisions if d["changePoint"] is None]

    def orders(self) -> Iterator[tuple[str, ...]]:
        """The verdict of each change, for every legal order in which they differ."""
        stack, known = [State(0, frozenset(), None)], set[object]()
        while stack:
            state = stack.pop()
            if state.key() in known:
                continue
            known.add(state.key())
            if len(known) > MOST_STATES:
                raise TooManyStates
            if self._ends(state):
                yield state.verdicts
            else:
                stack.extend(self._following(state))

    def _ends(self, state: State) -> bool:
        if state.changes < len(self._changes) or len(state.done) < len(self._operations):
            return False
        if state.actor is None or self._final is None:
            return state.actor is None and self._final is None
        session = self._session(state)
        actor = session.actor
        whole = {
            **session.seen(),
            "reason": actor.stranding.reason if actor.stranding else None,
            "length": len(actor.history),
            "revision": state.revision,
            "queued": len(actor.queue),
            "history": actor.history,
            "decisions": actor.decisions,
        }
        return bool(whole == self._final)

    def _following(self, state: State) -> Iterator[State]:
        """Everything that may come next."""
        left = [n for n in range(len(self._operations)) if n not in state.done]
        change = self._changes[state.changes] if state.changes < len(self._changes) else None
        ends = [self._operations[n].end for n in left]
        ends += [later.end for later in self._changes[state.changes :]]
        first_end = min(ends, default=0)
        for number in left:
            if self._operations[number].begin < first_end:
                after = self._after(state, number)
                if after is not None:
                    yield after
        if change is not None and change.begin < first_end:
            yield self._changed(state, change)
        if state.actor is not None and state.actor.queue and state.actor.stranding is None:
            session = self._session(state)
            accepted = session.drain_one()
            yield self._state(state, session, revision=state.revision + accepted)

    def _session(self, state: State) -> OneActor:
        world = self._worlds[state.changes].copy()
        if state.actor is not None:
            world.actors[NAME] = state.actor.copy()
        return OneActor(world)

    def _changed(self, state: State, change: Change) -> State:
        session = self._session(state)
        verdict = session.apply(change)
        return State(
            state.changes + 1,
            state.done,
            session.world.actors.get(NAME),
            state.revision,
            state.rescues,
            (*state.verdicts, verdict),
        )

    def _state(
        self,
        state: State,
        session: OneActor,
        *,
        number: int | None = None,
        revision: int | None = None,
        rescues: int | None = None,
    ) -> State:
        return State(
            state.changes,
            state.done if number is None else state.done | {number},
            session.world.actors.get(NAME),
            state.revision if revision is None else revision,
            state.rescues if rescues is None else rescues,
            state.verdicts,
        )

    def _after(self, state: State, number: int) -> State | None:
        """The state after an operation, None if the model answers otherwise."""
        operation, session = self._operations[number], self._session(state)
        judge = getattr(self, f"_{operation.kind}")
        counts: tuple[int, int] | None = judge(state, session, operation)
        if counts is None:
            return None
        return self._state(state, session, number=number, revision=counts[0], rescues=counts[1])

    # Each says revision and rescues after the operation, or None if it cannot have been so.

    def _spawn(
        self, state: State, session: OneActor, operation: Operation
    ) -> tuple[int, int] | None:
        if state.actor is not None:
            return None
        try:
            session.spawn({"as": NAME, "definitionId": operation.asked["version"]})
        except Refused as refused:
            return (0, 0) if operation.error in refused.codes else None
        if operation.error is not None or not self._agree(session, operation, 0, 0):
            return None
        return 0, 0

    def _send(
        self, state: State, session: OneActor, operation: Operation
    ) -> tuple[int, int] | None:
        if state.actor is None:
            return None
        if operation.told.get("replayed"):
            same = self._was_told(state, session, operation)
            return (state.revision, state.rescues) if same else None
        before = len(session.actor.decisions)
        queued = session._must_queue(session.actor)
        outcome = session._receive(session.actor, operation.asked["event"])
        if isinstance(outcome, str):
            same = operation.error == outcome
            return (state.revision, state.rescues) if same else None
        if operation.error is not None:
            return None
        told = operation.told
        revision = state.revision + outcome
        if (told["accepted"], told["queued"]) != (outcome, queued):
            return None
        return (
            (revision, state.rescues) if self._agree(session, operation, revision, before) else None
        )

    def _rescue(
        self, state: State, session: OneActor, operation: Operation
    ) -> tuple[int, int] | None:
        if state.actor is None:
            return None
        counts = state.revision + 1, state.rescues + 1
        if operation.error is None:
            if state.rescues >= len(self._by_hand):
                return None
            session.set_clock(self._by_hand[state.rescues] - 1)
        before = len(session.actor.decisions)
        try:
            session.rescue({**operation.asked, "actor": NAME})
        except Refused as refused:
            same = operation.error in refused.codes
            return (state.revision, state.rescues) if same else None
        if operation.error is not None or not self._agree(session, operation, counts[0], before):
            return None
        return counts

    def _get(self, state: State, session: OneActor, operation: Operation) -> tuple[int, int] | None:
        if state.actor is None:
            return None
        actor = session.actor
        shown = {
            **session.seen(),
            "reason": actor.stranding.reason if actor.stranding else None,
            "length": len(actor.history),
            "revision": state.revision,
            "queued": len(actor.queue),
        }
        return (state.revision, state.rescues) if shown == operation.told else None

    def _was_told(self, state: State, session: OneActor, operation: Operation) -> bool:
        """Whether a key was told this before. What waits is told where the actor is now, and what
        has waited, what became of it in the end."""
        told = {**operation.told, "replayed": False}
        before = [self._operations[number] for number in state.done]
        first = [o.told for o in before if o.asked == operation.asked]
        if told["queued"]:
            now = {**session.seen(), "revision": state.revision}
            return bool(first) and all(told[key] == now[key] for key in now)
        return told in first or any(other["queued"] for other in first)

    def _agree(self, session: OneActor, operation: Operation, revision: int, before: int) -> bool:
        """Whether an answer is what the model has come to."""
        hops = session.actor.decisions[before:]
        over = [hop["changePoint"] for hop in hops if hop["verdict"] == "migrated"]
        told = operation.told
        shown = {**session.seen(), "revision": revision, "over": over}
        return all(told[key] == shown[key] for key in shown)
