"""The hashed locks: resolve them (no argument), or check that they are current (`--check`).

Owns every file requirements/*.txt. The check compares a digest of what the resolver was asked with
the one written beside the locks, so it needs no network and its answer never depends on what was
published since. No lock names an index: installers use whatever index the machine is set up for.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
DIGEST = HERE / "inputs.sha256"
UV = Path(sys.executable).with_name("uv")

# lock -> what it is resolved from; a later lock agrees with an earlier one where they overlap
LOCKS: dict[str, list[str]] = {
    "dev.txt": ["pyproject.toml", "--all-extras"],
    "image.txt": ["pyproject.toml", "--extra=runtime", "--extra=operator"],
    "build.txt": ["requirements/build.in"],
    "go.txt": ["requirements/go.in"],
    "cc.txt": ["requirements/cc.in"],
    "node.txt": ["requirements/node.in"],
}


def inputs_digest() -> str:
    """Digest what the resolver reads; the project's own name and version are no part of it."""
    document = tomllib.loads((ROOT / "pyproject.toml").read_text())
    project = document["project"]
    asked = {
        "python": project["requires-python"],
        "base": project["dependencies"],
        "extras": project["optional-dependencies"],
        "build": document["build-system"]["requires"],
        "files": {path.name: path.read_text() for path in sorted(HERE.glob("*.in"))},
        "locks": LOCKS,
    }
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def resolve(lock: str, arguments: list[str], *, upgrade: bool) -> None:
    command = [str(UV), "pip", "compile", "--quiet", "--universal", "--python-version=3.11"]
    command += ["--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--no-header"]
    if upgrade:
        command.append("--upgrade")
    if lock != "dev.txt":
        command.append("--constraint=requirements/dev.txt")
    output = f"--output-file=requirements/{lock}"
    subprocess.run([*command, *arguments, output], cwd=ROOT, check=True)


def stale() -> list[str]:
    """The sentences that say why the locks do not belong to their inputs."""
    missing = [f"requirements/{lock} is missing" for lock in LOCKS if not (HERE / lock).exists()]
    if missing:
        return missing
    if not DIGEST.exists() or DIGEST.read_text().strip() != inputs_digest():
        return ["the requirements have changed since the locks were made"]
    return []


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, fail if stale")
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions allowed")
    arguments = parser.parse_args()
    if arguments.check:
        found = stale()
        for sentence in found:
            print(f"locks: {sentence}: run `make lock` and commit the result", file=sys.stderr)
        return 1 if found else 0
    for lock, inputs in LOCKS.items():
        resolve(lock, inputs, upgrade=arguments.upgrade)
    DIGEST.write_text(inputs_digest() + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
