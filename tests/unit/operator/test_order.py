"""Which pending registrations wait for which others. The order of objects means nothing."""

import itertools

import pytest

from statekeep_operator.facts import Wish
from statekeep_operator.order import Waits, pending, waits
from support.wishes import cp, runtime, wd

EMPTY = runtime()
A, B, C = "ChangePoint a", "ChangePoint b", "ChangePoint c"


def waiting(*wishes: Wish) -> dict[str, Waits]:
    found = (pending(wish, EMPTY) for wish in wishes)
    return waits([one for one in found if one is not None])


@pytest.mark.parametrize(
    ("name", "wishes", "expected"),
    [
        ("one alone waits for nobody", [cp("a", "v1", "v2")], {}),
        (
            "what leads into a version goes before what leads out of it",
            [cp("a", "v1", "v2"), cp("b", "v2", "v3")],
            {B: Waits(before=(A,))},
        ),
        (
            "two of one source that some history could both match are rivals",
            [cp("a", "v1", "v2", "PAY"), cp("b", "v1", "v3", "PAY", "DOCS")],
            {A: Waits(rivals=(B,)), B: Waits(rivals=(A,))},
        ),
        (
            "a wildcard is a rival of everything of its source",
            [cp("a", "v1", "v2"), cp("b", "v1", "v3", "PAY")],
            {A: Waits(rivals=(B,)), B: Waits(rivals=(A,))},
        ),
        (
            "anchors that contradict each other are no rivals",
            [cp("a", "v1", "v2", "PAY"), cp("b", "v1", "v3", "WAIVE")],
            {},
        ),
        (
            "regions that contradict each other are no rivals",
            [
                cp("a", "v1", "v2", regions={"p.fee": ["PAY"]}),
                cp("b", "v1", "v3", regions={"p.fee": ["WAIVE"]}),
            ],
            {},
        ),
        (
            "different regions can both match",
            [
                cp("a", "v1", "v2", regions={"p.fee": ["PAY"]}),
                cp("b", "v1", "v3", regions={"p.docs": ["SEND"]}),
            ],
            {A: Waits(rivals=(B,)), B: Waits(rivals=(A,))},
        ),
        (
            "clocks pin the order of rivals",
            [cp("a", "v1", "v2", clock=7), cp("b", "v1", "v3", clock=4)],
            {A: Waits(before=(B,))},
        ),
        (
            "one clock alone pins nothing",
            [cp("a", "v1", "v2", clock=7), cp("b", "v1", "v3")],
            {A: Waits(rivals=(B,)), B: Waits(rivals=(A,))},
        ),
        (
            "equal clocks pin nothing",
            [cp("a", "v1", "v2", clock=7), cp("b", "v1", "v3", clock=7)],
            {A: Waits(rivals=(B,)), B: Waits(rivals=(A,))},
        ),
        (
            "clocks may turn the routing graph's order round",
            [cp("a", "v1", "v2", clock=9), cp("b", "v2", "v3", clock=8)],
            {A: Waits(before=(B,))},
        ),
        (
            "clocks of what has nothing to do with each other say nothing",
            [cp("a", "v1", "v2", clock=9), cp("b", "v5", "v6", clock=8)],
            {},
        ),
        (
            "two hotfixes of one point are rivals",
            [cp("a", None, "v2", refines="p"), cp("b", None, "v3", refines="p")],
            {A: Waits(rivals=(B,)), B: Waits(rivals=(A,))},
        ),
        (
            "hotfixes of different points are none",
            [cp("a", None, "v2", refines="p"), cp("b", None, "v3", refines="q")],
            {},
        ),
        (
            "migrations of one definition share a clock and are no rivals",
            [wd("v3", "one: v1", "two: v1 PAY")],
            {},
        ),
        (
            "a chain goes link by link",
            [cp("c", "v3", "v4"), cp("b", "v2", "v3"), cp("a", "v1", "v2")],
            {B: Waits(before=(A,)), C: Waits(before=(B,))},
        ),
        (
            "who would move in a circle waits, and nobody guesses",
            [cp("a", "v1", "v2"), cp("b", "v2", "v1")],
            {A: Waits(before=(B,)), B: Waits(before=(A,))},
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_order(name: str, wishes: list[Wish], expected: dict[str, Waits]) -> None:
    for ordered in itertools.permutations(wishes):
        assert waiting(*ordered) == expected, name


def test_what_is_registered_is_not_pending() -> None:
    known = runtime("v1", "v2", points=("v2.paid v1 v2",))
    both = wd("v2", "paid: v1 PAY", "waived: v1 WAIVE")
    found = pending(both, known)
    assert found is not None
    assert [edge.history_path for edge in found.edges] == [("WAIVE",)]
    assert pending(wd("v2", "paid: v1 PAY"), known) is None


def test_a_thousand_links_are_ordered_in_a_moment() -> None:
    links = [cp(f"p{n:04}", f"v{n}", f"v{n + 1}") for n in range(1000)]
    found = waiting(*links)
    assert len(found) == 999
    assert found["ChangePoint p0500"] == Waits(before=("ChangePoint p0499",))
