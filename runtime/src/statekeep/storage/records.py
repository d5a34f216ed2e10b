"""Stored forms: cohorts, decision blocks and registry entries as text, each with its format.

A format that was ever written is read for ever; tests/golden keeps one of each. Histories stand in
a cohort's text by the name of their last chunk and what comes after it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from statekeep.core.canonical import canonical_json
from statekeep.core.cohort import Cohort, Stranding, WayPoint
from statekeep.core.configuration import decode, encode
from statekeep.core.decisions import Decision
from statekeep.core.history import EMPTY, History
from statekeep.core.machine import Machine
from statekeep.storage.chunks import FIRST, Chunk, cut, joined
from statekeep.storage.ports import Block, Entry

COHORT, BLOCK, ENTRY = 1, 1, 1


class UnknownFormat(ValueError):
    """Something was stored by a later release."""

    def __init__(self, what: str, found: object) -> None:
        super().__init__(f"a {what} of format {found!r}: this release is too old for this store")


@dataclass(frozen=True, slots=True)
class Image:
    """A cohort as it is stored."""

    digest: str
    text: str
    rule: str
    """What its stranding does with events; empty for one that is not stranded."""
    events: int
    chunks: tuple[str, ...]
    """The chunks its text names."""
    needed: tuple[Chunk, ...]
    """All chunks of its histories, each after the one before it."""


def cohort_image(machine: Machine, cohort: Cohort) -> Image:
    """Write a cohort."""
    own = cut(cohort.history)
    regions = {region: cut(history) for region, history in cohort.regions}
    stored: dict[str, object] = {
        "f": COHORT,
        "v": cohort.version,
        "p": cohort.position,
        "c": encode(machine, cohort.configuration),
        "h": [own.last, *own.tail],
    }
    if regions:
        stored["r"] = {region: [part.last, *part.tail] for region, part in regions.items()}
    if cohort.stranding is not None:
        stored["s"] = _stranding_json(cohort.stranding)
    text = canonical_json(stored)
    cuts = (own, *regions.values())
    return Image(
        digest=blake2b(text.encode(), digest_size=15).hexdigest(),
        text=text,
        rule="" if cohort.stranding is None else cohort.stranding.while_stranded,
        events=cohort.history.length,
        chunks=tuple(sorted({part.last for part in cuts if part.chunks})),
        needed=tuple(chunk for part in cuts for chunk in part.chunks),
    )


def named_in(text: str) -> tuple[str, tuple[str, ...]]:
    """The version that a stored cohort is on, and the chunks that its text names."""
    stored = json.loads(text)
    if stored["f"] != COHORT:
        raise UnknownFormat("cohort", stored["f"])
    parts = [stored["h"], *stored.get("r", {}).values()]
    return stored["v"], tuple(sorted({part[0] for part in parts if part[0] != FIRST}))


def read_cohort(machine: Machine, text: str, chains: Mapping[str, tuple[Chunk, ...]]) -> Cohort:
    """Read what `cohort_image` wrote; `chains` has the chunks up to each that is named."""
    stored = json.loads(text)

    def history(empty: History, part: list[str]) -> History:
        return joined(empty, chains[part[0]] if part[0] != FIRST else (), part[1:])

    return Cohort(
        version=stored["v"],
        position=stored["p"],
        history=history(EMPTY, stored["h"]),
        regions=tuple(
            (region, history(History.for_region(region), part))
            for region, part in sorted(stored.get("r", {}).items())
        ),
        configuration=decode(machine, stored["c"]),
        stranding=_read_stranding(stored["s"]) if "s" in stored else None,
    )


def _stranding_json(stranding: Stranding) -> list[object]:
    way = [[point.version, point.clock] for point in stranding.way]
    return [
        stranding.change_point, stranding.reason, stranding.message, way, stranding.while_stranded
    ]  # fmt: skip


def _read_stranding(stored: Any) -> Stranding:
    change_point, reason, message, way, while_stranded = stored
    points = tuple(WayPoint(version, clock) for version, clock in way)
    return Stranding(change_point, reason, message, points, while_stranded)


def block_text(block: Block) -> str:
    """Write a decision block."""
    return canonical_json(
        {
            "f": BLOCK,
            "at": block.at,
            "by": block.by,
            "change": block.change,
            "law": block.law,
            "plan": block.plan,
            "note": block.note,
            "decisions": [decision.to_json() for decision in block.decisions],
        }
    )


def read_block(text: str | bytes) -> Block:
    """Read what `block_text` wrote."""
    stored = json.loads(text)
    if stored["f"] != BLOCK:
        raise UnknownFormat("decision block", stored["f"])
    return Block(
        decisions=tuple(_read_decision(decision) for decision in stored["decisions"]),
        at=stored["at"],
        by=stored["by"],
        change=stored["change"],
        law=stored["law"],
        plan=stored["plan"],
        note=stored["note"],
    )


def _read_decision(stored: Mapping[str, Any]) -> Decision:
    return Decision(
        change_point=stored["changePoint"],
        clock=stored["clock"],
        verdict=stored["verdict"],
        source=stored["from"],
        target=stored["to"],
        reason=stored["reason"],
        message=stored["message"],
        rescued=stored["rescued"],
        fingerprint=int(stored["fingerprint"], 16),
        anchor_hash=stored["anchorHash"],
        from_value=stored["fromState"],
        to_value=stored["toState"],
    )


def entry_text(entry: Entry) -> str:
    """Write a registry entry. The order of keys in the body is kept: it means something."""
    stored = {
        "f": ENTRY,
        "kind": entry.kind,
        "name": entry.name,
        "clock": entry.clock,
        "law": entry.law,
        "by": entry.by,
        "at": entry.at,
        "body": entry.body,
        "result": entry.result,
    }
    return json.dumps(stored, ensure_ascii=False, separators=(",", ":"))


def read_entry(text: str | bytes) -> Entry:
    """Read what `entry_text` wrote."""
    stored = json.loads(text)
    if stored["f"] != ENTRY:
        raise UnknownFormat("registry entry", stored["f"])
    return Entry(
        kind=stored["kind"],
        name=stored["name"],
        clock=stored["clock"],
        law=stored["law"],
        body=stored["body"],
        by=stored["by"],
        at=stored["at"],
        result=stored["result"],
    )
