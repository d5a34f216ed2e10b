"""Freezing a workflow, and letting it go."""

from support.scenarios.corners.writing import (
    Corner,
    Step,
    at,
    chart,
    close,
    counts,
    deploy,
    error,
    preview,
    rescue,
    send,
    spawn,
    stuck,
)

AB = chart("a", a="A>b", b="B>a")
FREEZE: Step = {"freeze": "flow"}
UNFREEZE: Step = {"unfreeze": "flow"}
ROUTED_BY_A = [deploy("v1", AB), deploy("v2", AB, "v1", historyPath=["A"]), spawn("ann", "v1")]

CORNERS = [
    Corner(
        "The brake stops registrations, and nothing ticks",
        [
            deploy("v1", AB),
            spawn("ann", "v1"),
            FREEZE,
            deploy("v2", AB, "v1", expect=error("Frozen")),
            preview(deploy("v2", AB, "v1"), wouldMigrate=["ann"]),
            UNFREEZE,
            deploy("v2", AB, "v1", expect={**counts(1, 0, 0), "clock": 2}),
        ],
        {"ann": at("v2", "a")},
    ),
    Corner(
        "The brake stops landings, while events go on",
        [*ROUTED_BY_A, FREEZE, send("ann", "A", expect={"accepted": [True]}), spawn("bob", "v1")],
        {"ann": at("v1", "b", history=["A"]), "bob": at("v1", "a")},
    ),
    Corner(
        "The brake stops rescues by hand",
        [deploy("v1", AB), spawn("ann", "v1"), FREEZE, rescue("ann", "v1", "b", error("Frozen"))],
        {"ann": at("v1", "a")},
    ),
    Corner(
        "Letting go evaluates what is due",
        [*ROUTED_BY_A, FREEZE, send("ann", "A"), UNFREEZE],
        {"ann": at("v2", "b")},
    ),
    Corner(
        "What is due may be a strand",
        [
            deploy("v1", AB),
            deploy("v2", chart("a", a=""), "v1", historyPath=["A"]),
            spawn("ann", "v1"),
            FREEZE,
            send("ann", "A"),
            UNFREEZE,
        ],
        {"ann": stuck("v1", "b", "StateRemoved")},
    ),
    Corner(
        "A point that was closed in the meantime is due no more",
        [*ROUTED_BY_A, FREEZE, send("ann", "A"), close("v2.v1"), UNFREEZE],
        {"ann": at("v1", "b")},
    ),
]
