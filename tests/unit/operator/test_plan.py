"""Plans as data: from what is wished and what is registered to the steps that are sure."""

import random
from dataclasses import replace

import pytest

from statekeep_operator import reasons
from statekeep_operator.facts import Facts, Key, Point, Runtime, Version, Wish
from statekeep_operator.plan import (
    ClosePoint,
    Obstacle,
    Plan,
    RegisterMigrations,
    RegisterPoint,
    RegisterVersion,
    Step,
    Verify,
    plan,
)
from support.wishes import REGISTRY, cp, facts, runtime, wd

V1, V2, V3 = (Key("WorkflowDefinition", name) for name in ("v1", "v2", "v3"))
FIX = Key("ChangePoint", "fix")
GATED = Obstacle(reasons.TOO_MANY_STRANDED, "5 would strand")
CHANGED = Obstacle("DefinitionExists", "another machine")


def reasons_of(planned: Plan) -> dict[Key, str]:
    return {key: obstacle.reason for key, obstacle in planned.obstacles.items()}


@pytest.mark.parametrize(
    ("name", "given", "steps", "blocked"),
    [
        ("a valid definition registers", facts(wd("v1"), of=runtime()), [RegisterVersion(V1)], {}),
        (
            "a version registers before its migrations can",
            facts(wd("v2", "paid: v1 PAY"), of=runtime()),
            [RegisterVersion(V2)],
            {V2: "UnknownVersion"},
        ),
        (
            "migrations register together when their sources are there",
            facts(wd("v2", "paid: v1 PAY", "waived: v1 WAIVE"), of=runtime("v1", "v2")),
            [RegisterMigrations(V2, ("paid", "waived"))],
            {},
        ),
        (
            "migrations that were added are another registration",
            facts(
                wd("v2", "paid: v1 PAY", "waived: v1 WAIVE"),
                of=runtime("v1", "v2", points=("v2.paid v1 v2",)),
            ),
            [RegisterMigrations(V2, ("waived",))],
            {},
        ),
        (
            "what is all there needs nothing",
            facts(wd("v2", "paid: v1 PAY"), of=runtime("v1", "v2", points=("v2.paid v1 v2",))),
            [],
            {},
        ),
        (
            "a change-point registers when both its versions are there",
            facts(cp("fix", "v1", "v2"), of=runtime("v1", "v2")),
            [RegisterPoint(FIX)],
            {},
        ),
        (
            "a change-point waits for its target",
            facts(cp("fix", "v1", "v2"), of=runtime("v1")),
            [],
            {FIX: "UnknownVersion"},
        ),
        (
            "a version of another workflow is not waited for: the runtime refuses it",
            facts(cp("fix", "v1", "v2"), of=runtime("v2"), elsewhere={"v1": "claim"}),
            [RegisterPoint(FIX)],
            {},
        ),
        (
            "a hotfix waits for its point",
            facts(cp("fix", None, "v2", refines="v2.paid"), of=runtime("v1", "v2")),
            [],
            {FIX: "UnknownChangePoint"},
        ),
        (
            "a chain takes one sure step at a time",
            facts(wd("v2", "all: v1"), wd("v3", "all: v2"), of=runtime("v1", "v2", "v3")),
            [RegisterMigrations(V2, ("all",))],
            {V3: "OrderUnknown"},
        ),
        (
            "rivals wait, both of them",
            facts(wd("v2", "all: v1"), cp("fix", "v1", "v3"), of=runtime("v1", "v2", "v3")),
            [],
            {V2: "OrderUnknown", FIX: "OrderUnknown"},
        ),
        (
            "suspend delays the version too",
            facts(wd("v1", suspend=True), of=runtime()),
            [],
            {V1: "Suspended"},
        ),
        (
            "suspend says nothing of what is registered",
            facts(wd("v1", suspend=True), of=runtime("v1")),
            [],
            {},
        ),
        (
            "a frozen workflow registers nothing",
            facts(wd("v1"), wd("v2"), of=runtime("v1", frozen="incident 7")),
            [],
            {V2: "Frozen"},
        ),
        (
            "what is closed is closed, and no more",
            facts(
                wd("v2", "paid: v1", close=["paid"]),
                cp("fix", "v2", "v3", closed=True),
                of=runtime("v1", "v2", "v3", points=("v2.paid v1 v2", "fix v2 v3")),
            ),
            [ClosePoint(FIX, "fix"), ClosePoint(V2, "v2.paid")],
            {},
        ),
        (
            "what was registered before is compared first",
            facts(wd("v2", "all: v1"), of=runtime("v1", "v2"), verified=False),
            [Verify(V2)],
            {},
        ),
        (
            "past its deadline nothing goes by itself",
            facts(
                wd("v2", "all: v1", gate={"deadline": "10m"}),
                of=runtime("v1", "v2"),
                overdue=frozenset({V2}),
            ),
            [],
            {V2: "DeadlineExceeded"},
        ),
        (
            "a deadline means nothing to what is done",
            facts(wd("v1"), of=runtime("v1"), overdue=frozenset({V1})),
            [],
            {},
        ),
        (
            "a registry that an object does not know is not filled",
            facts(wd("v1", status={"registry": "gone"}), wd("v2"), of=runtime()),
            [],
            {V1: "RegistryReplaced", V2: "RegistryReplaced"},
        ),
        (
            "unless a person has said so",
            facts(
                wd(
                    "v1",
                    status={"registry": "gone"},
                    annotations={"statekeep.dev/adopt-registry": REGISTRY},
                ),
                of=runtime(),
            ),
            [RegisterVersion(V1)],
            {},
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_plan(name: str, given: Facts, steps: list[Step], blocked: dict[Key, str]) -> None:
    planned = plan(given, {})
    assert (list(planned.steps), reasons_of(planned)) == (steps, blocked), name


def test_a_shut_gate_keeps_the_migrations_and_lets_closings_pass() -> None:
    known = runtime("v1", "v2", points=("v2.old v1 v2",))
    given = facts(wd("v2", "old: v1 A", "new: v1 B", close=["old"]), of=known)
    planned = plan(given, {V2: GATED})
    assert planned.steps == (ClosePoint(V2, "v2.old"),)
    assert planned.obstacles == {V2: GATED}


def test_another_machine_under_a_registered_name_is_an_obstacle_to_everything() -> None:
    given = facts(wd("v2", "all: v1"), of=runtime("v1", "v2"), verified=False)
    planned = plan(given, {V2: CHANGED})
    assert planned == Plan((), {V2: CHANGED})


def test_the_order_of_objects_means_nothing() -> None:
    wishes = (wd("v1"), wd("v2", "all: v1"), wd("v3", "all: v2"), cp("fix", "v3", "v4"), wd("v4"))
    one = plan(facts(*wishes, of=runtime()), {})
    other = plan(facts(*reversed(wishes), of=runtime()), {})
    assert one == other
    assert [step.key.name for step in one.steps] == ["v1", "v2", "v3", "v4"]


def test_the_message_of_a_replaced_registry_can_be_pasted() -> None:
    planned = plan(facts(wd("v1", status={"registry": "gone"}), of=runtime()), {})
    said = planned.obstacles[V1].message
    assert f"statekeep.dev/adopt-registry={REGISTRY}" in said


# --- the order of objects means nothing ---------------------------------------------------------

TEN = (
    wd("v1"),
    wd("v2", "all: v1"),
    wd("v3", "all: v2"),
    wd("v4", "paid: v3 SUBMIT"),
    wd("v5"),
    wd("v6"),
    cp("on", "v4", "v5"),
    cp("further", "v5", "v6"),
    cp("hotfix", None, "v6", refines="on"),
    wd("v7", "one: v6 PAY", "two: v6 WAIVE"),
)
RIVALS = (cp("a", "v6", "v5x", "PAY"), cp("b", "v6", "v5y", "PAY", "SEND"), wd("v5x"), wd("v5y"))


def registered(wishes: tuple[Wish, ...]) -> tuple[list[Step], set[str]]:
    """Every step until none is left, each carried out at once; what still waits, and why."""
    known, taken = runtime(), []
    while True:
        planned = plan(facts(*wishes, of=known), {})
        if not planned.steps:
            return taken, {f"{k.name} {o.reason}" for k, o in planned.obstacles.items()}
        for step in planned.steps:
            wish = next(wish for wish in wishes if wish.key == step.key)
            known = carried_out(known, wish, step)
        taken += planned.steps


def carried_out(known: Runtime, wish: Wish, step: Step) -> Runtime:
    clock = known.clock + 1
    if isinstance(step, RegisterVersion):
        return replace(
            known, clock=clock, versions={**known.versions, wish.name: Version(clock, "")}
        )
    points = {**known.points}
    if isinstance(step, RegisterMigrations):
        points |= {f"{wish.name}.{name}": Point(clock, "", wish.name) for name in step.names}
    else:
        points[wish.name] = Point(clock, "", wish.spec["to"])
    return replace(known, clock=clock, points=points)


@pytest.mark.parametrize(
    ("wishes", "waiting"),
    [
        (TEN, set()),
        ((*TEN, *RIVALS), {"a OrderUnknown", "b OrderUnknown", "v7 OrderUnknown"}),
    ],
    ids=["all are sure", "some are rivals"],
)
def test_in_whatever_order_they_come_the_same_is_registered(
    wishes: tuple[Wish, ...], waiting: set[str]
) -> None:
    first, left = registered(wishes)
    assert left == waiting
    for seed in range(300):
        shuffled = tuple(random.Random(seed).sample(wishes, len(wishes)))
        assert registered(shuffled) == (first, left), seed
