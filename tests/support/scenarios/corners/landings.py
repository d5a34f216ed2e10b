"""Where a routed actor arrives: the mapping, the three rules, and the reasons."""

from typing import Any

from support.scenarios.corners.writing import (
    Corner,
    Step,
    at,
    chart,
    counts,
    deploy,
    error,
    final,
    migration,
    send,
    spawn,
    stuck,
    sub,
)

CODING = chart(None, coding=chart("working", working="R>reviewed", reviewed=""), checklist="")
PAIR = chart(
    None,
    left=chart("one", one="L>two", two=""),
    right=chart("one", one="R>two", two=""),
)


def moved(
    before: dict[str, Any],
    events: list[str],
    after: dict[str, Any],
    expect: dict[str, Any],
    **fields: Any,
) -> list[Step]:
    """Ann lives through some events on v1 and meets v2."""
    return [
        deploy("v1", before),
        spawn("ann", "v1"),
        send("ann", *events),
        deploy("v2", after, "v1", **fields, expect=expect),
    ]


MIGRATED, STAYED, STRANDED = counts(1, 0, 0), counts(0, 1, 0), counts(0, 0, 1)
AB = chart("a", a="A>b", b="B>a")

MAPPING = [
    Corner(
        "The mapping comes first where it covers a leaf, whatever the rule would say",
        moved(
            AB,
            ["A"],
            chart("a", a="A>b", b="", z=""),
            MIGRATED,
            stateMapping={"b": "z"},
            landing="Replay",
        ),
        {"ann": at("v2", "z")},
    ),
    Corner(
        "Where the mapping covers no active leaf the rule is asked",
        moved(
            AB, ["A"], chart("a", a="A>b", b=""), MIGRATED, stateMapping={"a": "b"}, landing="Same"
        ),
        {"ann": at("v2", "b")},
    ),
    Corner(
        "For each leaf the longest key wins",
        moved(
            chart("p", p=chart("x", x="X>y", y="")),
            ["X"],
            chart("a", a="", b=""),
            MIGRATED,
            stateMapping={"p": "a", "p.y": "b"},
        ),
        {"ann": at("v2", "b")},
    ),
    Corner(
        "An ancestor key with one target of its own kind carries the rest of the way along",
        moved(
            chart("work", work=CODING),
            ["R"],
            chart("job", job=CODING),
            MIGRATED,
            stateMapping={"work": "job"},
        ),
        {"ann": at("v2", {"job": {"coding": "reviewed", "checklist": {}}})},
    ),
    Corner(
        "Where the rest is not there the target itself is entered",
        moved(
            chart("work", work=chart("x", x="X>y", y="")),
            ["X"],
            chart("work", work=chart("s", s="", t="")),
            MIGRATED,
            stateMapping={"work": "work"},
        ),
        {"ann": at("v2", {"work": "s"})},
    ),
    Corner(
        "Where the rest has another kind on its way the target itself is entered",
        moved(
            chart("work", work=chart("x", x="X>y", y="")),
            ["X"],
            chart("work", work=chart("s", s="", y=chart("deep", deep=""))),
            MIGRATED,
            stateMapping={"work": "work"},
        ),
        {"ann": at("v2", {"work": "s"})},
    ),
    Corner(
        "A target of another kind than its ancestor key carries nothing along",
        moved(
            chart("work", work=chart("x", x="X>y", y=chart("m", m="M>n", n=""))),
            ["X", "M"],
            chart("job", job=chart(None, x="", y=chart("m", m="", n=""))),
            MIGRATED,
            stateMapping={"work": "job"},
        ),
        {"ann": at("v2", {"job": {"x": {}, "y": "m"}})},
    ),
    Corner(
        "A target that is named twice is one target, and carries the rest along",
        moved(
            chart("work", work=chart("x", x="X>y", y="")),
            ["X"],
            chart("job", job=chart("x", x="", y="")),
            MIGRATED,
            stateMapping={"work": ["job", "job"]},
        ),
        {"ann": at("v2", {"job": "y"})},
    ),
    Corner(
        "Two targets carry nothing along, and are entered together",
        moved(
            chart("p", p=chart("one", one="X>two", two="")),
            ["X"],
            PAIR,
            MIGRATED,
            stateMapping={"p": ["left", "right"]},
        ),
        {"ann": at("v2", {"left": "one", "right": "one"})},
    ),
    Corner(
        "The targets are completed by initial states",
        moved(AB, ["A"], PAIR, MIGRATED, stateMapping={"b": "right.two"}),
        {"ann": at("v2", {"left": "one", "right": "two"})},
    ),
    Corner(
        "A target that is an ancestor of another is dropped",
        moved(
            chart("p", p=PAIR),
            ["L"],
            chart("q", q=chart("x", x="", y="")),
            MIGRATED,
            stateMapping={"p.left": "q", "p.right": "q.y"},
        ),
        {"ann": at("v2", {"q": "y"})},
    ),
    Corner(
        "An uncovered leaf that keeps its path and kind stays where it is",
        moved(
            PAIR,
            ["L", "R"],
            chart(None, left=chart("one", one="", two=""), right=chart("u", u="", w="")),
            MIGRATED,
            stateMapping={"right.two": "right.w"},
        ),
        {"ann": at("v2", {"left": "two", "right": "w"})},
    ),
    Corner(
        "An uncovered leaf that cannot keep its place is MappingIncomplete",
        moved(
            PAIR,
            ["L"],
            chart(None, left=chart("one", one=""), right=chart("one", one="", w="")),
            STRANDED,
            stateMapping={"right.one": "right.w"},
        ),
        {"ann": stuck("v1", {"left": "two", "right": "one"}, "MappingIncomplete")},
    ),
    Corner(
        "The root is on the way of an uncovered leaf",
        moved(
            chart(None, left="GO>x", right="", x=""),
            [],
            chart("left", left="", right="", x=""),
            STRANDED,
            stateMapping={"right": "right"},
        ),
        {"ann": stuck("v1", {"left": {}, "right": {}, "x": {}}, "MappingIncomplete")},
    ),
    Corner(
        "Two children of one compound state are MappingConflict",
        moved(
            PAIR,
            [],
            chart("a", a="", b=""),
            STRANDED,
            stateMapping={"left": "a", "right": "b"},
        ),
        {"ann": stuck("v1", {"left": "one", "right": "one"}, "MappingConflict")},
    ),
    Corner(
        "A mapped landing runs to completion, so no one rests where the target cannot rest",
        moved(
            AB, ["A"], chart("a", a="", t={"always": "u"}, u=""), MIGRATED, stateMapping={"b": "t"}
        ),
        {"ann": at("v2", "u")},
    ),
    Corner(
        "A mapped landing raises done for what it completes",
        moved(
            AB,
            ["A"],
            chart("a", a="", p=sub("", chart("x", x="", y=final()), onDone="after"), after=""),
            MIGRATED,
            stateMapping={"b": "p.y"},
        ),
        {"ann": at("v2", "after")},
    ),
    Corner(
        "Done is raised for what was complete by its kind alone and not active",
        moved(
            chart("a", a="", p=sub("", chart(None, x=final(), y=final()), onDone="z"), z=""),
            [],
            chart("a", a="", p=sub("", chart(None, x=final(), y=final()), onDone="z"), z=""),
            MIGRATED,
            stateMapping={"a": "p"},
        ),
        {"ann": at("v2", "z")},
    ),
    Corner(
        "An endless always in a landing strands",
        moved(
            AB,
            ["A"],
            chart("a", a="", t={"always": "u"}, u={"always": "t"}),
            STRANDED,
            stateMapping={"b": "t"},
        ),
        {"ann": stuck("v1", "b", "LandingNotStable")},
    ),
    Corner(
        "Who lands in a final configuration is done",
        moved(AB, ["A"], chart("a", a="", z=final()), MIGRATED, stateMapping={"b": "z"}),
        {"ann": at("v2", "z", "done")},
    ),
]

RULES = [
    Corner(
        "Replay: the end of the history's walk through the target is the landing",
        moved(AB, ["A"], chart("s", s="A>t", t=""), MIGRATED, historyPath=["A"]),
        {"ann": at("v2", "t")},
    ),
    Corner(
        "Replay: every event must be accepted by the target",
        moved(AB, ["A", "B"], chart("s", s="A>t", t=""), STRANDED, historyPath=["A"]),
        {"ann": stuck("v1", "a", "HistoryNotAccepted")},
    ),
    Corner(
        "Replay: a mapping has decided something that a replay would undo",
        [
            deploy("v1", AB),
            spawn("ann", "v1"),
            send("ann", "A"),
            deploy("v2", chart("a", a="A>b", b="", z=""), "v1", stateMapping={"b": "z"}),
            deploy("v3", AB, "v2", landing="Replay", expect=STRANDED),
        ],
        {"ann": stuck("v2", "z", "HistoryDoesNotExplainState")},
    ),
    Corner(
        "The default is Replay where there is an anchor that the target accepts",
        moved(AB, ["A"], chart("a", a="A>c", b="", c=""), MIGRATED, historyPath=["A"]),
        {"ann": at("v2", "c")},
    ),
    Corner(
        "The default is Same where the target does not accept the anchor",
        moved(AB, ["A"], chart("a", a="", b=""), MIGRATED, historyPath=["A"]),
        {"ann": at("v2", "b")},
    ),
    Corner(
        "The default is Same where there is no anchor",
        moved(AB, ["A"], chart("a", a="A>c", b="", c=""), MIGRATED),
        {"ann": at("v2", "b")},
    ),
    Corner(
        "A region's anchor is an anchor: the default is Replay",
        moved(
            PAIR,
            ["L"],
            chart(
                None, left=chart("one", one="L>three", two="", three=""), right=chart("one", one="")
            ),
            MIGRATED,
            regions={"left": ["L"]},
        ),
        {"ann": at("v2", {"left": "three", "right": "one"})},
    ),
    Corner(
        "An explicit Replay whose target does not accept the anchor is refused",
        moved(
            AB,
            ["A"],
            chart("a", a="", b=""),
            error("AnchorNotAccepted"),
            historyPath=["A"],
            landing="Replay",
        ),
        {"ann": at("v1", "b")},
    ),
    Corner(
        "An explicit Replay whose target does not accept the anchor passes with a mapping",
        moved(
            AB,
            ["A"],
            chart("a", a="", z=""),
            MIGRATED,
            historyPath=["A"],
            landing="Replay",
            stateMapping={"b": "z"},
        ),
        {"ann": at("v2", "z")},
    ),
    Corner(
        "MappingOnly: nothing beyond the mapping",
        moved(AB, ["A"], AB, STRANDED, landing="MappingOnly", stateMapping={"a": "a"}),
        {"ann": stuck("v1", "b", "NotMapped")},
    ),
    Corner(
        "Same: an active parallel state of the target must find all its regions",
        moved(
            PAIR,
            ["L"],
            chart(None, left=PAIR["states"]["left"], right=PAIR["states"]["right"], third=""),
            STRANDED,
        ),
        {"ann": stuck("v1", {"left": "two", "right": "one"}, "RegionMissing")},
    ),
    Corner(
        "Same: a landing runs to completion",
        moved(AB, ["A"], chart("a", a="", b={"always": "c"}, c=""), MIGRATED),
        {"ann": at("v2", "c")},
    ),
    Corner(
        "Same: done is not raised for what was complete already",
        moved(
            chart("p", p=chart("x", x="X>y", y=final())),
            ["X"],
            chart("p", p=sub("", chart("x", x="X>y", y=final()), onDone="q"), q=""),
            MIGRATED,
        ),
        {"ann": at("v2", {"p": "y"})},
    ),
    Corner(
        "Same: what a history state recorded is kept where all of it exists",
        [
            *moved(
                chart(
                    "p",
                    p=sub("OUT>q", chart("x", x="X>y", y="", h={"type": "history"})),
                    q="BACK>p.h",
                ),
                ["X", "OUT"],
                chart(
                    "p",
                    p=sub("OUT>q", chart("x", x="X>y", y="", h={"type": "history"})),
                    q="BACK>p.h",
                    r="",
                ),
                MIGRATED,
            ),
            send("ann", "BACK"),
        ],
        {"ann": at("v2", {"p": "y"})},
    ),
    Corner(
        "Same: shallow and deep are different kinds: what was recorded is forgotten",
        [
            *moved(
                chart(
                    "p",
                    p=sub("OUT>q", chart("x", x="X>y", y="", h={"type": "history"})),
                    q="BACK>p.h",
                ),
                ["X", "OUT"],
                chart(
                    "p",
                    p=sub(
                        "OUT>q", chart("x", x="X>y", y="", h={"type": "history", "history": "deep"})
                    ),
                    q="BACK>p.h",
                ),
                MIGRATED,
            ),
            send("ann", "BACK"),
        ],
        {"ann": at("v2", {"p": "x"})},
    ),
    Corner(
        "A record of regions is forgotten where their parent has become compound",
        [
            *moved(
                chart(
                    "p",
                    p=sub("OUT>q", chart(None, x="", y="", h={"type": "history"})),
                    q="BACK>p.h",
                ),
                ["OUT"],
                chart(
                    "p",
                    p=sub("OUT>q", chart("x", x="", y="", h={"type": "history"})),
                    q="BACK>p.h",
                ),
                MIGRATED,
            ),
            send("ann", "BACK"),
        ],
        {"ann": at("v2", {"p": "x"})},
    ),
    Corner(
        "Same: a record is forgotten where what it recorded is gone",
        [
            *moved(
                chart(
                    "p",
                    p=sub("OUT>q", chart("x", x="X>y", y="", h={"type": "history"})),
                    q="BACK>p.h",
                ),
                ["X", "OUT"],
                chart("p", p=sub("OUT>q", chart("x", x="", h={"type": "history"})), q="BACK>p.h"),
                MIGRATED,
            ),
            send("ann", "BACK"),
        ],
        {"ann": at("v2", {"p": "x"})},
    ),
    Corner(
        "After a Replay landing the region histories are those of the walk",
        [
            *moved(
                PAIR,
                ["L"],
                chart(None, left=chart("one", one=""), right=chart("one", one="L>two", two="")),
                MIGRATED,
                landing="Replay",
            ),
            deploy("v3", PAIR, "v2", regions={"right": ["L"]}, landing="Same", expect=MIGRATED),
        ],
        {"ann": at("v3", {"left": "one", "right": "two"})},
    ),
    Corner(
        "After another landing a region under the same path keeps its history",
        [
            *moved(PAIR, ["L"], PAIR, MIGRATED, landing="Same"),
            deploy("v3", PAIR, "v2", regions={"left": ["L"]}, expect=MIGRATED),
        ],
        {"ann": at("v3", {"left": "two", "right": "one"})},
    ),
    Corner(
        "A region that is new in the target starts empty, and one that was away starts anew",
        [
            *moved(PAIR, ["L"], AB, MIGRATED, stateMapping={"left": "a", "right": "a"}),
            deploy("v3", PAIR, "v2", stateMapping={"a": "left"}, expect=MIGRATED),
            deploy("v4", PAIR, "v3", regions={"left": ["L"]}, expect=STAYED),
        ],
        {"ann": at("v3", {"left": "one", "right": "one"})},
    ),
]


def reason(
    sentence: str,
    before: dict[str, Any],
    events: list[str],
    after: dict[str, Any],
    value: Any,
    code: str,
) -> Corner:
    return Corner(
        sentence,
        moved(before, events, after, STRANDED, landing="Same"),
        {"ann": stuck("v1", value, code)},
    )


REASONS = [
    reason(
        "A node is not there and no state has the leaf's key: StateRemoved",
        AB,
        ["A"],
        chart("a", a=""),
        "b",
        "StateRemoved",
    ),
    reason(
        "A node is not there and exactly one state has the leaf's key: StateMoved",
        AB,
        ["A"],
        chart("a", a="", p=chart("b", b="")),
        "b",
        "StateMoved",
    ),
    reason(
        "Two states have the leaf's key: StateRemoved",
        AB,
        ["A"],
        chart("a", a="", p=chart("b", b=""), q=chart("b", b="")),
        "b",
        "StateRemoved",
    ),
    reason(
        "The only namesake is a history state: StateRemoved",
        AB,
        ["A"],
        chart("a", a="", p=chart("x", x="", b={"type": "history"})),
        "b",
        "StateRemoved",
    ),
    reason(
        "The root is no state that a leaf can have moved to, whatever its id",
        chart("a", a="A>flow", flow=""),
        ["A"],
        chart("a", a=""),
        "flow",
        "StateRemoved",
    ),
    reason(
        "An ancestor is not there: the leaf's key counts",
        chart("p", p=chart("x", x="")),
        [],
        chart("q", q=chart("x", x="")),
        {"p": "x"},
        "StateMoved",
    ),
    reason(
        "StateBecameCompound",
        AB,
        ["A"],
        chart("a", a="", b=chart("x", x="")),
        "b",
        "StateBecameCompound",
    ),
    reason(
        "StateBecameParallel",
        AB,
        ["A"],
        chart("a", a="", b=chart(None, x="")),
        "b",
        "StateBecameParallel",
    ),
    reason("StateBecameFinal", AB, ["A"], chart("a", a="", b=final()), "b", "StateBecameFinal"),
    reason(
        "StateBecameAtomic, of an ancestor",
        chart("p", p=chart("x", x="")),
        [],
        chart("p", p="", x=""),
        {"p": "x"},
        "StateBecameAtomic",
    ),
    reason(
        "The way begins at the root: a root that became parallel",
        AB,
        ["A"],
        chart(None, a="", b=""),
        "b",
        "StateBecameParallel",
    ),
    reason(
        "The first leaf in the source's document order gives the reason",
        chart(None, right=chart("x", x=""), left=chart("y", y="")),
        [],
        chart(None, left=chart("z", z=""), right=chart("x", x=final())),
        {"left": "y", "right": "x"},
        "StateBecameFinal",
    ),
    reason(
        "A leaf that fits gives no reason, the next one does",
        PAIR,
        [],
        chart(None, left=PAIR["states"]["left"], right=chart("u", u="")),
        {"left": "one", "right": "one"},
        "StateMoved",
    ),
    reason(
        "Leaves come before regions",
        PAIR,
        [],
        chart(None, left=chart("u", u=""), right=PAIR["states"]["right"], third=""),
        {"left": "one", "right": "one"},
        "StateMoved",
    ),
]

REFUSED = [
    Corner(
        f"{code}: {fields}",
        moved(
            AB,
            ["A"],
            chart("a", a="A>b", b="", p=chart("x", x="", h={"type": "history"})),
            error(code),
            **fields,
        ),
        {"ann": at("v1", "b", decisions=[])},
    )
    for code, fields in (
        ("MappingUnknownSource", {"stateMapping": {"nowhere": "a"}}),
        ("MappingUnknownTarget", {"stateMapping": {"b": "nowhere"}}),
        ("MappingUnknownTarget", {"stateMapping": {"b": []}}),
        ("MappingHistoryTarget", {"stateMapping": {"b": "p.h"}}),
        ("UnknownRegion", {"regions": {"nowhere": ["A"]}}),
        ("UnknownRegion", {"regions": {"a": ["A"]}}),
        ("WorkflowMismatch", {"workflow": "another"}),
    )
] + [
    Corner(
        "Mapping keys may exist in a version on the way to the source",
        [
            deploy("v1", AB),
            deploy("v2", chart("x", x=""), "v1", stateMapping={"a": "x", "b": "x"}),
            deploy(
                "v3",
                chart("y", y=""),
                "v2",
                stateMapping={"x": "y", "b": "y"},
                expect=counts(0, 0, 0),
            ),
        ],
    ),
    Corner(
        "Two anchors that can both match and of which neither is more specific are refused",
        [
            deploy("v1", PAIR),
            deploy(
                "v2",
                PAIR,
                migrations=[
                    migration("left", "v1", regions={"left": ["L"]}),
                    migration("right", "v1", regions={"right": ["R"]}),
                ],
                expect=error("AmbiguousAnchors"),
            ),
        ],
    ),
    Corner(
        "A longer path does not contradict the shorter one that it begins with",
        [
            deploy("v1", PAIR),
            deploy(
                "v2",
                PAIR,
                migrations=[
                    migration("path", "v1", historyPath=["L", "R"], regions={"left": ["L"]}),
                    migration("region", "v1", historyPath=["L"], regions={"left": ["L", "L"]}),
                ],
                expect=error("AmbiguousAnchors"),
            ),
        ],
    ),
    Corner(
        "Anchors that contradict each other are not ambiguous",
        [
            deploy("v1", PAIR),
            deploy(
                "v2",
                PAIR,
                migrations=[
                    migration("left", "v1", historyPath=["L"], regions={"left": ["L"]}),
                    migration("right", "v1", historyPath=["R"], regions={"right": ["R"]}),
                ],
                expect=counts(0, 0, 0),
            ),
        ],
    ),
]

CORNERS = [*MAPPING, *RULES, *REASONS, *REFUSED]
