"""`make demo` step by step on a terminal, and interrupted: nothing of it is left."""

import re
import sys
from pathlib import Path

import pytest

from support.processes import ends_within
from support.terminals import on_terminal

pytestmark = pytest.mark.cluster

ROOT = Path(__file__).resolve().parents[3]


def test_the_demo_waits_for_enter_and_leaves_nothing_when_it_is_interrupted(tmp_path: Path) -> None:
    local = tmp_path / "local"
    command = (sys.executable, "-m", "support.parts.demo")
    with on_terminal(command, 100, cwd=ROOT, PAUSE="1", STATEKEEP_LOCAL=str(local)) as demo:
        demo.until("[Enter]", 120)
        assert "$ kubectl version" not in demo.text
        demo.type("\n")
        assert [path.name[:5] for path in local.iterdir()] == ["demo-"]
        shown = demo.until("# A loan workflow is a resource.")
        assert "changepoints          cp" in shown
        assert max(map(len, re.findall(r"^# .*", shown, re.MULTILINE))) <= 100
        demo.until("[Enter]")
        assert "apply -f examples/loan" not in demo.text
        demo.interrupt()
        assert demo.end() == 130
        assert ends_within(demo.process.pid, 1)
    assert list(local.iterdir()) == []
