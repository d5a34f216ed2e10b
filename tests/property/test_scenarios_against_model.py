"""Random scenarios: the product does, field by field, what the slow obvious model does.

`make scenarios` plays ten thousand more, from a seed that it prints.
"""

import pytest

from support.scenarios.hunt import PLAYERS, hunt

SEEDS = 300
AT_ONCE = 25


@pytest.mark.parametrize("first", range(0, SEEDS, AT_ONCE))
@pytest.mark.parametrize("player", sorted(PLAYERS))
def test_the_product_does_what_the_model_does(player: str, first: int) -> None:
    found = [case for seed in range(first, first + AT_ONCE) if (case := hunt(seed, player))]
    assert not found, "\n\n".join(str(case) for case in found)
