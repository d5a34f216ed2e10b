"""Our runtime as a part: its secrets, its port, and the command that serves."""

import base64
import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from support.parts.pki import write_secret
from support.parts.ports import free_ports

TENANT = "default"
ROLES = "read,send,deploy,admin"


@dataclass(frozen=True, slots=True)
class RuntimeSite:
    """The secrets of one runtime, and where it listens."""

    directory: Path
    port: int
    api_key: str
    operator_key: str

    @classmethod
    def new(cls, directory: Path) -> "RuntimeSite":
        """Make a key ring, a pepper and two bootstrap keys: a person's and the operator's."""
        ring = directory / "keys"
        ring.mkdir(parents=True, mode=0o700)
        write_secret(ring / "first", base64.b64encode(secrets.token_bytes(32)))
        write_secret(directory / "pepper", secrets.token_urlsafe(32).encode())
        person, operator = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        bootstrap = f"{person} {TENANT} {ROLES}\n{operator}\n"
        write_secret(directory / "api-keys", bootstrap.encode())
        return cls(directory, free_ports(1)[0], person, operator)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def command(self) -> tuple[str, ...]:
        return (str(Path(sys.executable).with_name("statekeep")), "serve")

    def environment(self, redis_url: str) -> Mapping[str, str]:
        return {
            **os.environ,
            "STATEKEEP_HOST": "127.0.0.1",
            "STATEKEEP_PORT": str(self.port),
            "STATEKEEP_REDIS_URL": redis_url,
            "STATEKEEP_KEY_RING": str(self.directory / "keys"),
            "STATEKEEP_PEPPER_FILE": str(self.directory / "pepper"),
            "STATEKEEP_API_KEYS_FILE": str(self.directory / "api-keys"),
        }
