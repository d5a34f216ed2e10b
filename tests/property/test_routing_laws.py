"""What holds of every workflow, whatever happens to it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statekeep.core.anchors import matches
from statekeep.core.arrival import Landed
from statekeep.core.cohort import Cohort, cohort_digest, decode_cohort, encode_cohort
from statekeep.core.evaluate import Evaluation, concerning, evaluate, evaluate_registration
from statekeep.core.forecast import misses
from statekeep.core.history import EMPTY
from statekeep.core.landing import land
from statekeep.core.points import ChangePoint
from statekeep.core.reading import Reading
from statekeep.core.registry import Registry
from support.routed import Workflow
from support.wild import Wild

SCENARIOS = int(os.environ.get("STATEKEEP_SCENARIOS", "150"))
SEEDS = st.integers(0, 2**32)
wildly = settings(max_examples=SCENARIOS, deadline=None, derandomize=True)


@wildly
@given(SEEDS)
def test_nobody_ever_returns_to_a_version_that_a_deployment_led_away_from(seed: int) -> None:
    been: dict[str, list[str]] = {}

    def watch(workflow: Workflow, step: str) -> None:
        for name, cohort in workflow.actors.items():
            path = been.setdefault(name, [cohort.version])
            if step.startswith("rescue"):
                been[name] = [cohort.version]
            elif path[-1] != cohort.version:
                assert cohort.version not in path
                path.append(cohort.version)

    Wild(Random(seed), watch).run(60)


@wildly
@given(SEEDS)
def test_positions_only_grow_and_never_beyond_the_clock(seed: int) -> None:
    last: dict[str, int] = {}

    def watch(workflow: Workflow, _: str) -> None:
        for name, cohort in workflow.actors.items():
            assert last.get(name, 0) <= cohort.position <= workflow.registry.clock
            last[name] = cohort.position

    Wild(Random(seed), watch).run(60)


@wildly
@given(SEEDS)
def test_a_stranded_actor_is_unchanged_but_for_its_record(seed: int) -> None:
    workflow = Wild(Random(seed)).run(50)
    for cohort in workflow.actors.values():
        result = evaluate(workflow.registry, cohort)
        if not result.moved:
            assert replace(result.cohort, stranding=None) == replace(cohort, stranding=None)


@wildly
@given(SEEDS)
def test_pasts_that_answer_alike_are_judged_alike(seed: int) -> None:
    met: dict[Cohort, None] = {}

    def watch(workflow: Workflow, _: str) -> None:
        met.update(dict.fromkeys(workflow.actors.values()))

    registry = Wild(Random(seed), watch).run(50).registry
    reading, judged = Reading(registry, registry.points), dict[object, object]()
    for cohort in met:
        form = replace(cohort, history=EMPTY, regions=())
        asked = reading.of(form)
        alone = _but_for_its_own(evaluate(registry, cohort))
        key: object = form, None
        if asked.is_silent_on(plain=not cohort.regions):
            unread = replace(form, regions=cohort.regions)
            assert _but_for_its_own(evaluate(registry, unread)) == alone
        else:
            key = form, asked.answers(cohort)
            near = [p for p in registry.points if p.source == form.version]
            alone = alone, [misses(p, cohort) for p in near if not p.anchor.is_wildcard]
        if cohort.regions and not asked.regions:
            key = form, cohort.regions
        assert judged.setdefault(key, alone) == alone


def _but_for_its_own(made: Evaluation) -> object:
    decisions = [replace(decision, fingerprint=0) for decision in made.decisions]
    return replace(made.cohort, history=EMPTY), decisions


@wildly
@given(SEEDS)
def test_evaluating_again_says_nothing_new(seed: int) -> None:
    workflow = Wild(Random(seed)).run(50)
    for cohort in workflow.actors.values():
        once = evaluate(workflow.registry, cohort)
        again = evaluate(workflow.registry, once.cohort)
        assert again.cohort == once.cohort
        assert again.decisions == ()


@wildly
@given(SEEDS)
def test_a_registration_has_one_verdict_for_everybody_it_concerns(seed: int) -> None:
    workflow = Wild(Random(seed)).run(50)
    points = workflow.registry.points[:3]
    for cohort in workflow.actors.values():
        outcome = evaluate_registration(workflow.registry, points, cohort)
        assert (outcome is None) == (not concerning(points, cohort))
        if outcome is not None:
            after = outcome.evaluation.cohort
            moved = after.version != cohort.version
            assert moved == outcome.evaluation.moved
            assert outcome.verdict != "migrated" or (moved and after.status != "needs_rescue")
            assert outcome.verdict != "stayed" or not moved
            assert outcome.verdict != "stranded" or after.status == "needs_rescue"
            assert outcome.evaluation.decisions[-1].verdict == outcome.verdict


@wildly
@given(SEEDS)
def test_what_is_written_down_decides_like_what_was(seed: int) -> None:
    workflow = Wild(Random(seed)).run(50)
    for cohort in workflow.actors.values():
        again = decode_cohort(workflow.registry, encode_cohort(workflow.registry, cohort))
        assert again == cohort
        assert evaluate(workflow.registry, again) == evaluate(workflow.registry, cohort)


@wildly
@given(SEEDS)
def test_the_order_in_which_a_registry_was_told_does_not_matter(seed: int) -> None:
    random = Random(seed)
    workflow = Wild(random).run(50)
    points, versions = list(workflow.registry.points), list(workflow.registry.versions)
    random.shuffle(points)
    random.shuffle(versions)
    shuffled = replace(workflow.registry, points=tuple(points), versions=tuple(versions))
    for cohort in workflow.actors.values():
        assert evaluate(shuffled, cohort) == evaluate(workflow.registry, cohort)


@wildly
@given(SEEDS)
def test_the_first_landing_is_what_the_design_says_it_is(seed: int) -> None:
    """Against the slow obvious search: every stop, every clock, in order."""
    workflow = Wild(Random(seed)).run(50)
    for cohort in workflow.actors.values():
        if cohort.configuration.done:
            continue
        expected = _first_landing(workflow.registry, cohort)
        landings = [d for d in evaluate(workflow.registry, cohort).decisions if d.target]
        assert (landings[0].change_point if landings else None) == expected


def _first_landing(registry: Registry, cohort: Cohort) -> str | None:
    stops = [(cohort.version, cohort.position)]
    stops += [(s.version, s.clock) for s in cohort.stranding.way] if cohort.stranding else []
    for clock in range(registry.clock + 1):
        rank = 0
        while rank < len(stops):
            version, since = stops[rank]
            pick = _pick(registry, cohort, version, clock) if since <= clock else None
            if pick is not None:
                if isinstance(land(registry, pick, cohort), Landed):
                    return pick.name
                if pick.target not in [stop[0] for stop in stops]:
                    stops.append((pick.target, pick.clock))
            rank += 1
    return None


def _pick(registry: Registry, cohort: Cohort, version: str, clock: int) -> ChangePoint | None:
    here = [point for point in registry.points if (point.source, point.clock) == (version, clock)]
    tops = [
        point
        for point in here
        if not point.closed
        and all(o.refinement <= point.refinement for o in here if o.anchor == point.anchor)
        and matches(point.anchor, cohort.history, cohort.regions)
        and (point.rescues or version == cohort.version)
    ]
    return max(tops, key=lambda point: point.anchor.specificity, default=None)


def fate(seed: int) -> str:
    """Everything that happens in one scenario, as a digest."""
    workflow = Wild(Random(seed)).run(60)
    told = [
        (name, cohort_digest(workflow.registry, cohort), workflow.decisions[name])
        for name, cohort in sorted(workflow.actors.items())
    ]
    return sha256(repr(told).encode()).hexdigest()


@pytest.mark.parametrize("hash_seed", ["1", "4711"])
def test_the_hash_seed_of_the_process_does_not_matter(hash_seed: str) -> None:
    seeds = list(range(12))
    program = (
        "import sys; sys.path[:0] = sys.argv[1:3]\n"
        "from test_routing_laws import fate\n"
        f"print(*[fate(seed) for seed in {seeds}])"
    )
    here = Path(__file__).parent
    environment = {
        **os.environ,
        "PYTHONHASHSEED": hash_seed,
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    ran = subprocess.run(
        [sys.executable, "-c", program, str(here), str(here.parent)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.split() == [fate(seed) for seed in seeds]
