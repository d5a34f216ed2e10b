"""The operator and a runtime as real processes, and a stage that has everything on it."""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx

from statekeep.storage.leash import Leashed
from support.cluster import Desk, Manifest
from support.parts.controlplane import ControlPlane
from support.parts.ports import free_ports
from support.rights import credentials
from support.web_server import OPERATOR_KEY, Bench, behind_socket, write_secrets

PATIENCE = 30.0
COUNTED_WITHIN = 90.0
"""Numbers are written at most once a minute and object, so the last of a crowd may take as long."""
LOOK = 0.05


def eventually(look: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
    """Look until there is something to see; what was seen last is in the complaint."""
    deadline = time.monotonic() + seconds
    while True:
        seen = look()
        if seen:
            return seen
        if time.monotonic() > deadline:
            message = f"not within {seconds:g} s: {what} (last seen: {seen!r})"
            raise AssertionError(message)
        time.sleep(LOOK)


class MemoryRuntime:
    """A server on a store in memory, on a socket, in a thread of its own."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._settings = write_secrets(directory)
        self._up = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: asyncio.Event | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self.url = ""

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._up.wait(PATIENCE), "the runtime did not start"
        return self

    def __exit__(self, *_: object) -> None:
        if self._loop is not None and self._end is not None:
            self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(PATIENCE)

    async def _serve(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        async with behind_socket(self._settings) as bench:
            self._told(bench)
            await self._end.wait()

    def _told(self, bench: Bench) -> None:
        self.url = bench.base_url
        self._up.set()


@dataclass
class OperatorProcess:
    """`python -m statekeep_operator`, for one control plane and one runtime."""

    plane: ControlPlane
    runtime_url: str
    directory: Path
    namespaces: tuple[str, ...] = ()
    lease: str = "statekeep-operator"
    options: Mapping[str, str] = field(default_factory=dict)
    kubeconfig: Path | None = None
    _process: Leashed | None = None
    _port: int = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> Path:
        return self.directory / f"operator-{self._port}.log"

    def start(self, role: str = "acting") -> None:
        """Start it, and wait until it plays this role."""
        self.directory.mkdir(parents=True, exist_ok=True)
        (self._port,) = free_ports(1)
        flags = {
            "runtime-url": self.runtime_url,
            "namespaces": ",".join(self.namespaces),
            "lease-namespace": self.namespaces[0] if self.namespaces else "default",
            "lease-name": self.lease,
            "health-port": str(self._port),
            "settle-seconds": "0.3",
            "resync-seconds": "1",
            "gate-seconds": "1",
            **self.options,
        }
        arguments = [part for name, value in flags.items() for part in (f"--{name}", value)]
        self._process = Leashed(
            [sys.executable, "-m", "statekeep_operator", *arguments],
            log=self.log,
            env={
                **self.plane.environment(),
                "KUBECONFIG": str(self.kubeconfig or self._credentials(flags)),
                "STATEKEEP_API_KEY": OPERATOR_KEY,
                "PYTHONWARNINGS": "default",
            },
        )
        eventually(lambda: self.role() == role or self._ended(), f"the operator is {role}")
        assert not self._ended(), self.log.read_text()

    def _credentials(self, flags: Mapping[str, str]) -> Path:
        hooked = "webhook-names" in flags
        place = flags["lease-namespace"]
        return credentials(self.plane, place, self.namespaces, hooked=hooked)

    def role(self) -> str:
        """What it says of itself; empty while it says nothing."""
        url = f"http://127.0.0.1:{self._port}/readyz"
        try:
            with urllib.request.urlopen(url, timeout=2.0) as answer:
                return str(json.load(answer)["role"])
        except urllib.error.HTTPError as error:
            with error:
                return str(json.load(error)["role"])
        except OSError:
            return ""

    def stop(self) -> None:
        if self._process is not None:
            self._process.stop()
            self._process = None

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process = None

    def _ended(self) -> bool:
        return self._process is None or self._process.ended() is not None


@dataclass(frozen=True, slots=True)
class Stage:
    """A namespace, an operator that looks after it, a runtime, and an HTTP client of its tenant."""

    desk: Desk
    operator: OperatorProcess
    http: httpx.Client

    @property
    def tenant(self) -> str:
        return self.desk.namespace

    def apply(self, *manifests: Manifest) -> None:
        self.desk.apply(*manifests)

    def ready(self, kind: str, name: str, seconds: int = 30) -> Manifest:
        """Wait as `kubectl wait --for=condition=Ready` does, and answer the status."""

        def look() -> Manifest | None:
            found = self.desk.plane.find(kind, name, self.tenant) or {}
            status: Manifest = found.get("status", {})
            told = condition(status, "Ready")
            seen = told.get("observedGeneration", status.get("observedGeneration", 0))
            current = bool(found) and seen >= found["metadata"]["generation"]
            return status if current and told.get("status") == "True" else None

        found: Manifest = eventually(look, f"{kind} {name} is ready", seconds)
        return found

    def waits(self, kind: str, name: str, reason: str, seconds: float = PATIENCE) -> Manifest:
        """Wait until an object is not ready for this reason; its status."""

        def look() -> Manifest | None:
            status = self.status(kind, name)
            ready = condition(status, "Ready")
            return status if ready.get("reason") == reason else None

        found: Manifest = eventually(look, f"{kind} {name} is {reason}", seconds)
        return found

    def status(self, kind: str, name: str) -> Manifest:
        """The status; empty where there is no such object (yet)."""
        found = self.desk.plane.find(kind, name, self.tenant) or {}
        status: Manifest = found.get("status", {})
        return status

    def spawn(self, version: str, count: int = 1, events: Iterable[str] = ()) -> list[str]:
        """New actors, after these events."""
        made = []
        for _ in range(count):
            body = {"definitionId": version}
            made.append(self.post("/v1/actors", body)["id"])
            for event in events:
                self.send(made[-1], event)
        return made

    def send(self, actor: str, event: str) -> Manifest:
        return self.post(f"/v1/actors/{actor}/event", {"type": event})

    def actor(self, actor: str) -> Manifest:
        return self.read(f"/v1/actors/{actor}")

    def decisions(self, actor: str) -> list[Manifest]:
        items: list[Manifest] = self.read(f"/v1/actors/{actor}/decisions")["items"]
        return items

    def post(self, path: str, body: Manifest) -> Manifest:
        answer = self.http.post(path, json=body)
        assert answer.is_success, answer.text
        told: Manifest = answer.json()
        return told

    def read(self, path: str) -> Manifest:
        answer = self.http.get(path)
        assert answer.is_success, answer.text
        told: Manifest = answer.json()
        return told


class Crew:
    """An operator and the namespaces that it looks after: the first for its Lease, one a stage."""

    def __init__(
        self, plane: ControlPlane, runtime: MemoryRuntime, directory: Path, places: int
    ) -> None:
        self._plane, self._runtime = plane, runtime
        name = f"crew-{secrets.token_hex(5)}"
        self._names = tuple(f"{name}-{number}" for number in range(places + 1))
        self._free = list(self._names[:0:-1])
        self._operator = OperatorProcess(plane, runtime.url, directory, self._names)

    def __enter__(self) -> Self:
        self._plane.make_namespaces(*self._names)
        self._operator.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._operator.stop()
        self._plane.drop_namespaces(self._names[0], *self._free)

    @contextmanager
    def stage(self) -> Iterator[Stage]:
        """A namespace that nobody had before. It goes afterwards, under the operator's eyes."""
        name = self._free.pop()
        said = len(self._operator.log.read_text())
        with client_of(self._runtime.url, name) as http:
            yield Stage(Desk(self._plane, name), self._operator, http)
        assert "a look failed" not in self._operator.log.read_text()[said:]
        self._plane.drop_namespaces(name)


def condition(status: Manifest, kind: str) -> Manifest:
    """A condition of a status; empty where there is none."""
    found = (c for c in status.get("conditions", ()) if c["type"] == kind)
    return next(found, {})


def client_of(url: str, tenant: str) -> httpx.Client:
    """A client with a key of a tenant's own, which the operator's key makes."""
    headers = {"x-api-key": OPERATOR_KEY, "x-statekeep-tenant": tenant}
    body = {"roles": ["read", "send", "deploy", "admin"], "name": "tests"}
    answer = httpx.post(f"{url}/v1/keys", headers=headers, json=body)
    assert answer.is_success, answer.text
    return httpx.Client(base_url=url, headers={"x-api-key": answer.json()["key"]}, timeout=30.0)
