"""The hunt finds what it is for: scenarios go everywhere, differences are seen and made small."""

from collections import Counter
from typing import Any

import pytest

from support import model
from support.scenarios import hunt as hunting
from support.scenarios.compare import differences
from support.scenarios.generate import scenario
from support.scenarios.shrink import minimised

Outcome = dict[str, Any]
SAMPLE = 250

REASONS = {
    "AnchorNotMatched",
    "HistoryDoesNotExplainState",
    "HistoryNotAccepted",
    "MappingConflict",
    "MappingIncomplete",
    "NotMapped",
    "RegionMissing",
    "StateBecameAtomic",
    "StateBecameCompound",
    "StateBecameFinal",
    "StateBecameParallel",
    "StateMoved",
    "StateRemoved",
}
CODES = {
    "ActorDone",
    "ActorExists",
    "AmbiguousAnchors",
    "AnchorNotAccepted",
    "BackwardMigration",
    "ChangePointExists",
    "DefinitionExists",
    "IllegalState",
    "MappingHistoryTarget",
    "MappingUnknownSource",
    "MappingUnknownTarget",
    "NotStable",
    "PlanDrifted",
    "RefinementChangesPoint",
    "TooManyStranded",
    "UnknownActor",
    "UnknownChangePoint",
    "UnknownRegion",
    "UnknownVersion",
    "WorkflowMismatch",
}


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    return [model.run(scenario(seed)) for seed in range(SAMPLE)]


def test_random_scenarios_reach_every_reason(outcomes: list[Outcome]) -> None:
    decisions = [d for o in outcomes for actor in o["actors"].values() for d in actor["decisions"]]
    assert REASONS - {decision["reason"] for decision in decisions} == set()


def test_random_scenarios_reach_every_refusal(outcomes: list[Outcome]) -> None:
    codes = {
        code for o in outcomes for s in o["steps"] if "error" in s for code in s["error"]["codes"]
    }
    assert CODES - codes == set()


def test_random_scenarios_give_every_verdict_in_plenty(outcomes: list[Outcome]) -> None:
    counted: Counter[str] = Counter()
    for outcome in outcomes:
        for actor in outcome["actors"].values():
            counted.update(decision["verdict"] for decision in actor["decisions"])
    assert min(counted.values()) > SAMPLE


def test_one_seed_is_one_scenario() -> None:
    assert scenario(7) == scenario(7)
    assert scenario(7) != scenario(8)


def test_a_scenario_is_played_alike_twice() -> None:
    assert differences(model.run(scenario(3)), model.run(scenario(3))) == []


def forgetful(played: Outcome) -> Outcome:
    """A product that forgets that anybody was ever done."""
    actors = {
        name: {**actor, "status": "active" if actor["status"] == "done" else actor["status"]}
        for name, actor in played["actors"].items()
    }
    return {**played, "actors": actors}


def test_a_fault_is_found_and_made_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(hunting.PLAYERS, "forgetful", lambda s: forgetful(model.run(s)))
    found = next(case for seed in range(50) if (case := hunting.hunt(seed, "forgetful")))
    assert {difference.kind for difference in found.differences} == {"status"}
    assert len(found.scenario["steps"]) <= 4


def test_an_error_may_have_any_of_the_codes_that_apply() -> None:
    mine = {"steps": [{"error": {"code": "A", "codes": ["A", "B"]}}], "actors": {}}
    assert differences(mine, {"steps": [{"error": {"code": "B"}}], "actors": {}}) == []
    assert differences(mine, {"steps": [{"error": {"code": "C"}}], "actors": {}}) != []
    assert differences(mine, {"steps": [{}], "actors": {}}) != []


def test_shrinking_keeps_what_fails_and_nothing_else() -> None:
    whole = {"name": "n", "steps": [{"a": [1, 2, 3]}, {"b": {"c": 1, "d": 2}}, {"e": 5}]}

    def has_two_and_d(candidate: Outcome) -> bool:
        return "2" in str(candidate["steps"]) and "'d'" in str(candidate["steps"])

    assert minimised(whole, has_two_and_d)["steps"] == [{"b": {"d": 2}}]
