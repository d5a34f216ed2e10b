"""The command line as such: help, versions, typos, exit codes, and a start that costs little."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from statekeep.cli.main import COMMANDS, load, main
from statekeep.cli.parser import build, examples


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    for name, (_, says) in COMMANDS.items():
        assert f"  {name} " in out
        assert says in out


def test_nothing_is_wrong_usage_and_shows_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "commands:" in capsys.readouterr().out


def test_a_typo_gets_the_nearest_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completoin"]) == 2
    assert "no command `completoin`; did you mean `completion`?" in capsys.readouterr().err


def test_something_far_from_any_command_gets_no_guess(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["zzz"]) == 2
    err = capsys.readouterr().err
    assert "no command `zzz`\n" in err
    assert "did you mean" not in err


def test_a_mistyped_option_gets_the_nearest_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "bash", "--hlep"]) == 2
    assert "no option `--hlep`; did you mean `--help`?" in capsys.readouterr().err


def test_a_wrong_choice_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "tcsh"]) == 2
    assert "tcsh" in capsys.readouterr().err


def test_help_of_a_command_is_there_both_ways(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help", "completion"]) == 0
    one = capsys.readouterr().out
    assert main(["completion", "--help"]) == 0
    assert capsys.readouterr().out == one
    assert "exit codes:" in one


def test_the_version_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    name, version, *rest = capsys.readouterr().out.split(" ", 1)
    assert (name, rest) == ("statekeep", [])
    assert version.endswith("\n")


def test_as_a_plugin_of_kubectl_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["/usr/bin/kubectl-statekeep"])
    main(["completion", "--help"])
    assert capsys.readouterr().out.startswith("usage: kubectl statekeep completion")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_help_with_an_example(name: str) -> None:
    module = load(name)
    shown = build(module, name).format_help()
    assert examples(module)
    for example in examples(module):
        assert f"$ {example.command}" in shown
    assert max(map(len, shown.splitlines())) <= 100


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def test_a_reader_that_goes_away_ends_the_command_silently() -> None:
    script = "import sys; from statekeep.cli.main import main; sys.exit(main(['--help']))"
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as stdout:
        ended = subprocess.run(
            [sys.executable, "-c", script], stdout=stdout, stderr=subprocess.PIPE,
            env=_environment(), check=False,
        )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (141, b"")


def _best(command: list[str], rounds: int = 7) -> float:
    best = float("inf")
    for _ in range(rounds):
        started = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=_environment())
        best = min(best, time.perf_counter() - started)
    return best


def test_help_costs_at_most_six_times_an_empty_python() -> None:
    script = "import sys; from statekeep.cli.main import main; sys.exit(main(['--help']))"
    empty, help_ = _best([sys.executable, "-c", "pass"]), _best([sys.executable, "-c", script])
    assert help_ <= 6 * empty, f"{help_ * 1000:.0f} ms against {empty * 1000:.0f} ms"


def test_help_imports_no_parser_and_no_command() -> None:
    script = (
        "import sys; from statekeep.cli.main import main; main(['--help']); "
        "print(sorted(m for m in sys.modules if m in ('argparse', 'yaml', 'json', 'dataclasses')"
        " or m.startswith('statekeep.')), file=sys.stderr)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env=_environment(),
        check=True,
    )
    assert ended.stderr == "['statekeep.cli', 'statekeep.cli.main']\n"


def test_commands_are_where_the_table_says() -> None:
    folder = Path(__file__).parents[3] / "runtime/src/statekeep/cli"
    for module, _ in COMMANDS.values():
        assert (folder / f"{module.rsplit('.', 1)[1]}.py").is_file()
