"""Stranding, the next picks, rescue by a later deployment and by hand."""

from typing import Any

from support.scenarios.corners.writing import (
    Corner,
    at,
    chart,
    close,
    counts,
    deploy,
    error,
    final,
    migration,
    point,
    refine,
    rescue,
    send,
    spawn,
    stuck,
    sub,
)

AB = chart("a", a="A>b", b="B>a")
ONLY_A = chart("a", a="A>c", c="")
MIGRATED, STAYED, STRANDED = counts(1, 0, 0), counts(0, 1, 0), counts(0, 0, 1)

STUCK_IN_B = [
    deploy("v1", AB),
    spawn("ann", "v1"),
    send("ann", "A"),
    deploy("v2", ONLY_A, "v1", landing="Same", expect=STRANDED),
]

LATER = [
    Corner(
        "A stranded actor stays on its version and goes on taking events",
        [*STUCK_IN_B, send("ann", "X", expect={"accepted": [False]})],
        {"ann": stuck("v1", "b", "StateRemoved")},
    ),
    Corner(
        "It is routed as soon as an event gives it a landing",
        [*STUCK_IN_B, send("ann", "B", expect={"accepted": [True]})],
        {"ann": at("v2", "a", reason=None)},
    ),
    Corner(
        "The record goes when the actor is done",
        [
            deploy("v1", chart("a", a="A>b", b="END>z", z=final())),
            spawn("ann", "v1"),
            send("ann", "A"),
            deploy("v2", ONLY_A, "v1", expect=STRANDED),
            send("ann", "END"),
        ],
        {"ann": at("v1", "z", "done", reason=None)},
    ),
    Corner(
        "The law goes on: a later point of the actor's own version lands it",
        [
            *STUCK_IN_B,
            deploy("v3", chart("z", z=""), "v1", stateMapping={"b": "z"}, expect=MIGRATED),
        ],
        {"ann": at("v3", "z")},
    ),
    Corner(
        "One pick for each clock and source: a less specific anchor of that clock is not asked",
        [
            deploy("v1", AB),
            spawn("ann", "v1"),
            send("ann", "A"),
            deploy(
                "v2",
                chart("z", z=""),
                migrations=[
                    migration("any", "v1", stateMapping={"b": "z"}),
                    migration("some", "v1", historyPath=["A"], landing="MappingOnly"),
                ],
                expect=STRANDED,
            ),
        ],
        {"ann": stuck("v1", "b", "NotMapped")},
    ),
    Corner(
        "One deployment moves those that arrived and those that stranded on the way, together",
        [
            deploy("v1", AB),
            spawn("ann", "v1"),
            spawn("bob", "v1"),
            send("ann", "A"),
            deploy("v2", ONLY_A, "v1", expect=counts(1, 0, 1)),
            deploy(
                "v3", chart("a", a="", z=""), "v2", stateMapping={"b": "z"}, expect=counts(2, 0, 0)
            ),
        ],
        {"ann": at("v3", "z"), "bob": at("v3", "a")},
    ),
    Corner(
        "A routine next version never waves through what the last one stopped: NotMapped",
        [*STUCK_IN_B, deploy("v3", AB, "v2", landing="Same", expect=STRANDED)],
        {"ann": stuck("v1", "b", "StateRemoved")},
    ),
    Corner(
        "Off the source a mapping must cover every active leaf",
        [
            deploy("v1", chart(None, left=AB, right=AB)),
            spawn("ann", "v1"),
            deploy("v2", chart("a", a=""), "v1", evaluation="Once", expect=STRANDED),
            deploy(
                "v3",
                chart(None, left=AB, right=AB),
                "v2",
                stateMapping={"left.a": "left.b"},
                expect=STRANDED,
            ),
        ],
        {"ann": stuck("v1", {"left": "a", "right": "a"}, "MappingIncomplete")},
    ),
    Corner(
        "Off the source a Replay rescues",
        [*STUCK_IN_B, deploy("v3", AB, "v2", landing="Replay", expect=MIGRATED)],
        {"ann": at("v3", "b")},
    ),
    Corner(
        "A point that does not rescue takes only who is on its source, and is concerned with them",
        [
            *STUCK_IN_B,
            deploy("v3", AB, "v2", rescues=False, stateMapping={"b": "b"}, expect=counts(0, 0, 0)),
        ],
        {"ann": stuck("v1", "b", "StateRemoved")},
    ),
    Corner(
        "A refinement hides its lower ones for everybody, whatever its rescues",
        [
            deploy("v1", AB),
            spawn("ann", "v1"),
            spawn("bob", "v1"),
            send("ann", "A"),
            send("bob", "A"),
            deploy("v2", chart("z", z=""), "v1", landing="MappingOnly"),
            deploy("v3", chart("x", x="")),
            point("out", "v2", "v3", stateMapping={"a": "x"}, expect=counts(0, 0, 2)),
            send("ann", "B"),
            refine(
                "hotfix",
                "out",
                "v3",
                rescues=False,
                stateMapping={"a": "x"},
                expect=counts(0, 0, 0),
            ),
            send("bob", "B"),
        ],
        {"ann": at("v3", "x"), "bob": stuck("v1", "a", "NotMapped")},
    ),
    Corner(
        "The first pick renews the record: the reason is that of the first pick of all",
        [
            *STUCK_IN_B,
            close("v2.v1"),
            deploy("v3", AB, "v2", landing="Same", expect=STRANDED),
        ],
        {"ann": stuck("v1", "b", "NotMapped")},
    ),
    Corner(
        "An evaluation that picks nothing leaves the record as it is",
        [*STUCK_IN_B, close("v2.v1"), send("ann", "B")],
        {"ann": stuck("v1", "a", "StateRemoved")},
    ),
    Corner(
        "The points of a version on the way count from the pick that put it there",
        [
            deploy("v1", AB),
            deploy("v2", ONLY_A),
            deploy("v3", AB),
            point("onward", "v2", "v3", landing="Replay"),
            spawn("ann", "v1"),
            send("ann", "A"),
            point("late", "v1", "v2", landing="Same", expect=STRANDED),
        ],
        {"ann": stuck("v1", "b", "StateRemoved")},
    ),
    Corner(
        "They count from that pick at every later evaluation too",
        [
            deploy("v1", chart("a", a="A>b", b="B>c", c="")),
            deploy("v2", chart("a", a="")),
            deploy("v3", chart("a", a="A>b", b="B>c", c="")),
            point("onward", "v2", "v3", landing="Replay"),
            spawn("ann", "v1"),
            send("ann", "A"),
            point("late", "v1", "v2", landing="Same", expect=STRANDED),
            send("ann", "B"),
        ],
        {"ann": stuck("v1", "c", "StateRemoved")},
    ),
    Corner(
        "A second pick that leads to a version on the way changes nothing about it",
        [
            *STUCK_IN_B,
            point("again", "v1", "v2", landing="MappingOnly", expect=STRANDED),
            deploy("v3", ONLY_A),
            point("other", "v1", "v3", landing="MappingOnly", expect=STRANDED),
            point("third", "v1", "v2", landing="MappingOnly", expect=STRANDED),
            deploy(
                "v4",
                chart("s", s="", second="", first=""),
                migrations=[
                    migration("second", "v3", stateMapping={"b": "second"}),
                    migration("first", "v2", stateMapping={"b": "first"}),
                ],
                expect=MIGRATED,
            ),
        ],
        {"ann": at("v4", "first")},
    ),
    Corner(
        "The next pick is by clock, whether of the actor's version or of one on the way",
        [
            deploy("v1", chart("a", a="A>b", b="B>c", c="")),
            spawn("ann", "v1"),
            send("ann", "A"),
            deploy("v2", chart("z", z=""), "v1", landing="MappingOnly", expect=STRANDED),
            deploy("v3", chart("way", way=""), "v2", stateMapping={"c": "way"}, expect=STRANDED),
            deploy("v4", chart("own", own=""), "v1", stateMapping={"c": "own"}, expect=STRANDED),
            send("ann", "B"),
        ],
        {"ann": at("v3", "way")},
    ),
    Corner(
        "A point of the version on the way at the very clock of the pick counts",
        [
            deploy("v0", AB),
            deploy("v1", ONLY_A),
            spawn("ann", "v0"),
            send("ann", "A"),
            deploy(
                "v2",
                AB,
                migrations=[
                    migration("straight", "v0", landing="MappingOnly"),
                    migration("onward", "v1", landing="Replay"),
                ],
                expect=STRANDED,
            ),
            refine("detour", "straight", "v1", landing="Same", expect=MIGRATED),
            spawn("bob", "v0"),
        ],
        {"ann": at("v2", "b"), "bob": at("v2", "a")},
    ),
    Corner(
        "At one clock the actor's own version comes before the versions on the way",
        [
            *STUCK_IN_B,
            deploy(
                "v3",
                chart("s", s="", own="", way=""),
                migrations=[
                    migration("way", "v2", stateMapping={"b": "way"}),
                    migration("own", "v1", stateMapping={"b": "own"}),
                ],
                expect=MIGRATED,
            ),
        ],
        {"ann": at("v3", "own")},
    ),
    Corner(
        "Versions on the way come in the order in which it was on its way to them",
        [
            *STUCK_IN_B,
            deploy("v3", ONLY_A, "v1", landing="Same", expect=STRANDED),
            deploy(
                "v4",
                chart("s", s="", second="", first=""),
                migrations=[
                    migration("second", "v3", stateMapping={"b": "second"}),
                    migration("first", "v2", stateMapping={"b": "first"}),
                ],
                expect=MIGRATED,
            ),
        ],
        {"ann": at("v4", "first")},
    ),
    Corner(
        "The mapping is read against the configuration that the actor has now",
        [
            *STUCK_IN_B,
            close("v2.v1"),
            send("ann", "B"),
            deploy("v3", AB, "v2", stateMapping={"b": "b"}, expect=STRANDED),
        ],
        {"ann": stuck("v1", "a", "NotMapped")},
    ),
    Corner(
        "Who moved and then strands counts as stranded, in the version it reached",
        [
            deploy("v1", AB),
            deploy("v2", AB, "v1"),
            deploy("v3", ONLY_A, "v2", historyPath=["A"], landing="Same"),
            close("v2.v1"),
            spawn("ann", "v1"),
            send("ann", "A"),
            refine("open", "v2.v1", "v2", expect=STRANDED),
        ],
        {"ann": stuck("v2", "b", "StateRemoved")},
    ),
    Corner(
        "Block: events are refused",
        [
            deploy("v1", AB),
            spawn("ann", "v1"),
            send("ann", "A"),
            deploy("v2", ONLY_A, "v1", whileStranded="Block", expect=STRANDED),
            send("ann", "B"),
        ],
        {"ann": stuck("v1", "b", "StateRemoved")},
        failing=(4,),
    ),
    Corner(
        "Buffer: events wait and drain in order after the rescue",
        [
            deploy("v1", chart("a", a="A>b", b="B>a")),
            spawn("ann", "v1"),
            send("ann", "A"),
            deploy("v2", ONLY_A, "v1", whileStranded="Buffer", expect=STRANDED),
            send("ann", "S"),
            send("ann", "NO", "T"),
            deploy(
                "v3",
                chart("s", s="S>t", t="T>u", u=""),
                "v2",
                stateMapping={"b": "s"},
                expect=MIGRATED,
            ),
        ],
        {"ann": at("v3", "u", history=["A", "S", "T"])},
    ),
    Corner(
        "Buffer: draining stops at the next strand",
        [
            deploy("v1", AB),
            spawn("ann", "v1"),
            send("ann", "A"),
            deploy("v2", ONLY_A, "v1", whileStranded="Buffer", expect=STRANDED),
            send("ann", "S", "T"),
            deploy("v3", chart("s", s="S>t", t="T>u", u="")),
            deploy("v4", chart("x", x=""), "v3", historyPath=["A", "S"], landing="Same"),
            refine("mend", "v2.v1", "v3", stateMapping={"b": "s"}, expect=MIGRATED),
        ],
        {"ann": {**stuck("v3", "t", "StateRemoved"), "history": ["A", "S"]}},
    ),
]

QUEUE = [
    Corner(
        "Buffer: while the queue is not empty new events join it, whatever strands the actor now",
        [
            deploy("v1", chart("a", a="A>b", b="B>c", c="")),
            spawn("ann", "v1"),
            send("ann", "A"),
            deploy("v2", ONLY_A, "v1", whileStranded="Buffer", expect=STRANDED),
            send("ann", "X"),
            refine("again", "v2.v1", "v2", landing="MappingOnly", expect=STRANDED),
            send("ann", "B"),
            rescue("ann", "v1", "b"),
        ],
        {"ann": at("v1", "c", history=["A", "B"])},
    ),
    Corner(
        "Buffer: an event whose macrostep has no end is passed over, and the next one drains",
        [
            deploy("v1", AB),
            spawn("ann", "v1"),
            send("ann", "A"),
            deploy("v2", ONLY_A, "v1", whileStranded="Buffer", expect=STRANDED),
            send("ann", "LOOP", "GO"),
            deploy(
                "v3",
                chart("s", s="LOOP>x GO>t", t="", x={"always": "y"}, y={"always": "x"}),
                "v2",
                stateMapping={"b": "s"},
                expect=MIGRATED,
            ),
        ],
        {"ann": at("v3", "t", history=["A", "GO"])},
    ),
    Corner(
        "Buffer: who is done has nothing more to drain, and nothing of it is accepted",
        [
            deploy("v1", AB),
            spawn("ann", "v1"),
            send("ann", "A"),
            deploy("v2", ONLY_A, "v1", whileStranded="Buffer", expect=STRANDED),
            send("ann", "END", "MORE"),
            deploy("v3", chart("s", s="END>z", z=final()), "v2", stateMapping={"b": "s"}),
        ],
        {"ann": at("v3", "z", "done", history=["A", "END"])},
    ),
]

HISTORY_IN_P = chart(
    "p", p=sub("OUT>q", chart("x", x="X>y", y="", h={"type": "history"})), q="BACK>p.h"
)
FORKS = chart(None, left=chart("one", one="", two=""), right=chart("one", one="", two=""))


def by_hand(sentence: str, value: Any, after: Any) -> Corner:
    return Corner(
        sentence,
        [
            deploy("v1", AB),
            spawn("ann", "v1"),
            deploy("v2", FORKS),
            rescue("ann", "v2", value),
        ],
        {"ann": at("v2", after)},
    )


def refused(sentence: str, value: Any, code: str) -> Corner:
    machine = chart(
        "a",
        a="",
        p=chart("x", x="", y="", h={"type": "history"}),
        s={"always": "t"},
        t={"always": "s"},
    )
    return Corner(
        sentence,
        [
            deploy("v1", AB),
            spawn("ann", "v1"),
            deploy("v2", machine),
            rescue("ann", "v2", value, error(code)),
        ],
        {"ann": at("v1", "a", decisions=[])},
    )


BY_HAND = [
    by_hand("A partial value is completed", {"right": "two"}, {"left": "one", "right": "two"}),
    by_hand("{} is the initial state", {}, {"left": "one", "right": "one"}),
    by_hand(
        "A string names a child, of a parallel state too", "left", {"left": "one", "right": "one"}
    ),
    refused("A history state is IllegalState", {"p": "h"}, "IllegalState"),
    refused(
        "Two children of a compound are IllegalState", {"p": {"x": {}, "y": {}}}, "IllegalState"
    ),
    refused("Anything below an atomic state is IllegalState", {"a": "b"}, "IllegalState"),
    refused("A state that is not there is IllegalState", "nowhere", "IllegalState"),
    refused("Endless is LandingNotStable", "s", "LandingNotStable"),
    Corner(
        "The target may be its own version: accept as is",
        [*STUCK_IN_B, rescue("ann", "v1", "b"), send("ann", "B")],
        {"ann": at("v1", "a", reason=None)},
    ),
    Corner(
        "The target may be no ancestor, no unknown version; the actor known and not done",
        [
            deploy("v1", chart("a", a="A>z", z=final())),
            spawn("ann", "v1"),
            deploy("v2", chart("a", a="A>z", z=final()), "v1", expect=MIGRATED),
            rescue("ann", "v1", "a", error("BackwardMigration")),
            rescue("ann", "v9", "a", error("UnknownVersion")),
            rescue("bob", "v1", "a", error("UnknownActor")),
            send("ann", "A"),
            rescue("ann", "v2", "a", error("ActorDone")),
        ],
        {"ann": at("v2", "z", "done")},
    ),
    Corner(
        "Recorded history is forgotten",
        [
            deploy("v1", HISTORY_IN_P),
            spawn("ann", "v1"),
            send("ann", "X", "OUT"),
            rescue("ann", "v1", "q"),
            send("ann", "BACK"),
        ],
        {"ann": at("v1", {"p": "x"})},
    ),
    Corner(
        "By hand too done is not raised for what was complete already",
        [
            deploy("v1", chart("p", p=chart("x", x="X>y", y=final()))),
            spawn("ann", "v1"),
            send("ann", "X"),
            deploy(
                "v2",
                chart("p", p=sub("", chart("x", x="X>y", y=final()), onDone="q"), q=""),
                "v1",
                expect=MIGRATED,
            ),
            rescue("ann", "v2", {"p": "y"}),
        ],
        {"ann": at("v2", {"p": "y"})},
    ),
    Corner(
        "By hand a region that is gone loses its history, and begins anew when it is back",
        [
            deploy("v1", chart(None, left=chart("s", s="L>t", t=""), right="")),
            spawn("ann", "v1"),
            send("ann", "L"),
            deploy("v2", AB),
            rescue("ann", "v2", "a"),
            deploy("v3", chart(None, left=chart("s", s="L>t", t=""), right="")),
            rescue("ann", "v3", {}),
            deploy("v4", AB, "v3", regions={"left": ["L"]}, expect=STAYED),
        ],
        {"ann": at("v3", {"left": "s", "right": {}})},
    ),
    Corner(
        "By hand a region under the same path keeps its history",
        [
            deploy("v1", chart(None, left=chart("s", s="L>t", t=""), right="")),
            spawn("ann", "v1"),
            send("ann", "L"),
            rescue("ann", "v1", {}),
            deploy(
                "v2",
                chart(None, left=chart("s", s="", t=""), right=""),
                "v1",
                regions={"left": ["L"]},
                landing="Same",
                expect=MIGRATED,
            ),
        ],
        {"ann": at("v2", {"left": "s", "right": {}})},
    ),
    Corner(
        "By hand too a landing runs to completion and may be done",
        [
            deploy("v1", AB),
            spawn("ann", "v1"),
            deploy("v2", chart("a", a="", s={"always": "z"}, z=final())),
            rescue("ann", "v2", "s"),
        ],
        {"ann": at("v2", "z", "done")},
    ),
]

CORNERS = [*LATER, *QUEUE, *BY_HAND]
