"""The queue: a key waits once, is in one pair of hands, and no change is missed."""

import asyncio

import pytest

from statekeep_operator.workqueue import WorkQueue


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def queue(clock: Clock) -> WorkQueue[str]:
    return WorkQueue(clock)


async def taken(queue: WorkQueue[str]) -> str | None:
    """The key that is due now, if there is one."""
    waiting = asyncio.create_task(queue.take())
    await asyncio.sleep(0)
    if waiting.done():
        return waiting.result()
    waiting.cancel()
    return None


async def test_a_key_waits_once(queue: WorkQueue[str]) -> None:
    queue.add("a")
    queue.add("a")
    assert await taken(queue) == "a"
    queue.done("a")
    assert await taken(queue) is None


async def test_a_key_is_in_one_pair_of_hands_and_comes_again(queue: WorkQueue[str]) -> None:
    queue.add("a")
    assert await taken(queue) == "a"
    queue.add("a")
    assert await taken(queue) is None
    queue.done("a")
    assert await taken(queue) == "a"


async def test_the_earliest_is_next(queue: WorkQueue[str], clock: Clock) -> None:
    queue.add("late", 10)
    queue.add("soon", 5)
    queue.add("late", 20)
    assert await taken(queue) is None
    clock.now = 10
    assert [await taken(queue), await taken(queue)] == ["soon", "late"]


async def test_an_earlier_wish_wins(queue: WorkQueue[str], clock: Clock) -> None:
    queue.add("a", 60)
    queue.add("a", 1)
    clock.now = 1
    assert await taken(queue) == "a"
    queue.done("a")
    clock.now = 60
    assert await taken(queue) is None


async def test_a_busy_key_settles_but_not_for_ever(queue: WorkQueue[str], clock: Clock) -> None:
    for _ in range(4):
        queue.settle("a", 1)
        clock.now += 0.9
        assert await taken(queue) is None
    queue.settle("a", 1)
    queue.settle("a", 1)
    clock.now = 5
    assert await taken(queue) == "a"


async def test_failures_back_off_key_by_key(queue: WorkQueue[str]) -> None:
    assert [queue.retry("a") for _ in range(8)] == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]
    assert queue.retry("b") == 0.5
    queue.succeeded("a")
    assert queue.retry("a") == 0.5
