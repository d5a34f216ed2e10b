"""What a wheel and an installation contain, and that locks belong to what they lock."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_the_locks_belong_to_their_inputs() -> None:
    check = [sys.executable, str(ROOT / "requirements" / "locks.py"), "--check"]
    run = subprocess.run(check, capture_output=True, text=True, check=False)

    assert (run.returncode, run.stderr) == (0, "")


def test_every_locked_requirement_is_pinned_and_hashed() -> None:
    for lock in sorted((ROOT / "requirements").glob("*.txt")):
        entries = re.split(r"\n(?=\S)", re.sub(r"(?m)^ *#.*\n", "", lock.read_text()).strip())
        assert entries, lock.name
        unhashed = [e for e in entries if "==" not in e or "--hash=sha256:" not in e]
        assert unhashed == [], lock.name


def test_the_build_lock_covers_the_build_system() -> None:
    asked = PROJECT["build-system"]["requires"]
    given = (ROOT / "requirements" / "build.in").read_text()
    assert asked == [line for line in given.splitlines() if not line.startswith("#")]


def test_the_type_marker_and_the_command_are_installed() -> None:
    assert (ROOT / "runtime/src/statekeep/py.typed").exists()
    run = subprocess.run(
        [str(Path(sys.executable).with_name("statekeep")), "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.startswith("usage: statekeep")


def test_modules_stay_within_the_limit() -> None:
    sources = [
        path for folder in ("runtime/src", "operator/src") for path in (ROOT / folder).rglob("*.py")
    ]
    long = {
        str(path.relative_to(ROOT)): count
        for path in sources
        if (count := len(path.read_text().splitlines())) > 600
    }
    assert long == {}
