"""Completion scripts: every command and option is in them, and bash really completes."""

import shutil
import subprocess

import pytest

from statekeep.cli.completion_cmd import bash, fish, options_of, zsh
from statekeep.cli.main import COMMANDS


@pytest.mark.parametrize("write", [bash, fish, zsh])
def test_every_command_and_option_is_in_the_script(write) -> None:  # type: ignore[no-untyped-def]
    script = write()
    for name in COMMANDS:
        assert name in script
        for option in options_of(name):
            for flag in option.names:
                assert flag.lstrip("-") in script


def _completed(*words: str) -> list[str]:
    script = (
        f"{bash()}\nCOMP_WORDS=({' '.join(repr(word) for word in ('statekeep', *words))})\n"
        f'COMP_CWORD={len(words)}\n_statekeep\nprintf "%s\\n" "${{COMPREPLY[@]}}"'
    )
    ended = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert ended.stderr == ""
    return ended.stdout.split()


bash_needed = pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")


@bash_needed
def test_bash_completes_commands() -> None:
    assert _completed("comp") == ["completion"]
    assert set(_completed("")) >= {*COMMANDS, "help", "--version"}


@bash_needed
def test_bash_completes_options_and_their_values() -> None:
    assert _completed("completion", "--h") == ["--help"]
    assert _completed("completion", "f") == ["fish"]
    assert _completed("help", "compl") == ["completion"]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_can_read_their_script(shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} here")
    script = {"zsh": zsh, "fish": fish}[shell]()
    subprocess.run([shell, "-n"], input=script, text=True, check=True)
