"""What is remembered of an object, and when it counts no more."""

from typing import Any

from statekeep_operator import reasons
from statekeep_operator.facts import REQUESTED_AT, Key, Wish
from statekeep_operator.memory import Memories, Refusal, law_of
from statekeep_operator.plan import Obstacle
from support.wishes import runtime, wd

V1 = runtime("v1", "v2")
GATED = Obstacle(reasons.TOO_MANY_STRANDED, "5 would strand")
WRONG = Obstacle("InvalidDefinition", "no initial")


def remembering(wish: Wish, obstacle: Obstacle) -> Memories:
    memories = Memories(gate_seconds=15.0)
    memories.of("lending", wish).refusal = Refusal(obstacle, law_of(V1), at=100.0)
    return memories


def refused(memories: Memories, wish: Wish, at: float, **told: Any) -> dict[Key, Obstacle]:
    return dict(memories.refused("lending", [wish], runtime("v1", "v2", **told), at))


def test_a_refusal_holds_while_nothing_changes() -> None:
    wish = wd("v2")
    assert refused(remembering(wish, WRONG), wish, 10_000.0) == {wish.key: WRONG}


def test_a_gate_is_asked_again_after_a_while() -> None:
    wish = wd("v2")
    memories = remembering(wish, GATED)
    assert refused(memories, wish, 114.0) == {wish.key: GATED}
    assert refused(memories, wish, 115.0) == {}


def test_a_refusal_is_void_when_the_workflow_changes() -> None:
    wish = wd("v2")
    memories = remembering(wish, WRONG)
    assert refused(memories, wish, 101.0, law=9) == {}
    assert refused(memories, wish, 101.0, clock=9) == {}


def test_a_refusal_is_void_for_another_generation_and_when_somebody_asks() -> None:
    wish = wd("v2")
    assert refused(remembering(wish, WRONG), wd("v2", generation=2), 101.0) == {}
    asked = wd("v2", annotations={REQUESTED_AT: "now"})
    assert refused(remembering(wish, WRONG), asked, 101.0) == {}


def test_tenants_are_strangers() -> None:
    wish = wd("v2")
    memories = remembering(wish, WRONG)
    assert dict(memories.refused("claims", [wish], V1, 101.0)) == {}


def test_a_status_that_says_ready_saves_the_asking_again() -> None:
    status = {
        "observedGeneration": 1,
        "registry": V1.registry,
        "conditions": [{"type": "Ready", "status": "True", "reason": "Ready"}],
    }
    memories = Memories(15.0)
    ready, changed = wd("v1", status=dict(status)), wd("v2", status=dict(status), generation=2)
    assert memories.verified("lending", [ready, changed], V1) == {ready.key}
    elsewhere = runtime("v1", registry="another")
    assert memories.verified("lending", [ready], elsewhere) == frozenset()


def test_what_is_gone_is_forgotten() -> None:
    wish = wd("v2")
    memories = remembering(wish, WRONG)
    memories.forget_all_but({("lending", Key("ChangePoint", "v2"))})
    assert refused(memories, wish, 101.0) == {}
