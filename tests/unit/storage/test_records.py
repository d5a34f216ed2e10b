"""Stored forms are read for ever: what was once written is written so again, and read back."""

from __future__ import annotations

import json
import re
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
    chunks_in,
    cohort_image,
    entry_text,
    past_image,
    read_block,
    read_entry,
    read_first_cohort,
    read_form,
    read_past,
    version_in,
    with_fingerprint,
    with_past,
)
from support.loans import LOAN_V1

STORED = json.loads((Path(__file__).parents[2] / "golden" / "stored.json").read_text())
MACHINE = compile_machine(LOAN_V1)
TYPES = st.lists(st.sampled_from(["A", "B", "ÄÖ", "a,b"]), max_size=200)


def test_a_cohort_of_the_first_format_is_read() -> None:
    cohort = read_first_cohort(MACHINE, STORED["cohort"], {})
    assert cohort.history.types() == ("SUBMIT_INFO", "PAY_FEE")
    assert cohort.stranding is not None
    assert cohort.stranding.way[0].version == "loan-v3"
    image = cohort_image(MACHINE, cohort)
    assert (image.form.text, image.past.text) == (STORED["form"], STORED["past"])


def test_a_cohort_of_the_second_format_is_read_and_written_as_it_was() -> None:
    assert version_in(STORED["form"]) == "loan-v1"
    assert chunks_in(STORED["past"]) == ()
    form, past = read_form(MACHINE, STORED["form"]), read_past(STORED["past"], {})
    assert past.history.types() == ("SUBMIT_INFO", "PAY_FEE")
    image = cohort_image(MACHINE, with_past(form, past))
    assert (image.form.text, image.past.text) == (STORED["form"], STORED["past"])
    assert (image.form.rule, image.past.events) == ("Block", 2)
    assert image.digest.hex() == STORED["digest"]
    assert image.past.fingerprint == past.history.fingerprint.to_bytes(8)


def test_a_past_with_regions_is_read_and_written_as_it_was() -> None:
    chunk = "5d0e" * 7 + "aa"
    assert chunks_in(STORED["past-with-regions"].replace('""', f'"{chunk}"', 1)) == (chunk,)
    past = read_past(STORED["past-with-regions"], {})
    assert [(region, lived.types()) for region, lived in past.regions] == [("left", ("GO",))]
    assert past_image(past.history, past.regions).text == STORED["past-with-regions"]


def test_a_block_that_is_shared_takes_the_fingerprint_of_whoever_reads_it() -> None:
    block = read_block(STORED["block"])
    shared = read_block(block_text(block, shared=True))
    assert shared.decisions[0].fingerprint == 0
    assert with_fingerprint(shared, 255) == block


def test_a_block_and_an_entry_of_the_first_format_are_read_and_written_as_they_were() -> None:
    block = read_block(STORED["block"])
    assert (block.decisions[0].fingerprint, block.at) == (255, 12.5)
    assert block_text(block) == STORED["block"]
    assert entry_text(read_entry(STORED["entry"])) == STORED["entry"]


@pytest.mark.parametrize("kind", ["form", "block", "entry"])
def test_a_later_format_is_said_to_be_one(kind: str) -> None:
    later = re.sub(r'"f":\d', '"f":9', STORED[kind])
    read = {"form": version_in, "block": read_block, "entry": read_entry}[kind]
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
