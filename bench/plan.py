"""How long a plan takes: for a thousand classes and 64 change-points, and where no two are alike.

The first figure is the core's part of a preview of any size, because a plan knows classes and not
actors. The others are its part of migrating actors whose histories are all different, which has its
budgets from end to end: 50,000/s by `Same`, 10,000/s by `Replay`.
"""

from __future__ import annotations

import time
from random import Random

from report import Line, heading, show

from statekeep.core.cohort import Cohort
from statekeep.core.evaluate import advance, spawn
from statekeep.core.plan import plan
from statekeep.core.points import Migration
from statekeep.core.registration import Registration, register_definition
from statekeep.core.registry import Registry
from support.routed import Workflow, chart, migration

STATES = 9
EVENTS = "ABC"
LOAN = chart(
    **{
        f"s{i}": {"A": f"s{(i + 1) % STATES}", "B": f"s{(2 * i + 1) % STATES}", "C": f"s{i}"}
        for i in range(STATES)
    }
)
PREVIEW_S = 0.25
"""The budget of a whole preview, of which the plan is a part."""
RULES = ("Same", "Replay")


def lived(registry: Registry, random: Random, events: int = 10) -> Cohort:
    """An actor with a random history."""
    cohort = spawn(registry, "v1").cohort
    for _ in range(events):
        cohort = advance(registry, cohort, random.choice(EVENTS)).evaluation.cohort
    return cohort


def registration(workflow: Workflow, *migrations: Migration) -> Registration:
    """A next version that is not applied."""
    asked = register_definition(*workflow.deployment("v2", LOAN, *migrations))
    assert isinstance(asked, Registration)
    return asked


def seconds(asked: Registration, cohorts: list[Cohort]) -> float:
    """The best of three, of this process alone: the machine may be busy."""
    spent = []
    for _ in range(3):
        begin = time.process_time()
        found = plan(asked, enumerate(cohorts))
        spent.append(time.process_time() - begin)
        assert len(found.verdicts) == len(cohorts)
    return min(spent)


def classes_and_points() -> float:
    """Seconds to plan 1,000 classes that 63 earlier change-points do not pick."""
    random, workflow = Random(1), Workflow()
    workflow.deploy("v1", LOAN)
    workflow.deploy("w", LOAN)
    cohorts = [lived(workflow.registry, random) for _ in range(1000)]
    for i in range(63):
        workflow.point(f"p{i}", "w", source="v1", path=["D", *random.choices(EVENTS, k=5)])
    return seconds(registration(workflow, migration("v1", path=["A"], landing="Same")), cohorts)


def all_different(landing: str, count: int = 20_000) -> float:
    """Histories planned a second, where no two are alike."""
    random, workflow = Random(2), Workflow()
    workflow.deploy("v1", LOAN)
    cohorts = list({lived(workflow.registry, random, 14) for _ in range(count)})
    return len(cohorts) / seconds(registration(workflow, migration("v1", landing=landing)), cohorts)


def main() -> int:
    """Print the figures beside their budgets; 1 if one is missed."""
    heading()
    return show(
        [
            Line(
                "plan 1,000 classes × 64 change-points",
                classes_and_points(),
                "s",
                budget=PREVIEW_S,
                better="low",
            ),
            *(
                Line(f"plan histories that are all different, {rule}", all_different(rule), "/s")
                for rule in RULES
            ),
        ]
    )


if __name__ == "__main__":
    raise SystemExit(main())
