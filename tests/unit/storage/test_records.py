"""Stored forms are read for ever: what was once written is written so again, and read back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statekeep.core.compile import compile_machine
from statekeep.core.history import EMPTY, History
from statekeep.storage.chunks import FIRST, cut, joined
from statekeep.storage.records import (
    UnknownFormat,
    block_text,
    cohort_image,
    entry_text,
    named_in,
    read_block,
    read_cohort,
    read_entry,
)
from support.loans import LOAN_V1

STORED = json.loads((Path(__file__).parents[2] / "golden" / "stored.json").read_text())
MACHINE = compile_machine(LOAN_V1)
TYPES = st.lists(st.sampled_from(["A", "B", "ÄÖ", "a,b"]), max_size=200)


def test_a_cohort_of_the_first_format_is_read_and_written_as_it_was() -> None:
    text = STORED["cohort"]
    assert named_in(text) == ("loan-v1", ())
    cohort = read_cohort(MACHINE, text, {})
    assert cohort.history.types() == ("SUBMIT_INFO", "PAY_FEE")
    assert cohort.stranding is not None
    assert cohort.stranding.way[0].version == "loan-v3"
    image = cohort_image(MACHINE, cohort)
    assert (image.text, image.rule, image.events) == (text, "Block", 2)


def test_a_block_and_an_entry_of_the_first_format_are_read_and_written_as_they_were() -> None:
    block = read_block(STORED["block"])
    assert (block.decisions[0].fingerprint, block.at) == (255, 12.5)
    assert block_text(block) == STORED["block"]
    assert entry_text(read_entry(STORED["entry"])) == STORED["entry"]


@pytest.mark.parametrize("kind", ["cohort", "block", "entry"])
def test_a_later_format_is_said_to_be_one(kind: str) -> None:
    later = STORED[kind].replace('"f":1', '"f":2')
    read = {"cohort": named_in, "block": read_block, "entry": read_entry}[kind]
    with pytest.raises(UnknownFormat, match="too old"):
        read(later)


@settings(max_examples=60, deadline=None)
@given(TYPES, TYPES)
def test_a_history_is_cut_and_joined_and_shares_its_beginning(
    types: list[str], more: list[str]
) -> None:
    history = EMPTY.extend(types)
    parts, longer = cut(history), cut(history.extend(more))
    assert joined(EMPTY, parts.chunks, parts.tail) == history
    assert longer.chunks[: len(parts.chunks)] == parts.chunks
    assert [chunk.before for chunk in longer.chunks] == [
        FIRST,
        *(chunk.name for chunk in longer.chunks[:-1]),
    ][: len(longer.chunks)]
    assert parts.last == (parts.chunks[-1].name if parts.chunks else FIRST)


def test_histories_of_a_region_begin_as_its_own() -> None:
    seed = History.for_region("left")
    parts = cut(seed.extend(["A"] * 70))
    assert joined(seed, parts.chunks, parts.tail) == seed.extend(["A"] * 70)
    assert joined(EMPTY, parts.chunks, parts.tail) != seed.extend(["A"] * 70)
