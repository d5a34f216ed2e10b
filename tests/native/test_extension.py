"""The extension is required: where it is missing the import says so, and what to do about it."""

import subprocess
import sys

from statekeep.routing import ENGINE
from statekeep.routing.native import NativeEngine

WITHOUT = """
import sys
sys.modules["statekeep.routing._native"] = None
import statekeep.routing
"""


def test_the_engine_is_the_c_library() -> None:
    assert isinstance(ENGINE, NativeEngine)


def test_a_missing_extension_is_said_with_the_way_out() -> None:
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    last = run.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: the routing extension statekeep.routing._native is not")
    assert "make setup" in last
