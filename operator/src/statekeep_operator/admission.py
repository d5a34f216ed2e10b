"""What the webhook says to an object before it is stored: a refusal, or warnings with the preview.

It refuses only what this object alone proves wrong. What another object or time can cure is a
warning, because GitOps tools try all objects before they apply any. It says what it does not know:
silence must not look like "nobody strands".
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from statekeep.web import wire
from statekeep_operator import bodies
from statekeep_operator.facts import Key, Wish, owner_of
from statekeep_operator.plan import Obstacle
from statekeep_operator.runtime import RuntimeAway, Runtimes

SECONDS: Final = 0.9
WARNING_LENGTH: Final = 255
MOST_WARNINGS: Final = 10
PROVEN: Final = frozenset({"InvalidDefinition", "DefinitionExists", "ChangePointExists"})
"""What no other object and no time can cure."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the object may be stored, and what its author should know."""

    allowed: bool = True
    message: str = ""
    warnings: tuple[str, ...] = ()


async def judge(runtimes: Runtimes, request: Mapping[str, Any]) -> Verdict:
    """Judge one AdmissionReview request, within a second."""
    body = {**request["object"], "kind": request["kind"]["kind"]}
    if owner_of(body) is not None:
        return Verdict()
    try:
        async with asyncio.timeout(SECONDS):
            found = await _preview(runtimes, request["namespace"], _wish(body))
    except TimeoutError:
        return _nothing_known("the runtime did not answer within a second")
    except RuntimeAway as away:
        return _nothing_known(str(away))
    if not isinstance(found, Obstacle):
        return Verdict(warnings=_bounded(_previewed(found)))
    if found.reason in PROVEN:
        return Verdict(allowed=False, message=f"{found.reason}: {found.message}")
    return Verdict(warnings=_bounded([f"{found.reason}: {found.message}"]))


async def _preview(runtimes: Runtimes, tenant: str, wish: Wish) -> wire.PreviewAnswer | Obstacle:
    """The machine by itself first: it may be wrong while a source is still unknown."""
    if not wish.is_definition:
        workflow = await _workflow(runtimes, tenant, wish)
        return await runtimes.preview_point(tenant, bodies.point(wish, workflow))
    names = [migration["name"] for migration in wish.migrations]
    found = await runtimes.preview_version(tenant, bodies.version(wish, names))
    if isinstance(found, Obstacle) and found.reason not in PROVEN and names:
        alone = await runtimes.preview_version(tenant, bodies.version(wish))
        if isinstance(alone, Obstacle) and alone.reason in PROVEN:
            return alone
    return found


async def _workflow(runtimes: Runtimes, tenant: str, wish: Wish) -> str | None:
    for end in ("to", "from"):
        if wish.spec.get(end):
            home = await runtimes.home_of(tenant, wish.spec[end])
            if home is not None:
                return home
    return None


def _wish(body: Mapping[str, Any]) -> Wish:
    """An object that is about to be made has neither uid nor generation."""
    meta = body["metadata"]
    return Wish(
        key=Key(body["kind"], meta.get("name", "")),
        uid=meta.get("uid", ""),
        generation=meta.get("generation", 0),
        spec=body.get("spec") or {},
    )


def _previewed(found: wire.PreviewAnswer) -> list[str]:
    """Worst first: who would strand, then the sum, then what else there is to know."""
    if found.unchanged:
        return []
    counts = found.counts
    concerned = counts.would_migrate + counts.would_stay + counts.would_strand
    stranded = sorted(
        (row for row in found.by_state if row.verdict == "stranded"), key=lambda row: -row.count
    )
    told = [
        f"{row.count} of {concerned} actors would strand in `{row.state}` of {row.version}: "
        f"{row.reason}"
        for row in stranded
    ]
    if found.change_points:
        told.append(
            f"{counts.would_strand} of {concerned} would strand, {counts.would_migrate} would "
            f"migrate, {counts.would_stay} would stay"
        )
    return [*told, *(f"{warned.code}: {warned.message}" for warned in found.warnings)]


def _nothing_known(why: str) -> Verdict:
    return Verdict(warnings=_bounded([f"no preview is available: {why}"]))


def _bounded(told: list[str]) -> tuple[str, ...]:
    """The API server cuts longer ones, and many are read by nobody."""
    kept = told[:MOST_WARNINGS]
    if len(told) > len(kept):
        kept[-1] = f"and {len(told) - len(kept) + 1} more warnings"
    return tuple(
        text if len(text) <= WARNING_LENGTH else text[: WARNING_LENGTH - 1] + "…" for text in kept
    )
