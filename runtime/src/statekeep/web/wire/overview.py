"""What a dashboard looks at, on the wire: who asks, and how many actors are where, lately."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from statekeep.web.wire.base import Answer, Role


class MeAnswer(Answer):
    """Whose key this is, and what it may do."""

    key_id: str
    tenant: str
    roles: list[Role]
    permissions: list[str]


class Headcount(Answer):
    """Actors by status."""

    active: int = 0
    done: int = 0
    needs_rescue: Annotated[int, Field(alias="needs_rescue")] = 0


class OverviewItem(Answer):
    """A workflow in a list: how much there is of it. `at` is when this was counted."""

    workflow: str
    clock: int
    frozen: bool = False
    reason: str | None = None
    versions: int = 0
    change_points: int = 0
    actors: Headcount
    at: float


class VersionCount(Answer):
    """The actors of a version."""

    id: str
    clock: int
    actors: Headcount


class StuckItem(Answer):
    """Actors that are stranded alike."""

    version: str
    state: str
    reason: str
    change_point: str
    count: int


class OverviewAnswer(OverviewItem):
    """One workflow. Only versions with actors are listed; `law` changes with what can decide.

    `stuck` lists the 500 largest kinds; `stuckKinds` says how many there are.
    """

    law: int = 0
    by_version: list[VersionCount] = Field(default_factory=list)
    stuck: list[StuckItem] = Field(default_factory=list)
    stuck_kinds: int = 0


class StateCount(Answer):
    """The actors in which a state is active, by its dotted path; compound states count too."""

    path: str
    actors: Headcount


class StatesAnswer(Answer):
    """How many actors are in each state of a version."""

    workflow: str
    version: str
    actors: Headcount
    states: list[StateCount] = Field(default_factory=list)
    at: float
