"""A real server on a real Valkey, known to the command line by its environment."""

import secrets
from collections.abc import Iterator

import pytest

from statekeep.storage.embedded import EmbeddedValkey
from support.operators import client_of
from support.serving import serving
from support.web_server import write_secrets


@pytest.fixture(scope="session")
def server_of_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`statekeep serve` for the whole run: its tests have a tenant each."""
    home = tmp_path_factory.mktemp("served")
    found = write_secrets(home)
    with EmbeddedValkey(home / "valkey") as valkey:
        arguments = {
            "--redis-url": valkey.url,
            "--key-ring": str(found.key_ring),
            "--pepper-file": str(found.pepper_file),
            "--api-keys-file": str(found.api_keys_file),
        }
        with serving(*(word for pair in arguments.items() for word in pair)) as served:
            yield served.url


@pytest.fixture
def server(server_of_all: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The server, and a key with every role of a tenant that nobody else has."""
    with client_of(server_of_all, f"t-{secrets.token_hex(6)}") as client:
        monkeypatch.setenv("STATEKEEP_API_KEY", client.headers["x-api-key"])
    monkeypatch.setenv("STATEKEEP_URL", server_of_all)
    return server_of_all
