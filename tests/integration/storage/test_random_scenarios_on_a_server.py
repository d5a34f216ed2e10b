"""On a server too, random scenarios come out as the slow obvious model says."""

import pytest

from support import model
from support.scenarios import product
from support.scenarios.compare import differences
from support.scenarios.generate import scenario

SEEDS = 60
AT_ONCE = 15


@pytest.mark.parametrize("first", range(0, SEEDS, AT_ONCE))
def test_a_server_does_what_the_model_does(valkey_url: str, first: int) -> None:
    play = product.on(valkey_url)
    for seed in range(first, first + AT_ONCE):
        found = differences(model.run(scenario(seed)), play(scenario(seed)))
        assert not found, f"seed {seed}\n" + "\n".join(str(one) for one in found)
