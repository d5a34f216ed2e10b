"""Commands that a page shows behind `$`, with what it says they print, and running them.

A page is read, not copied: its `console` blocks run in one shell, in a folder that looks like a
checkout after `make setup`. Ids and times are replaced by names on both sides; all else is compared
as it stands.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from support.command_line import environment

ROOT = Path(__file__).resolve().parents[2]
FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ")
SHOWS_AN_ID = re.compile(r"echo \$(\w+)$")
END = "\x1e"
"""Printed after each command, with its exit code: no output of ours contains it."""


@dataclass(frozen=True)
class Shown:
    command: str
    output: str


def fenced(text: str, kind: str) -> list[str]:
    """The contents of the blocks of a kind."""
    return [body for found, body in FENCED.findall(text) if found == kind]


def shown(text: str) -> list[Shown]:
    """The commands of a text, in order, with what it says they print."""
    steps = []
    for body in fenced(text, "console"):
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
    """What a page's commands need of a checkout in which `make setup` has run."""
    shutil.copytree(ROOT / "examples", folder / "examples")
    programs = folder / ".venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "activate").write_text(f'PATH="{programs}:$PATH"\n', encoding="utf-8")
    launcher = programs / "statekeep"
    launcher.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -m statekeep.cli.main "$@"\n', encoding="utf-8"
    )
    launcher.chmod(0o755)


def run_all(commands: list[str], folder: Path, url: str, *before: str) -> list[Shown]:
    """All commands in one shell, after some that say nothing; each must end well."""
    script = "".join(f"{line}\n" for line in before)
    script += "".join(f'{{ {command}\n}} 2>&1; echo "{END}$?{END}"\n' for command in commands)
    kept = {name: value for name, value in environment().items() if name[:10] != "STATEKEEP_"}
    kept |= {"STATEKEEP_URL": url, "STATEKEEP_CONFIG": str(folder / "config")}
    ended = subprocess.run(
        ["sh", "-c", script], cwd=folder, env=kept,
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert ended.stderr == ""
    outputs = re.findall(rf"(.*?){END}(\d+){END}\n", ended.stdout, re.DOTALL)
    assert [code for _, code in outputs] == ["0"] * len(commands), ended.stdout
    pairs = zip(commands, outputs, strict=True)
    return [Shown(command, output) for command, (output, _) in pairs]
