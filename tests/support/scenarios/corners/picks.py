"""Which change-point the law picks."""

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

ABC = chart("a", a="A>b B>c", b="B>c", c="A>a")
REGIONS = chart(
    None,
    left=chart("one", one="GO>two L>two", two="GO>one"),
    right=chart("one", one="GO>two R>two", two="GO>one"),
)
CONTESTED = chart(
    "p",
    p=chart(
        None, left=chart("one", one="OUT>#flow.out"), right=chart("one", one="OUT>two", two="")
    ),
    out="",
)
NESTED = chart(
    "work",
    work=chart(
        None,
        outer=sub("", chart(None, inner=chart("x", x="X>y", y="X>x"), twin=chart("z", z=""))),
        side=chart("s", s="S>t", t="S>s"),
    ),
)

CORNERS = [
    Corner(
        "Among the change-points with d >= T: who lands later than a change-point of the target "
        "does not follow it, who was spawned there does",
        [
            deploy("v1", ABC),
            deploy("v2", ABC),
            deploy("v3", ABC),
            point("two-three", "v2", "v3"),
            spawn("early", "v1"),
            point("one-two", "v1", "v2", expect=counts(1, 0, 0)),
            spawn("native", "v2"),
        ],
        {"early": at("v2", "a"), "native": at("v3", "a")},
    ),
    Corner(
        "Take the earliest d: a later point with a more specific anchor comes second",
        [
            deploy("v1", REGIONS),
            deploy("v2", REGIONS, "v1", historyPath=["L"]),
            deploy("v3", REGIONS, "v1", regions={"left": ["L"]}),
            spawn("ann", "v1"),
            send("ann", "L"),
        ],
        {"ann": at("v2", {"left": "two", "right": "one"})},
    ),
    Corner(
        "Among those of one clock the most specific anchor: the longer path wins",
        [
            deploy("v1", ABC),
            spawn("ann", "v1"),
            spawn("bob", "v1"),
            send("ann", "A", "B"),
            send("bob", "A"),
            deploy(
                "v2",
                chart("a", a="A>b", b="B>c", c="", d="", e=""),
                migrations=[
                    migration("short", "v1", historyPath=["A"], stateMapping={"b": "d", "c": "d"}),
                    migration("long", "v1", historyPath=["A", "B"], stateMapping={"c": "e"}),
                ],
                expect=counts(2, 0, 0),
            ),
        ],
        {"ann": at("v2", "e"), "bob": at("v2", "d")},
    ),
    Corner(
        "Specificity is the depths of the named regions first, then the number of events",
        [
            deploy("v1", REGIONS),
            spawn("ann", "v1"),
            send("ann", "GO", "GO", "GO"),
            deploy(
                "v2",
                REGIONS,
                migrations=[
                    migration(
                        "path",
                        "v1",
                        historyPath=["GO", "GO", "GO"],
                        stateMapping={"left": "left.one", "right": "right.one"},
                    ),
                    migration("region", "v1", regions={"left": ["GO"]}, landing="Same"),
                ],
                expect=counts(1, 0, 0),
            ),
        ],
        {"ann": at("v2", {"left": "two", "right": "two"})},
    ),
    Corner(
        "A nested region is deeper than an outer one",
        [
            deploy("v1", NESTED),
            spawn("ann", "v1"),
            send("ann", "X", "S", "S"),
            deploy(
                "v2",
                NESTED,
                migrations=[
                    migration("side", "v1", regions={"work.side": ["S", "S"]}, landing="Same"),
                    migration(
                        "inner",
                        "v1",
                        regions={"work.outer.inner": ["X"]},
                        stateMapping={"work.outer.inner.y": "work.outer.inner.x"},
                    ),
                ],
            ),
        ],
        {"ann": at("v2", {"work": {"outer": {"inner": "x", "twin": "z"}, "side": "s"}}, "active")},
    ),
    Corner(
        "Among those the highest refinement: a hotfix takes those who come after it",
        [
            deploy("v1", ABC),
            deploy("buggy", ABC, "v1", historyPath=["A"]),
            deploy("fixed", ABC),
            refine("hotfix", "buggy.v1", "fixed"),
            spawn("ann", "v1"),
            send("ann", "A"),
        ],
        {"ann": at("fixed", "b")},
    ),
    Corner(
        "Two refinements of one point: the later one is the higher",
        [
            deploy("v1", ABC),
            deploy("v2", ABC, "v1", historyPath=["A"]),
            deploy("v3", ABC),
            deploy("v4", ABC),
            refine("first", "v2.v1", "v3"),
            refine("second", "v2.v1", "v4"),
            spawn("ann", "v1"),
            send("ann", "A"),
        ],
        {"ann": at("v4", "b")},
    ),
    Corner(
        "A refinement of a refinement refines the point",
        [
            deploy("v1", ABC),
            deploy("v2", ABC, "v1", historyPath=["A"]),
            deploy("v3", ABC),
            refine("first", "v2.v1", "v3"),
            refine("second", "first", "v2", expect=counts(0, 0, 0)),
            refine("third", "v2.v1", "v3"),
            refine("fourth", "first", "v2"),
            spawn("ann", "v1"),
            send("ann", "A"),
        ],
        {"ann": at("v2", "b")},
    ),
    Corner(
        "A refinement shares d: it does not pick who came to the source after d",
        [
            deploy("v1", ABC),
            deploy("v2", ABC),
            deploy("v3", ABC),
            point("onward", "v2", "v3"),
            spawn("ann", "v1"),
            point("arrive", "v1", "v2"),
            refine("onward-again", "onward", "v3", expect=counts(0, 1, 0)),
        ],
        {"ann": at("v2", "a")},
    ),
    Corner(
        "A refinement takes nothing else from its point: mapping and landing are its own",
        [
            deploy("v1", ABC),
            spawn("ann", "v1"),
            send("ann", "A"),
            deploy("v2", chart("a", a="", z=""), "v1", stateMapping={"c": "z"}),
            refine("hotfix", "v2.v1", "v2", stateMapping={"b": "z"}, expect=counts(1, 0, 0)),
        ],
        {"ann": at("v2", "z")},
    ),
    Corner(
        "After a landing the law is applied again from the new version with T := d",
        [
            deploy("v1", ABC),
            deploy("v2", ABC, "v1", historyPath=["A"]),
            deploy("v3", ABC, "v2"),
            spawn("ann", "v1"),
            send("ann", "A"),
        ],
        {"ann": at("v3", "b")},
    ),
    Corner(
        "The law is evaluated at spawn",
        [
            deploy("v1", ABC),
            deploy("v2", ABC, "v1"),
            spawn("ann", "v1"),
        ],
        {"ann": at("v2", "a")},
    ),
    Corner(
        "An anchor is a prefix: a history that contains the path elsewhere does not match",
        [
            deploy("v1", ABC),
            spawn("ann", "v1"),
            send("ann", "B", "A", "B"),
            deploy("v2", ABC, "v1", historyPath=["A", "B"], expect=counts(0, 1, 0)),
        ],
        {"ann": at("v1", "c")},
    ),
    Corner(
        "Only accepted events enter the history",
        [
            deploy("v1", ABC),
            spawn("ann", "v1"),
            send("ann", "X", "A", expect={"accepted": [False, True]}),
            deploy("v2", ABC, "v1", historyPath=["A"], expect=counts(1, 0, 0)),
        ],
        {"ann": at("v2", "b", history=["A"])},
    ),
    Corner(
        "Two regions with equal histories never look alike",
        [
            deploy("v1", REGIONS),
            spawn("ann", "v1"),
            spawn("bob", "v1"),
            send("ann", "L"),
            send("bob", "R"),
            deploy("v2", REGIONS, "v1", regions={"left": ["L"]}, expect=counts(1, 1, 0)),
        ],
        {
            "ann": at("v2", {"left": "two", "right": "one"}),
            "bob": at("v1", {"left": "one", "right": "two"}),
        },
    ),
    Corner(
        "A region's history has the events for which a transition was taken in it, also together",
        [
            deploy("v1", REGIONS),
            spawn("ann", "v1"),
            send("ann", "L", "GO"),
            deploy(
                "v2",
                REGIONS,
                "v1",
                regions={"left": ["L", "GO"], "right": ["GO"]},
                expect=counts(1, 0, 0),
            ),
        ],
        {"ann": at("v2", {"left": "one", "right": "two"})},
    ),
    Corner(
        "A region in which a transition was selected, but lost to another one, has not taken it",
        [
            deploy("v1", CONTESTED),
            spawn("ann", "v1"),
            send("ann", "OUT"),
            deploy("v2", CONTESTED, "v1", regions={"p.right": ["OUT"]}, expect=counts(0, 1, 0)),
            deploy("v3", CONTESTED, "v1", regions={"p.left": ["OUT"]}, expect=counts(1, 0, 0)),
        ],
        {"ann": at("v3", "out")},
    ),
    Corner(
        "Two event types with one FNV-1a hash are two event types",
        [
            deploy("v1", chart("a", a="7mohtcOFVz>b c1E51sSEyx>b", b="")),
            spawn("ann", "v1"),
            spawn("bob", "v1"),
            send("ann", "7mohtcOFVz"),
            send("bob", "c1E51sSEyx"),
            deploy(
                "v2",
                chart("a", a="7mohtcOFVz>b c1E51sSEyx>b", b=""),
                "v1",
                historyPath=["7mohtcOFVz"],
                expect=counts(1, 1, 0),
            ),
        ],
        {"ann": at("v2", "b"), "bob": at("v1", "b")},
    ),
    Corner(
        "Actors in a final configuration are done and are not routed",
        [
            deploy("v1", chart("a", a="END>z", z=final())),
            spawn("ann", "v1"),
            send("ann", "END"),
            deploy("v2", chart("a", a="", z=""), "v1", expect=counts(0, 0, 0)),
        ],
        {"ann": at("v1", "z", "done", decisions=[])},
    ),
    Corner(
        "A closed change-point picks nobody any more",
        [
            deploy("v1", ABC),
            deploy("v2", ABC, "v1"),
            close("v2.v1"),
            spawn("ann", "v1"),
        ],
        {"ann": at("v1", "a")},
    ),
    Corner(
        "A closed refinement still hides its lower ones",
        [
            deploy("v1", ABC),
            deploy("v2", ABC, "v1", historyPath=["A"]),
            deploy("v3", ABC),
            refine("hotfix", "v2.v1", "v3"),
            close("hotfix"),
            spawn("ann", "v1"),
            send("ann", "A"),
        ],
        {"ann": at("v1", "b")},
    ),
    Corner(
        "A closed point may be refined by an open one",
        [
            deploy("v1", ABC),
            deploy("v2", ABC, "v1", historyPath=["A"]),
            close("v2.v1"),
            deploy("v3", ABC),
            refine("hotfix", "v2.v1", "v3"),
            spawn("ann", "v1"),
            send("ann", "A"),
        ],
        {"ann": at("v3", "b")},
    ),
    Corner(
        "Once closes itself after its registration: who was there moves, who comes stays",
        [
            deploy("v1", ABC),
            spawn("ann", "v1"),
            deploy("v2", ABC, "v1", evaluation="Once", expect=counts(1, 0, 0)),
            spawn("bob", "v1"),
        ],
        {"ann": at("v2", "a"), "bob": at("v1", "a")},
    ),
    Corner(
        "Closing ticks nothing and evaluates nobody; the next event does",
        [
            deploy("v1", ABC),
            spawn("ann", "v1"),
            send("ann", "A"),
            deploy(
                "v2",
                chart("a", a=""),
                migrations=[
                    migration("general", "v1", stateMapping={"b": "a", "c": "a"}),
                    migration("special", "v1", historyPath=["A"], landing="MappingOnly"),
                ],
                expect=counts(0, 0, 1),
            ),
            close("special"),
            spawn("bob", "v1"),
        ],
        {"ann": stuck("v1", "b", "NotMapped"), "bob": at("v2", "a")},
    ),
    Corner(
        "The position of one rescued by hand is that tick, so only later registrations route it",
        [
            deploy("v1", ABC),
            deploy("v2", ABC, "v1", historyPath=["A", "B"]),
            spawn("ann", "v1"),
            rescue("ann", "v1", "a"),
            send("ann", "A", "B"),
            spawn("bob", "v1"),
            send("bob", "A", "B"),
        ],
        {"ann": at("v1", "c"), "bob": at("v2", "c")},
    ),
    Corner(
        "Forward only: back to the source or to an ancestor of it, even over a closed point",
        [
            deploy("v1", ABC),
            deploy("v2", ABC, "v1"),
            deploy("v3", ABC, "v2"),
            close("v2.v1"),
            point("back", "v3", "v1", expect=error("BackwardMigration")),
            point("same", "v3", "v3", expect=error("BackwardMigration")),
        ],
    ),
]
