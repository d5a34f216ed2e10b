"""`statekeep replay`: cases answered line by line, bad lines too, and a table for people."""

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statekeep.cli.replay import LONGEST_LINE, replay_lines
from support.command_line import Ended, environment, statekeep

LOAN = {
    "initial": "submitted",
    "states": {
        "submitted": {"on": {"SUBMIT_INFO": "fee_due"}},
        "fee_due": {"on": {"PAY_FEE": {"target": "paid", "guard": "isRich"}, "WAIVE_FEE": "paid"}},
        "paid": {"type": "final"},
    },
}
ENDLESS = {
    "initial": "a",
    "states": {
        "a": {"on": {"X": "b"}},
        "b": {"always": "c"},
        "c": {"always": "b"},
    },
}


def answers(*lines: object) -> list[Any]:
    written = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    said: list[str] = []
    replay_lines(io.BytesIO(b"\n".join(written)), said.append)
    return [json.loads(line) for line in said]


def test_a_case_is_answered_with_states_statuses_and_accepted() -> None:
    events = ["SUBMIT_INFO", "NOPE", {"type": "PAY_FEE"}, "PAY_FEE"]
    assert answers({"definition": LOAN, "events": events}) == [
        {
            "states": ["submitted", "fee_due", "fee_due", "paid", "paid"],
            "status": ["active", "active", "active", "done", "done"],
            "accepted": [True, False, True, False],
            "error": None,
        }
    ]


def test_guards_deny_keeps_guarded_transitions_shut() -> None:
    case = {"definition": LOAN, "events": ["SUBMIT_INFO", "PAY_FEE"], "guards": "Deny"}
    (answer,) = answers(case)
    assert answer["accepted"] == [True, False]


def test_a_definition_may_be_json_text_whose_order_is_kept() -> None:
    assert answers({"definition": json.dumps(LOAN), "events": ["SUBMIT_INFO"]}) == answers(
        {"definition": LOAN, "events": ["SUBMIT_INFO"]}
    )


def test_what_never_comes_to_rest_keeps_the_states_before_it() -> None:
    (answer,) = answers({"definition": ENDLESS, "events": ["Y", "X", "Y"]})
    assert answer["states"] == ["a", "a"]
    assert answer["accepted"] == [False]
    assert (answer["error"]["code"], answer["error"]["pointer"]) == ("NotStable", "/events/1")


def test_targets_that_exclude_each_other_stop_where_they_are_taken() -> None:
    machine = {
        "initial": "a",
        "states": {"a": {"on": {"X": {"target": ["b", "c"]}}}, "b": {}, "c": {}},
    }
    (answer,) = answers({"definition": machine, "events": ["Y", "X"]})
    assert answer["states"] == ["a", "a"]
    assert answer["error"]["code"] == "IllegalTargets"
    assert answer["error"]["pointer"].startswith("/states/a/on/X")


def test_a_wrong_definition_is_answered_by_its_first_error() -> None:
    (answer,) = answers({"definition": {"initial": "b", "states": {"a": {}}}, "events": []})
    assert answer["states"] == answer["status"] == answer["accepted"] == []
    assert answer["error"]["pointer"] == "/initial"


BAD_LINES = [
    (b"", "InvalidJSON", ""),
    (b"{", "InvalidJSON", ""),
    (b"\xff\xfe", "InvalidJSON", ""),
    (b'{"definition": NaN, "events": []}', "InvalidJSON", ""),
    (b"[" * 100_000, "TooDeep", ""),
    (b"1" * 5000, "InvalidJSON", ""),
    ([], "WrongShape", ""),
    (7, "WrongShape", ""),
    ({"events": []}, "WrongShape", "/definition"),
    ({"definition": LOAN}, "WrongShape", "/events"),
    ({"definition": LOAN, "events": "X"}, "WrongShape", "/events"),
    ({"definition": LOAN, "events": ["A", 1]}, "WrongShape", "/events/1"),
    ({"definition": LOAN, "events": [{"type": None}]}, "WrongShape", "/events/0/type"),
    ({"definition": LOAN, "events": [{}]}, "WrongShape", "/events/0/type"),
    ({"definition": LOAN, "events": ["\ud800"]}, "LoneSurrogate", "/events/0"),
    ({"definition": LOAN, "events": [], "guards": "Maybe"}, "WrongShape", "/guards"),
    ({"definition": LOAN, "events": [], "guards": {}}, "WrongShape", "/guards"),
    ({"definition": "{", "events": []}, "InvalidJSON", "/definition"),
]


@pytest.mark.parametrize(("line", "code", "pointer"), BAD_LINES, ids=range(len(BAD_LINES)))
def test_a_bad_line_is_answered_and_stops_no_other(line: object, code: str, pointer: str) -> None:
    good = {"definition": LOAN, "events": ["SUBMIT_INFO"]}
    first, bad, last = answers(good, line, good)
    assert first["states"] == last["states"] == ["submitted", "fee_due"]
    assert (bad["error"]["code"], bad["error"]["pointer"]) == (code, pointer)
    assert bad["states"] == bad["status"] == bad["accepted"] == []
    assert bad["error"]["message"]


@pytest.mark.parametrize("definition", [None, 7, [], "7", True, {}, {"states": "\ud800"}])
def test_a_definition_of_the_wrong_kind_is_an_error_or_a_machine(definition: object) -> None:
    (answer,) = answers({"definition": definition, "events": []})
    assert (answer["error"] is None) == (definition == {})


def test_a_line_without_end_is_given_up_and_the_next_is_read() -> None:
    huge = b'{"definition": "' + b"x" * (2 * LONGEST_LINE) + b'", "events": []}'
    bad, good = answers(huge, {"definition": LOAN, "events": []})
    assert bad["error"]["code"] == "TooLarge"
    assert good["states"] == ["submitted"]


@given(st.binary(max_size=60))
def test_every_line_has_one_answer(line: bytes) -> None:
    lines = line.split(b"\n")
    expected = len(lines) if lines[-1] else len(lines) - 1
    assert len(answers(line)) == expected


def test_an_answer_comes_before_the_next_line_is_waited_for() -> None:
    script = (
        "import sys; from statekeep.cli.main import main; sys.exit(main(['replay', '--jsonl']))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment(),
    ) as running:  # fmt: skip
        assert running.stdin
        assert running.stdout
        for _ in range(2):
            running.stdin.write(json.dumps({"definition": LOAN, "events": []}) + "\n")
            running.stdin.flush()
            assert json.loads(running.stdout.readline())["states"] == ["submitted"]
        running.stdin.close()
        assert running.wait() == 0


@pytest.fixture
def loan(tmp_path: Path) -> Path:
    path = tmp_path / "loan.json"
    path.write_text(json.dumps(LOAN))
    return path


def run(*arguments: str | Path) -> Ended:
    return statekeep("replay", *map(str, arguments))


def test_people_get_a_table(loan: Path) -> None:
    ended = run(loan, "SUBMIT_INFO", "NOPE", "WAIVE_FEE")
    assert ended.out.splitlines() == [
        "#  EVENT        ACCEPTED  STATE      STATUS",
        "0  (initial)    -         submitted  active",
        "1  SUBMIT_INFO  yes       fee_due    active",
        "2  NOPE         no        fee_due    active",
        "3  WAIVE_FEE    yes       paid       done",
    ]
    assert (ended.code, ended.err) == (0, "")


def test_programs_get_json(loan: Path) -> None:
    ended = run(loan, "SUBMIT_INFO", "-o", "json")
    assert json.loads(ended.out)["states"] == ["submitted", "fee_due"]


def test_a_manifest_brings_its_machine_and_its_guards(tmp_path: Path) -> None:
    path = tmp_path / "loan.yaml"
    machine = json.dumps(LOAN)
    path.write_text(
        "apiVersion: statekeep.dev/v1alpha1\nkind: WorkflowDefinition\nmetadata: {name: loan-v1}\n"
        f"spec:\n  guards: Deny\n  definition: {machine}\n"
    )
    accepted = json.loads(run(path, "SUBMIT_INFO", "PAY_FEE", "-o", "json").out)["accepted"]
    assert accepted == [True, False]
    relaxed = run(path, "SUBMIT_INFO", "PAY_FEE", "-o", "json", "--guards", "Ignore")
    assert json.loads(relaxed.out)["accepted"] == [True, True]


def test_an_endless_macrostep_is_shown_after_what_was_reached(tmp_path: Path) -> None:
    path = tmp_path / "endless.json"
    path.write_text(json.dumps(ENDLESS))
    ended = run(path, "Y", "X")
    assert ended.code == 1
    assert len(ended.out.splitlines()) == 3
    assert "[NotStable]" in ended.err


def test_a_broken_file_is_named_with_line_column_and_pointer(tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    path.write_text('{\n "initial": "a",\n "states": {"a": {"on": {"X": "nope"}}}\n}')
    ended = run(path)
    assert ended.code == 2
    assert f"{path}:3:26: " in ended.err
    assert "/states/a/on/X]" in ended.err
    path.write_text('{\n "initial": "a",\n}')
    ended = run(path)
    assert ended.code == 2
    assert f"{path}:3:1: a comma before `}}`" in ended.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "no definition"),
        (["nowhere.json"], "nowhere.json: No such file"),
        (["--jsonl", "x.json"], "--jsonl takes definitions"),
    ],
)
def test_wrong_usage_ends_with_code_two(arguments: list[str], said: str) -> None:
    ended = run(*arguments)
    assert ended.code == 2
    assert said in ended.err
