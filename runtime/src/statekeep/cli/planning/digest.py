"""The digest of a server: what is registered, and how many actors are in which class.

`statekeep cohorts --digest` writes it, `statekeep plan` reads it. It holds histories and states and
nothing of any actor's own: no ids, no contexts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from statekeep.client import Client, requests
from statekeep.core.cohort import Cohort, decode_cohort
from statekeep.core.compile import compile_machine
from statekeep.core.history import EMPTY
from statekeep.core.points import Version, change_point_from_json
from statekeep.core.registry import Registry
from statekeep.storage.ports import CohortRow

FORMAT: Final = 1
Json = dict[str, Any]


class DigestUnreadable(Exception):
    """The file is no digest of ours."""


@dataclass(frozen=True, slots=True)
class LiveWorkflow:
    """A workflow as a server had it."""

    registry: Registry
    rows: tuple[CohortRow, ...]
    digests: Mapping[str, str] = field(default_factory=dict)
    """The digest of each version's machine, as it was registered."""


def gather(client: Client, workflow: str | None) -> Json:
    """Ask a server for everything that a plan reads."""
    found: dict[str, Json] = {}

    def part(name: str) -> Json:
        return found.setdefault(name, {"definitions": [], "changePoints": [], "cohorts": []})

    for item in client.each(requests.definitions(workflow)):
        whole = client.definition(item.id)
        part(item.workflow)["definitions"].append(_plain(whole))
    for point in client.each(requests.change_points(workflow)):
        part(point.workflow)["changePoints"].append(_plain(point))
    for cohort in client.each(requests.cohorts(workflow, digest=True)):
        kept = {"form": cohort.form, "count": cohort.count}
        part(cohort.workflow)["cohorts"].append(kept)
    return {"format": FORMAT, "workflows": dict(sorted(found.items()))}


def read(text: str) -> dict[str, LiveWorkflow]:
    """The workflows of a digest. Raises DigestUnreadable."""
    try:
        document = json.loads(text)
        if document["format"] != FORMAT:
            raise DigestUnreadable(f"format {document['format']!r} is not read here, {FORMAT} is")
        return {name: _workflow(name, part) for name, part in document["workflows"].items()}
    except (ValueError, KeyError, TypeError, LookupError) as error:
        raise DigestUnreadable(
            f"this is no digest of `statekeep cohorts --digest`: {type(error).__name__}: {error}"
        ) from error


def _workflow(name: str, part: Mapping[str, Any]) -> LiveWorkflow:
    versions = tuple(
        Version(item["id"], item["clock"], _machine(item), "")
        for item in sorted(part["definitions"], key=lambda item: item["id"])
    )
    points = tuple(
        change_point_from_json(item)
        for item in sorted(part["changePoints"], key=lambda item: item["name"])
    )
    clocks = [version.clock for version in versions] + [point.clock for point in points]
    registry = Registry(name, max(clocks, default=0), versions, points)
    rows = tuple(
        row_of(number, decode_cohort(registry, item["form"]), item["count"])
        for number, item in enumerate(part["cohorts"])
    )
    digests = {item["id"]: item["digest"] for item in part["definitions"]}
    return LiveWorkflow(registry, rows, digests)


def row_of(number: int, cohort: Cohort, count: int) -> CohortRow:
    """A cohort as a store would list it."""
    form = replace(cohort, history=EMPTY, regions=())
    return CohortRow(0, str(number), form, cohort, not cohort.regions, count, cohort)


def _machine(item: Mapping[str, Any]) -> Any:
    guards = item.get("guards", "Ignore")
    return compile_machine(item["definition"], guards=guards, source="string")


def _plain(model: Any) -> Json:
    plain: Json = model.model_dump(by_alias=True, mode="json")
    return plain
