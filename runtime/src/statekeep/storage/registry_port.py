"""What the services ask of the store of registrations: the only place where one becomes true.

A workflow's registry is a list of entries and the journal of the change that is under way, if one
is. Shards hear of a change by its number; see `ports`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Family:
    """One workflow of one tenant."""

    tenant: str
    workflow: str


EntryKind = Literal["deployment", "migrations", "point", "close", "freeze", "unfreeze", "owner"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a workflow's registry: enough to fold it again anywhere."""

    kind: EntryKind
    name: str
    clock: int
    law: int
    body: Mapping[str, object]
    by: str
    at: float
    result: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pending:
    """A change between its plan and its end. `expires` counts while it is not committed."""

    change: int
    name: str
    expires: float
    committed: bool = False
    applied: int = 0
    """How many shards have been released under the new law."""


@dataclass(frozen=True, slots=True)
class Registered:
    """What is registered of a workflow, from entry `since` on.

    `anew`: the store does not hold the entries that whoever asked knows (it was emptied, or has
    come back without the latest of them), and `entries` are all that there are.
    """

    clock: int
    law: int
    length: int
    entries: tuple[Entry, ...]
    pending: Pending | None
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """The state of a registry that a change was computed from."""

    clock: int
    length: int


class RegistryStore(Protocol):
    """The registries of all tenants, and the journal of the change that is under way in each."""

    async def uuid(self) -> str: ...

    async def load(self, family: Family, since: int, last: Entry | None = None) -> Registered:
        """The entries from `since` on, if the one before them is `last`, where that is given."""
        ...

    async def begin(self, family: Family, seen: Seen, name: str, expires: float) -> int | None:
        """Open the journal and number the change, unless one is under way or the registry has
        moved on."""
        ...

    async def commit(
        self, family: Family, change: int, entry: Entry, names: Sequence[str], now: float
    ) -> bool:
        """Make the change true, once, unless its journal was taken away or has expired. `names`
        are the version and the change-points that it brings, for `homes`; a version that has its
        home in another workflow already is not taken."""
        ...

    async def restore(
        self,
        family: Family,
        change: int,
        entries: Sequence[Entry],
        clock: int,
        names: Sequence[str],
    ) -> bool:
        """Enter a whole registry where there was none, for a change that holds the journal. The
        only way to set a clock."""
        ...

    async def become(self, uuid: str) -> bool:
        """Take the identity of another registry, if nobody has anything here yet."""
        ...

    async def append(self, family: Family, seen: Seen, entry: Entry, names: Sequence[str]) -> bool:
        """Enter what changes no law, as `begin` and `commit` at once."""
        ...

    async def tick(self, family: Family, seen: Seen) -> bool:
        """One tick of the clock, for a rescue by hand."""
        ...

    async def extend(self, family: Family, change: int, expires: float) -> bool:
        """Give a change that is not committed more time."""
        ...

    async def abort(self, family: Family, change: int, now: float | None) -> bool:
        """Take the journal of a change that is not committed away; with `now` only if expired."""
        ...

    async def progress(self, family: Family, change: int, applied: int) -> None: ...

    async def finish(self, family: Family, change: int) -> None: ...

    async def homes(self, tenant: str, name: str) -> tuple[str, ...]:
        """The workflows that have something of this name (`v:<version>` or `p:<point>`)."""
        ...

    async def workflows(self, tenant: str) -> tuple[str, ...]: ...

    async def tenants(self) -> tuple[str, ...]: ...
