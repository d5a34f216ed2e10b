"""The commands for people, against a real `statekeep serve` on a real Valkey."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from statekeep.cli.main import COMMANDS, load
from statekeep.cli.parser import Example, examples
from support.command_line import environment, spoken, statekeep

pytestmark = pytest.mark.valkey

LOAN = Path(__file__).parents[3] / "examples" / "loan"
V1 = ("deploy", str(LOAN / "loan-v1.json"), "--id", "loan-v1", "--workflow", "loan")
V2 = (
    str(LOAN / "loan-v2.json"), "--id", "loan-v2", "--parent", "loan-v1",
    "--history", "SUBMIT_INFO,PAY_FEE",
)  # fmt: skip
ELSEWHERE = ("serve", "adopt")
"""The tour starts with `serve --embedded`; `adopt` needs a cluster, and is tried with one."""
BEFORE_V2 = ("plan",)
"""What is about loan-v2 before it is there."""


def examples_on_a_server(*, before_v2: bool) -> list[Example]:
    return [
        example
        for name in COMMANDS
        if name not in ELSEWHERE and (name in BEFORE_V2) is before_v2
        for example in examples(load(name))
        if example.needs == "server"
    ]


def test_the_fee_story_reads_as_it_is(server: str) -> None:
    assert spoken(*V1) == "loan-v1 is registered in workflow loan, at clock 1.\n"
    alice, bob = spoken("spawn", "loan-v1").strip(), spoken("spawn", "loan-v1").strip()
    sent = spoken("send", alice, "SUBMIT_INFO", "PAY_FEE").splitlines()
    spoken("send", bob, "SUBMIT_INFO", "WAIVE_FEE")
    assert sent[-1].split() == ["PAY_FEE", "yes", "loan-v1", "awaiting_docs", "active", "no"]

    preview = spoken("preview", *V2)
    assert "loan-v1 → loan-v2, for SUBMIT_INFO PAY_FEE, by Replay" in preview
    assert "1 actor would migrate, 1 would stay, 0 would strand." in preview
    plan = preview.splitlines()[-1].removeprefix("plan ")
    assert "1 actor migrated, 1 stayed, 0 stranded." in spoken("deploy", *V2, "--expect-plan", plan)
    assert "was registered before" in spoken("deploy", *V2)

    assert "took it from loan-v1 in awaiting_docs to loan-v2 in income_verify" in spoken(
        "why", alice
    )
    assert "left it on loan-v1: AnchorNotMatched" in spoken("why", bob)
    decisions = json.loads(spoken("decisions", alice, "-o", "json"))["items"]
    assert [(one["verdict"], one["to"]) for one in decisions] == [("migrated", "loan-v2")]
    groups = json.loads(spoken("actors", "--workflow", "loan", "--by-state", "-o", "json"))
    assert [(one["version"], one["count"]) for one in groups["items"]] == [
        ("loan-v1", 1),
        ("loan-v2", 1),
    ]


def test_who_strands_is_shown_with_the_way_out(server: str) -> None:
    spoken(*V1)
    actor = spoken("spawn", "loan-v1", "--context", '{"amount": 5}').strip()
    spoken("send", actor, "SUBMIT_INFO", "PAY_FEE")
    stranding = (*V2[:-2], "--landing", "MappingOnly")
    preview = spoken("preview", *stranding, "--check", code=1)
    assert "With this mapping everybody would land:" in preview
    assert "  --map awaiting_docs=awaiting_docs\n" in preview
    refused = statekeep("deploy", *stranding, "--max-stranded", "0")
    assert refused.code == 4
    assert "TooManyStranded" in refused.err

    spoken("deploy", *stranding)
    shown = spoken("stranded", "loan", code=1)
    assert "1 actor in need of a rescue" in shown
    assert "deploy a next version with --parent loan-v2" in shown
    assert "needs a rescue: loan-v2.loan-v1 picked it" in spoken("why", actor)
    rescued = spoken(
        "rescue", actor, "--to", "loan-v2", "--state", "income_verify", "--reason", "by post"
    )
    assert rescued == f"{actor} is on loan-v2, in income_verify.\n"
    assert "by hand: by post" in spoken("why", actor)
    assert spoken("stranded", "loan") == "Nobody is stranded in loan.\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("get", "nobody"), "UnknownActor"),
        (("spawn", "nothing"), "UnknownVersion"),
        (("close", "nothing"), "UnknownChangePoint"),
    ],
)
def test_what_is_not_there_is_refused_with_its_code(
    server: str, arguments: tuple[str, ...], says: str
) -> None:
    ended = statekeep(*arguments)
    assert ended.code == 4
    assert says in ended.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("deploy", str(LOAN / "loan-v1.json")), "name the version with --id"),
        (("deploy", str(LOAN / "nothing.json")), "No such file"),
        (("deploy", str(LOAN / "manifests" / "loan-v1.yaml")), "a manifest"),
        (("preview", str(LOAN / "loan-v2.json"), "--id", "x", "--map", "a"), "SOURCE=TARGET"),
        (("send", "a", "E", "--context", "[1]"), "a JSON object is expected"),
        (("send", "a", "E", "--context", "{"), "no JSON"),
    ],
)
def test_wrong_input_is_told_before_a_server_is_asked(
    arguments: tuple[str, ...], says: str
) -> None:
    ended = statekeep(*arguments, "--server", "http://127.0.0.1:9")
    assert ended.code == 2
    assert says in ended.err


def test_the_examples_of_the_help_run_on_a_server(server: str, tmp_path: Path) -> None:
    """One after the other, in the folder of the loan example, on one server."""
    shutil.copytree(LOAN, tmp_path / "loan")
    launcher = tmp_path / "bin" / "statekeep"
    launcher.parent.mkdir()
    launcher.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m statekeep.cli.main "$@"\n')
    launcher.chmod(0o755)
    settings = {**os.environ, **environment()}
    settings["PATH"] = f"{launcher.parent}{os.pathsep}{settings['PATH']}"
    settings |= {name: os.environ[name] for name in ("STATEKEEP_URL", "STATEKEEP_API_KEY")}
    spoken(*V1)
    for before_v2 in (True, False):
        for example in examples_on_a_server(before_v2=before_v2):
            ended = subprocess.run(
                ["sh", "-c", example.command.replace("http://127.0.0.1:8000", server)],
                cwd=tmp_path / "loan", env=settings, capture_output=True, text=True, check=False,
            )  # fmt: skip
            said = (example.command, ended.stdout, ended.stderr)
            assert ended.returncode == example.code, said
            assert "Traceback" not in ended.stderr
        spoken("deploy", *V2, "--max-stranded", "0")
