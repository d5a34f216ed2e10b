"""A rate limit lets bursts through, then a steady stream, each key for itself."""

from statekeep.web.rate import BUCKETS, RateLimit


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_zero_is_no_limit() -> None:
    limit = RateLimit(0)
    assert {limit.wait("k") for _ in range(10_000)} == {0.0}


def test_a_burst_is_one_second_of_the_rate() -> None:
    clock = Clock()
    limit = RateLimit(10, clock)
    assert [limit.wait("k") for _ in range(11)] == [0.0] * 10 + [0.1]
    assert limit.wait("another") == 0.0
    clock.now = 0.1
    assert limit.wait("k") == 0.0
    assert limit.wait("k") > 0.0


def test_the_buckets_are_bounded() -> None:
    clock = Clock()
    limit = RateLimit(1, clock)
    assert limit.wait("first") == 0.0
    for number in range(BUCKETS):
        limit.wait(str(number))
    assert limit.wait("first") == 0.0
