"""The law: which change-point picks, sentence by sentence."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from statekeep.core.anchors import Anchor
from statekeep.core.history import History
from statekeep.core.law import Traveller, first_match, in_force
from statekeep.core.points import ChangePoint


def point(
    name: str, clock: int, path: str = "", refinement: int = 0, **rules: object
) -> ChangePoint:
    """A change-point from v1; its anchor is the letters of `path`."""
    return ChangePoint(
        name=name,
        clock=clock,
        source="v1",
        target=f"to-{name}",
        anchor=Anchor.of(path),
        refinement=refinement,
        **rules,  # type: ignore[arg-type]
    )


def picked(points: list[ChangePoint], since: int, history: str) -> str | None:
    traveller = Traveller(since, History.of(history), ())
    answers = {
        found.name if (found := first_match(in_force(order), traveller)) else None
        for order in permutations(points)
    }
    assert len(answers) == 1, "the order of registration must not matter"
    return answers.pop()


@pytest.mark.parametrize(
    ("points", "since", "history", "expected"),
    [
        pytest.param([], 1, "A", None, id="without points it stays"),
        pytest.param([point("p", 5)], 5, "", "p", id="a point at the position itself picks"),
        pytest.param([point("p", 4)], 5, "", None, id="a point before the position is over"),
        pytest.param([point("p", 5, "B")], 1, "AB", None, id="an anchor that misses does not pick"),
        pytest.param([point("p", 5), point("q", 6)], 1, "", "p", id="the earliest clock wins"),
        pytest.param(
            [point("p", 5), point("q", 6, "AB")], 1, "AB", "p", id="the clock beats specificity"
        ),
        pytest.param(
            [point("p", 5, "B"), point("q", 6, "A")], 1, "A", "q", id="a miss leaves the next"
        ),
        pytest.param(
            [point("p", 5), point("q", 5, "A"), point("r", 5, "AB")],
            1,
            "ABC",
            "r",
            id="at one clock the most specific anchor wins",
        ),
        pytest.param(
            [point("p", 5), point("q", 5, "", 1), point("r", 5, "", 2)],
            1,
            "A",
            "r",
            id="of one point the highest refinement wins",
        ),
        pytest.param(
            [point("p", 5, "A"), point("q", 5, "", 7)],
            1,
            "A",
            "p",
            id="specificity beats refinement",
        ),
        pytest.param(
            [point("p", 5, closed=True), point("q", 6)],
            1,
            "",
            "q",
            id="a closed point picks nobody",
        ),
        pytest.param(
            [point("p", 5), point("q", 5, "", 1, closed=True)],
            1,
            "",
            None,
            id="a closed refinement still hides the lower ones",
        ),
        pytest.param(
            [point("p", 5, closed=True), point("q", 5, "", 1)],
            1,
            "",
            "q",
            id="an open refinement of a closed point picks",
        ),
        pytest.param(
            [point("p", 5), point("q", 5, "A", closed=True)],
            1,
            "A",
            "p",
            id="a closed point hides no other anchor",
        ),
        pytest.param(
            [point("p", 5), point("q", 6, "", 1)],
            1,
            "",
            "p",
            id="a refinement at another clock is of another point",
        ),
    ],
)
def test_the_law_picks(
    points: list[ChangePoint], since: int, history: str, expected: str | None
) -> None:
    assert picked(points, since, history) == expected


def test_a_crafted_collision_is_not_picked() -> None:
    crafted = replace(point("p", 5), anchor=Anchor.of(["7mohtcOFVz"]))
    lived = History.of(["c1E51sSEyx"])
    assert lived.fingerprint == History.of(["7mohtcOFVz"]).fingerprint
    assert first_match(in_force([crafted]), Traveller(1, lived, ())) is None
    assert first_match(in_force([crafted]), Traveller(1, History.of(["7mohtcOFVz"]), ())) == crafted


def test_at_one_clock_the_deeper_region_wins_over_any_number_of_events() -> None:
    deep = replace(point("deep", 5), anchor=Anchor.of([], {"work.left": []}))
    flat = replace(point("flat", 5), anchor=Anchor.of("AB", {"work": []}))
    events = point("events", 5, "ABC")
    order = in_force([events, flat, deep])
    assert [found.name for found in order] == ["deep", "flat", "events"]
    assert first_match(order, Traveller(1, History.of("ABC"), ())) == deep


def test_of_two_regions_with_equal_histories_one_is_anchored() -> None:
    anchored = replace(point("p", 5), anchor=Anchor.of([], {"work.left": ["GO"]}))
    left, right = (
        ((region, History.for_region(region).append("GO")),)
        for region in ("work.left", "work.right")
    )
    assert first_match(in_force([anchored]), Traveller(1, History.of(["GO"]), left)) == anchored
    assert first_match(in_force([anchored]), Traveller(1, History.of(["GO"]), right)) is None
