"""What pyproject.toml cannot say: the C extension that cffi builds in API mode, and the dashboard.

The extension keeps to the stable ABI, so one wheel serves every CPython from 3.11. The dashboard
is packed as `make dashboard` has built it; where it was not built, npm is asked to, and where that
fails the wheel is made without it: its server says at /ui that it has none.
"""

import shutil
import subprocess
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
BUILT = ROOT / "runtime" / "src" / "statekeep" / "web" / "ui_built" / "index.html"
SOURCES = ROOT / "dashboard"
STEPS = (("npm", "ci", "--ignore-scripts"), ("npm", "run", "build"))


class BuildWithDashboard(build_py):
    """Packs the dashboard, built first where it can be."""

    def run(self):
        if not self.editable_mode and not BUILT.exists():
            self._build()
        super().run()

    def _build(self):
        if SOURCES.is_dir() and shutil.which("npm"):
            done = all(
                subprocess.run(step, cwd=SOURCES, check=False).returncode == 0 for step in STEPS
            )
            if done and BUILT.exists():
                return
        self.warn("the dashboard is not built, so it is left out: `make dashboard` builds it")


setup(
    cffi_modules=["native/cffi/build_native.py:ffibuilder"],
    cmdclass={"build_py": BuildWithDashboard},
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
