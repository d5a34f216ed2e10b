"""The promises of routing, held against random scenarios played on the core and on the services."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from statekeep.core.cohort import Cohort
from statekeep.core.points import ChangePoint
from support import model
from support.scenarios import product
from support.scenarios.compare import differences
from support.scenarios.core_play import CorePlay
from support.scenarios.generate import scenario
from support.scenarios.hunt import PLAYERS
from support.scenarios.rewriting import (
    REGISTRATIONS,
    action_of,
    in_another_place,
    interleaved,
    previewed,
    reordered,
    unmarked,
    with_noise,
    with_twins,
)

Scenario = dict[str, Any]
Play = Callable[[Scenario], Scenario]

SEEDS = range(25)
GATES = {"Frozen", "PlanDrifted", "TooManyStranded"}

on_each_player = pytest.mark.parametrize("play", PLAYERS.values(), ids=PLAYERS.keys())


def by_hand(actor: dict[str, Any]) -> bool:
    return any(decision["changePoint"] is None for decision in actor["decisions"])


@on_each_player
def test_preview_is_apply(play: Play) -> None:
    for seed in SEEDS:
        whole = previewed(scenario(seed))
        answers = play(whole)["steps"]
        for index, step in enumerate(whole["steps"]):
            if action_of(step) in REGISTRATIONS:
                foreseen, done = answers[index - 1], answers[index]
                assert agree(foreseen, done), (seed, index, foreseen, done)


def agree(foreseen: dict[str, Any], done: dict[str, Any]) -> bool:
    """Preview ignores gate and brake; all other refusals are the same."""
    if "error" in foreseen or "error" in done:
        code = done.get("error", {}).get("code")
        return code in GATES or code == foreseen.get("error", {}).get("code")
    would = ("wouldMigrate", "wouldStay", "wouldStrand")
    verdicts = ("migrated", "stayed", "stranded")
    return [len(foreseen[key]) for key in would] == [done[key] for key in verdicts]


def test_a_plan_that_was_previewed_is_the_plan_that_is_applied() -> None:
    for seed in SEEDS:
        whole = previewed(scenario(seed))
        first = product.run(whole)
        steps = [dict(step) for step in whole["steps"]]
        for index, step in enumerate(steps):
            action = action_of(step)
            if action in REGISTRATIONS and "planHash" in first["steps"][index - 1]:
                expected = first["steps"][index - 1]["planHash"]
                steps[index] = {action: {"expectPlan": expected, **step[action]}}
        assert product.run({**whole, "steps": steps}) == first, seed


@on_each_player
def test_nobody_returns_to_a_version_that_it_left(play: Play) -> None:
    for seed in SEEDS:
        for name, actor in play(scenario(seed))["actors"].items():
            if by_hand(actor):
                continue
            moves = [d for d in actor["decisions"] if d["verdict"] == "migrated"]
            way = [move["from"] for move in moves] + [actor["version"]]
            assert [move["to"] for move in moves] == way[1:], (seed, name)
            assert len(set(way)) == len(way), (seed, name)


def test_nobody_is_lost_and_who_strands_is_unchanged() -> None:
    for seed in SEEDS:
        play = CorePlay()
        for step in scenario(seed)["steps"]:
            before, points = dict(play.actors), points_of(play)
            answer = play.play(step)
            new = [p for name, p in points_of(play).items() if name not in points]
            if action_of(step) in REGISTRATIONS and new:
                concerned = [n for n, cohort in before.items() if is_concerned(cohort, new)]
                total = answer["migrated"] + answer["stayed"] + answer["stranded"]
                assert total == len(concerned), seed
                for name in concerned:
                    unchanged_or_moved(before[name], play.actors[name])
            play.queues = {name: [] for name in play.queues}


def points_of(play: CorePlay) -> dict[str, ChangePoint]:
    return {point.name: point for r in play.registries.values() for point in r.points}


def is_concerned(cohort: Cohort, points: list[ChangePoint]) -> bool:
    way = [stop.version for stop in cohort.stranding.way] if cohort.stranding else []
    return cohort.status != "done" and any(
        point.source == cohort.version or (point.rescues and point.source in way)
        for point in points
    )


def unchanged_or_moved(before: Cohort, after: Cohort) -> None:
    """An actor that has not moved is where it was, with all that it had."""
    if before.version == after.version:
        assert (before.position, before.configuration) == (after.position, after.configuration)
        assert before.regions == after.regions
    assert before.history.types() == after.history.types()


def test_same_cohort_same_decision() -> None:
    for seed in SEEDS:
        actors = product.run(with_twins(scenario(seed)))["actors"]
        for name, actor in unmarked(list(actors.items())):
            if not by_hand(actors[name]) and name in actors:
                assert actor == actors[name] or by_hand(actor), (seed, name)


@on_each_player
def test_workflows_do_not_touch_each_other_however_their_calls_are_interleaved(play: Play) -> None:
    for seed in SEEDS:
        one, other = scenario(seed), in_another_place(scenario(seed + 1))
        mixed = interleaved(Random(seed), one["steps"], other["steps"])
        together = play({"name": "both", "steps": [step for _, step in mixed]})
        for number, alone in enumerate((one, scenario(seed + 1))):
            steps = [
                answer
                for (whose, _), answer in zip(mixed, together["steps"], strict=True)
                if whose == number
            ]
            actors = {
                name: actor
                for name, actor in together["actors"].items()
                if name.startswith("zq_") == bool(number)
            }
            mine = unmarked({"steps": codes_only(steps), "actors": actors})
            expected = play(alone)
            assert mine["steps"] == codes_only(expected["steps"]), seed
            assert mine["actors"] == expected["actors"], seed


def codes_only(answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Errors by their code; plan hashes name their workflow's names, and so are left out."""
    return [
        {"error": answer["error"]["code"]}
        if "error" in answer
        else {k: v for k, v in answer.items() if k not in ("planHash", "warnings", "unlandable")}
        for answer in answers
    ]


@on_each_player
def test_calls_that_yield_the_same_clocks_yield_the_same_verdicts(play: Play) -> None:
    for seed in SEEDS:
        whole = scenario(seed)
        assert play(reordered(Random(seed), whole))["actors"] == play(whole)["actors"], seed


@on_each_player
def test_what_is_refused_repeated_or_previewed_changes_nothing(play: Play) -> None:
    for seed in SEEDS:
        whole = scenario(seed)
        alone = play(whole)
        registered = [
            action_of(step) in REGISTRATIONS and "error" not in answer
            for step, answer in zip(whole["steps"], alone["steps"], strict=True)
        ]
        noisy = with_noise(Random(seed), whole, registered)
        together = play({"name": "noisy", "steps": [step for _, step in noisy]})
        steps = [a for (own, _), a in zip(noisy, together["steps"], strict=True) if own]
        assert codes_only(steps) == codes_only(alone["steps"]), seed
        assert together["actors"] == alone["actors"], seed


def test_the_number_of_shards_changes_nothing() -> None:
    for seed in SEEDS:
        assert product.run(scenario(seed), shards=1) == product.run(scenario(seed), shards=7), seed


def test_the_hash_seed_changes_not_one_byte() -> None:
    assert answers_under("1") == answers_under("4711")


def answers_under(hash_seed: str) -> str:
    code = (
        "import json\n"
        "from support.scenarios import product\n"
        "from support.scenarios.generate import scenario\n"
        "for seed in range(25):\n"
        "    print(json.dumps([scenario(seed), product.run(scenario(seed))]))\n"
    )
    support = Path(__file__).parents[1]
    paths = [str(support), *(path for path in sys.path if path)]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(paths)}
    ran = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert ran.stdout.count("\n") == 25
    return ran.stdout


def test_the_surface_speaks_the_shape_of_the_model() -> None:
    """`statekeep test --jsonl` in a process of its own, a scenario a line."""
    lines = [json.dumps(scenario(seed)) for seed in range(8)]
    ran = subprocess.run(
        [sys.executable, "-m", "statekeep.cli.main", "test", "--jsonl"],
        input="\n".join(lines),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        capture_output=True,
        text=True,
        check=True,
    )
    answers = [product.audited(json.loads(line)) for line in ran.stdout.splitlines()]
    for seed, answer in enumerate(answers):
        assert differences(model.run(scenario(seed)), answer) == []
    assert len(answers) == len(lines)
