"""Writes docs/openapi.json, the problems in docs/http.md, the settings in docs/configuration.md.

And the types of the TypeScript SDK, which follow the first. Run `python tools/write_openapi.py`; a
test finds either out of date.
"""

from __future__ import annotations

import runpy
from pathlib import Path

from statekeep.config import Settings, described, settings_table, variable
from statekeep.web.app import openapi_json
from statekeep.web.problems import KINDS

DOCS = Path(__file__).parents[1] / "docs"


def main() -> None:
    """Write all of them."""
    (DOCS / "openapi.json").write_bytes(openapi_json())
    for name, part, text in (
        ("http.md", "problems", problems()),
        ("configuration.md", "settings", settings()),
    ):
        page = DOCS / name
        page.write_text(replaced(page.read_text(encoding="utf-8"), part, text), encoding="utf-8")
    runpy.run_path(str(Path(__file__).with_name("write_sdk_types.py")), run_name="__main__")


def replaced(page: str, part: str, text: str) -> str:
    """The page with one of its parts as it is now."""
    begin = f"<!-- {part}: written by tools/write_openapi.py -->\n"
    end = f"<!-- end of {part} -->\n"
    head, _, rest = page.partition(begin)
    return head + begin + text + end + rest.partition(end)[2]


def problems() -> str:
    """The table of problems."""
    rows = [
        f"| `{code}` | {kind.status} | {kind.title} | {kind.way_out} |"
        for code, kind in sorted(KINDS.items())
    ]
    return "\n".join(["| code | status | what | way out |", "|---|---|---|---|", *rows]) + "\n"


def settings() -> str:
    """The table of settings."""
    defaults = described(Settings())
    rows = [
        f"| `--{name.replace('_', '-')}` | `{variable(name)}` | {defaults[name]} | {setting.help} |"
        for name, setting in settings_table().items()
    ]
    return "\n".join(["| flag | variable | default | what |", "|---|---|---|---|", *rows]) + "\n"


if __name__ == "__main__":
    main()
