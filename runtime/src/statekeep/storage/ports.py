"""What the services ask of a store, and what it answers.

An actor lives on one shard, chosen by its id. Every operation below that names an actor or a
shard is atomic there and touches nothing else, so an adapter can make each of them one script on
one slot. What a workflow registers lives apart, behind `RegistryStore`, and is the only place
where a registration becomes true.

The store never interprets a machine. It holds cohorts as the core made them, moves actors from
one to another, and remembers which event leads where for as long as the *law* is the same. The
law is a number that every shard holds for each workflow; it grows with each registration, close
and freeze, and a step computed under another law is void.

Invariant: an actor is a member of exactly one cohort record, and what a cohort record says is
what all its members are.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from statekeep.core.cohort import Cohort, RegionHistories
from statekeep.core.decisions import Decision
from statekeep.core.history import History
from statekeep.core.machine import Machine
from statekeep.storage.registry_port import (
    Entry,
    EntryKind,
    Family,
    Pending,
    Registered,
    RegistryStore,
    Seen,
)

__all__ = [
    "Entry",
    "EntryKind",
    "Family",
    "Pending",
    "Registered",
    "RegistryStore",
    "Seen",
]


@dataclass(frozen=True, slots=True)
class Block:
    """The decisions of one evaluation, shared by everybody it concerned."""

    decisions: tuple[Decision, ...]
    at: float
    """Seconds since the epoch."""
    by: str
    change: str | None = None
    """The deployment or change-point that was registered, if that is what asked."""
    law: int = 0
    """The law that the change brought."""
    plan: str | None = None
    note: str | None = None
    """What a person gave as the reason."""


class Idempotency(NamedTuple):
    """A client's key for one write, with a digest of what it asked for."""

    key: str
    body: str
    ttl: int


@dataclass(frozen=True, slots=True)
class NewContext:
    """A sealed context that replaces the one sealed at revision `seen`."""

    seen: int
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Advance:
    """What the core computed for one event type in one cohort, to be remembered there."""

    family: Family
    cohort_id: str
    label: int
    law: int
    accepted: bool
    target: Cohort
    answer: str
    """What the client is told, as JSON: shared by everybody who takes this step."""
    block: Block | None = None
    journal: bool = False
    """Whether times and data of this step are kept."""


@dataclass(frozen=True, slots=True)
class JournalLine:
    """Time and data of one accepted event, sealed."""

    index: int
    """The place of the event in the history."""
    sealed: bytes


@dataclass(frozen=True, slots=True)
class SpawnOrder:
    family: Family
    actor: str
    law: int
    cohort: Cohort
    answer: str
    context: bytes
    block: Block | None = None
    idempotency: Idempotency | None = None
    at: float = 0.0


class SendOrder(NamedTuple):
    tenant: str
    actor: str
    event: str
    if_match: tuple[int, int] | None = None
    context: NewContext | None = None
    idempotency: Idempotency | None = None
    advance: Advance | None = None
    payload: bytes = b""
    """What a queue keeps of the event until it drains, as the service wrote it."""
    journal: JournalLine | None = None
    at: float = 0.0
    """When, for the audit of whoever meets a change-point on the way."""
    drains: int | None = None
    """The ticket of the queued event that this is; None for one that comes from outside.

    A queue drains after the rescue and stops at the next strand: while the actor is stranded, by
    whatever rule, the answer is Blocked."""

    @property
    def is_plain(self) -> bool:
        """Whether it is an event and a key, and nothing else."""
        return (
            not self.payload
            and self.if_match is None
            and self.context is None
            and self.advance is None
            and self.journal is None
            and self.drains is None
        )


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    """Put one actor, as it was seen, into a cohort without an event."""

    family: Family
    actor: str
    law: int
    cohort_id: str
    label: int
    revision: int
    cohort: Cohort
    answer: str
    block: Block
    idempotency: Idempotency | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """The part of a cohort that only its actors' lives have made."""

    history: History
    regions: RegionHistories


@dataclass(frozen=True, slots=True)
class Recast:
    """What a change makes of cohort records that it treats alike: a new form, or the same, and the
    decisions for their logs. A record whose content changes gets another label."""

    number: int
    """Equal recasts of one change have one number."""
    records: tuple[str, ...]
    block: Block
    """Of any of them: the decisions of all differ in nothing but the fingerprint."""
    form: Cohort | None = None
    """The new form; None where nothing changes but the log."""
    machine: Machine | None = None
    """The machine of the new form's version, which is not registered yet."""
    past: Past | None = None
    """The new past, where a landing has changed it."""


# --- What the operations answer -------------------------------------------------------------


class Done(NamedTuple):
    """It happened, now or when the same key asked before."""

    actor: str
    revision: int
    label: int
    answer: str
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class NoActor:
    pass


@dataclass(frozen=True, slots=True)
class Existing:
    """A spawn found the actor there, and no record of the key any more."""


@dataclass(frozen=True, slots=True)
class KeyReused:
    pass


@dataclass(frozen=True, slots=True)
class Stale:
    """The actor is not what the caller has seen (`If-Match`, a context, a placement)."""

    revision: int
    label: int


@dataclass(frozen=True, slots=True)
class ContextMoved:
    """The context was replaced since the caller read it: read again."""


@dataclass(frozen=True, slots=True)
class JournalWanted:
    """The step is one that is kept: send again with the journal's line of this index."""

    index: int


@dataclass(frozen=True, slots=True)
class Held:
    """The shard is fenced by a change of the workflow."""

    family: Family
    shard: int
    change: int


@dataclass(frozen=True, slots=True)
class Outdated:
    """The caller's law is not the shard's."""

    law: int


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody has taken this step under this law: compute it and send again."""

    family: Family
    cohort_id: str
    label: int
    cohort: Cohort
    law: int


@dataclass(frozen=True, slots=True)
class Blocked:
    family: Family
    cohort: Cohort


@dataclass(frozen=True, slots=True)
class Queued:
    """The event waits for a rescue; what the actor is meanwhile."""

    family: Family
    ticket: int
    revision: int
    label: int
    cohort: Cohort
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class QueueFull:
    pass


SpawnOutcome = Done | Existing | KeyReused | Held | Outdated
SendOutcome = (
    Done
    | NoActor
    | KeyReused
    | Stale
    | ContextMoved
    | JournalWanted
    | Held
    | Unknown
    | Blocked
    | Queued
    | QueueFull
)
PlaceOutcome = Done | NoActor | KeyReused | Stale | Held | Outdated


# --- What can be read -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ActorRecord:
    id: str
    family: Family
    revision: int
    cohort_id: str
    label: int
    cohort: Cohort
    context: bytes
    context_revision: int
    queued: int


class CohortRow(NamedTuple):
    """One cohort record of one shard. Two rows may have equal content."""

    shard: int
    id: str
    form: Cohort
    """The cohort without its past: everything that is seen of it from outside."""
    content: Hashable
    """The name of what it says: rows with one name have equal content."""
    plain: bool
    """Whether its past has no region histories."""
    actors: int
    """How many members it has."""
    whole: Cohort | None = None
    """The whole cohort, where that is at hand: `ShardStore.wholes` has the others."""


@dataclass(frozen=True, slots=True)
class Touched:
    """Cohort records that were touched, as they are now; some may have no members."""

    rows: tuple[CohortRow, ...]
    left: int
    """How many more there are."""
    actors: int
    """How many actors of the workflow are on the shard."""


class Members(NamedTuple):
    """A page of the members of a record."""

    actors: tuple[str, ...]
    here: str
    """The cursor at which it begins: not the one asked for where that meant nothing any more."""
    following: str
    """The cursor of the next page; empty at the end."""


@dataclass(frozen=True, slots=True)
class QueuedEvent:
    ticket: int
    event: str
    payload: bytes
    idempotency: Idempotency | None


@dataclass(frozen=True, slots=True)
class Census:
    """How much of a store a tenant uses."""

    actors: int
    cohorts: int
    """Cohort records, each counted on every shard where it is."""


Machines = Callable[[Family, str], Awaitable[Machine]]
"""Where a store finds the machine of a version that a stored cohort is on."""


class ShardStore(Protocol):
    """Actors and cohorts."""

    def use(self, machines: Machines) -> None:
        """Say, once, where machines are found."""
        ...

    def on_renewal(self, told: Callable[[], None]) -> None:
        """Say, once, who is told that the connection is a new one: behind it may be a server that
        has forgotten the latest, after a failover or a restore."""
        ...

    def forget(self) -> None:
        """Let go of everything that was read with the help of machines."""
        ...

    @property
    def shards(self) -> int: ...

    def shard_of(self, tenant: str, actor: str) -> int: ...

    async def find(self, tenant: str, actor: str) -> ActorRecord | None: ...

    async def spawn(self, order: SpawnOrder) -> SpawnOutcome: ...

    async def spawn_many(self, orders: Sequence[SpawnOrder]) -> list[SpawnOutcome]:
        """The same for many actors, each on its own."""
        ...

    async def send(self, order: SendOrder) -> SendOutcome:
        """Move one actor by one event, or say what is missing. Checked in this order: the actor,
        the key, `if_match`, the fence, the queue, the stranding, the step, the context."""
        ...

    async def send_many(self, orders: Sequence[SendOrder]) -> list[SendOutcome]:
        """The same for many actors, each on its own."""
        ...

    async def place(self, order: PlaceOrder) -> PlaceOutcome: ...

    async def recall(
        self, tenant: str, actor: str, idempotency: Idempotency
    ) -> Done | KeyReused | None:
        """What the same key was told before, if what it asked for was done."""
        ...

    async def delete(self, tenant: str, actor: str, seen: tuple[str, int] | None = None) -> bool:
        """Let an actor go, with `seen` (cohort and revision) only if it is still that; what was
        noted of it by `retire` goes in any case."""
        ...

    async def blocks(self, tenant: str, actor: str) -> tuple[Block, ...] | None:
        """Every decision block that was made where the actor was, oldest first."""
        ...

    async def blocks_of(self, tenant: str, actors: Sequence[str]) -> list[tuple[Block, ...] | None]:
        """The same for many actors, each on its own."""
        ...

    async def journal(
        self, tenant: str, actor: str, start: int, limit: int
    ) -> list[JournalLine]: ...

    async def queue(self, tenant: str, actor: str, limit: int) -> tuple[QueuedEvent, ...]: ...

    async def waiting(self, family: Family, shard: int) -> tuple[str, ...]:
        """The actors of a shard that have a queue."""
        ...

    async def rows(self, family: Family, shard: int) -> tuple[CohortRow, ...]:
        """The cohort records with members, by id."""
        ...

    async def wholes(self, family: Family, rows: Sequence[CohortRow]) -> list[Cohort | None]:
        """The cohorts of these rows with their pasts; None for a record that is gone since, or
        says something else now."""
        ...

    async def members(
        self, family: Family, shard: int, places: Sequence[tuple[str, str]], limit: int
    ) -> list[Members]:
        """A page of each of some records, about `limit` members from a cursor ("" is the
        beginning) in it; of fewer records where the first have so many. Who stays is listed at
        least once, also by a server that is started anew in between."""
        ...

    async def census(self, tenant: str) -> Census:
        """How many actors and live cohorts the tenant has now."""
        ...

    async def holds(self, family: Family, shard: int, cohort: Cohort) -> bool:
        """Whether the shard has a record with this content."""
        ...

    async def retire(self, tenant: str, actors: Sequence[str], at: float) -> None:
        """Note when these actors were done; who was noted before keeps the first time."""
        ...

    async def retired(self, tenant: str, shard: int, until: float, limit: int) -> tuple[str, ...]:
        """Some of those noted until then, the first ones first."""
        ...

    async def watch(self, family: Family, shard: int, change: int) -> bool:
        """Note from now on which records are touched, unless a later change has been there:
        numbers of changes only grow, so a straggler disturbs nobody."""
        ...

    async def touched(self, family: Family, shard: int, change: int, asked: int) -> Touched:
        """Some of the records that were touched and not told of yet, while `change` watches. The
        same number asked again gets the same ones."""
        ...

    async def stage(
        self, family: Family, shard: int, change: int, recasts: Sequence[Recast]
    ) -> bool:
        """Say what the change makes of records, while it watches. True only with its law."""
        ...

    async def fence(self, family: Family, shard: int, change: int) -> bool:
        """Hold every write of the workflow on the shard, unless a later change has been there."""
        ...

    async def release(self, family: Family, shard: int, change: int, law: int | None) -> bool:
        """Lift the fence of `change`, and stop watching. With a law the shard goes on under that
        one, and every record says from then on what was staged for it; without one it never was."""
        ...

    async def complete(self, family: Family, shard: int, change: int) -> None:
        """Write down what is true since the release. Nobody waits for it."""
        ...


class Store(ShardStore, RegistryStore, Protocol):
    """Both, on one server."""
