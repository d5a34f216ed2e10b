"""The same code behind a real Sentinel."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis

from statekeep.cli.scenario.files import read_file
from statekeep.cli.scenario.memory_backend import ServiceBackend
from statekeep.cli.scenario.report import check
from statekeep.storage.embedded import EmbeddedValkey, find_server
from statekeep.storage.leash import Leashed
from statekeep.storage.redis_open import open_store
from support.asyncs import run

EXAMPLE = Path(__file__).parents[3] / "examples" / "loan" / "scenario.yaml"


@pytest.fixture
def sentinel_url(start_valkey: Callable[..., EmbeddedValkey], tmp_path: Path) -> Iterator[str]:
    primary = urlsplit(start_valkey().url)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    file = tmp_path / "sentinel.conf"
    file.write_text(
        f"bind 127.0.0.1\nport {port}\ndir {tmp_path}\n"
        f"sentinel monitor loans 127.0.0.1 {primary.port} 1\n"
        f"sentinel auth-pass loans {primary.password}\n"
    )
    command = [str(find_server()), str(file), "--sentinel"]
    process = Leashed(command, log=tmp_path / "sentinel.log", cwd=tmp_path)
    try:
        _await_answer(port)
        yield f"redis+sentinel://:{primary.password}@127.0.0.1:{port}/loans"
    finally:
        process.stop()


def _await_answer(port: int) -> None:
    """Until Sentinel knows the primary; it offers no event to wait for."""
    end = time.monotonic() + 20
    with redis.Redis(port=port) as client:
        while True:
            try:
                if client.execute_command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "loans"):
                    return
            except redis.ConnectionError:
                if time.monotonic() > end:
                    raise
            time.sleep(0.02)


def test_a_scenario_holds_behind_a_sentinel(sentinel_url: str) -> None:
    async def failures() -> list[object]:
        opened = await open_store(sentinel_url, 4)
        try:
            found = [
                await check(scenario, ServiceBackend.over(opened.store, "lending"))
                for scenario in read_file(EXAMPLE)
            ]
        finally:
            await opened.close()
        return [failure for failure in found if failure is not None]

    assert run(failures()) == []
