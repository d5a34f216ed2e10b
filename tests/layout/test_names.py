"""No file names the machine it was written on or the registries that machine used.

Locks and sources must work wherever they are cloned: an installer knows its own index. The patterns
are put together from pieces, so that this file does not find itself.
"""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

REGISTRIES = [
    ("pypi", "org"),
    ("pythonhosted", "org"),
    ("npmjs", "(org|com)"),
    ("yarnpkg", "com"),
    ("proxy", "golang", "org"),
    ("sum", "golang", "org"),
    ("goproxy", "(io|cn)"),
    ("crates", "io"),
    ("repo[0-9]?", "maven", r"(apache\.)?org"),
    ("deb", "debian", "org"),
]
# Mirrors inside companies and sandboxes have names of their own; their addresses have a shape.
MIRROR = r"https?://[^\s\"'/]*(artifact|nexus|mirror|registry|proxy)[^\s\"'/]*/"
FOLDERS = ["work", "root", "farm", "home", "Users"]

PATTERNS = {
    **{".".join(parts): r"\.".join(parts) + r"\b" for parts in REGISTRIES},
    "a mirror": MIRROR,
    **{name: rf"(?<![\w.$}}~<>-])/{name}/[\w.]" for name in FOLDERS},
}


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def findings(pattern: str) -> list[str]:
    sought = re.compile(pattern)
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in tracked()
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), start=1)
        if sought.search(line)
    ]


@pytest.mark.parametrize("name", sorted(PATTERNS))
def test_no_file_names(name: str) -> None:
    assert findings(PATTERNS[name]) == []


@pytest.mark.parametrize(
    ("name", "line"),
    [
        (".".join(REGISTRIES[0]), "index-url = https://" + "pypi" + ".org/simple"),
        ("a mirror", "resolved https://" + "artifacts.example.com/npm/x.tgz"),
        ("home", "cache = '/" + "home/someone/.cache'"),
        ("work", "see /" + "work/notes"),
    ],
)
def test_the_patterns_find_what_they_are_for(name: str, line: str) -> None:
    assert re.search(PATTERNS[name], line)


def test_no_lock_format_that_writes_addresses_is_used() -> None:
    names = {path.name for path in tracked()}
    assert sorted(names & {"uv.lock", "pylock.toml", "poetry.lock", "pdm.lock", "yarn.lock"}) == []
