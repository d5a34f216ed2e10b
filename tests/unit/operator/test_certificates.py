"""The webhook's certificates: what is good, what is renewed, and who is believed meanwhile."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from statekeep_operator.certificates import (
    AUTHORITY_LIFE,
    Certificates,
    is_good,
    issued,
    read,
    written,
)

NOW = datetime(2026, 11, 21, tzinfo=UTC)
NAMES = ("statekeep-operator.statekeep-system.svc", "10.0.0.7")
MADE = issued(NAMES, NOW, None)


def authorities(made: Certificates) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(made.authorities)


def test_what_is_issued_is_good_and_survives_the_secret() -> None:
    assert is_good(MADE, NAMES, NOW)
    assert read(written(MADE)) == MADE


@pytest.mark.parametrize(
    ("days", "good"), [(0, True), (59, True), (60, False), (90, False), (2000, False)]
)
def test_a_third_of_its_life_before_the_end_it_is_renewed(days: int, good: bool) -> None:
    assert is_good(MADE, NAMES, NOW + timedelta(days=days)) is good


def test_a_name_that_it_lacks_makes_another_one_due() -> None:
    assert is_good(MADE, NAMES[:1], NOW)
    assert not is_good(MADE, (*NAMES, "other.svc"), NOW)


def test_renewing_keeps_the_authority() -> None:
    later = NOW + timedelta(days=60)
    renewed = issued(NAMES, later, MADE)
    assert is_good(renewed, NAMES, later)
    assert renewed.authorities == MADE.authorities
    assert renewed.serving != MADE.serving


def test_an_authority_that_ends_is_followed_by_another_and_believed_to_its_end() -> None:
    later = NOW + AUTHORITY_LIFE - timedelta(days=100)
    assert not is_good(MADE, NAMES, later)
    renewed = issued(NAMES, later, MADE)
    assert is_good(renewed, NAMES, later)
    new, old = authorities(renewed)
    assert old == authorities(MADE)[0]
    assert new.not_valid_after_utc == later + AUTHORITY_LIFE
    gone = issued(NAMES, later + timedelta(days=101), renewed)
    assert authorities(gone) == [new], "what has expired is believed no more"


@pytest.mark.parametrize(
    "spoilt",
    [
        replace(MADE, authorities=b"no PEM"),
        replace(MADE, authorities=issued(NAMES, NOW, None).authorities),
        replace(MADE, serving_key=issued(NAMES, NOW, None).serving_key),
        replace(MADE, serving=b"no PEM", authority_key=b"no PEM"),
    ],
    ids=["no authority", "another authority", "another key", "no PEM"],
)
def test_what_somebody_has_spoilt_is_made_anew(spoilt: Certificates) -> None:
    assert not is_good(spoilt, NAMES, NOW)
    renewed = issued(NAMES, NOW, spoilt)
    assert is_good(renewed, NAMES, NOW)


@pytest.mark.parametrize(
    "data", [{}, {"ca.crt": "!"}, {k: v for k, v in written(MADE).items() if k != "ca.key"}]
)
def test_a_secret_that_is_not_whole_is_as_none(data: dict[str, str]) -> None:
    assert read(data) is None
