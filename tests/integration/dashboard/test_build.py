"""The dashboard is packed where it can be built; where it cannot, everything else goes on."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
NEEDED = ("setup.py", "pyproject.toml", "MANIFEST.in", "README.md", "LICENSE")
NPM_THAT_BUILDS = """#!/bin/sh
[ "$1" = run ] || exit 0
mkdir -p ../runtime/src/statekeep/web/ui_built/assets
echo page >../runtime/src/statekeep/web/ui_built/index.html
echo script >../runtime/src/statekeep/web/ui_built/assets/main-1.js
"""
NPM_THAT_FAILS = "#!/bin/sh\necho 'npm error: no registry' >&2\nexit 1\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What a package is made from, with no dashboard built."""
    root = tmp_path / "checkout"
    root.mkdir()
    for name in NEEDED:
        shutil.copy(ROOT / name, root / name)
    leave = shutil.ignore_patterns("ui_built", "__pycache__", "*.so", "*.egg-info")
    for folder in ("runtime", "operator", "native"):
        shutil.copytree(ROOT / folder, root / folder, ignore=leave)
    (root / "dashboard").mkdir()
    return root


def built_with(checkout: Path, npm: str) -> tuple[set[str], str]:
    """The files of `statekeep.web.ui_built` in the package, and what was said."""
    programs = checkout.parent / "programs"
    programs.mkdir()
    (programs / "npm").write_text(npm)
    (programs / "npm").chmod(0o755)
    path = os.pathsep.join([str(programs), os.environ["PATH"]])
    run = subprocess.run(
        [sys.executable, "setup.py", "-q", "build_py", "--build-lib", "built"],
        cwd=checkout, env={**os.environ, "PATH": path},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    folder = checkout / "built" / "statekeep" / "web"
    assert (folder / "ui.py").exists()
    packed = (folder / "ui_built").rglob("*")
    return {str(p.relative_to(folder)) for p in packed if p.is_file()}, run.stdout + run.stderr


def test_a_package_carries_the_dashboard_that_npm_builds(checkout: Path) -> None:
    packed, _ = built_with(checkout, NPM_THAT_BUILDS)

    assert packed == {"ui_built/index.html", "ui_built/assets/main-1.js"}


def test_a_package_is_made_without_it_where_npm_fails(checkout: Path) -> None:
    packed, said = built_with(checkout, NPM_THAT_FAILS)

    assert packed == set()
    assert "the dashboard is not built, so it is left out" in said


def test_a_build_that_fails_stops_nothing_else(tmp_path: Path) -> None:
    arguments = [f"UI={tmp_path}/ui_built", "PY=false", "STAMP=", "TMPDIR="]
    failing = subprocess.run(
        ["make", "--no-print-directory", "dashboard", *arguments],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    tried = subprocess.run(
        ["make", "--no-print-directory", "try-dashboard", *arguments],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert failing.returncode != 0
    assert tried.returncode == 0
    assert "THE DASHBOARD IS NOT BUILT" in tried.stderr


def test_the_lock_names_no_registry() -> None:
    lock = (ROOT / "dashboard" / "package-lock.json").read_text(encoding="utf-8")

    assert '"resolved"' not in lock
    assert '"integrity"' in lock
