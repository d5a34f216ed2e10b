"""Servers for the tests of the API: in this process on memory, behind a socket on Valkey."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from statekeep.storage.embedded import EmbeddedValkey
from support.web_server import Bench, behind_socket, in_process, on_valkey, write_secrets


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedValkey]:
    with EmbeddedValkey(tmp_path_factory.mktemp("valkey")) as server:
        yield server


@pytest.fixture(
    params=[
        pytest.param("in process, on memory"),
        pytest.param("behind a socket, on valkey", marks=pytest.mark.valkey),
    ]
)
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    settings = write_secrets(tmp_path)
    if request.param == "in process, on memory":
        async with in_process(settings) as found:
            yield found
    else:
        server: EmbeddedValkey = request.getfixturevalue("valkey")
        settings = replace(settings, redis_url=server.url)
        async with behind_socket(settings, await on_valkey(settings)) as found:
            yield found
