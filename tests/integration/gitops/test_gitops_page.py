"""docs/gitops.md is run: every command of its console blocks, in one shell, prints what it says."""

import re
from pathlib import Path

import pytest

from support.cluster import ROOT
from support.consoles import checkout, run_all, shown
from support.operators import Stage

pytestmark = pytest.mark.cluster

PAGE = ROOT / "docs" / "gitops.md"
ID = re.compile(r"\b[0-9a-z]{13}\b")


def plain(text: str) -> str:
    """Columns may be wider, and ids are others."""
    return " ".join(ID.sub("<id>", text).split())


def matches(expected: str, printed: str) -> bool:
    """`…` is anything."""
    pieces = [re.escape(plain(piece)) for piece in expected.split("…")]
    return re.fullmatch(r"\s*.*\s*".join(pieces), plain(printed), re.DOTALL) is not None


def kubeconfig(stage: Stage, folder: Path) -> Path:
    """The administrator's, with the namespace of the test as the one that is meant."""
    file = folder / "kubeconfig"
    file.write_text(stage.desk.plane.kubeconfig.read_text(encoding="utf-8"), encoding="utf-8")
    options = (f"--kubeconfig={file}", "config", "set-context", "--current")
    stage.desk.plane.kubectl(*options, f"--namespace={stage.tenant}")
    return file


def test_the_page_prints_what_stands_there(stage: Stage, tmp_path: Path) -> None:
    folder = tmp_path / "checkout"
    folder.mkdir()
    checkout(folder)
    steps = shown(PAGE.read_text(encoding="utf-8"))
    assert len(steps) > 20
    ran = run_all(
        [step.command for step in steps],
        folder,
        stage.operator.runtime_url,
        f'PATH="{stage.desk.plane.binaries.search_path}:$PATH"',
        f'export KUBECONFIG="{kubeconfig(stage, tmp_path)}"',
        f'export STATEKEEP_API_KEY="{stage.http.headers["x-api-key"]}"',
        ". .venv/bin/activate",
    )
    for step, seen in zip(steps, ran, strict=True):
        assert matches(step.output, seen.output), f"$ {step.command}\n{seen.output}"
