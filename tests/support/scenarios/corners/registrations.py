"""What a registration answers, refuses and records."""

from typing import Any

from support.scenarios.corners.writing import (
    Corner,
    at,
    chart,
    close,
    counts,
    deploy,
    error,
    migration,
    point,
    preview,
    refine,
    rescue,
    send,
    spawn,
    stuck,
)

AB = chart("a", a="A>b", b="B>a")
ENDLESS = chart("a", a={"always": "b"}, b={"always": "a"})
CLONE = {"id": "v2", "definition": {"id": "flow", **AB}}


def record(
    verdict: str,
    name: str | None,
    clock: int,
    source: str,
    target: str | None = None,
    reason: str | None = None,
    *,
    rescued: bool = False,
) -> dict[str, Any]:
    return {
        "changePoint": name,
        "clock": clock,
        "verdict": verdict,
        "from": source,
        "to": target,
        "reason": reason,
        "rescued": rescued,
    }


STAYS = deploy("v2", AB, "v1", historyPath=["Z"], expect=counts(0, 1, 0))

FREED = [
    deploy("v1", AB),
    spawn("ann", "v1"),
    send("ann", "A"),
    deploy(
        "v2",
        chart("z", z=""),
        migrations=[
            migration("general", "v1", stateMapping={"b": "z"}),
            migration("special", "v1", historyPath=["A"], landing="MappingOnly"),
        ],
        expect=counts(0, 0, 1),
    ),
    close("special"),
]

CORNERS = [
    Corner(
        "The same body again is a no-op that answers as before, and so does its preview",
        [
            deploy("v1", AB),
            spawn("ann", "v1"),
            deploy("v2", AB, "v1", expect=counts(1, 0, 0)),
            spawn("bob", "v1"),
            deploy("v2", AB, "v1", expect=counts(1, 0, 0)),
            preview(deploy("v2", AB, "v1"), wouldMigrate=["ann"], wouldStay=[], wouldStrand=[]),
            deploy("v3", AB, "v2", expect=counts(2, 0, 0)),
        ],
        {
            "ann": at(
                "v3",
                "a",
                decisions=[
                    record("migrated", "v2.v1", 2, "v1", "v2"),
                    record("migrated", "v3.v2", 3, "v2", "v3"),
                ],
            ),
        },
    ),
    Corner(
        "The same id with anything else is DefinitionExists; key order counts only in states",
        [
            deploy("v1", AB),
            {"deploy": {"definition": {**AB, "id": "flow"}, "id": "v1"}, "expect": counts(0, 0, 0)},
            deploy("v1", chart("a", b="B>a", a="A>b"), expect=error("DefinitionExists")),
            deploy("v1", AB, guards="Deny", expect=error("DefinitionExists")),
        ],
    ),
    Corner(
        "The name of a change-point is used once",
        [
            deploy("v1", AB),
            deploy("v2", AB),
            point("cp", "v1", "v2"),
            point("cp", "v1", "v2", expect=counts(0, 0, 0)),
            point("cp", "v1", "v2", landing="Same", expect=error("ChangePointExists")),
        ],
    ),
    Corner(
        "A registration is refused whole, nothing ticks, and its id is free again",
        [
            deploy("v1", AB),
            spawn("ann", "v1"),
            deploy(
                "v2",
                AB,
                migrations=[
                    migration("good", "v1", historyPath=["A"]),
                    migration("bad", "v1", stateMapping={"nowhere": "a"}),
                ],
                expect=error("MappingUnknownSource"),
            ),
            deploy("v2", AB, "v1", expect=counts(1, 0, 0)),
        ],
        {"ann": at("v2", "a", decisions=[record("migrated", "v2.v1", 2, "v1", "v2")])},
    ),
    Corner(
        "An initial macrostep without end is InvalidDefinition",
        [deploy("v1", ENDLESS, expect=error("InvalidDefinition"))],
    ),
    Corner(
        "An event whose macrostep has no end is NotStable and changes nothing",
        [
            deploy("v1", chart("a", a="GO>s OK>b", b="", s={"always": "t"}, t={"always": "s"})),
            spawn("ann", "v1"),
            send("ann", "GO", expect=error("NotStable")),
            send("ann", "OK", expect={"accepted": [True]}),
        ],
        {"ann": at("v1", "b", history=["OK"])},
    ),
    Corner(
        "maxStranded is all or nothing: past the limit nobody is moved",
        [
            deploy("v1", AB),
            spawn("ann", "v1"),
            spawn("bob", "v1"),
            send("ann", "A"),
            deploy("v2", chart("a", a=""), "v1", maxStranded=0, expect=error("TooManyStranded")),
            deploy(
                "v2", chart("a", a=""), "v1", maxStranded="49%", expect=error("TooManyStranded")
            ),
            deploy("v2", chart("a", a=""), "v1", maxStranded="50%", expect=counts(1, 0, 1)),
        ],
        {"ann": stuck("v1", "b", "StateRemoved"), "bob": at("v2", "a")},
    ),
    Corner(
        "expectPlan: if it differs it moves no one",
        [
            deploy("v1", AB),
            spawn("ann", "v1"),
            deploy("v2", AB, "v1", expectPlan="sha256:" + "0" * 64, expect=error("PlanDrifted")),
        ],
        {"ann": at("v1", "a", decisions=[])},
    ),
    Corner(
        "Unknown things have their codes",
        [
            deploy("v1", AB),
            deploy("v2", AB, "v0", expect=error("UnknownVersion")),
            point("cp", "v1", "v9", expect=error("UnknownVersion")),
            refine("cp", "nothing", "v1", expect=error("UnknownChangePoint")),
            close("nothing", error("UnknownChangePoint")),
            spawn("ann", "v9", error("UnknownVersion")),
            send("ann", "A", expect=error("UnknownActor")),
        ],
    ),
    Corner(
        "An actor's name is used once",
        [deploy("v1", AB), spawn("ann", "v1"), spawn("ann", "v1", error("ActorExists"))],
        {"ann": at("v1", "a")},
    ),
    Corner(
        "A refinement with from, historyPath or regions is refused",
        [
            deploy("v1", AB),
            deploy("v2", AB, "v1"),
            deploy("v3", AB),
            refine("one", "v2.v1", "v3", historyPath=["A"], expect=error("RefinementChangesPoint")),
            {
                "changePoint": {"name": "two", "refines": "v2.v1", "to": "v3", "from": "v1"},
                "expect": error("RefinementChangesPoint"),
            },
            refine(
                "three", "v2.v1", "v3", regions={"a": ["A"]}, expect=error("RefinementChangesPoint")
            ),
        ],
    ),
    Corner(
        "Audit: one record for each actor concerned, the stayed too",
        [deploy("v1", AB), spawn("ann", "v1"), STAYS],
        {
            "ann": at(
                "v1", "a", decisions=[record("stayed", "v2.v1", 2, "v1", reason="AnchorNotMatched")]
            )
        },
    ),
    Corner(
        "Audit: one record for each landing",
        [deploy("v1", AB), deploy("v2", AB, "v1"), deploy("v3", AB, "v2"), spawn("ann", "v1")],
        {
            "ann": at(
                "v3",
                "a",
                decisions=[
                    record("migrated", "v2.v1", 2, "v1", "v2"),
                    record("migrated", "v3.v2", 3, "v2", "v3"),
                ],
            )
        },
    ),
    Corner(
        "Audit: one record for a strand, none for the same strand at the next event",
        [
            deploy("v1", chart("a", a="A>b", b="B>b")),
            spawn("ann", "v1"),
            send("ann", "A"),
            deploy("v2", chart("a", a=""), "v1", expect=counts(0, 0, 1)),
            send("ann", "B", "B"),
        ],
        {
            "ann": {
                **stuck("v1", "b", "StateRemoved"),
                "decisions": [record("stranded", "v2.v1", 2, "v1", reason="StateRemoved")],
            }
        },
    ),
    Corner(
        "Audit: a strand whose reason differs from the last is recorded",
        [
            deploy("v1", chart("a", a="A>b C>c", b="B>a C>c", c="")),
            spawn("ann", "v1"),
            send("ann", "A"),
            deploy("v2", chart("a", a="", c=chart("x", x="")), "v1", landing="Same"),
            send("ann", "C"),
        ],
        {
            "ann": {
                **stuck("v1", "c", "StateBecameCompound"),
                "decisions": [
                    record("stranded", "v2.v1", 2, "v1", reason="StateRemoved"),
                    record("stranded", "v2.v1", 2, "v1", reason="StateBecameCompound"),
                ],
            }
        },
    ),
    Corner(
        "Audit: a strand whose first pick differs from the last is recorded",
        [
            deploy("v1", chart("a", a="A>b", b="B>c", c="")),
            spawn("ann", "v1"),
            send("ann", "A"),
            deploy("v2", chart("z", z=""), "v1", historyPath=["A", "B"], landing="MappingOnly"),
            deploy("v3", chart("z", z=""), "v1", landing="MappingOnly"),
            send("ann", "B"),
        ],
        {
            "ann": {
                **stuck("v1", "c", "NotMapped"),
                "decisions": [
                    record("stayed", "v2.v1", 2, "v1", reason="AnchorNotMatched"),
                    record("stranded", "v3.v1", 3, "v1", reason="NotMapped"),
                    record("stranded", "v2.v1", 2, "v1", reason="NotMapped"),
                ],
            }
        },
    ),
    Corner(
        "Audit: another first pick is news even where reason and way stay as they were",
        [
            deploy("v1", chart("a", a="A>b", b="B>c", c="")),
            spawn("ann", "v1"),
            send("ann", "A"),
            deploy("v2", chart("z", z=""), "v1", historyPath=["A", "B"], landing="MappingOnly"),
            point("later", "v1", "v2", landing="MappingOnly", expect=counts(0, 0, 1)),
            send("ann", "B"),
        ],
        {
            "ann": {
                **stuck("v1", "c", "NotMapped"),
                "decisions": [
                    record("stayed", "v2.v1", 2, "v1", reason="AnchorNotMatched"),
                    record("stranded", "later", 3, "v1", reason="NotMapped"),
                    record("stranded", "v2.v1", 2, "v1", reason="NotMapped"),
                ],
            }
        },
    ),
    Corner(
        "Audit: a strand with more picks than the last is recorded",
        [
            deploy("v1", chart("a", a="A>b", b="B>c", c="")),
            spawn("ann", "v1"),
            send("ann", "A"),
            deploy("v2", chart("z", z=""), "v1", landing="MappingOnly"),
            deploy("v3", chart("z", z=""), "v1", historyPath=["A", "B"], landing="MappingOnly"),
            send("ann", "B"),
        ],
        {
            "ann": {
                **stuck("v1", "c", "NotMapped"),
                "decisions": [
                    record("stranded", "v2.v1", 2, "v1", reason="NotMapped"),
                    record("stayed", "v3.v1", 3, "v1", reason="AnchorNotMatched"),
                    record("stranded", "v2.v1", 2, "v1", reason="NotMapped"),
                ],
            }
        },
    ),
    Corner(
        "Migrated are the others that moved, by whatever change-point",
        [
            *FREED,
            deploy("v3", AB, "v1", historyPath=["Z"], expect=counts(1, 0, 0)),
        ],
        {"ann": at("v2", "z")},
    ),
    Corner(
        "Stranded are those that end in needs_rescue, having moved by whatever change-point",
        [
            *FREED,
            deploy("v3", AB, "v2", landing="Same", rescues=False),
            point("unmatched", "v1", "v3", historyPath=["Z"], expect=counts(0, 0, 1)),
        ],
        {"ann": stuck("v2", "z", "StateRemoved")},
    ),
    Corner(
        "A registration whose points were not picked leaves a stranded actor stayed",
        [
            deploy("v1", AB),
            spawn("ann", "v1"),
            send("ann", "A"),
            deploy("v2", chart("a", a=""), "v1", expect=counts(0, 0, 1)),
            deploy("v3", AB, "v1", historyPath=["Z"], expect=counts(0, 1, 0)),
        ],
        {"ann": stuck("v1", "b", "StateRemoved")},
    ),
    Corner(
        "A rescue by hand ticks the clock and is recorded with its reason",
        [
            deploy("v1", AB),
            spawn("ann", "v1"),
            rescue("ann", "v1", "b"),
            deploy("v2", AB, "v1", expect=counts(1, 0, 0)),
        ],
        {
            "ann": at(
                "v2",
                "b",
                decisions=[
                    record("migrated", None, 2, "v1", "v1", "by hand", rescued=True),
                    record("migrated", "v2.v1", 3, "v1", "v2"),
                ],
            )
        },
    ),
]
