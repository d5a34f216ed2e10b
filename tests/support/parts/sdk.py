"""The TypeScript SDK, built and packed: `python -m support.parts.sdk` prints the tarball.

Builds under a lock, and only where what it is built from has changed.
"""

import subprocess
from hashlib import sha256
from pathlib import Path

from support.parts.cache import cache_home, locked
from support.parts.fault import explained, run_as_program
from support.parts.node import node_environment, npm_ci

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "sdk" / "typescript"
PACKED = FOLDER / "build"
SOURCES = (
    "src",
    "tests",
    "package.json",
    "package-lock.json",
    "tsconfig*.json",
    "build.mjs",
    "*.md",
)


def built() -> Path:
    """The package's folder, with `dist`, its compiled tests and its tarball."""
    mark = PACKED / ".built"
    named = sha256(str(FOLDER).encode()).hexdigest()[:12]
    with locked(cache_home() / f"sdk-{named}", lambda: None):
        wanted = _digest()
        if not mark.exists() or mark.read_text() != wanted:
            npm_ci(FOLDER)
            PACKED.mkdir(exist_ok=True)
            run("npm", "run", "--silent", "build")
            run("npm", "run", "--silent", "build:tests")
            run("npm", "pack", "--silent", "--pack-destination", str(PACKED))
            mark.write_text(wanted)
    return FOLDER


def tarball() -> Path:
    """What would be published."""
    [found] = (built() / "build").glob("statekeep-sdk-*.tgz")
    return found


def run(*command: str) -> str:
    """A command in the package's folder; what it printed."""
    done = subprocess.run(
        command, cwd=FOLDER, env=node_environment(), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise explained(f"the SDK: {' '.join(command)} failed", done.stdout + done.stderr)
    return done.stdout


def _digest() -> str:
    found = sha256()
    for path in sorted(path for pattern in SOURCES for path in _files(pattern)):
        found.update(f"{path.relative_to(FOLDER)}\0".encode() + path.read_bytes() + b"\0")
    return found.hexdigest()


def _files(pattern: str) -> list[Path]:
    return [
        file
        for path in FOLDER.glob(pattern)
        for file in ([path] if path.is_file() else path.rglob("*"))
        if file.is_file()
    ]


def main() -> int:
    print(tarball())
    return 0


if __name__ == "__main__":
    run_as_program(main)
