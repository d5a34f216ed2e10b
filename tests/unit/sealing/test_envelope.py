"""Sealed data opens where it belongs, under the key it names, and nowhere else."""

from pathlib import Path

import pytest

from statekeep.sealing.envelope import MAX_USES, Place, Sealer, read_header
from statekeep.sealing.errors import KeyUnavailable, Tampered
from statekeep.sealing.keyring import KeyRing, new_key

PLACE = Place("lending", "a1", "context")
CONTENT = b'{"applicantId":"user_123","amount":50000}'


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "k1").write_text(new_key())
    return tmp_path


@pytest.fixture
def sealer(directory: Path) -> Sealer:
    return Sealer(KeyRing(directory))


def seal(sealer: Sealer, revision: int, place: Place = PLACE) -> bytes:
    return sealer.encrypt(place.tenant, place.actor, place.field, revision, CONTENT)


def unseal(sealer: Sealer, place: Place, envelope: bytes) -> bytes:
    return sealer.decrypt(place.tenant, place.actor, place.field, envelope)


def fresh(directory: Path) -> Sealer:
    """Another replica: the same ring, and no data key remembered."""
    return Sealer(KeyRing(directory))


def test_what_was_sealed_opens_in_another_replica(sealer: Sealer, directory: Path) -> None:
    envelope = seal(sealer, 3)
    assert unseal(fresh(directory), PLACE, envelope) == CONTENT
    assert CONTENT not in envelope


def test_the_header_names_key_and_revision(sealer: Sealer) -> None:
    header = read_header(PLACE, seal(sealer, 7))
    assert (header.key_id, header.revision) == ("k1", 7)


def test_no_two_envelopes_are_alike(sealer: Sealer) -> None:
    assert len({seal(sealer, 1) for _ in range(1_000)}) == 1_000


@pytest.mark.parametrize(
    "elsewhere",
    [
        Place("other", "a1", "context"),
        Place("lending", "a2", "context"),
        Place("lending", "a1", "data"),
        Place("lendinga", "1", "context"),
    ],
    ids=["another tenant", "another actor", "another field", "the same bytes split elsewhere"],
)
@pytest.mark.parametrize("warm", [True, False], ids=["data key remembered", "data key unknown"])
def test_an_envelope_opens_at_its_own_place_only(
    sealer: Sealer, directory: Path, elsewhere: Place, warm: bool
) -> None:
    envelope = seal(sealer, 1)
    reader = sealer if warm else fresh(directory)
    with pytest.raises(Tampered) as caught:
        unseal(reader, elsewhere, envelope)
    assert str(elsewhere) in str(caught.value)


def test_every_single_byte_is_guarded(sealer: Sealer, directory: Path) -> None:
    envelope = seal(sealer, 1)
    for index in range(len(envelope)):
        for reader in (sealer, fresh(directory)):
            altered = bytearray(envelope)
            altered[index] ^= 1
            with pytest.raises((Tampered, KeyUnavailable)):
                unseal(reader, PLACE, bytes(altered))


@pytest.mark.parametrize(
    ("index", "part"),
    [(0, "header"), (2, "header"), (12, "content"), (30, "data key"), (-1, "content")],
    ids=["magic", "version", "revision", "wrapped key", "sealed content"],
)
def test_the_altered_part_is_named(sealer: Sealer, directory: Path, index: int, part: str) -> None:
    altered = bytearray(seal(sealer, 1))
    altered[index] ^= 1
    with pytest.raises(Tampered) as caught:
        unseal(fresh(directory), PLACE, bytes(altered))
    assert caught.value.part == part
    assert str(caught.value) == f"the {part} of context of actor a1 is not what was sealed"


def test_every_truncation_is_refused(sealer: Sealer) -> None:
    envelope = seal(sealer, 1)
    for length in range(len(envelope)):
        with pytest.raises((Tampered, KeyUnavailable)):
            unseal(sealer, PLACE, envelope[:length])


def test_the_data_key_goes_on_from_revision_to_revision(sealer: Sealer, directory: Path) -> None:
    first = seal(sealer, 1)
    second = seal(sealer, 2)
    assert read_header(PLACE, second).wrapped == read_header(PLACE, first).wrapped


def test_the_data_key_goes_on_in_a_replica_that_has_read_it(
    sealer: Sealer, directory: Path
) -> None:
    first, replica = seal(sealer, 1), fresh(directory)
    unseal(replica, PLACE, first)
    second = seal(replica, 2)
    assert read_header(PLACE, second).wrapped == read_header(PLACE, first).wrapped


def test_a_data_key_is_used_a_bounded_number_of_times(sealer: Sealer) -> None:
    first, later = seal(sealer, 1), seal(sealer, MAX_USES)
    assert read_header(PLACE, later).wrapped != read_header(PLACE, first).wrapped


def test_wraps_and_failures_are_told_with_their_key(sealer: Sealer, directory: Path) -> None:
    told: list[tuple[str, str]] = []
    sealer.watch = lambda what, key_id: told.append((what, key_id))
    envelope = seal(sealer, 1)
    seal(sealer, 2)
    altered = bytearray(envelope)
    altered[-1] ^= 1
    with pytest.raises(Tampered):
        unseal(sealer, PLACE, bytes(altered))
    (directory / "k1").rename(directory / "k9")
    sealer.ring.reread()
    with pytest.raises(KeyUnavailable):
        unseal(sealer, PLACE, envelope)
    assert told == [("wrapped", "k1"), ("tampered", "k1"), ("unavailable", "k1")]


def test_two_actors_never_share_a_data_key(sealer: Sealer) -> None:
    other = Place("lending", "a2", "context")
    mine, yours = seal(sealer, 1), seal(sealer, 1, other)
    assert read_header(PLACE, mine).wrapped != read_header(other, yours).wrapped


def test_a_new_primary_key_seals_and_the_old_one_still_opens(
    sealer: Sealer, directory: Path
) -> None:
    old = seal(sealer, 1)
    (directory / "k2").write_text(new_key())
    (directory / "primary").write_text("k2\n")
    sealer.ring.reread()
    new = seal(sealer, 2)
    assert read_header(PLACE, new).key_id == "k2"
    assert unseal(sealer, PLACE, old) == CONTENT
    assert unseal(fresh(directory), PLACE, new) == CONTENT


def test_a_lost_key_is_named_and_its_return_heals(sealer: Sealer, directory: Path) -> None:
    envelope = seal(sealer, 1)
    lost = (directory / "k1").read_text()
    (directory / "k2").write_text(new_key())
    (directory / "k1").unlink()
    sealer.ring.reread()
    with pytest.raises(KeyUnavailable, match="'k1'") as caught:
        unseal(sealer, PLACE, envelope)
    assert caught.value.key_id == "k1"
    (directory / "k1").write_text(lost)
    (directory / "primary").write_text("k2")
    assert unseal(sealer, PLACE, envelope) == CONTENT


def test_another_key_under_the_same_name_is_told_from_tampering_of_content(
    sealer: Sealer, directory: Path
) -> None:
    envelope = seal(sealer, 1)
    (directory / "k1").write_text(new_key())
    with pytest.raises(Tampered) as caught:
        unseal(fresh(directory), PLACE, envelope)
    assert caught.value.part == "data key"


def test_the_format_stays_readable(directory: Path) -> None:
    """A golden envelope: sealed by the first release, and to be opened by all."""
    (directory / "k1").write_text("00" * 32)
    assert unseal(fresh(directory), Place("t", "a", "context"), bytes.fromhex(GOLDEN)) == b'{"n":1}'


GOLDEN = (
    "534b01026b310000000000000001bebc0ccf884a8e94db5b917b94f31d06806fae225276e8d8f81e"
    "9d0e04a476a62b6d286c35f00af2c2bf9809bd2320bfd143e58c11c0edad03df63f47125b8f46b56"
    "d74a112a781fb4273f46f9b47be8d8f57c36a3fc881cd7d63e2b2c4338"
)
