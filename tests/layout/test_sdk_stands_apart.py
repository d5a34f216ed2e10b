"""What cannot be built for the SDK stops nothing else."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_no_other_target_needs_the_sdk() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    needs = dict(re.findall(r"^([a-z][a-z-]*):([^#=\n]*)", makefile, re.MULTILINE))

    assert needs["sdk"].split() == ["setup"]
    assert [target for target, parts in needs.items() if "sdk" in parts.split()] == []


def test_nothing_that_is_shipped_knows_of_it() -> None:
    sources = [path for folder in ("runtime", "operator") for path in (ROOT / folder).rglob("*.py")]
    assert sources
    assert [path.name for path in sources if "sdk/typescript" in path.read_text()] == []
