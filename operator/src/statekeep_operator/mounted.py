"""The webhook's certificate as files that somebody else makes and renews, such as cert-manager.

Who renews them also tells the API server to believe them: nothing here touches `caBundle`.
"""

from __future__ import annotations

from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from statekeep_operator.certificates import Certificates
from statekeep_operator.kube import KubeError

CHAIN, KEY = "tls.crt", "tls.key"


class Mounted:
    """A mounted Secret of type kubernetes.io/tls, read again at each look."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def look(self) -> Certificates:
        """What to serve now."""
        try:
            chain, key = ((self._directory / name).read_bytes() for name in (CHAIN, KEY))
        except OSError as error:
            raise KubeError(0, f"{error.filename}: {error.strerror}") from error
        if not _belong_together(chain, key):
            raise KubeError(0, f"{CHAIN} and {KEY} in {self._directory} do not belong together")
        return Certificates(authorities=b"", authority_key=b"", serving=chain, serving_key=key)


def _belong_together(chain: bytes, key: bytes) -> bool:
    """Not while they are exchanged, file by file."""
    try:
        certificate = x509.load_pem_x509_certificates(chain)[0]
        private = serialization.load_pem_private_key(key, password=None)
    except (ValueError, TypeError):
        return False
    return certificate.public_key() == private.public_key()
