"""Servers for the tests of the HTTP API: each behaviour in this process and behind a socket."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.web_server import Bench, behind_socket, in_process, write_secrets


@pytest.fixture(params=["in process", "behind a socket"])
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    serving = in_process if request.param == "in process" else behind_socket
    async with serving(write_secrets(tmp_path)) as found:
        yield found
