"""Writes docs/openapi.json and the table of problems in docs/http.md anew.

Run `python tools/write_openapi.py`; a test finds either out of date.
"""

from __future__ import annotations

from pathlib import Path

from statekeep.web.app import openapi_json
from statekeep.web.problems import KINDS

DOCS = Path(__file__).parents[1] / "docs"
BEGIN = "<!-- problems: written by tools/write_openapi.py -->\n"
END = "<!-- end of problems -->\n"


def main() -> None:
    """Write both."""
    (DOCS / "openapi.json").write_bytes(openapi_json())
    page = DOCS / "http.md"
    page.write_text(with_problems(page.read_text(encoding="utf-8")), encoding="utf-8")


def with_problems(page: str) -> str:
    """The page with the table of problems as it is now."""
    head, _, rest = page.partition(BEGIN)
    tail = rest.partition(END)[2]
    return head + BEGIN + problems() + END + tail


def problems() -> str:
    """The table of problems."""
    rows = [
        f"| `{code}` | {kind.status} | {kind.title} | {kind.way_out} |"
        for code, kind in sorted(KINDS.items())
    ]
    return "\n".join(["| code | status | what | way out |", "|---|---|---|---|", *rows]) + "\n"


if __name__ == "__main__":
    main()
