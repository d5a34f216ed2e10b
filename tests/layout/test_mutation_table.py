"""The table of broken rules names lines that are still there."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TABLE = runpy.run_path(str(ROOT / "tools/mutation/routing.py"))


@pytest.mark.parametrize("rule", TABLE["RULES"], ids=lambda rule: f"{rule[0]}: {rule[1]}")
def test_the_line_that_carries_out_a_rule_is_where_the_table_says(
    rule: tuple[str, str, str, str],
) -> None:
    module, _, right, wrong = rule
    text = (ROOT / TABLE["CORE"] / f"{module}.py").read_text()
    assert right in text
    assert text.replace(right, wrong, 1) != text
