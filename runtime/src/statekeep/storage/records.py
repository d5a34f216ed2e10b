"""Stored forms: cohorts, decision blocks and registry entries as text, each with its format.

A format that was ever written is read for ever; tests/golden keeps one of each. A cohort is stored
as a form, which a migration replaces and few have, and a past, which it leaves alone and many have.
Histories stand in a past by the name of their last chunk and what comes after it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

from statekeep.core.canonical import canonical_json
from statekeep.core.cohort import Cohort, RegionHistories, Stranding, WayPoint
from statekeep.core.configuration import decode, encode
from statekeep.core.decisions import Decision
from statekeep.core.history import EMPTY, History
from statekeep.core.machine import Machine
from statekeep.storage.chunks import FIRST, Chunk, cut, joined
from statekeep.storage.ports import Block, Entry, Past

COHORT, BLOCK, ENTRY = 2, 1, 1
FIRST_COHORT = 1
"""A cohort in one text, with its past."""
FORM_BYTES, PAST_BYTES = 12, 16
PLAIN, WITH_REGIONS = b"h", b"r"
"""What the name of a past begins with."""


class UnknownFormat(ValueError):
    """Something was stored by a later release."""

    def __init__(self, what: str, found: object) -> None:
        super().__init__(f"a {what} of format {found!r}: this release is too old for this store")


@dataclass(frozen=True, slots=True)
class FormImage:
    """What is seen of a cohort from outside, as it is stored."""

    digest: bytes
    text: str
    rule: str
    """What its stranding does with events; empty for one that is not stranded."""


@dataclass(frozen=True, slots=True)
class PastImage:
    """What the life of its actors has made of a cohort, as it is stored."""

    digest: bytes
    text: str
    events: int
    fingerprint: bytes
    chunks: tuple[str, ...]
    """The chunks its text names."""
    needed: tuple[Chunk, ...]
    """All chunks of its histories, each after the one before it."""


@dataclass(frozen=True, slots=True)
class Image:
    """A cohort as it is stored."""

    form: FormImage
    past: PastImage

    @property
    def digest(self) -> bytes:
        return self.form.digest + self.past.digest


def form_image(machine: Machine, cohort: Cohort) -> FormImage:
    """Write the form of a cohort."""
    stored: dict[str, object] = {
        "f": COHORT,
        "v": cohort.version,
        "p": cohort.position,
        "c": encode(machine, cohort.configuration),
    }
    if cohort.stranding is not None:
        stored["s"] = _stranding_json(cohort.stranding)
    text = canonical_json(stored)
    rule = "" if cohort.stranding is None else cohort.stranding.while_stranded
    return FormImage(blake2b(text.encode(), digest_size=FORM_BYTES).digest(), text, rule)


def past_image(history: History, lived: RegionHistories) -> PastImage:
    """Write the past of a cohort."""
    own = cut(history)
    regions = {region: cut(part) for region, part in lived}
    stored: object = [own.last, *own.tail]
    if regions:
        parts = {region: [part.last, *part.tail] for region, part in regions.items()}
        stored = {"h": stored, "r": parts}
    text = canonical_json(stored)
    cuts = (own, *regions.values())
    name = blake2b(text.encode(), digest_size=PAST_BYTES - 1).digest()
    return PastImage(
        digest=(WITH_REGIONS if regions else PLAIN) + name,
        text=text,
        events=history.length,
        fingerprint=history.fingerprint.to_bytes(8),
        chunks=tuple(sorted({part.last for part in cuts if part.chunks})),
        needed=tuple(chunk for part in cuts for chunk in part.chunks),
    )


def cohort_image(machine: Machine, cohort: Cohort) -> Image:
    """Write a cohort."""
    return Image(form_image(machine, cohort), past_image(cohort.history, cohort.regions))


def version_in(form: str | bytes) -> str:
    """The version that a stored form is on."""
    return str(_form(form)["v"])


def chunks_in(past: str | bytes) -> tuple[str, ...]:
    """The chunks that a stored past names."""
    return chunks_named(json.loads(past))


def parsed(pasts: Sequence[bytes]) -> list[Any]:
    """Stored pasts as JSON values, all at once: each is a line of JSON."""
    found: list[Any] = json.loads(b"[" + b",".join(pasts) + b"]")
    return found


def chunks_named(past: Any) -> tuple[str, ...]:
    """The chunks that a parsed past names."""
    own, regions = _past(past)
    return tuple(sorted({part[0] for part in (own, *regions.values()) if part[0] != FIRST}))


def read_form(machine: Machine, text: str | bytes) -> Cohort:
    """Read what `form_image` wrote."""
    stored = _form(text)
    return Cohort(
        version=stored["v"],
        position=stored["p"],
        history=EMPTY,
        regions=(),
        configuration=decode(machine, stored["c"]),
        stranding=_read_stranding(stored["s"]) if "s" in stored else None,
    )


def read_past(text: str | bytes, chains: Mapping[str, tuple[Chunk, ...]]) -> Past:
    """Read what `past_image` wrote; `chains` has the chunks up to each that is named."""
    return past_of(json.loads(text), chains)


def past_of(stored: Any, chains: Mapping[str, tuple[Chunk, ...]]) -> Past:
    """The past that was parsed."""
    own, regions = _past(stored)

    def history(empty: History, part: list[str]) -> History:
        return joined(empty, chains[part[0]] if part[0] != FIRST else (), part[1:])

    return Past(
        history(EMPTY, own),
        tuple(
            (region, history(History.for_region(region), part))
            for region, part in sorted(regions.items())
        ),
    )


def with_past(form: Cohort, past: Past) -> Cohort:
    """The whole cohort."""
    return Cohort(
        form.version, form.position, past.history, past.regions, form.configuration, form.stranding
    )


def read_first_cohort(
    machine: Machine, text: str, chains: Mapping[str, tuple[Chunk, ...]]
) -> Cohort:
    """Read a cohort of the first format, which had form and past in one text."""
    stored = json.loads(text)
    past = {"h": stored["h"], "r": stored["r"]} if "r" in stored else stored["h"]
    return with_past(read_form(machine, text), read_past(json.dumps(past), chains))


def _form(text: str | bytes) -> Any:
    stored = json.loads(text)
    if stored["f"] not in (FIRST_COHORT, COHORT):
        raise UnknownFormat("cohort", stored["f"])
    return stored


def _past(stored: Any) -> tuple[list[str], dict[str, list[str]]]:
    return (stored["h"], stored["r"]) if isinstance(stored, dict) else (stored, {})


def _stranding_json(stranding: Stranding) -> list[object]:
    way = [[point.version, point.clock] for point in stranding.way]
    return [
        stranding.change_point, stranding.reason, stranding.message, way, stranding.while_stranded
    ]  # fmt: skip


def _read_stranding(stored: Any) -> Stranding:
    change_point, reason, message, way, while_stranded = stored
    points = tuple(WayPoint(version, clock) for version, clock in way)
    return Stranding(change_point, reason, message, points, while_stranded)


def block_text(block: Block, *, shared: bool = False) -> str:
    """Write a decision block; one that is shared by different histories without the fingerprint."""
    decisions = [decision.to_json() for decision in block.decisions]
    if shared:
        decisions = [{**decision, "fingerprint": None} for decision in decisions]
    return canonical_json(
        {
            "f": BLOCK,
            "at": block.at,
            "by": block.by,
            "change": block.change,
            "law": block.law,
            "plan": block.plan,
            "note": block.note,
            "decisions": decisions,
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


def with_fingerprint(block: Block, fingerprint: int) -> Block:
    """A shared block, as it is for one history."""
    own = tuple(replace(decision, fingerprint=fingerprint) for decision in block.decisions)
    return replace(block, decisions=own)


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
        fingerprint=int(stored["fingerprint"] or "0", 16),
        anchor_hash=stored["anchorHash"],
        from_value=stored["fromState"],
        to_value=stored["toState"],
    )


def entry_text(entry: Entry) -> str:
    """Write a registry entry. The order of keys in the body is kept: it means something."""
    return _text({**_head(entry), "body": entry.body, "result": entry.result})


def entry_head(entry: Entry) -> str:
    """How the text of an entry begins: what it is, when and by whom, and so no other one's."""
    return _text(_head(entry)).removesuffix("}") + ","


def _head(entry: Entry) -> dict[str, object]:
    return {
        "f": ENTRY,
        "kind": entry.kind,
        "name": entry.name,
        "clock": entry.clock,
        "law": entry.law,
        "by": entry.by,
        "at": entry.at,
    }


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


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
