"""Alerts name metrics that are there, and each has a runbook whose commands exist."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from statekeep.cli.main import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
METRICS = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
(GROUP,) = yaml.safe_load((ROOT / "charts/statekeep/files/alerts.yaml").read_text())["groups"]
RULES: list[dict[str, Any]] = GROUP["rules"]


def known() -> dict[str, set[str]]:
    """The labels of each metric that docs/metrics.md lists."""
    rows = re.findall(r"^\| `(\w+)` \| \w+ \| ([^|]+) \|", METRICS, re.MULTILINE)
    return {name: set(re.findall(r"\w+", labels)) for name, labels in rows}


def test_every_alert_reads_metrics_and_labels_that_there_are() -> None:
    listed = known()
    for rule in RULES:
        for name, matchers in re.findall(r"\b(statekeep_\w+)(?:\{([^}]*)\})?", rule["expr"]):
            base = re.sub(r"_(bucket|count|sum)$", "", name)
            assert base in listed, (rule["alert"], name)
            assert set(re.findall(r"(\w+)[!=]~?=?\"", matchers)) <= listed[base], rule["alert"]


def test_every_alert_has_a_runbook_of_its_name() -> None:
    headings = re.findall(r"^### (\w+)$", PAGE, re.MULTILINE)
    assert headings == [rule["alert"] for rule in RULES]
    for rule in RULES:
        assert rule["annotations"]["runbook_url"] == f"docs/operations.md#{rule['alert'].lower()}"
        assert rule["labels"]["severity"] in ("critical", "warning")


def test_the_commands_of_the_runbooks_exist() -> None:
    named = set(re.findall(r"statekeep ([a-z][a-z-]+)", PAGE))
    assert named >= {"stranded", "why", "freeze", "rescue", "close", "revert"}
    assert named - {*COMMANDS} == set()


def test_the_generated_pages_are_up_to_date() -> None:
    command = [sys.executable, "tools/write_reference.py", "--check"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
