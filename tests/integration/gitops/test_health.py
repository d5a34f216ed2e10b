"""Every row of the table of conditions is judged alike by kstatus, by Flux and by Argo CD.

The rows are written as Argo CD's own tests want them; `UPDATE_GOLDEN=1 pytest …` writes them anew.
"""

from pathlib import Path

import pytest
import yaml

from statekeep_operator import reasons
from statekeep_operator.conditions import ORDER
from support.condition_rows import KINDS, REASONS, Row, rows
from support.golden import compare, hold
from support.judging import ARGO, EXPRS, STRICT, Judge, Judged

ROWS = rows()
ALIKE = {
    "Current": {"Healthy"},
    "InProgress": {"Progressing", "Suspended"},
    "Failed": {"Degraded"},
}


@pytest.fixture(scope="module")
def judged(judge: Judge) -> list[tuple[Row, Judged]]:
    return list(zip(ROWS, judge.judge(row.object for row in ROWS), strict=True))


def text_of(thing: object) -> str:
    return yaml.safe_dump(thing, allow_unicode=True, width=1000)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.kind}-{row.name}")
def test_the_fixtures_are_what_the_operator_writes(row: Row) -> None:
    hold(ARGO / row.kind / "testdata" / f"{row.name}.yaml", text_of(row.object))


def test_no_fixture_is_left_over() -> None:
    there = {(path.parts[-3], path.stem) for path in ARGO.glob("*/testdata/*.yaml")}
    assert there == {(row.kind, row.name) for row in ROWS}


def test_the_three_judges_agree_on_every_row(judged: list[tuple[Row, Judged]]) -> None:
    apart = [
        (row.kind, row.name, found)
        for row, found in judged
        if (found.kstatus, found.flux, found.argo) != (row.verdict, row.verdict, row.health)
        or found.argo not in ALIKE[row.verdict]
    ]
    assert apart == []


@pytest.mark.parametrize("kind", KINDS)
def test_argo_s_own_tests_ask_for_every_row(judged: list[tuple[Row, Judged]], kind: str) -> None:
    tests = [
        {
            "healthStatus": {"status": row.health, "message": found.message},
            "inputPath": f"testdata/{row.name}.yaml",
        }
        for row, found in judged
        if row.kind == kind
    ]
    hold(ARGO / kind / "health_test.yaml", text_of({"tests": tests}))


def test_the_message_names_the_reason(judged: list[tuple[Row, Judged]]) -> None:
    mute = [
        row.name for row, found in judged if row.name in REASONS and row.name not in found.message
    ]
    assert mute == []


def test_the_verdicts_stand_in_a_table(judged: list[tuple[Row, Judged]]) -> None:
    lines = [
        f"{row.kind} {row.name}: {found.kstatus}, {found.flux}, {found.argo}"
        for row, found in judged
    ]
    compare("conditions/judged.txt", "\n".join(["object: kstatus, Flux, Argo CD", *lines, ""]))


def test_ready_false_never_stands_alone() -> None:
    for row in ROWS:
        said = {c["type"]: c for c in row.object["status"].get("conditions", ())}
        if said.get("Ready", {}).get("status") == "False":
            beside = [kind for kind in ("Reconciling", "Stalled") if kind in said]
            assert len(beside) == 1, row.name
            assert said[beside[0]]["reason"] == said["Ready"]["reason"] == row.name


def test_every_condition_is_seen_in_both_states() -> None:
    seen = {
        (c["type"], c["status"]) for row in ROWS for c in row.object["status"].get("conditions", ())
    }
    abnormal = {"Reconciling", "Stalled"}
    wanted = {(kind, "True") for kind in ORDER} | {
        (kind, "False") for kind in ORDER if kind not in abnormal
    }
    assert seen - {("Registered", "Unknown")} == wanted


def test_every_reason_of_the_operator_is_seen() -> None:
    named = {
        value for name, value in vars(reasons).items() if name.isupper() and isinstance(value, str)
    }
    seen = {c["reason"] for row in ROWS for c in row.object["status"].get("conditions", ())}
    assert named - seen == {reasons.NOT_REGISTERED}, "what is pending says what it waits for"


def test_strict_expressions_fail_while_somebody_is_stranded(judge: Judge) -> None:
    strict = judge.judge((row.object for row in ROWS), STRICT)
    changed = [
        (row.name, found.flux)
        for row, found in zip(ROWS, strict, strict=True)
        if found.flux != row.verdict
    ]
    assert changed == [("ready-and-stranded", "Failed")] * 2


@pytest.mark.parametrize("exprs", [EXPRS, STRICT], ids=lambda path: path.stem)
def test_a_status_without_any_field_is_waited_for(judge: Judge, exprs: Path) -> None:
    """Expressions on absent fields would be errors, and Flux would wait until its time-out."""
    bare = [{**row.object, "status": {}} for row in ROWS if row.name == "new"]
    assert [found.flux for found in judge.judge(bare, exprs)] == ["InProgress"] * 2


def test_argo_waits_for_an_object_without_a_status(judge: Judge) -> None:
    bare = [{**row.object, "status": None} for row in ROWS if row.name == "new"]
    assert [found.argo for found in judge.judge(bare)] == ["Progressing"] * 2


def test_the_script_of_both_kinds_is_one() -> None:
    one, other = ((ARGO / kind / "health.lua").read_text() for kind in KINDS)
    assert one == other


def test_a_script_has_no_string_library(judge: Judge) -> None:
    script = 'return {status = "Healthy", message = string.format("%s", "x")}'
    found = judge.by_script(ROWS[0].object, script)
    assert found.argo == "Error"
    assert "attempt to index a non-table object(nil) with key 'format'" in found.message


def test_a_script_that_never_ends_is_ended(judge: Judge) -> None:
    assert judge.by_script(ROWS[0].object, "while true do end").argo == "Error"
