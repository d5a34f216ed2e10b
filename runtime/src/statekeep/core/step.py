"""Running a machine: from a configuration and an event type to the next configuration.

This is the SCXML algorithm as XState runs it, as pure functions: a macrostep is the microstep of
the event itself and then, until nothing is left to do, eventless transitions first and the
internal events (a state is done) in the order in which they were raised.

Invariants: a configuration is always legal; what is not accepted changes nothing; a macrostep
without end is an error and not a hang.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from statekeep.core.chart import Configuration, Kind, Recorded, Transition
from statekeep.core.configuration import is_complete, tags
from statekeep.core.errors import NotStable
from statekeep.core.machine import Machine
from statekeep.core.moves import effective_targets, entry_mask, entry_of, move_of
from statekeep.core.select import select, select_eventless, without_conflicts
from statekeep.core.tables import Tables, bits

__all__ = ["Step", "can", "enter", "initial", "is_complete", "next_events", "step", "tags"]

MAX_MICROSTEPS = 2_000
"""Microsteps in one macrostep; XState itself has no bound and would hang."""

SUSPICIOUS = 64
"""From here on it is noted where the machine has been: one that comes back will do so for ever."""

NEVER_ACCEPTED = frozenset({"xstate.init", "xstate.stop"})
"""What XState keeps for itself: no transition ever answers these."""


@dataclass(frozen=True, slots=True)
class Step:
    configuration: Configuration
    accepted: bool
    """XState's `can`: a transition selected for the event itself has a target or actions."""
    regions: tuple[str, ...]
    """Dotted paths, in document order and at every level, of the regions in which such a
    transition was taken: it has its source there, or in the region itself, and lost to no other
    transition of the same event."""
    done: bool


def initial(machine: Machine) -> Configuration:
    """The configuration a new actor starts in. Raises NotStable."""
    tables = machine.tables
    run = _Run(tables, 0, ())
    run.enter(entry_mask(tables, (0,), None, {}))
    return run.settle()


def step(machine: Machine, configuration: Configuration, event_type: str) -> Step:
    """The macrostep of one event. Raises NotStable, and then nothing has happened."""
    tables = machine.tables
    if configuration.done or event_type in NEVER_ACCEPTED:
        return Step(configuration, False, (), configuration.done)
    chosen = select(tables, configuration.leaves, event_type)
    if not any(transition.is_effective for transition in chosen):
        return Step(configuration, False, (), False)
    run = _Run(tables, tables.active(configuration.leaves), configuration.recorded)
    taken = run.without_conflicts(chosen)
    run.microstep(taken)
    after = run.settle()
    accepting = [transition for transition in taken if transition.is_effective]
    return Step(after, True, _regions(tables, accepting), after.done)


def enter(
    machine: Machine,
    targets: Sequence[int],
    recorded: Recorded,
    already_complete: frozenset[int] = frozenset(),
) -> Configuration:
    """Enter the targets from outside the root, with this recorded history in place, and settle.

    The targets are entered as a set: one that is an ancestor of another adds nothing of its own.
    They must be able to be active together (`configuration.conflict`).  No done event is raised
    for the nodes in `already_complete`.  Raises NotStable.
    """
    tables = machine.tables
    remembered = dict(recorded)
    effective = effective_targets(tables.nodes, targets, remembered)
    run = _Run(tables, 0, tuple(sorted(recorded)))
    run.enter(entry_mask(tables, effective or (0,), None, remembered), already_complete)
    return run.settle()


def can(machine: Machine, configuration: Configuration, event_type: str) -> bool:
    """Whether `step` would accept the event."""
    if configuration.done or event_type in NEVER_ACCEPTED:
        return False
    chosen = select(machine.tables, configuration.leaves, event_type)
    return any(transition.is_effective for transition in chosen)


class _Run:
    """One macrostep under way."""

    __slots__ = ("active", "done", "queue", "recorded", "tables")

    def __init__(self, tables: Tables, active: int, recorded: Recorded) -> None:
        self.tables = tables
        self.active = active
        self.recorded = recorded
        self.queue: list[str] = []
        self.done = False

    def settle(self) -> Configuration:
        """https://www.w3.org/TR/scxml/#mainEventLoop, the inner loop, as XState has it.

        An eventless microstep that changed nothing suspends eventless transitions for one turn:
        otherwise an `always` that leads to where the machine is would never end.
        """
        tables = self.tables
        look = True
        seen: set[object] = set()
        for count in range(MAX_MICROSTEPS):
            if self.done:
                break
            if count >= SUSPICIOUS:
                now = (self.active, self.recorded, tuple(self.queue), look)
                if now in seen:
                    raise NotStable(MAX_MICROSTEPS)
                seen.add(now)
            eventless = self.active & tables.eventless_mask if look else 0
            if eventless:
                chosen = select_eventless(tables, self.active)
                look = self.microstep(self.without_conflicts(chosen))
            elif self.queue:
                leaves = tuple(bits(self.active & tables.leaf_mask))
                chosen = select(tables, leaves, self.queue.pop(0))
                self.microstep(self.without_conflicts(chosen))
                look = True
            else:
                break
        else:
            raise NotStable(MAX_MICROSTEPS)
        return tables.configuration(self.active, self.recorded)

    def without_conflicts(self, chosen: list[Transition]) -> list[Transition]:
        """Of the transitions selected, those that are taken."""
        if len(chosen) < 2:
            return chosen
        return without_conflicts(self.tables, chosen, self.active, self.recorded)

    def microstep(self, taken: list[Transition]) -> bool:
        """https://www.w3.org/TR/scxml/#microstep; whether anything changed."""
        tables = self.tables
        before, recorded = self.active, self.recorded
        moves = [(t, move_of(tables, t, recorded)) for t in taken if t.targets]
        if not moves:
            return False
        exits = 0
        for _, move in moves:
            exits |= before & move.below
        wrote = exits & tables.remembering
        if wrote:
            self._record(exits)
        self.active = before & ~exits
        entry = 0
        for transition, move in moves:
            entry |= entry_of(tables, transition, move, self.recorded)
        self.enter(entry)
        return self.done or bool(wrote) or self.active != before

    def enter(self, entry: int, already_complete: frozenset[int] = frozenset()) -> None:
        """https://www.w3.org/TR/scxml/#enterStates: become active and say what is done."""
        finals = entry & self.tables.final_mask
        if finals:
            self._complete(entry, finals, already_complete)
        self.active |= entry

    def _complete(self, entry: int, finals: int, already_complete: frozenset[int]) -> None:
        tables = self.tables
        completed: set[int] = set()
        for final in bits(finals):
            # States become active one by one: later regions of this entry do not count yet.
            known = self.active | (entry & ((2 << final) - 1))
            marker = tables.parent[final]
            if marker >= 0 and tables.kinds[marker] is Kind.COMPOUND:
                self._raise_done(marker, already_complete)
                marker = tables.parent[marker]
            while (
                marker >= 0
                and tables.kinds[marker] is Kind.PARALLEL
                and marker not in completed
                and tables.is_complete(known, marker)
            ):
                completed.add(marker)
                self._raise_done(marker, already_complete)
                marker = tables.parent[marker]
            if marker < 0:
                self.done = True

    def _raise_done(self, node: int, already_complete: frozenset[int]) -> None:
        if node not in already_complete:
            self.queue.append(self.tables.done_event(node))

    def _record(self, exits: int) -> None:
        """What the history states of the states that are left remember."""
        tables = self.tables
        recorded = dict(self.recorded)
        for left in bits(exits & tables.remembering):
            inside = self.active & tables.below[left]
            for history in tables.histories[left]:
                if tables.kinds[history] is Kind.DEEP:
                    kept = bits(inside & tables.leaf_mask)
                else:
                    kept = [node for node in bits(inside) if tables.parent[node] == left]
                recorded[history] = tuple(kept)
        self.recorded = tuple(sorted(recorded.items()))


def _regions(tables: Tables, accepting: list[Transition]) -> tuple[str, ...]:
    if len(accepting) == 1:
        found = tables.regions[accepting[0].source]
    else:
        found = tuple(sorted({r for t in accepting for r in tables.regions[t.source]}))
    return tuple([tables.region_path(region) for region in found])


def next_events(machine: Machine, configuration: Configuration) -> tuple[str, ...]:
    """The event descriptors that would be accepted now, wildcards among them, sorted.

    Without those that only the machine itself raises.
    """
    tables = machine.tables
    if configuration.done:
        return ()
    offered: set[str] = set()
    for node in bits(tables.active(configuration.leaves)):
        offered.update(tables.rungs[node][0])
    return tuple(
        sorted(
            event
            for event in offered
            if not event.startswith("xstate.done.state.") and can(machine, configuration, event)
        )
    )
