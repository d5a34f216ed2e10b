"""The README's tour happens as it is printed, on a real `statekeep serve --embedded`.

The section is read, not copied: its first block starts the server, and the lines behind `$` in
the others run in one shell, in a folder that looks like a checkout after `make setup`. Ids and
times are replaced by names on both sides; all else, hashes too, is compared as it stands.
"""

import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.command_line import environment
from support.serving import serving

pytestmark = pytest.mark.valkey

ROOT = Path(__file__).resolve().parents[3]
HEADING = "## A tour in five minutes\n"
BLOCK = re.compile(r"^```(sh|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ")
SHOWS_AN_ID = re.compile(r"echo \$(\w+)$")
END = "\x1e"
"""Printed after each command, with its exit code: no output of ours contains it."""


@dataclass(frozen=True)
class Shown:
    command: str
    output: str


def section(readme: str) -> str:
    _, _, rest = readme.partition(HEADING)
    return rest.partition("\n## ")[0]


def blocks(kind: str) -> list[str]:
    text = section((ROOT / "README.md").read_text(encoding="utf-8"))
    return [body for found, body in BLOCK.findall(text) if found == kind]


def shown() -> list[Shown]:
    """The commands of the tour, in order, with what the README says they print."""
    steps = []
    for body in blocks("console"):
        for piece in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
            command, _, output = piece.partition("\n")
            steps.append(Shown(command, output))
    return steps


def normalised(steps: list[Shown]) -> list[Shown]:
    """Ids by the variables they are kept in, and no times."""
    names: dict[str, str] = {}
    plain = []
    for step in steps:
        variable = SHOWS_AN_ID.search(step.command)
        if variable:
            names[step.output.strip()] = f"<{variable[1]}>"
        output = TIME.sub("<time>", step.output)
        for actor, name in names.items():
            output = output.replace(actor, name)
        plain.append(Shown(step.command, output))
    return plain


def checkout(folder: Path) -> None:
    """What the tour needs of a checkout in which `make setup` has run."""
    shutil.copytree(ROOT / "examples", folder / "examples")
    programs = folder / ".venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "activate").write_text(f'PATH="{programs}:$PATH"\n', encoding="utf-8")
    launcher = programs / "statekeep"
    launcher.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -m statekeep.cli.main "$@"\n', encoding="utf-8"
    )
    launcher.chmod(0o755)


def run(commands: list[str], folder: Path, url: str) -> list[Shown]:
    """All commands in one shell; each must end well."""
    script = "".join(f'{{ {command}\n}} 2>&1; echo "{END}$?{END}"\n' for command in commands)
    kept = {name: value for name, value in environment().items() if name[:10] != "STATEKEEP_"}
    ended = subprocess.run(
        ["sh", "-c", script], cwd=folder, env={**kept, "STATEKEEP_URL": url},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert ended.stderr == ""
    outputs = re.findall(rf"(.*?){END}(\d+){END}\n", ended.stdout, re.DOTALL)
    assert [code for _, code in outputs] == ["0"] * len(commands), ended.stdout
    pairs = zip(commands, outputs, strict=True)
    return [Shown(command, output) for command, (output, _) in pairs]


def test_the_tour_starts_a_server_for_a_laptop() -> None:
    assert blocks("sh") == ["make setup\n. .venv/bin/activate\nstatekeep serve --embedded\n"]


def test_the_tour_happens_as_it_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkout(tmp_path)
    monkeypatch.chdir(tmp_path)
    serve = shlex.split(blocks("sh")[0].splitlines()[-1])
    with serving(*serve[2:]) as server:
        steps = shown()
        found = run([step.command for step in steps], tmp_path, server.url)

    assert len(steps) > 15
    assert normalised(found) == normalised(steps)
