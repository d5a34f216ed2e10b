"""The way forward that undoes a version: a next one with the content of the one before.

Decides what will be registered, and asks the server's own preview which landing leaves fewer
behind. Where somebody has no landing it says so and guesses nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from statekeep.core.compile import compile_machine
from statekeep.core.findings import DefinitionError

if TYPE_CHECKING:
    from statekeep.cli.reverting.facts import Facts
    from statekeep.client import Client
    from statekeep.web.wire import DefinitionAnswer, PreviewAnswer

Json = dict[str, Any]
MIGRATION = "revert"
WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Wish:
    """What the author asks for: the new id, how they land; None leaves the landing to preview."""

    id: str
    landing: str | None
    mapping: Mapping[str, str | list[str]]


@dataclass(frozen=True, slots=True)
class Forward:
    """The registration of a revert, and what it would do now."""

    facts: Facts
    wish: Wish
    preview: PreviewAnswer

    @property
    def migrations(self) -> tuple[Json, ...]:
        """The migrations by their names within the new version."""
        return migrations(self.facts, self.wish)

    @property
    def body(self) -> Json:
        """As `POST /v1/definitions` takes it."""
        return body(self.facts, self.wish)


def look_ahead(client: Client, facts: Facts, wish: Wish) -> Forward:
    """Choose the landing, if it is left to us: `Replay`, unless `Same` strands fewer."""
    wishes = [wish] if wish.landing else [replace(wish, landing=one) for one in ("Replay", "Same")]
    ahead = [Forward(facts, one, client.preview(_ungated(facts, one), limit=1)) for one in wishes]
    return min(ahead, key=lambda one: one.preview.counts.would_strand)


def migrations(facts: Facts, wish: Wish) -> tuple[Json, ...]:
    """From the version that is undone; and from where actors wait who stranded on their way to it.

    Those stand on a version of their own, whose states the new one may have all the same: they are
    led there from where they are.
    """
    mapping = {"stateMapping": dict(wish.mapping)} if wish.mapping else {}
    first: Json = {"name": MIGRATION, "from": facts.undone.id, **mapping, "landing": wish.landing}
    waiting = [
        {"name": _waiting(at), "from": version, "landing": "Same"}
        for at, version in enumerate(facts.stuck_before)
    ]
    return (first, *waiting)


def _waiting(at: int) -> str:
    return WAITING if at == 0 else f"{WAITING}-{at + 1}"


def body(facts: Facts, wish: Wish) -> Json:
    return {**_ungated(facts, wish), "maxStranded": 0}


def _ungated(facts: Facts, wish: Wish) -> Json:
    listed = [{**one, "name": f"{wish.id}.{one['name']}"} for one in migrations(facts, wish)]
    return {
        "id": wish.id,
        "workflow": facts.workflow,
        **policies(facts.before),
        "migrations": listed,
        **over_http(facts.before),
    }


def policies(version: DefinitionAnswer) -> Json:
    """Guards and journal, where they are not the default."""
    defaults = {"guards": "Ignore", "journal": "Types"}
    written = {"guards": version.guards, "journal": version.journal}
    return {key: value for key, value in written.items() if value != defaults[key]}


def over_http(version: DefinitionAnswer) -> Json:
    """The machine in the form that has the very digest of the version."""
    if _is_object_form(version) and not _is_text_form(version):
        return {"definition": version.definition, "keyOrder": "Lost"}
    return {"definition": version.definition}


def in_manifest(version: DefinitionAnswer) -> Json:
    """As an object where the API server's sorting keeps the digest, as a string elsewhere."""
    if _is_object_form(version):
        return {"definition": version.definition}
    return {"definitionJSON": json.dumps(version.definition, ensure_ascii=False, indent=2) + "\n"}


def _is_object_form(version: DefinitionAnswer) -> bool:
    return _digest(version, "object") == version.digest


def _is_text_form(version: DefinitionAnswer) -> bool:
    return _digest(version, "string") == version.digest


def _digest(version: DefinitionAnswer, source: Any) -> str | None:
    try:
        return compile_machine(version.definition, guards=version.guards, source=source).digest
    except DefinitionError:
        return None
