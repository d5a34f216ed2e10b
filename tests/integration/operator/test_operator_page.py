"""docs/operator.md is run: every command of its console blocks, in order, prints what it says."""

import re
from pathlib import Path

import pytest

from support.operators import Stage, eventually

pytestmark = pytest.mark.cluster

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "operator.md"
PARTS = re.compile(r"^```console\n(.*?)^```$|^<!-- run: (.*?) -->$", re.MULTILINE | re.DOTALL)


def thirty_builds(stage: Stage) -> None:
    stage.spawn("build-v1", 10)
    stage.spawn("build-v1", 15, ["START"])
    stage.spawn("build-v1", 5, ["START", "FAIL"])
    eventually(lambda: stage.status("wd", "build-v1")["actors"]["total"] == 30, "all are counted")


ACTS = {"thirty builds": thirty_builds}


def commands(block: str) -> list[tuple[str, str]]:
    """Each command with what it is to print."""
    found = re.split(r"^\$ kubectl ", block, flags=re.MULTILINE)[1:]
    return [(text.partition("\n")[0], text.partition("\n")[2].strip()) for text in found]


def matches(expected: str, printed: str) -> bool:
    """Columns may be wider; `…` is anything."""
    pieces = [re.escape(" ".join(piece.split())) for piece in expected.split("…")]
    return re.fullmatch(".*".join(pieces), " ".join(printed.split()), re.DOTALL) is not None


def test_the_page_prints_what_stands_there(stage: Stage) -> None:
    for block, act in PARTS.findall(PAGE.read_text(encoding="utf-8")):
        if act:
            ACTS[act](stage)
        for command, expected in commands(block):
            words = [word.replace("examples/", f"{ROOT}/examples/") for word in command.split()]

            def print_it(words: list[str] = words) -> str:
                return stage.desk.kubectl(*words)

            if words[0] in ("get", "describe"):
                shown = [""]

                def right(expected: str = expected, shown: list[str] = shown) -> bool:
                    shown[0] = print_it()
                    return matches(expected, shown[0])

                try:
                    eventually(right, command, 20)
                except AssertionError:
                    assert shown[0] == expected, command
            else:
                printed = print_it()
                assert matches(expected, printed), f"{command}\n{printed}"
