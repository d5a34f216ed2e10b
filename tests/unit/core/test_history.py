"""Histories: what they remember, what they share, and what their digests are."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statekeep.core.history import CHUNK, EMPTY, History, fingerprint_of, fnv1a, region_seed

TYPES = st.lists(st.text(max_size=6), max_size=3 * CHUNK)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", 0xCBF29CE484222325), ("a", 0xAF63DC4C8601EC8C), ("foobar", 0x85944171F73967E8)],
)
def test_fnv1a_gives_the_published_vectors(text: str, expected: int) -> None:
    assert fnv1a(text.encode()) == expected


@pytest.mark.parametrize("prefix", [(), ("START",)])
def test_two_event_types_of_one_fingerprint_are_two_histories(prefix: tuple[str, ...]) -> None:
    one, other = (History.of((*prefix, name)) for name in ("7mohtcOFVz", "c1E51sSEyx"))
    assert (one.fingerprint == other.fingerprint) == (not prefix)
    assert fnv1a(b"7mohtcOFVz") == fnv1a(b"c1E51sSEyx")
    assert one != other
    assert one.identity != other.identity
    assert not other.starts_with(one.types())


def test_the_end_of_a_type_is_part_of_the_fingerprint() -> None:
    assert History.of(["ab", "c"]).fingerprint != History.of(["a", "bc"]).fingerprint


def test_equal_histories_of_two_regions_do_not_look_alike() -> None:
    left, right = (History.for_region(region).append("GO") for region in ("w.left", "w.right"))
    assert left.fingerprint != right.fingerprint
    assert left != right


def test_the_seed_of_a_region_is_its_path_closed_by_a_byte_of_its_own() -> None:
    assert region_seed("work") == fnv1a(b"work\xfe")


@given(TYPES)
def test_a_history_is_its_types(types: list[str]) -> None:
    history = History.of(types)
    assert history.types() == tuple(types)
    assert len(history) == len(types)
    assert bool(history) == bool(types)
    assert history.fingerprint == fingerprint_of(types)


@given(TYPES, st.integers(0, 3 * CHUNK))
def test_extending_in_two_steps_is_extending_in_one(types: list[str], cut: int) -> None:
    first = History.of(types[:cut])
    assert first.extend(types[cut:]) == History.of(types)
    assert first.types() == tuple(types[:cut])


@given(TYPES, st.integers(0, 3 * CHUNK))
def test_a_prefix_has_the_fingerprint_of_the_history_that_it_was(
    types: list[str], cut: int
) -> None:
    count = min(cut, len(types))
    assert History.of(types).prefix_fingerprint(count) == History.of(types[:count]).fingerprint


@given(TYPES, TYPES)
def test_starting_with_a_path_is_what_it_is_for_tuples(types: list[str], path: list[str]) -> None:
    history = History.of(types)
    assert history.starts_with(tuple(path)) == (tuple(types[: len(path)]) == tuple(path))
    assert history.starts_with(tuple(types[: len(path)]))


def test_the_identity_is_a_chain_of_sha256() -> None:
    chain = sha256(b"").digest()
    for name in (b"A", b"B"):
        chain = sha256(chain + name + b"\xff").digest()
    assert History.of(["A", "B"]).identity == chain.hex()
    assert EMPTY.identity == sha256(b"").hexdigest()


def test_extensions_share_the_full_chunks() -> None:
    base = History.of(["E"] * CHUNK)
    one, other = base.append("A"), base.append("B")
    assert one._chunks[0] is other._chunks[0]


def test_a_prefix_that_is_not_there_has_no_fingerprint() -> None:
    with pytest.raises(IndexError, match="a history of 1 events has no prefix of 2"):
        History.of(["A"]).prefix_fingerprint(2)


@pytest.mark.parametrize("length", [CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 5])
def test_a_long_history_knows_every_beginning_of_itself(length: int) -> None:
    types = [f"E{number}" for number in range(length)]
    history = History.of(types)
    for count in (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, length - 1, length, length + 1):
        assert history.first(count) == tuple(types[:count])
        assert history.starts_with(tuple(types[:count]))
    assert not history.starts_with((*types, "E"))


def test_a_history_shows_its_first_events() -> None:
    assert repr(History.of("ABCDEFGHIJ")) == "History(A, B, C, D, E, F, G, H, …; 10)"
    assert History.of("A") != "A"
    assert hash(History.of("A")) == hash(EMPTY.append("A"))


@given(TYPES, st.lists(st.text(max_size=6), max_size=CHUNK), st.sampled_from(["", "left.right"]))
def test_a_history_that_was_read_back_is_the_one_that_was_lived(
    types: list[str], more: list[str], region: str
) -> None:
    empty = History.for_region(region) if region else EMPTY
    full = len(types) // CHUNK * CHUNK
    chunks = tuple(tuple(types[at : at + CHUNK]) for at in range(0, full, CHUNK))
    read, lived = empty.holding(chunks, tuple(types[full:])), empty.extend(types)
    assert (read.types(), len(read)) == (tuple(types), len(types))
    assert read.extend(more) == lived.extend(more)
    assert (read.fingerprint, read.identity) == (lived.fingerprint, lived.identity)
    assert hash(read) == hash(lived)
