"""Fingerprints: published vectors, what the closing bytes are for, and agreement of the engines."""

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statekeep.routing import ENGINE, RoutingError
from statekeep.routing.native import ffi, lib
from statekeep.routing.reference import ReferenceEngine

REFERENCE = ReferenceEngine()
HISTORIES = st.lists(st.lists(st.text(max_size=6), max_size=9), max_size=12)
LENGTHS = st.lists(st.integers(1, 12), unique=True, max_size=6).map(sorted)

PUBLISHED = (
    (b"", 0xCBF29CE484222325),
    (b"a", 0xAF63DC4C8601EC8C),
    (b"b", 0xAF63DF4C8601F1A5),
    (b"foobar", 0x85944171F73967E8),
    (b"chongo was here!\n", 0x46810940EFF5F915),
)


@pytest.mark.parametrize(("data", "expected"), PUBLISHED)
def test_rolls_as_the_published_vectors_of_fnv1a_say(data: bytes, expected: int) -> None:
    assert lib.sk_fingerprint(lib.sk_history_seed(), data, len(data)) == expected


def test_rolling_on_equals_rolling_over_both() -> None:
    begun = lib.sk_fingerprint(lib.sk_history_seed(), b"foo", 3)
    assert lib.sk_fingerprint(begun, b"bar", 3) == 0x85944171F73967E8


def test_types_cannot_slide_into_one_another() -> None:
    histories = [["ab", "c"], ["a", "bc"], ["abc"], ["abc", ""]]
    assert len(set(ENGINE.digest(histories, []).fingerprints)) == 4


def test_equal_histories_of_two_regions_differ_from_each_other_and_from_the_history() -> None:
    regions = (None, "work", "work.code", "")
    seen = {ENGINE.digest([["A", "B"]], [1], region).fingerprints[0] for region in regions}
    assert len(seen) == 4


def test_a_region_is_not_mistaken_for_an_event_type() -> None:
    (of_region,) = ENGINE.digest([[]], [], "work").fingerprints
    (of_history,) = ENGINE.digest([["work"]], []).fingerprints
    assert of_region != of_history


def test_the_known_pair_of_types_collides_and_so_does_every_equal_continuation() -> None:
    histories = [["7mohtcOFVz", "PAY", "é"], ["c1E51sSEyx", "PAY", "é"], ["other", "PAY", "é"]]
    digests = ENGINE.digest(histories, [1, 2, 3])
    for column in range(3):
        one, twin, other = digests.prefixes[3 * column : 3 * column + 3]
        assert one == twin != other


@given(HISTORIES, LENGTHS, st.none() | st.text(max_size=5))
def test_engines_agree(histories: list[list[str]], lengths: list[int], region: str | None) -> None:
    ours, theirs = (
        ENGINE.digest(histories, lengths, region),
        REFERENCE.digest(histories, lengths, region),
    )
    assert ours == theirs


@pytest.mark.parametrize("lengths", [[0], [0, 1], [2, 1], [1, 1]])
def test_lengths_that_do_not_ascend_from_one_are_refused_by_both(lengths: list[int]) -> None:
    for engine in (ENGINE, REFERENCE):
        with pytest.raises(RoutingError) as fault:
            engine.digest([["A"]], lengths)
        assert fault.value.code == "SK_BAD_LENGTHS"


@pytest.mark.parametrize(
    ("data", "ends"),
    [
        (b"A", [1]),
        (b"A\xff", [3]),
        (b"A\xffB\xff", [4, 2]),
        (b"A\xffB\xff", [3, 4]),
        (b"", [2**64 - 1]),
    ],
    ids=["open type", "end beyond the bytes", "ends descend", "end inside a type", "huge end"],
)
def test_histories_that_do_not_lie_in_their_bytes_are_refused(data: bytes, ends: list[int]) -> None:
    offsets, types = ffi.new("uint64_t[]", ends), ffi.from_buffer("uint8_t[]", data)
    histories = ffi.new("sk_histories *", (len(ends), types, len(data), offsets))
    counts, whole = ffi.new("uint32_t[]", 2), ffi.new("uint64_t[]", 2)
    status = lib.sk_digest(0, histories, ffi.NULL, 0, counts, whole, ffi.NULL)
    assert status == lib.SK_BAD_HISTORIES


def test_digests_are_arrays_of_fixed_width() -> None:
    digests = ENGINE.digest([["A"], []], [1])
    assert digests.lengths == array("I", [1, 0])
    assert digests.prefixes[1] == 0
    assert digests.fingerprints[1] == 0xCBF29CE484222325
