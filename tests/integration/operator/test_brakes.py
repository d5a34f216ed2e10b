"""The brake while events come: nothing is lost, and nothing moves that should not."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from support.cluster import definition
from support.operators import Stage, client_of, condition, eventually

pytestmark = pytest.mark.cluster

LOOP = {
    "initial": "idle",
    "states": {"idle": {"on": {"GO": "busy"}}, "busy": {"on": {"REST": "idle"}}},
}
V1 = definition("loop-v1", "loop", definition=LOOP)
V2 = definition("loop-v2", "loop", definition=LOOP, migrations=[{"name": "all", "from": "loop-v1"}])


@contextmanager
def traffic(stage: Stage, actors: list[str]) -> Iterator[list[int]]:
    """Events for all actors, round after round; how many were accepted, a number a round."""
    accepted: list[int] = []
    stop = threading.Event()

    def drive() -> None:
        with client_of(str(stage.http.base_url).rstrip("/"), stage.tenant) as http:
            while not stop.is_set():
                accepted.append(one_round(http, actors, "GO" if len(accepted) % 2 == 0 else "REST"))

    thread = threading.Thread(target=drive)
    thread.start()
    try:
        yield accepted
    finally:
        stop.set()
        thread.join()


def one_round(http: httpx.Client, actors: list[str], event: str) -> int:
    body = {"events": [{"actorId": actor, "type": event} for actor in actors]}
    answer = http.post("/v1/events", json=body)
    assert answer.is_success, answer.text
    return sum(item["answer"]["accepted"] for item in answer.json()["items"])


def test_a_frozen_workflow_goes_on_taking_events_and_moves_nobody(stage: Stage) -> None:
    stage.apply(V1)
    stage.ready("wd", "loop-v1")
    actors = stage.spawn("loop-v1", 20)
    with traffic(stage, actors) as accepted:
        stage.post("/v1/workflows/loop/freeze", {"reason": "incident 7"})
        stage.apply(V2)
        status = stage.waits("wd", "loop-v2", "Frozen")
        assert "statekeep unfreeze" in condition(status, "Reconciling")["message"]
        seen = len(accepted)
        eventually(lambda: len(accepted) >= seen + 3, "events go on")
        assert {stage.actor(actor)["version"] for actor in actors} == {"loop-v1"}
        stage.post("/v1/workflows/loop/unfreeze", {})
        (moved,) = stage.ready("wd", "loop-v2")["migrations"]
        assert (moved["migrated"], moved["stranded"]) == (20, 0)
        seen = len(accepted)
        eventually(lambda: len(accepted) >= seen + 3, "events go on after the migration")
    assert set(accepted) == {20}, "every event of every round was accepted"
    assert {stage.actor(actor)["version"] for actor in actors} == {"loop-v2"}
