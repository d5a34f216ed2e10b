"""Our certificates are believed by who verifies strictly, as Python does from 3.13 on."""

import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from statekeep_operator.certificates import issued
from support.parts.pki import Authority

NAME = "localhost"


def webhook() -> tuple[bytes, bytes, bytes]:
    made = issued((NAME,), datetime.now(UTC), None)
    return made.authorities, made.serving, made.serving_key


def control_plane() -> tuple[bytes, bytes, bytes]:
    authority = Authority("tests")
    pair = authority.server(NAME)
    return authority.certificate, pair.certificate, pair.key


@pytest.mark.parametrize("made", [webhook, control_plane])
def test_a_strict_client_shakes_hands(
    made: Callable[[], tuple[bytes, bytes, bytes]], tmp_path: Path
) -> None:
    authority, certificate, key = made()
    (tmp_path / "chain").write_bytes(certificate)
    (tmp_path / "key").write_bytes(key)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(tmp_path / "chain", tmp_path / "key")
    asking = ssl.create_default_context(cadata=authority.decode())
    asking.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
    assert shaken_hands(asking, serving) == "TLSv1.3"


def shaken_hands(asking: ssl.SSLContext, serving: ssl.SSLContext) -> str | None:
    """The protocol that both came to; raises what either refuses."""
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = asking.wrap_bio(back, there, server_hostname=NAME)
    server = serving.wrap_bio(there, back, server_side=True)
    for side in (client, server, client, server):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    return client.version()
