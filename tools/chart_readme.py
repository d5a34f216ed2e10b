"""The table of values in charts/statekeep/README.md, from the comments in values.yaml.

    tools/chart_readme.py            write the table anew
    tools/chart_readme.py --check    change nothing, fail where it is not what the values say

A value is described by a comment `# -- …` above it, which may go on over more lines. Everything
that has no such comment is a group, and each of its members has one.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

CHART = Path(__file__).resolve().parents[1] / "charts" / "statekeep"
BEGIN = "<!-- values: written by tools/chart_readme.py -->"
END = "<!-- end of values -->"
KEY = re.compile(r"^( *)([A-Za-z][\w]*):(.*)$")
COMMENT = re.compile(r"^ *# ?(.*)$")


def described(text: str) -> Iterator[tuple[str, str]]:
    """Each value that has a comment: its path with dots, and the comment."""
    way: list[tuple[int, str]] = []
    said: list[str] = []
    deeper_than: int | None = None
    for line in text.splitlines():
        comment, key = COMMENT.match(line), KEY.match(line)
        if comment:
            said = [comment[1][3:]] if comment[1].startswith("-- ") else [*said, comment[1]][:9]
            continue
        if key:
            depth = len(key[1])
            if deeper_than is not None and depth > deeper_than:
                continue  # inside a value that is described as a whole
            way = [*(part for part in way if part[0] < depth), (depth, key[2])]
            deeper_than = depth if said else None
            if said:
                yield ".".join(name for _, name in way), " ".join(said)
        said = []


def default(values: Any, path: str) -> str:
    """The value at a path, as JSON."""
    for name in path.split("."):
        values = values[name]
    return json.dumps(values)


def table(text: str) -> str:
    """The table of a values.yaml."""
    text = text[text.index("\n\n") :]  # the page's own comment describes no value
    values = yaml.safe_load(text)
    rows = [f"| `{path}` | `{default(values, path)}` | {said} |" for path, said in described(text)]
    return "\n".join(["| value | default | what |", "|---|---|---|", *rows])


def page(readme: str, values: str) -> str:
    """The README with the table of these values."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table(values)}\n{END}{after}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, fail if it drifted")
    arguments = parser.parse_args()
    file = CHART / "README.md"
    is_now = file.read_text(encoding="utf-8")
    should_be = page(is_now, (CHART / "values.yaml").read_text(encoding="utf-8"))
    if arguments.check:
        if is_now != should_be:
            print("chart: README.md does not show values.yaml: run `make chart`", file=sys.stderr)
        return int(is_now != should_be)
    file.write_text(should_be, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
