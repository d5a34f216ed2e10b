"""Golden files: what was answered once and is a promise since.

`UPDATE_GOLDEN=1 pytest …` writes them; whoever reviews reads the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "golden"


def compare(name: str, text: str) -> None:
    """Hold `text` against the golden file of that name."""
    hold(FOLDER / name, text)


def hold(path: Path, text: str) -> None:
    """Hold `text` against a file that is generated and checked in."""
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.exists(), f"{path} is missing: UPDATE_GOLDEN=1 writes it"
    assert text == path.read_text(encoding="utf-8")
