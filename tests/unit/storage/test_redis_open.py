"""What is no address of a store is said so, and told to nobody: any part may be the password."""

import pytest

from statekeep.storage.errors import StoreRefuses
from statekeep.storage.redis_open import connected


@pytest.mark.parametrize(
    "url",
    [
        "store:6379",
        "http://hunter2@store",
        "redis://store/hunter2",
        "redis://store:hunter2/0",
        "redis://[hunter2",
        "redis+sentinel://a:hunter2/mymaster",
    ],
)
def test_a_malformed_address_is_one_sentence(url: str) -> None:
    with pytest.raises(StoreRefuses, match="--redis-url is no address of a store") as caught:
        connected(url)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("url", ["redis://store", "redis://store/", "redis://u:p@store:1/7"])
def test_an_address_of_one_server_is_taken(url: str) -> None:
    connected(url)
