"""The key ring is read from a directory, again and again, and never prints a key."""

import base64
from pathlib import Path

import pytest

from statekeep.sealing.errors import KeyRingInvalid, KeyUnavailable
from statekeep.sealing.keyring import KeyRing, new_key, read_key_set


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    "content",
    [
        base64.b64encode(b"k" * 32),
        base64.b64encode(b"k" * 32) + b"\n",
        (b"k" * 32).hex().encode(),
    ],
    ids=["base64", "with a line end", "hex"],
)
def test_a_key_may_be_written_as(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "k1").write_bytes(content)
    assert read_key_set(tmp_path).ids == ("k1",)


def test_one_key_alone_is_the_primary(tmp_path: Path) -> None:
    (tmp_path / "k1").write_text(new_key())
    assert KeyRing(tmp_path).current().primary == "k1"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "holds no key"),
        ({"k1": "short"}, "a key is 32 bytes in base64 or hex"),
        ({"k1": "A" * 43}, "a key is 32 bytes in base64 or hex"),
        ({"k1": new_key(), "k2": new_key()}, "holds 2 keys: name one in"),
        ({"k1": new_key(), "primary": "k9"}, "names 'k9', and there is no such key"),
        ({"k 1": new_key()}, "a key id is"),
    ],
    ids=["empty", "short key", "31 bytes", "no primary", "unknown primary", "bad id"],
)
def test_a_ring_is_refused_with_a_reason(
    tmp_path: Path, files: dict[str, str], message: str
) -> None:
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    with pytest.raises(KeyRingInvalid, match=message):
        KeyRing(tmp_path)


def test_a_missing_directory_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(KeyRingInvalid, match="nowhere"):
        KeyRing(tmp_path / "nowhere")


def test_kubernetes_own_names_are_skipped(tmp_path: Path) -> None:
    (tmp_path / "..2026_11_21").mkdir()
    (tmp_path / "..data").symlink_to("..2026_11_21")
    (tmp_path / "..2026_11_21" / "k1").write_text(new_key())
    (tmp_path / "k1").symlink_to("..data/k1")
    assert KeyRing(tmp_path).current().ids == ("k1",)


def test_a_new_key_is_seen_within_a_second_and_not_looked_for_before(tmp_path: Path) -> None:
    clock = Clock()
    (tmp_path / "k1").write_text(new_key())
    ring = KeyRing(tmp_path, clock)
    (tmp_path / "k2").write_text(new_key())
    (tmp_path / "primary").write_text("k2")
    assert ring.current().primary == "k1"
    clock.now = 1.0
    assert ring.current().primary == "k2"


def test_a_key_that_is_asked_for_is_looked_for_at_once(tmp_path: Path) -> None:
    (tmp_path / "k1").write_text(new_key())
    (tmp_path / "primary").write_text("k1")
    ring = KeyRing(tmp_path, Clock())
    with pytest.raises(KeyUnavailable):
        ring.cipher("k2")
    (tmp_path / "k2").write_text(new_key())
    assert ring.cipher("k2") is ring.current().ciphers["k2"]


def test_a_key_that_was_taken_away_is_gone_within_a_second(tmp_path: Path) -> None:
    clock = Clock()
    (tmp_path / "k1").write_text(new_key())
    (tmp_path / "k2").write_text(new_key())
    (tmp_path / "primary").write_text("k2")
    ring = KeyRing(tmp_path, clock)
    (tmp_path / "k1").unlink()
    ring.cipher("k1")
    clock.now += 1
    with pytest.raises(KeyUnavailable):
        ring.cipher("k1")


def test_a_ring_that_breaks_keeps_its_keys_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "k1").write_text(new_key())
    ring = KeyRing(tmp_path, Clock())
    (tmp_path / "k2").write_text("broken")
    ring.reread()
    assert ring.current().ids == ("k1",)
    assert "k2: a key is 32 bytes" in str(ring.fault)
    (tmp_path / "k2").write_text(new_key())
    (tmp_path / "primary").write_text("k2")
    ring.reread()
    assert (ring.fault, ring.current().primary) == (None, "k2")


def test_no_repr_and_no_message_shows_a_key(tmp_path: Path) -> None:
    key = new_key()
    (tmp_path / "k1").write_text(key)
    keys = KeyRing(tmp_path).current()
    assert repr(keys) == "KeySet(primary='k1')"
    (tmp_path / "k1").write_text(key[:-8])
    with pytest.raises(KeyRingInvalid) as caught:
        read_key_set(tmp_path)
    assert key[:-8] not in str(caught.value)
