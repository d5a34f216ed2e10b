"""The certificates of one throw-away control plane: an authority, and what it signs.

Keys are P-256 and live as long as the control plane's directory. Nothing here is fit for more.
"""

import base64
import datetime
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LIFE = datetime.timedelta(days=30)
_SLACK = datetime.timedelta(hours=1)
_SIGNS = x509.KeyUsage(
    digital_signature=False,
    key_cert_sign=True,
    crl_sign=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    encipher_only=False,
    decipher_only=False,
)
"""From 3.13 on Python believes no authority that does not say this, and asks whose key is whose."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its key, as PEM."""

    certificate: bytes
    key: bytes


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )


def _name(common: str, groups: tuple[str, ...] = ()) -> x509.Name:
    attributes = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in groups]
    return x509.Name([*attributes, x509.NameAttribute(NameOID.COMMON_NAME, common)])


def signing_key() -> bytes:
    """Make a key for service account tokens."""
    return _pem(ec.generate_private_key(ec.SECP256R1()))


class Authority:
    """Signs server and client certificates that whoever trusts `certificate` believes."""

    def __init__(self, common: str) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._subject = _name(common)
        own = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        signed = (
            self._builder(self._subject, self._key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_SIGNS, critical=True)
            .add_extension(own, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        self.certificate = signed.public_bytes(serialization.Encoding.PEM)

    def server(self, *names: str) -> Pair:
        """Sign for a server known by these host names and addresses."""
        known = x509.SubjectAlternativeName([_general_name(name) for name in names])
        return self._sign(_name(names[0]), ExtendedKeyUsageOID.SERVER_AUTH, known)

    def client(self, user: str, *groups: str) -> Pair:
        """Sign for a Kubernetes user in groups."""
        return self._sign(_name(user, groups), ExtendedKeyUsageOID.CLIENT_AUTH, None)

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey
    ) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _SLACK)
            .not_valid_after(now + _LIFE)
        )

    def _sign(
        self,
        subject: x509.Name,
        usage: x509.ObjectIdentifier,
        names: x509.SubjectAlternativeName | None,
    ) -> Pair:
        key = ec.generate_private_key(ec.SECP256R1())
        signer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = (
            self._builder(subject, key)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(signer, critical=False)
        )
        if names is not None:
            builder = builder.add_extension(names, critical=False)
        signed = builder.sign(self._key, hashes.SHA256())
        return Pair(signed.public_bytes(serialization.Encoding.PEM), _pem(key))


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def kubeconfig(server: str, authority: bytes, user: str, pair: Pair) -> str:
    """Write the configuration with which `user` reaches `server`, everything inline."""

    def inline(pem: bytes) -> str:
        return base64.b64encode(pem).decode()

    return f"""\
apiVersion: v1
kind: Config
current-context: statekeep
clusters:
- name: statekeep
  cluster:
    server: {server}
    certificate-authority-data: {inline(authority)}
users:
- name: {user}
  user:
    client-certificate-data: {inline(pair.certificate)}
    client-key-data: {inline(pair.key)}
contexts:
- name: statekeep
  context: {{cluster: statekeep, user: {user}}}
"""


def write_secret(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)
