"""The reference of the command line, written from the commands' own help into docs/cli.md.

`python -m support.cli_reference` writes it; a test compares. What stands above the marker is
written by hand.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from statekeep.cli.exits import MEANINGS
from statekeep.cli.main import COMMANDS, load, overview
from statekeep.cli.parser import build

PAGE: Final = Path(__file__).parents[2] / "docs" / "cli.md"
MARKER: Final = (
    "<!-- Below: written by `python -m support.cli_reference`, from the help itself. -->"
)
_COLUMNS: Final = "100"


def render() -> str:
    """Everything below the marker."""
    os.environ["COLUMNS"] = _COLUMNS
    codes = "".join(f"| {code} | {says} |\n" for code, says in MEANINGS)
    parts = [
        f"## Exit codes\n\n| code | meaning |\n|---|---|\n{codes}",
        f"## statekeep\n\n```text\n{overview('statekeep')}```\n",
    ]
    for name in sorted(COMMANDS):
        shown = build(load(name), name).format_help()
        parts.append(f"## statekeep {name}\n\n```text\n{shown.rstrip()}\n```\n")
    return "\n".join(parts)


def page() -> str:
    """The page as it should be: its own head, and what is rendered now."""
    head = PAGE.read_text(encoding="utf-8").split(MARKER, maxsplit=1)[0]
    return f"{head}{MARKER}\n\n{render()}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
