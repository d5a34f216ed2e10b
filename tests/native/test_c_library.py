"""The C library on its own: its own tests under sanitizers, its symbols, and its vectors."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

NATIVE = Path(__file__).resolve().parents[2] / "native"
COMPILER = shutil.which(os.environ.get("CC", "cc")) or shutil.which("gcc") or shutil.which("clang")

pytestmark = pytest.mark.skipif(
    not (COMPILER and shutil.which("make")), reason="no C compiler and make on the PATH"
)


def make(target: str, out: Path, *variables: str) -> str:
    """What a target of native/Makefile prints; it must succeed."""
    command = ["make", "-C", str(NATIVE), target, f"OUT={out}", f"CC={COMPILER}", *variables]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("native")


def can_sanitize(out: Path) -> bool:
    """Whether this compiler brings the sanitizers' libraries."""
    flags = ["-fsanitize=address,undefined", "-x", "c", "-", "-o", str(out / "probe")]
    source = "int main(void) { return 0; }"
    assert COMPILER is not None
    linked = subprocess.run(
        [COMPILER, *flags], input=source, text=True, capture_output=True, check=False
    )
    return linked.returncode == 0


def test_the_c_tests_pass_under_sanitizers(out: Path) -> None:
    target = "sanitize" if can_sanitize(out) else "test"
    assert make(target, out).count("native: 0 checks failed") == 2


def test_the_library_takes_nothing_from_outside_but_memory_functions(out: Path) -> None:
    assert "no foreign symbols" in make("symbols", out)


def test_the_library_has_no_writable_data(out: Path) -> None:
    make("symbols", out)
    listed = subprocess.run(
        ["nm", str(out / "statekeep.o")], capture_output=True, text=True, check=True
    )
    kinds = {line.split()[-2] for line in listed.stdout.splitlines()}
    assert kinds <= set("TtRrU")


def test_the_public_symbols_are_those_of_the_header(out: Path) -> None:
    make("symbols", out)
    listed = subprocess.run(
        ["nm", str(out / "statekeep.o")], capture_output=True, text=True, check=True
    )
    public = {line.split()[-1] for line in listed.stdout.splitlines() if " T " in line}
    header = (NATIVE / "include" / "statekeep.h").read_text(encoding="utf-8")
    assert public
    assert all(name.startswith("sk_") and f"{name}(" in header for name in public)


def test_some_executions_of_the_fuzz_target_are_clean(out: Path) -> None:
    if not can_sanitize(out):
        pytest.skip("this compiler brings no sanitizers")
    assert "5000 executions clean" in make("fuzz-blindly", out, "RUNS=5000")


def test_the_vectors_are_those_of_the_reference() -> None:
    script = NATIVE / "tests" / "make_vectors.py"
    made = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    assert made.stdout == (NATIVE / "tests" / "vectors.h").read_text(encoding="utf-8")
