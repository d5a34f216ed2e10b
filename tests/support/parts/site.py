"""One place with all the parts: what `make dev` keeps running and `make demo` shows.

Owns the table of parts. Each part can be started again on its data after it was killed, and adding
one is one entry in `_others`.
"""

import shlex
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, Self

from statekeep.storage.embedded import EmbeddedError, EmbeddedValkey
from statekeep.storage.leash import Leashed, LeashError
from support.parts.access import operator_account
from support.parts.binaries import Binaries, Say, obtain, say_to_stderr
from support.parts.controlplane import ControlPlane
from support.parts.fault import PartError, explained
from support.parts.ports import free_ports
from support.parts.probing import says_yes
from support.parts.runtime import TENANT, RuntimeSite

_READY_SECONDS = 60.0
BIN = Path(sys.executable).parent
CRDS = Path(__file__).resolve().parents[3] / "crds"


class Part(Protocol):
    """Something that runs, and can be started again."""

    @property
    def name(self) -> str: ...
    @property
    def pid(self) -> int: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def ended(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class PlanePart:
    plane: ControlPlane
    name: str

    @property
    def pid(self) -> int:
        return self.plane.pid(self.name)

    def start(self) -> None:
        self.plane.start_part(self.name)

    def stop(self) -> None:
        """The control plane ends as a whole, in its own order."""
        self.plane.stop()

    def ended(self) -> bool:
        return self.plane.ended(self.name)


@dataclass(frozen=True, slots=True)
class ValkeyPart:
    valkey: EmbeddedValkey
    name: str = "valkey"

    @property
    def pid(self) -> int:
        return self.valkey.pid

    def start(self) -> None:
        try:
            self.valkey.start()
        except EmbeddedError as error:
            raise PartError(str(error)) from error

    def stop(self) -> None:
        self.valkey.stop()

    def ended(self) -> bool:
        return not self.valkey.running


@dataclass(slots=True)
class ProgramPart:
    """One of our own programs, ready when it answers 200 at `ready_url`."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    ready_url: str
    log: Path
    _process: Leashed | None = field(default=None, init=False)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        try:
            self._process = Leashed(self.command, log=self.log, env=self.environment)
        except LeashError as error:
            raise PartError(str(error)) from error
        deadline = time.monotonic() + _READY_SECONDS
        while not says_yes(self.ready_url, 2.0):
            if self.ended() or time.monotonic() > deadline:
                raise explained(f"{self.name} is not ready", self.log.read_text()[-4000:])
            time.sleep(0.05)

    def stop(self) -> None:
        if self._process is not None:
            self._process.stop()

    def ended(self) -> bool:
        return self._process is None or self._process.ended() is not None


class Site:
    """All parts on one directory, started in the order in which they need each other."""

    def __init__(self, directory: Path, say: Say = say_to_stderr) -> None:
        self.directory = directory
        self.say = say
        self.binaries: Binaries = obtain(say)
        self.plane = ControlPlane(self.binaries, directory / "control-plane")
        self.valkey = EmbeddedValkey(directory / "valkey", fsync="always")
        self.runtime = RuntimeSite.new(directory / "runtime")
        self.parts: list[Part] = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        start = time.monotonic()
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            self.plane.start()
            self.parts += [PlanePart(self.plane, name) for name in self.plane.part_names]
            for part in self._others():
                self.parts.append(part)
                part.start()
        except BaseException:
            self.stop()
            raise
        names = ", ".join(part.name for part in self.parts)
        self.say(f"{names} are ready after {time.monotonic() - start:.1f} s")

    def stop(self) -> None:
        for part in reversed(self.parts):
            part.stop()
        self.plane.stop()

    def revive(self) -> list[str]:
        """Start every part again that has ended; return their names."""
        ended = [part for part in self.parts if part.ended()]
        for part in ended:
            part.start()
        return [part.name for part in ended]

    def variables(self) -> dict[str, str]:
        """What a shell needs to reach the parts, PATH aside."""
        return {
            "KUBECONFIG": str(self.plane.kubeconfig),
            "STATEKEEP_URL": self.runtime.url,
            "STATEKEEP_API_KEY": self.runtime.api_key,
            "STATEKEEP_NAMESPACE": TENANT,
        }

    def shell(self) -> str:
        """The variables as assignments that a shell can source."""
        assignments = [f"{k}={shlex.quote(v)}" for k, v in self.variables().items()]
        path = f"PATH={shlex.quote(self.binaries.search_path)}:{shlex.quote(str(BIN))}:$PATH"
        exported = " ".join(["export", *self.variables(), "PATH"])
        return "\n".join([*assignments, path, exported]) + "\n"

    def _others(self) -> Iterator[Part]:
        """Yield what follows the control plane; each may use what was started before it."""
        yield ValkeyPart(self.valkey)
        yield ProgramPart(
            "runtime",
            self.runtime.command,
            self.runtime.environment(self.valkey.url),
            f"{self.runtime.url}/readyz",
            self.directory / "runtime.log",
        )
        self._install_kinds()
        yield self._operator()

    def _install_kinds(self) -> None:
        self.plane.kubectl("apply", "--server-side", "-f", str(CRDS))
        established = ("--for=condition=Established", "--timeout=30s")
        self.plane.kubectl("wait", *established, "-f", str(CRDS))

    def _operator(self) -> ProgramPart:
        (port,) = free_ports(1)
        flags = ("--runtime-url", self.runtime.url, "--health-port", str(port))
        return ProgramPart(
            "operator",
            (sys.executable, "-m", "statekeep_operator", *flags),
            {
                **self.plane.environment(),
                "KUBECONFIG": str(operator_account(self.plane)),
                "STATEKEEP_API_KEY": self.runtime.operator_key,
            },
            f"http://127.0.0.1:{port}/readyz",
            self.directory / "operator.log",
        )
