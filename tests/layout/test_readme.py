"""The documents and the Makefile say the same."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "tools/README.md"]

# `make` at the start of a shell line or of an inline piece of code, then its targets.
COMMAND = re.compile(r"(?:^\s*\$?\s*|`)make((?: [A-Za-z][\w-]*(?:=\S+?)?)+)", re.MULTILINE)


def targets() -> dict[str, str]:
    """Target -> its help text."""
    lines = (ROOT / "Makefile").read_text().splitlines()
    found = (re.match(r"([a-z][a-z0-9-]*):.*?(?:## (.*))?$", line) for line in lines)
    return {match[1]: match[2] or "" for match in found if match}


def commands(document: str) -> list[str]:
    text = (ROOT / document).read_text()
    words = [word for match in COMMAND.finditer(text) for word in match[1].split()]
    return [word for word in words if "=" not in word]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_make_command_of_a_document_is_a_target(document: str) -> None:
    assert sorted(set(commands(document)) - set(targets())) == []


def test_the_readme_shows_its_two_commands() -> None:
    marked = [name for name, text in targets().items() if "README command" in text]

    assert marked == ["demo", "test"]
    assert set(marked) <= set(commands("README.md"))


def test_every_target_explains_itself() -> None:
    assert [name for name, text in targets().items() if not text] == []


def test_help_lists_every_target() -> None:
    run = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    listed = re.findall(r"^  make (\S+)", run.stdout, re.MULTILINE)

    assert sorted(listed) == sorted(targets())


@pytest.mark.parametrize("document", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_every_linked_file_is_there(document: str) -> None:
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", (ROOT / document).read_text())

    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_file_of_the_architecture_s_table_is_there() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    named = re.findall(r"^\|[^|]+\| `([^`]+)`", text, re.MULTILINE)

    assert named
    assert [name for name in named if not list(ROOT.glob(name))] == []
