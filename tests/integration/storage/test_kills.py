"""A short form of `make chaos`: nothing acknowledged is lost, nothing is done twice."""

from __future__ import annotations

from support.chaos import main


def test_kills_in_the_middle_of_traffic_and_deployments_lose_nothing() -> None:
    toll = main(kills=5, seed=3)
    assert sum(toll.kills.values()) == 5
    assert toll.versions > 2
