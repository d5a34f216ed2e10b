"""Which Node.js the TypeScript parts are built with, and what each obstacle says."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.parts import node
from support.parts.fault import PartError

TESTS = Path(__file__).parents[2]
NEEDED = "Node.js 20.19 or 22.12 or newer is needed, taking it from PyPI"


@pytest.fixture(autouse=True)
def no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every index is a closed port on this machine, nothing is cached, nothing found locally."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    monkeypatch.setenv("PIP_RETRIES", "0")


def programs(folder: Path, version: str, *others: str) -> Path:
    """A folder for the PATH with a node that says this version, and others that do nothing."""
    folder.mkdir()
    for name, line in {"node": f"echo {version}", **dict.fromkeys(others, "exit 1")}.items():
        program = folder / name
        program.write_text(f"#!/bin/sh\n{line}\n")
        program.chmod(0o755)
    return folder


@pytest.mark.parametrize("version", ["v20.19.0", "v22.12.0", "v24.1.3", "v26.0.0"])
def test_a_node_that_is_new_enough_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    folder = programs(tmp_path / "bin", version, "npm")
    monkeypatch.setenv("PATH", f"{folder}:/bin")
    said: list[str] = []

    assert node.node_path(said.append) == folder / "node"
    assert said == []
    assert node.node_environment()["PATH"] == f"{folder}:/bin"


@pytest.mark.parametrize(
    ("version", "others", "sentence"),
    [
        (
            "v18.20.4",
            ["npm"],
            f"Node.js 18.20.4 on the PATH; {NEEDED}",
        ),
        (
            "v21.7.3",
            ["npm"],
            f"Node.js 21.7.3 on the PATH; {NEEDED}",
        ),
        (
            "gibberish",
            ["npm"],
            f"Node.js of unknown version on the PATH; {NEEDED}",
        ),
        ("v24.1.3", [], "no npm on the PATH; taking Node.js from PyPI"),
    ],
)
def test_what_is_on_the_path_is_not_enough_and_without_a_network_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, others: list[str], sentence: str
) -> None:
    monkeypatch.setenv("PATH", str(programs(tmp_path / "bin", version, *others)))
    said: list[str] = []
    with pytest.raises(PartError) as caught:
        node.node_path(said.append)

    assert said == [sentence]
    assert str(caught.value) == (
        "Node.js could not be fetched from PyPI: the network cannot be reached: "
        "check it and run the same command again"
    )


def test_npm_without_a_network_is_one_sentence_and_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = programs(tmp_path / "bin", "v24.1.3", "npm")
    (folder / "npm").write_text("#!/bin/sh\necho npm error code ECONNREFUSED >&2\nexit 1\n")
    monkeypatch.setenv("PATH", f"{folder}:/bin:/usr/bin")
    package = tmp_path / "package"
    package.mkdir()
    for name in ("package.json", "package-lock.json"):
        (package / name).write_text("{}")
    with pytest.raises(PartError) as caught:
        node.npm_ci(package)
    assert str(caught.value) == (
        "npm could not install package: the network cannot be reached: "
        "check it and run the same command again"
    )

    (folder / "npm").write_text('#!/bin/sh\nmkdir node_modules && echo "$npm_config_cache" >said\n')
    node.npm_ci(package)
    assert (package / "said").read_text() == f"{tmp_path}/cache/statekeep/npm\n"
    node.npm_ci(package)  # mkdir would fail: what is there is not installed again


def test_a_command_finds_node_and_its_exit_code_is_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = programs(tmp_path / "bin", "v24.1.3", "npm")
    run = subprocess.run(
        [sys.executable, "-m", "support.parts.node", "run", "sh", "-c", "node; exit 7"],
        env={**os.environ, "PATH": f"{folder}:/bin:/usr/bin", "PYTHONPATH": str(TESTS)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (run.returncode, run.stdout, run.stderr) == (7, "v24.1.3\n", "")
