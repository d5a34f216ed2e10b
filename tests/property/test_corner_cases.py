"""Each sentence of the law has a scenario; the model and the product both come out as it says."""

import pytest

from support import model
from support.scenarios.corners import CORNERS
from support.scenarios.corners.writing import Corner
from support.scenarios.expectations import bare, unmet
from support.scenarios.hunt import PLAYERS


def sentence(corner: Corner) -> str:
    return corner.sentence


@pytest.mark.parametrize("corner", CORNERS, ids=sentence)
def test_the_model_does_what_the_sentence_says(corner: Corner) -> None:
    assert unmet(corner, model.run(bare(corner))) == []


@pytest.mark.parametrize("corner", CORNERS, ids=sentence)
@pytest.mark.parametrize("player", sorted(PLAYERS))
def test_the_product_does_what_the_sentence_says(player: str, corner: Corner) -> None:
    assert unmet(corner, PLAYERS[player](bare(corner))) == []


def test_each_sentence_stands_once() -> None:
    sentences = [corner.sentence for corner in CORNERS]
    assert sorted(set(sentences)) == sorted(sentences)
