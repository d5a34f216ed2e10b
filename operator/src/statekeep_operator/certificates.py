"""The webhook's certificates: an authority of our own, and what it signs. Pure but for randomness.

The authority outlives many serving certificates, so renewing one of these changes no `caBundle`.
When the authority itself is renewed the old one stays in the bundle until it expires: replicas that
still serve what it has signed go on being believed.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_LIFE: Final = timedelta(days=5 * 365)
SERVING_LIFE: Final = timedelta(days=90)
RENEW_SERVING: Final = timedelta(days=30)
"""What is left of a certificate when it is renewed."""
RENEW_AUTHORITY: Final = SERVING_LIFE + RENEW_SERVING
"""An authority outlives everything that it signs."""
SLACK: Final = timedelta(hours=1)
"""Clocks of machines differ."""
FIELDS: Final = ("ca.crt", "ca.key", "tls.crt", "tls.key")
"""The keys of the Secret: the authorities, newest first; the key of the first; what is served."""


@dataclass(frozen=True, slots=True)
class Certificates:
    """All that a Secret holds, as PEM."""

    authorities: bytes
    authority_key: bytes
    serving: bytes
    serving_key: bytes


def read(data: Mapping[str, str]) -> Certificates | None:
    """What stands in the Secret; None where anything of it is missing or is no base64."""
    try:
        return Certificates(*(b64decode(data[field], validate=True) for field in FIELDS))
    except (KeyError, ValueError):
        return None


def written(made: Certificates) -> dict[str, str]:
    """The data of the Secret."""
    values = (made.authorities, made.authority_key, made.serving, made.serving_key)
    return {field: b64encode(value).decode() for field, value in zip(FIELDS, values, strict=True)}


def is_good(known: Certificates, names: Sequence[str], now: datetime) -> bool:
    """Whether it can be served for a good while yet, under all of these names."""
    try:
        authority = x509.load_pem_x509_certificates(known.authorities)[0]
        serving = x509.load_pem_x509_certificate(known.serving)
        serving.verify_directly_issued_by(authority)
        keyed = _loaded(known.serving_key).public_key() == serving.public_key()
        covered = serving.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    return (
        keyed
        and {_general(name) for name in names} <= set(covered)
        and serving.not_valid_after_utc - now > RENEW_SERVING
        and authority.not_valid_after_utc - now > RENEW_AUTHORITY
    )


def issued(names: Sequence[str], now: datetime, before: Certificates | None) -> Certificates:
    """A new serving certificate, by the authority that is there if it is good for long enough."""
    old = _authorities(before, now)
    if before is not None and old and old[0].not_valid_after_utc - now > RENEW_AUTHORITY:
        authority, key = old[0], _loaded(before.authority_key)
    else:
        key = ec.generate_private_key(ec.SECP256R1())
        authority = _authority(key, now)
        old = [authority, *old]
    serving_key = ec.generate_private_key(ec.SECP256R1())
    return Certificates(
        authorities=b"".join(one.public_bytes(serialization.Encoding.PEM) for one in old),
        authority_key=_pem(key),
        serving=_serving(names, now, serving_key, authority, key),
        serving_key=_pem(serving_key),
    )


def _authorities(before: Certificates | None, now: datetime) -> list[x509.Certificate]:
    """Those that have not expired, newest first; none where they or their key cannot be read."""
    if before is None:
        return []
    try:
        found = x509.load_pem_x509_certificates(before.authorities)
        mine = _loaded(before.authority_key).public_key() == found[0].public_key()
    except (ValueError, TypeError):
        return []
    return [one for one in found if one.not_valid_after_utc > now] if mine else []


def _authority(key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    name = _name("statekeep-operator webhook authority")
    return (
        _builder(name, name, key, now, AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _serving(
    names: Sequence[str],
    now: datetime,
    key: ec.EllipticCurvePrivateKey,
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
) -> bytes:
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    signed = (
        _builder(_name("statekeep-operator webhook"), authority.subject, key, now, SERVING_LIFE)
        .add_extension(x509.SubjectAlternativeName([_general(n) for n in names]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(identifier, critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    return signed.public_bytes(serialization.Encoding.PEM)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    now: datetime,
    life: timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SLACK)
        .not_valid_after(now + life)
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _loaded(pem: bytes) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError("the key is of another kind")
    return key


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
