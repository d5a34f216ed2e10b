"""The embedded Valkey: keeps what it acknowledged, ends with its parent, says what is wrong."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from statekeep.storage import embedded
from statekeep.storage.embedded import EmbeddedError, EmbeddedValkey
from support.processes import ends_within

pytestmark = pytest.mark.valkey

Start = Callable[..., EmbeddedValkey]

PARENT = """
import sys, signal
from pathlib import Path
from statekeep.storage.embedded import EmbeddedValkey
server = EmbeddedValkey(Path(sys.argv[1]))
server.start()
print(server.pid, flush=True)
signal.pause()
"""


def settings(server: EmbeddedValkey) -> dict[str, str]:
    with redis.Redis.from_url(server.url, decode_responses=True) as client:
        names = ("appendonly", "appendfsync", "maxmemory-policy", "save", "bind")
        return {name: client.config_get(name)[name] for name in names}


def test_it_runs_as_production_does(start_valkey: Start) -> None:
    assert settings(start_valkey()) == {
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
        "save": "",
        "bind": "127.0.0.1",
    }


def test_the_durability_tests_get_an_fsync_for_every_write(start_valkey: Start) -> None:
    assert settings(start_valkey(fsync="always"))["appendfsync"] == "always"


def test_after_a_kill_it_starts_at_the_same_address_with_its_data(start_valkey: Start) -> None:
    server = start_valkey(fsync="always")
    before, url = server.pid, server.url
    with redis.Redis.from_url(url, decode_responses=True) as client:
        client.set("key", "value")
        server.kill()
        server.start()

        assert client.get("key") == "value"
    assert (server.url, server.pid != before) == (url, True)


def test_it_can_be_made_deaf_and_hears_again(start_valkey: Start) -> None:
    server = start_valkey()
    once = Retry(NoBackoff(), retries=0)
    with redis.Redis.from_url(server.url, retry=once, socket_timeout=0.2) as client:
        client.ping()
        server.pause()
        with pytest.raises(redis.TimeoutError):
            client.ping()
        server.resume()
        assert client.ping() is True
    assert server.running


def test_nobody_gets_in_without_the_password(start_valkey: Start) -> None:
    server = start_valkey()
    port = int(server.url.rpartition(":")[2].removesuffix("/0"))

    once = Retry(NoBackoff(), retries=0)
    with redis.Redis(port=port, retry=once) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()
    assert (server.directory / "server.conf").stat().st_mode & 0o077 == 0


def test_it_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path / "data")], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.stdout.close()
    parent.kill()
    parent.wait()

    assert ends_within(pid, 5)


def test_a_port_that_is_taken_is_one_sentence(start_valkey: Start, tmp_path: Path) -> None:
    port = int(start_valkey().url.rpartition(":")[2].removesuffix("/0"))

    with pytest.raises(EmbeddedError) as caught:
        EmbeddedValkey(tmp_path / "second", port=port).start()
    assert str(caught.value) == (
        f"port {port} is taken: stop what listens there, or choose another port"
    )


def test_a_server_program_that_is_named_but_absent_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(embedded.SERVER_VARIABLE, "no-such-server")
    with pytest.raises(EmbeddedError) as caught:
        EmbeddedValkey(tmp_path).start()
    assert str(caught.value) == (
        "STATEKEEP_VALKEY_SERVER names no-such-server, which is no program here"
    )


def test_it_says_so_where_it_was_never_started(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path)
    with pytest.raises(EmbeddedError, match="has not been started"):
        _ = server.url
    assert not server.running
