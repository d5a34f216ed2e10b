"""docs/cli.md holds every command's help, and the examples of the help do what they say."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from statekeep.cli.main import COMMANDS, load
from statekeep.cli.parser import Example, examples
from support import cli_reference
from support.command_line import environment, statekeep

ROOT = Path(__file__).parents[3]
EXAMPLES = [(name, example) for name in COMMANDS for example in examples(load(name))]


def test_the_page_holds_the_help_of_every_command() -> None:
    written = cli_reference.PAGE.read_text(encoding="utf-8")
    assert written == cli_reference.page(), (
        "docs/cli.md is out of date: PYTHONPATH=tests .venv/bin/python -m support.cli_reference"
    )


@pytest.fixture
def there(tmp_path: Path) -> Path:
    """A folder as the examples of the help take it for granted, and `statekeep` on the PATH."""
    shutil.copytree(ROOT / "examples" / "loan", tmp_path / "loan")
    commands = tmp_path / "bin"
    commands.mkdir()
    launcher = commands / "statekeep"
    launcher.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m statekeep.cli.main "$@"\n')
    launcher.chmod(0o755)
    return tmp_path


@pytest.mark.parametrize(
    "example", [pytest.param(one, id=one.command) for _, one in EXAMPLES if one.needs == "files"]
)
def test_an_example_of_the_help_runs(example: Example, there: Path) -> None:
    settings = environment()
    settings["STATEKEEP_CONFIG"] = str(there / "config")
    settings["PATH"] = f"{there / 'bin'}{os.pathsep}{settings['PATH']}"
    ended = subprocess.run(
        ["sh", "-c", example.command], cwd=there / "loan", env=settings, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == example.code, ended.stderr
    assert "Traceback" not in ended.stderr
    written = example.command.partition(" > ")[2]
    assert ended.stdout or ended.stderr or (there / "loan" / written).stat().st_size


def test_our_own_examples_have_no_finding_not_even_a_warning() -> None:
    ended = statekeep("lint", "-W", "error", str(ROOT / "examples"))
    assert (ended.code, ended.out) == (0, "")
