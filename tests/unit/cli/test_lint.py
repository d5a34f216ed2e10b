"""`statekeep lint`: every finding of definitions and manifests at its line and column."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statekeep.cli.lint.files import lint_text
from support.command_line import statekeep

HEAD = """\
apiVersion: statekeep.dev/v1alpha1
kind: WorkflowDefinition
metadata: {name: loan-v2}
spec:
  workflow: loan
"""


def found(text: str, file: str = "loan.yaml") -> list[tuple[int, int, str, str, str]]:
    return [
        (p.mark.line, p.mark.column, p.severity, p.code, p.pointer)
        for p in (one.problem for one in lint_text(file, text, "Ignore").found)
    ]


def machine(text: str) -> list[tuple[int, int, str, str, str]]:
    """Of the lines of an object-form machine; lines counted from its own first."""
    body = "".join(f"    {line}\n" for line in text.splitlines())
    return [
        (line - 6, column - 4, severity, code, pointer.removeprefix("/spec/definition"))
        for line, column, severity, code, pointer in found(f"{HEAD}  definition:\n{body}")
    ]


CLEAN = """\
initial: a
states:
  a: {"on": {GO: b}}
  b: {type: final}"""


def test_a_clean_machine_has_no_findings() -> None:
    assert machine(CLEAN) == []


def test_the_plain_key_on_of_a_state_is_a_warning_because_both_readings_mean_on() -> None:
    assert machine(CLEAN.replace('"on"', "on")) == [(3, 7, "warning", "YamlWord", "/states/a/on")]


@pytest.mark.parametrize("word", ["YES", "On", "no", "off", "y", "N"])
def test_a_word_as_an_event_a_target_or_a_state_is_an_error(word: str) -> None:
    text = (
        f'initial: a\nstates:\n  a: {{"on": {{{word}: b}}}}\n  b: {{"on": {{GO: {word}}}}}\n'
        f"  {word}: {{}}"
    )
    errors = [one for one in machine(text) if one[2] == "error"]
    assert errors == [
        (3, 14, "error", "YamlWord", f"/states/a/on/{word}"),
        (4, 18, "error", "YamlWord", "/states/b/on/GO"),
        (5, 3, "error", "YamlWord", f"/states/{word}"),
    ]


def test_a_boolean_as_an_event_a_target_or_a_state_is_an_error() -> None:
    text = 'initial: a\nstates:\n  a: {"on": {true: b}}\n  b: {"on": {GO: true}}\n  true: {}'
    errors = {(line, column) for line, column, severity, *_ in machine(text) if severity == "error"}
    assert errors >= {(3, 14), (4, 14), (5, 3)}


def test_words_that_become_one_key_are_reported_as_a_loss() -> None:
    text = 'initial: a\nstates:\n  a:\n    "on":\n      YES: b\n      ON: a\n      NO: a\n  b: {}'
    assert (6, 7, "error", "KeysCollide", "/states/a/on/ON") in machine(text)
    assert [code for *_, code, pointer in machine(text) if pointer.endswith("/NO")] == ["YamlWord"]


def test_a_quoted_and_a_plain_on_are_one_key() -> None:
    text = 'initial: a\nstates:\n  a:\n    on: {X: b}\n    "on": {Y: b}\n  b: {}'
    assert any(code == "KeysCollide" and line == 5 for line, _, _, code, _ in machine(text))


def test_a_numeric_key_breaks_a_kustomization() -> None:
    text = "initial: a\nstates:\n  a: {after: {1000: b}}\n  b: {}"
    (one,) = [p for p in lint_manifest(text) if p.code == "YamlNumber"]
    assert (one.mark.line, one.mark.column, one.severity) == (9, 19, "error")
    assert "the whole Kustomization" in one.message
    assert one.write == '"1000"'


def lint_manifest(text: str):  # type: ignore[no-untyped-def]
    body = "".join(f"    {line}\n" for line in text.splitlines())
    return [
        one.problem for one in lint_text("x.yaml", f"{HEAD}  definition:\n{body}", "Ignore").found
    ]


@pytest.mark.parametrize(
    ("value", "severity", "write"),
    [
        ("on", "error", None),
        ("010", "warning", None),
        ("0o10", "warning", None),
        ("0x10", "warning", None),
        ("1_000", "warning", None),
        ("1e3", "warning", None),
        ("1.0", "warning", None),
        ("12:30", "warning", '"12:30"'),
        ("2024-01-01", "error", '"2024-01-01"'),
        (".inf", "error", '".inf"'),
        ("null", "warning", None),
        ("~", "warning", None),
        ("", "warning", None),
    ],
)
def test_every_value_that_is_read_differently_is_found_with_what_to_write(
    value: str, severity: str, write: str | None
) -> None:
    text = f"{CLEAN}\nmeta:\n  x: {value}"
    (one,) = lint_manifest(text)
    assert (one.mark.line, one.severity, one.write) == (12, severity, write)
    assert (f'"{value}"' if value else "{}") in one.message


@pytest.mark.parametrize(
    "value", ["true", "False", "5", "-5", "1.5", "loan", '"on"', "'010'", "oN"]
)
def test_what_every_tool_reads_as_written_is_no_finding(value: str) -> None:
    assert lint_manifest(f"{CLEAN}\nmeta:\n  x: {value}") == []


def test_a_boolean_field_gets_its_boolean_as_the_form_to_write() -> None:
    text = 'initial: a\nstates:\n  a: {"on": {GO: {target: a, reenter: yes}}}'
    (one,) = lint_manifest(text)
    assert (one.code, one.write) == ("YamlWord", "true")


def test_history_paths_and_mappings_are_read_for_words_too() -> None:
    text = (
        f"{HEAD}  definition: {{initial: a, states: {{a: {{type: final}}}}}}\n"
        "  migrations:\n  - name: m\n    from: loan-v1\n"
        "    historyPath: [YES, 12:30, 5]\n    stateMapping: {no: a}\n"
    )
    assert found(text) == [
        (10, 19, "error", "YamlWord", "/spec/migrations/0/historyPath/0"),
        (10, 24, "warning", "YamlTime", "/spec/migrations/0/historyPath/1"),
        (10, 31, "error", "WrongType", "/spec/migrations/0/historyPath/2"),
        (11, 20, "error", "YamlWord", "/spec/migrations/0/stateMapping/no"),
    ]


def test_errors_of_the_machine_stand_at_their_keys() -> None:
    text = (
        'initial: a\nstates:\n  a:\n    "on":\n      GO: nowhere\n      NULL_: null\n    intial: b'
    )
    listed = machine(text)
    assert (5, 7, "error", "TargetNotFound", "/states/a/on/GO") in listed
    assert (6, 7, "error", "NullTransition", "/states/a/on/NULL_") in listed
    assert any((line, column) == (7, 5) for line, column, *_ in listed)
    assert not [one for one in listed if one[3] == "YamlNull"]


def test_a_json_string_in_a_block_is_read_with_lines_of_the_file() -> None:
    text = (
        f"{HEAD}  definitionJSON: |\n"
        '    {\n      "initial": "a",\n      "states": {"a": {"on": {"X": "b"}}}\n    }\n'
    )
    (one,) = found(text)
    assert one[:4] == (9, 31, "error", "TargetNotFound")
    assert one[4] == "/spec/definitionJSON/states/a/on/X"


def test_broken_json_in_a_block_is_placed_in_the_file() -> None:
    text = f'{HEAD}  definitionJSON: |2\n    {{\n     "initial": "a",\n    }}\n'
    assert [one[:4] for one in found(text)] == [(9, 5, "error", "InvalidJSON")]


def test_broken_json_in_a_quoted_string_is_placed_too() -> None:
    text = f"{HEAD}  definitionJSON: '{{\"a\": 1,}}'\n"
    assert [one[:4] for one in found(text)] == [(6, 28, "error", "InvalidJSON")]
    folded = f'{HEAD}  definitionJSON: "{{\\"a\\": 1,}}"\n'
    (one,) = lint_text("x.yaml", folded, "Ignore").found
    assert (one.problem.mark.line, one.problem.mark.column) == (6, 19)
    assert "line 1, column 9 of the string" in one.problem.message


def test_duplicate_keys_are_found_in_yaml_and_in_json() -> None:
    text = 'initial: a\nstates:\n  a: {"on": {GO: a, x: a, GO: a}}'
    assert machine(text)[0] == (3, 27, "error", "DuplicateKey", "/states/a/on/GO")
    text = '{"initial": "a",\n "states": {"a": {}, "a": {}}}'
    assert found(text, "x.json")[0] == (2, 22, "error", "DuplicateKey", "/states/a")


def test_a_tab_in_the_indentation_is_named() -> None:
    assert found(f"{HEAD}  definition:\n\tinitial: a\n")[0][3] == "Tab"


def test_anchors_and_merge_keys_are_followed_and_said_once() -> None:
    text = 'initial: a\nstates:\n  a: &a {"on": {GO: nowhere}}\n  b: *a\n  c: {<<: *a, tags: [x]}'
    listed = machine(text)
    assert [one for one in listed if one[3] == "TargetNotFound"] == [
        (3, 17, "error", "TargetNotFound", "/states/a/on/GO")
    ]
    assert not [one for one in listed if one[3] == "UnknownKey"]


def test_fields_of_the_objects_are_checked() -> None:
    text = (
        f"{HEAD}  guards: Ignroe\n  gate: {{maxStranded: few}}\n  close: [gone]\n  wrong: 1\n"
        "---\napiVersion: statekeep.dev/v1alpha1\nkind: ChangePoint\nmetadata: {name: cp}\n"
        "spec: {to: b, refines: x, historyPath: [A]}\n"
        "---\napiVersion: statekeep.dev/v1\nkind: ChangePiont\nmetadata: {}\n"
    )
    assert {(line, code) for line, _, _, code, _ in found(text)} == {
        (5, "OneDefinition"),
        (6, "UnknownWord"),
        (7, "WrongType"),
        (8, "UnknownMigration"),
        (9, "UnknownField"),
        (14, "RefinementChangesPoint"),
        (17, "UnknownKind"),
    }


def test_a_machine_larger_than_an_object_may_be_is_said_so() -> None:
    text = f"{CLEAN}\nmeta:\n  x: {'x' * 140_000}"
    (one,) = lint_manifest(text)
    assert (one.code, one.pointer, one.mark.line) == ("TooLarge", "/spec/definition", 7)


def test_lists_of_kubectl_are_opened_and_other_kinds_left_alone() -> None:
    text = (
        "apiVersion: v1\nkind: List\nitems:\n- {kind: ConfigMap, apiVersion: v1, data: {x: on}}\n"
        "- apiVersion: statekeep.dev/v1alpha1\n  kind: ChangePoint\n  metadata: {name: cp}\n"
        "  spec: {from: a, to: b, suspend: on}\n"
    )
    assert found(text) == [(8, 35, "error", "YamlWord", "/items/1/spec/suspend")]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: {{ .Values.x }}\n", 2),
        ("a: 1\n{{- if .Values.y }}\nb: 2\n{{- end }}\n", 2),
        ('a: "{{ .Values.x }}"\n', 1),
        ("a: {{ x }}\n", 1),
    ],
)
def test_a_helm_template_is_said_to_be_one(text: str, line: int) -> None:
    (one,) = lint_text("templates/loan.yaml", text, "Ignore").found
    assert (one.problem.code, one.problem.mark.line) == ("HelmTemplate", line)
    assert "helm template" in one.problem.message


def test_braces_in_a_description_are_no_template() -> None:
    assert machine(f'{CLEAN}\ndescription: "{{{{ braces }} are fine"') == []


def test_a_workflow_of_ci_is_no_machine_for_its_on() -> None:
    text = "on:\n  pull_request: {}\njobs:\n  plan: {steps: []}\n"
    assert lint_text(".github/workflows/plan.yaml", text, "Ignore").found == []


def test_a_scenario_is_read_as_yaml_1_2() -> None:
    text = "name: x\nsteps:\n- send: {to: a, events: [on, NO]}\n- send: {to: a, to: b}\n"
    assert [one[:4] for one in found(text)] == [(4, 17, "error", "DuplicateKey")]


def test_the_body_of_a_deployment_is_checked_inside() -> None:
    body = '{"id": "loan-v1",\n "definition": {"initial": "x", "states": {"a": {}}}}'
    assert found(body, "x.json")[0][:2] == (2, 17)
    assert found(body, "x.json")[0][4] == "/definition/initial"


@given(st.text(alphabet="onyes:{}[]-&*!|>'\"#,?\n \t0123<=", max_size=60))
def test_no_text_breaks_the_linter(text: str) -> None:
    for problem in (one.problem for one in lint_text("x.yaml", HEAD + text, "Ignore").found):
        assert problem.mark.line >= 1
        assert problem.message


@given(st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["a", "on", "#x", ".a", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["states", "on", "initial", "a", "b", "type", "target", "after", "1"]),
        inner, max_size=4),
    max_leaves=15,
))  # fmt: skip
def test_every_finding_of_a_json_definition_has_a_place(value: object) -> None:
    text = json.dumps(value, indent=1)
    lines = text.splitlines()
    for line, column, *_ in found(text, "x.json"):
        assert lines[line - 1][column - 1] != " "


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m").mkdir()
    (tmp_path / "m/loan.yaml").write_text(
        f"{HEAD}  definition: {{initial: a, states: {{a: {{on: {{GO: a}}}}}}}}\n"
    )
    (tmp_path / "m/other.yaml").write_text("apiVersion: v1\nkind: ConfigMap\n")
    (tmp_path / "bad.json").write_text('{"initial": "b", "states": {"a": {}}}')
    return tmp_path


def test_text_names_file_line_column_severity_code_and_pointer(folder: Path) -> None:
    ended = statekeep("lint", "bad.json")
    assert ended.code == 1
    assert ended.out.startswith("bad.json:1:2: error: ")
    assert ended.out.splitlines()[0].endswith(" [WrongInitial /initial]")
    assert ended.err == "1 error, 0 warnings in 1 file\n"


def test_warnings_fail_only_when_asked(folder: Path) -> None:
    assert statekeep("lint", "m").code == 0
    assert statekeep("lint", "-W", "error", "m").code == 1
    ignored = statekeep("lint", "-W", "ignore", "m")
    assert (ignored.code, ignored.out) == (0, "")


def test_json_output_counts_and_lists(folder: Path) -> None:
    said = json.loads(statekeep("lint", "--format", "json", "m", "bad.json").out)
    assert (said["files"], said["errors"], said["warnings"]) == (3, 1, 1)
    assert said["findings"][0] == {
        "file": "m/loan.yaml",
        "line": 6,
        "column": 41,
        "severity": "warning",
        "code": "YamlWord",
        "pointer": "/spec/definition/states/a/on",
        "object": "WorkflowDefinition/loan-v2",
        "message": said["findings"][0]["message"],
        "write": '"on"',
    }


def test_github_output_is_annotations(folder: Path) -> None:
    out = statekeep("lint", "--format", "github", "bad.json").out
    assert out.startswith("::error file=bad.json,line=1,col=2,title=WrongInitial::")


def test_stdin_is_a_file_too(folder: Path) -> None:
    text = (folder / "bad.json").read_text()
    ended = statekeep("lint", "-", stdin=text)
    assert ended.code == 1
    assert ended.out.startswith("<stdin>:1:2: error: ")


def test_a_missing_file_is_bad_input_and_the_others_are_still_read(folder: Path) -> None:
    ended = statekeep("lint", "nowhere.yaml", "bad.json")
    assert ended.code == 2
    assert "nowhere.yaml: No such file" in ended.err
    assert "bad.json:1:2" in ended.out


def test_a_file_without_anything_of_ours_is_said_so_when_it_was_named(folder: Path) -> None:
    assert "nothing of StateKeep" in statekeep("lint", "m/other.yaml").out
    assert "other.yaml" not in statekeep("lint", "m").out


def test_bytes_that_are_no_text_are_placed(folder: Path) -> None:
    (folder / "x.yaml").write_bytes(b"a: 1\nb: \xff\n")
    assert statekeep("lint", "x.yaml").out.startswith("x.yaml:2:4: error: not UTF-8")
