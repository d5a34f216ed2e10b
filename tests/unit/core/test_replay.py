"""Walks through a machine, and what is remembered of them."""

from __future__ import annotations

import pytest

from statekeep.core import replay
from statekeep.core.compile import compile_machine
from statekeep.core.configuration import value
from statekeep.core.replay import Endless, Stopped, Walked, walk
from support.routed import chart, parallel

RING = chart(a={"GO": "b"}, b={"GO": "c", "BACK": "a"}, c={"GO": "a"})
BOTH = parallel(left=chart(a={"GO": "b"}, b={}), right=chart(x={"RUN": "y"}, y={"RUN": "x"}))


@pytest.mark.parametrize("most", [1, 2, 16_384])
def test_a_walk_ends_where_it_ends_however_little_is_remembered(
    monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(replay, "MOST_LEADS", most)
    machine = compile_machine(RING)
    for _ in range(2):
        for types, end in (("GO GO GO", "a"), ("GO BACK GO", "b"), ("", "a"), ("GO GO", "c")):
            walked = walk(machine, types.split())
            assert isinstance(walked, Walked)
            assert value(machine, walked.configuration) == end
        assert walk(machine, ["GO", "GO", "BACK"]) == Stopped(2, "BACK")


def test_walks_that_took_other_events_in_a_region_are_told_apart() -> None:
    machine = compile_machine(BOTH)
    once, thrice = walk(machine, ["RUN", "GO"]), walk(machine, ["RUN", "GO", "RUN", "RUN"])
    assert isinstance(once, Walked)
    assert isinstance(thrice, Walked)
    assert once.configuration == thrice.configuration
    assert once.taken == (("left", ("GO",)), ("right", ("RUN",)))
    assert thrice.taken == (("left", ("GO",)), ("right", ("RUN",) * 3))


def test_a_machine_that_never_rests_stops_every_walk_at_the_event() -> None:
    machine = compile_machine(
        {"initial": "a", "states": {"a": {"on": {"GO": "b"}}, "b": {"always": "c"},
                                    "c": {"always": "b"}}}
    )  # fmt: skip
    assert [walk(machine, ["GO"]) for _ in range(2)] == [Endless(0)] * 2
