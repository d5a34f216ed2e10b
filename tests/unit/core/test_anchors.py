"""Anchors: what matches, what is more specific, and what contradicts."""

from __future__ import annotations

import pytest

from statekeep.core.anchors import (
    Anchor,
    can_both_match,
    contains_elsewhere,
    is_ambiguous,
    matches,
    probes,
)
from statekeep.core.history import EMPTY, History, fingerprint_of, region_seed

LEFT_GO = (("work.left", History.for_region("work.left").extend(["GO", "STOP"])),)


@pytest.mark.parametrize(
    ("anchor", "expected"),
    [
        pytest.param(Anchor(), True, id="a wildcard matches everybody"),
        pytest.param(Anchor.of(["A"]), True, id="a beginning matches"),
        pytest.param(Anchor.of(["A", "B"]), True, id="the whole history matches"),
        pytest.param(Anchor.of(["A", "B", "C"]), False, id="more than was lived does not"),
        pytest.param(Anchor.of(["B"]), False, id="a later part does not"),
        pytest.param(Anchor.of([], {"work.left": ["GO"]}), True, id="a region's beginning does"),
        pytest.param(Anchor.of([], {"work.left": ["STOP"]}), False, id="a region's end does not"),
        pytest.param(Anchor.of([], {"work.right": ["GO"]}), False, id="not of another region"),
        pytest.param(Anchor.of([], {"work.right": []}), True, id="an empty path asks for nothing"),
        pytest.param(Anchor.of(["B"], {"work.left": ["GO"]}), False, id="both have to match"),
        pytest.param(
            Anchor.of([], {"work.left": ["GO"], "work.right": ["GO"]}),
            False,
            id="all regions have to match",
        ),
    ],
)
def test_an_anchor_matches_the_beginnings_of_histories(anchor: Anchor, expected: bool) -> None:
    assert matches(anchor, History.of(["A", "B"]), LEFT_GO) is expected


@pytest.mark.parametrize(
    ("weaker", "stronger"),
    [
        pytest.param(Anchor(), Anchor.of(["A"]), id="an event more"),
        pytest.param(Anchor.of(["A"] * 9), Anchor.of([], {"r": []}), id="a region beats events"),
        pytest.param(Anchor.of([], {"a": ["X"] * 9}), Anchor.of([], {"a.b": []}), id="depth"),
        pytest.param(Anchor.of([], {"a.b": []}), Anchor.of([], {"a.b": [], "c": []}), id="the sum"),
        pytest.param(
            Anchor.of(["A"], {"a": []}), Anchor.of([], {"a": ["A", "B"]}), id="all events"
        ),
    ],
)
def test_specificity_is_depth_of_regions_then_events(weaker: Anchor, stronger: Anchor) -> None:
    assert weaker.specificity < stronger.specificity


def test_a_region_has_one_spelling() -> None:
    assert Anchor.of([], {r"wo\rk.left": ["GO"]}) == Anchor.of([], {"work.left": ["GO"]})


def test_an_escaped_dot_does_not_make_a_region_deeper() -> None:
    assert Anchor.of([], {r"a\.b": []}).specificity == (1, 0)


@pytest.mark.parametrize(
    ("one", "other", "both", "ambiguous"),
    [
        pytest.param(["A"], ["B"], False, False, id="other first events"),
        pytest.param(["A"], ["A", "B"], True, False, id="one goes on where the other ends"),
        pytest.param(["A", "B"], ["A", "C"], False, False, id="they part later"),
        pytest.param([], [], True, True, id="two wildcards"),
        pytest.param(["A"], ["A"], True, True, id="the same path twice"),
    ],
)
def test_history_paths_contradict_where_they_part(
    one: list[str], other: list[str], both: bool, ambiguous: bool
) -> None:
    assert can_both_match(Anchor.of(one), Anchor.of(other)) is both
    assert is_ambiguous(Anchor.of(one), Anchor.of(other)) is ambiguous


@pytest.mark.parametrize(
    ("one", "other", "ambiguous"),
    [
        pytest.param({"a": ["X"]}, {"b": ["X"]}, True, id="two regions can both have lived"),
        pytest.param({"a": ["X"]}, {"a": ["Y"]}, False, id="one region lived one of them"),
        pytest.param({"a": ["X"], "b": ["X"]}, {"a": ["X"], "c": ["Y"]}, True, id="shared agrees"),
        pytest.param({"a": ["X"], "b": ["X"]}, {"a": ["Y"], "c": ["Y"]}, False, id="shared parts"),
        pytest.param({"a": ["X"]}, {"a.b": ["X"]}, False, id="deeper is more specific"),
    ],
)
def test_regions_contradict_only_where_both_name_them(
    one: dict[str, list[str]], other: dict[str, list[str]], ambiguous: bool
) -> None:
    assert is_ambiguous(Anchor.of([], one), Anchor.of([], other)) is ambiguous
    assert is_ambiguous(Anchor.of([], other), Anchor.of([], one)) is ambiguous


def test_probes_say_what_a_router_compares() -> None:
    history, right = probes(Anchor.of(["A"], {"right": ["GO"]}))
    assert (history.region, history.length, history.fingerprint) == (None, 1, fingerprint_of(["A"]))
    assert right.fingerprint == fingerprint_of(["GO"], region_seed("right"))
    assert right.fingerprint == History.for_region("right").append("GO").fingerprint


def test_a_collision_is_no_match() -> None:
    crafted = History.of(["c1E51sSEyx"])
    anchor = Anchor.of(["7mohtcOFVz"])
    assert probes(anchor)[0].fingerprint == crafted.fingerprint
    assert not matches(anchor, crafted, ())


def test_the_digest_names_the_anchor_and_not_its_writing() -> None:
    one = Anchor.of(["A"], {"b": ["X"], "a": ["Y"]})
    other = Anchor.of(("A",), {"a": ("Y",), "b": ("X",)})
    assert one == other
    assert one.digest == other.digest
    assert one.digest != Anchor.of(["A"]).digest


@pytest.mark.parametrize(
    ("types", "path", "expected"),
    [
        (["A", "B", "C"], ["B", "C"], True),
        (["A", "B", "C"], ["A", "B"], False),
        (["A", "B", "C"], ["A", "C"], False),
        (["A"], [], False),
        (["A"], ["A", "B"], False),
    ],
)
def test_a_path_is_elsewhere_when_it_is_not_the_beginning(
    types: list[str], path: list[str], expected: bool
) -> None:
    assert contains_elsewhere(types, path) is expected
    assert not contains_elsewhere(EMPTY.types(), path)
