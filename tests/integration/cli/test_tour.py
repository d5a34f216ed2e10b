"""The README's tour and the how-to page happen as they are printed, on a real server."""

import shlex
import shutil
from pathlib import Path

import pytest

from support.consoles import ROOT, checkout, fenced, normalised, run_all, shown
from support.serving import serving

pytestmark = pytest.mark.valkey

RECIPES_USE = ("curl", "openssl")
HEADING = "## A tour in five minutes\n"


def tour() -> str:
    _, _, rest = (ROOT / "README.md").read_text(encoding="utf-8").partition(HEADING)
    return rest.partition("\n## ")[0]


def test_the_tour_starts_a_server_for_a_laptop() -> None:
    start = "make setup\n. .venv/bin/activate\nstatekeep serve --embedded\n"
    assert fenced(tour(), "sh") == [start]


def test_the_tour_happens_as_it_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkout(tmp_path)
    monkeypatch.chdir(tmp_path)
    serve = shlex.split(fenced(tour(), "sh")[0].splitlines()[-1])
    steps = shown(tour())
    with serving(*serve[2:]) as server:
        found = run_all([step.command for step in steps], tmp_path, server.url)

    assert len(steps) > 15
    assert normalised(found) == normalised(steps)


def test_the_recipes_happen_as_they_are_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the tour has brought its reader: in a shell that knows the server's key."""
    lacking = [program for program in RECIPES_USE if shutil.which(program) is None]
    if lacking:
        pytest.skip(f"THE RECIPES ARE NOT TRIED: {' and '.join(lacking)} is not installed here")
    checkout(tmp_path)
    monkeypatch.chdir(tmp_path)
    steps = shown((ROOT / "docs" / "how-to.md").read_text(encoding="utf-8"))
    with serving("--embedded") as server:
        ready = (step.command for step in shown(tour())[:2])
        found = run_all([step.command for step in steps], tmp_path, server.url, *ready)

    assert len(steps) > 10
    assert normalised(found) == normalised(steps)
