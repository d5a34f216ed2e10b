"""operator/ is a plain directory: Python's own module `operator` must win, wherever one stands."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OPERATOR = ROOT / "operator"

# A fresh interpreter that sees this directory first, as `python -m anything` does from the root.
PROBE = "import operator, collections; print(operator.add(1, 2), operator.__file__)"


def test_no_module_stands_directly_in_the_operator_directory() -> None:
    assert [path.name for path in OPERATOR.iterdir() if path.suffix == ".py"] == []


def test_no_test_folder_is_named_like_a_standard_module() -> None:
    folders = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir()}
    assert sorted(folders & sys.stdlib_module_names) == []


def test_the_standard_operator_wins_in_the_root_directory() -> None:
    # -S and -I would hide the fault: neither start-up files nor safe-path may help here.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    run = subprocess.run(
        [sys.executable, "-S", "-c", PROBE],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    answer, home = run.stdout.split(maxsplit=1)
    assert answer == "3"
    assert not Path(home.strip()).is_relative_to(ROOT / "operator")
