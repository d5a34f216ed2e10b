"""API keys are recognised, bound to a tenant, and stored as nothing that could be used."""

from pathlib import Path

import pytest

from statekeep.service.keys import (
    KEY,
    Caller,
    KeyFileInvalid,
    KeyService,
    read_bootstrap,
    read_pepper,
)
from statekeep.storage.api_keys import MemoryApiKeys

PEPPER = b"a pepper of enough bytes"


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def store() -> MemoryApiKeys:
    return MemoryApiKeys()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys(store: MemoryApiKeys, clock: Clock) -> KeyService:
    return KeyService(store, PEPPER, now=clock)


async def test_a_key_says_whose_it_is(keys: KeyService) -> None:
    made = await keys.create("lending", ("send", "read"), "backend", "bootstrap-1")
    expected = Caller(made.record.id, "lending", ("read", "send"), "backend")
    assert await keys.caller(made.key) == expected


async def test_nothing_stored_contains_the_key(keys: KeyService, store: MemoryApiKeys) -> None:
    made = await keys.create("lending", ("read",), "", "")
    secret = made.key.rsplit("_", 1)[1]
    assert KEY.fullmatch(made.key)
    assert secret not in repr(await store.of_tenant("lending"))
    assert secret.encode() not in made.record.digest


@pytest.mark.parametrize(
    ("presented", "denial"),
    [
        (None, "KeyMissing"),
        ("", "KeyMissing"),
        ("nonsense", "KeyUnknown"),
        ("stk_aaaaaaaaaa_" + "a" * 52, "KeyUnknown"),
        ("\udcff" * 40, "KeyUnknown"),
    ],
    ids=["none", "empty", "no key at all", "unknown id", "not even text"],
)
async def test_a_key_that_is_not_ours_is_denied(
    keys: KeyService, presented: str | None, denial: str
) -> None:
    assert await keys.caller(presented) == denial


async def test_a_known_id_with_another_secret_is_denied(keys: KeyService) -> None:
    made = await keys.create("lending", ("read",), "", "")
    other = await keys.create("lending", ("read",), "", "")
    crossed = f"stk_{made.record.id}_{other.key.rsplit('_', 1)[1]}"
    assert await keys.caller(crossed) == "KeyUnknown"


async def test_a_store_under_another_pepper_knows_no_key(
    keys: KeyService, store: MemoryApiKeys
) -> None:
    made = await keys.create("lending", ("read",), "", "")
    assert await KeyService(store, b"another pepper, as long").caller(made.key) == "KeyUnknown"


async def test_a_revoked_key_is_told_from_an_unknown_one(keys: KeyService) -> None:
    made = await keys.create("lending", ("read",), "", "")
    await keys.caller(made.key)
    assert await keys.revoke("lending", made.record.id) is True
    assert await keys.caller(made.key) == "KeyRevoked"


async def test_another_replica_denies_a_revoked_key_within_two_seconds(
    keys: KeyService, store: MemoryApiKeys, clock: Clock
) -> None:
    replica = KeyService(store, PEPPER, now=clock)
    made = await keys.create("lending", ("read",), "", "")
    assert isinstance(await replica.caller(made.key), Caller)
    await keys.revoke("lending", made.record.id)
    clock.now += 2
    assert await replica.caller(made.key) == "KeyRevoked"


async def test_nobody_revokes_or_lists_another_tenants_key(keys: KeyService) -> None:
    made = await keys.create("lending", ("read",), "", "")
    assert await keys.revoke("other", made.record.id) is False
    assert await keys.of_tenant("other") == ()
    assert await keys.of_tenant("lending") == (made.record,)
    assert isinstance(await keys.caller(made.key), Caller)


async def test_a_bootstrap_key_alone_is_the_operators(tmp_path: Path, store: MemoryApiKeys) -> None:
    file = tmp_path / "keys"
    file.write_text(
        "# made by the chart\n" + "o" * 32 + "\n\n" + "t" * 32 + " lending admin,send\n"
    )
    keys = KeyService(store, PEPPER, file)
    assert await keys.caller("o" * 32) == Caller("bootstrap-2", "*", ("operator",), "bootstrap")
    tenants = Caller("bootstrap-4", "lending", ("admin", "send"), "bootstrap")
    assert await keys.caller("t" * 32) == tenants
    assert await keys.caller("x" * 32) == "KeyUnknown"


async def test_a_bootstrap_file_is_read_again(
    tmp_path: Path, store: MemoryApiKeys, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "keys"
    file.write_text("o" * 32)
    keys = KeyService(store, PEPPER, file, clock)
    file.write_text("n" * 32)
    clock.now += 2
    assert await keys.caller("o" * 32) == "KeyUnknown"
    assert isinstance(await keys.caller("n" * 32), Caller)
    file.unlink()
    for _ in range(2):
        clock.now += 2
        assert isinstance(await keys.caller("n" * 32), Caller)
    assert [record.message for record in caplog.records] == ["API keys are not read anew"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("short", "line 1: a key has at least 32 characters"),
        ("o" * 32 + " lending", "line 1: write KEY, or KEY TENANT ROLE"),
        ("\n" + "o" * 32 + " lending king", "line 2: 'king' is no role of a tenant's key"),
        ("o" * 32 + " * admin", "line 1: '\\*' is no tenant"),
        ("o" * 32 + " Lending admin", "line 1: 'Lending' is no tenant"),
        ("o" * 32 + "\n" + "o" * 32 + " lending read", "line 2: this key stands there twice"),
        ("o" * 32 + " lending operator", "line 1: 'operator' is no role of a tenant's key"),
    ],
)
def test_a_bootstrap_file_is_refused_with_its_line(
    tmp_path: Path, content: str, message: str
) -> None:
    file = tmp_path / "keys"
    file.write_text(content)
    with pytest.raises(KeyFileInvalid, match=message) as caught:
        read_bootstrap(file)
    assert "o" * 32 not in str(caught.value)


def test_a_pepper_must_be_long_enough(tmp_path: Path) -> None:
    file = tmp_path / "pepper"
    file.write_text("short\n")
    with pytest.raises(KeyFileInvalid, match="at least 16 bytes"):
        read_pepper(file)
