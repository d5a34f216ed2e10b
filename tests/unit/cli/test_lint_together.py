"""`statekeep lint` over several objects: what a server would refuse, at its own line."""

from pathlib import Path

import pytest

from support.command_line import Ended, statekeep

MACHINE = {
    "v1": "{initial: a, states: {a: {'on': {GO: b}}, b: {'on': {END: c}}, c: {type: final}}}",
    "v2": "{initial: a, states: {a: {'on': {GO: x}}, x: {'on': {END: c}}, c: {type: final},"
    " h: {type: history}}}",
}


def definition(name: str, machine: str, *more: str, workflow: str = "loan") -> str:
    lines = "".join(f"  {line}\n" for text in more for line in text.splitlines())
    return (
        "---\napiVersion: statekeep.dev/v1alpha1\nkind: WorkflowDefinition\n"
        f"metadata: {{name: {name}}}\nspec:\n  workflow: {workflow}\n"
        f"  definition: {MACHINE[machine]}\n{lines}"
    )


def change_point(name: str, spec: str) -> str:
    return (
        "---\napiVersion: statekeep.dev/v1alpha1\nkind: ChangePoint\n"
        f"metadata: {{name: {name}}}\nspec: {{{spec}}}\n"
    )


def migration(text: str) -> str:
    return f"migrations:\n- {{name: m, from: loan-v1, {text}}}"


@pytest.fixture
def lint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)

    def run(**files: str) -> Ended:
        for name, text in files.items():
            (tmp_path / f"{name}.yaml").write_text(text)
        return statekeep("lint", *(f"{name}.yaml" for name in files))

    return run


V1 = definition("loan-v1", "v1")


@pytest.mark.parametrize(
    ("text", "code", "pointer"),
    [
        ("stateMapping: {nowhere: x}", "MappingUnknownSource", "stateMapping/nowhere"),
        ("stateMapping: {b: nowhere}", "MappingUnknownTarget", "stateMapping/b"),
        ("stateMapping: {b: h}", "MappingHistoryTarget", "stateMapping/b"),
        ("historyPath: [GO, NOPE], landing: Replay", "AnchorNotAccepted", "landing"),
        ("regions: {b: [X]}", "UnknownRegion", "regions/b"),
    ],
)
def test_what_the_server_would_refuse_is_found_at_its_line(lint, text, code, pointer) -> None:  # type: ignore[no-untyped-def]
    ended = lint(v2=definition("loan-v2", "v2", migration(text)), v1=V1)
    assert ended.code == 1
    (line,) = ended.out.splitlines()
    assert line.startswith("v2.yaml:9:")
    assert line.endswith(f"[{code} /spec/migrations/0/{pointer}]")


def test_a_fitting_migration_has_no_finding(lint) -> None:  # type: ignore[no-untyped-def]
    fitting = migration("historyPath: [GO], stateMapping: {b: x}")
    assert lint(v2=definition("loan-v2", "v2", fitting), v1=V1).out == ""


def test_versions_that_are_not_among_the_files_are_no_error(lint) -> None:  # type: ignore[no-untyped-def]
    ended = lint(
        v2=definition("loan-v2", "v2", migration("stateMapping: {b: x}")),
        cp=change_point("fix", "refines: older, to: loan-v9"),
    )
    assert (ended.code, ended.out) == (0, "")


def test_what_can_be_known_without_the_source_is_checked_nevertheless(lint) -> None:  # type: ignore[no-untyped-def]
    ended = lint(v2=definition("loan-v2", "v2", migration("stateMapping: {b: nowhere}")))
    assert "MappingUnknownTarget" in ended.out


def test_a_way_back_is_refused(lint) -> None:  # type: ignore[no-untyped-def]
    v2 = definition("loan-v2", "v2", migration("landing: Same"))
    back = change_point("back", "from: loan-v2, to: loan-v1")
    ended = lint(v1=V1, v2=v2, back=back)
    assert "back.yaml:5:8: error: " in ended.out
    assert "[BackwardMigration /spec/from]" in ended.out


def test_two_anchors_that_can_both_match_are_refused(lint) -> None:  # type: ignore[no-untyped-def]
    both = (
        "migrations:\n- {name: m, from: loan-v1, historyPath: [GO]}\n"
        "- {name: n, from: loan-v1, historyPath: [GO]}"
    )
    assert "AmbiguousAnchors" in lint(v1=V1, v2=definition("loan-v2", "v2", both)).out


def test_a_version_of_another_workflow_is_refused(lint) -> None:  # type: ignore[no-untyped-def]
    other = definition("loan-v1", "v1", workflow="other")
    ended = lint(v1=other, v2=definition("loan-v2", "v2", migration("landing: Same")))
    assert "WorkflowMismatch /spec/migrations/0/from" in ended.out


def test_a_refinement_finds_its_point_by_definition_and_migration(lint) -> None:  # type: ignore[no-untyped-def]
    ended = lint(
        v1=V1,
        v2=definition("loan-v2", "v2", migration("historyPath: [GO]")),
        v3=definition("loan-v3", "v2"),
        fix=change_point("fix", "refines: loan-v2.m, to: loan-v3, stateMapping: {b: nope}"),
    )
    assert "fix.yaml:5:" in ended.out
    assert "MappingUnknownTarget" in ended.out


def test_namespaces_do_not_see_each_other(lint) -> None:  # type: ignore[no-untyped-def]
    elsewhere = V1.replace("{name: loan-v1}", "{name: loan-v1, namespace: other}")
    ended = lint(v1=elsewhere, v2=definition("loan-v2", "v2", migration("stateMapping: {q: x}")))
    assert ended.out == ""


def test_a_wrong_object_does_not_hide_the_others(lint) -> None:  # type: ignore[no-untyped-def]
    broken = definition("loan-v3", "v1", "migrations: 5")
    ended = lint(
        v3=broken, v1=V1, v2=definition("loan-v2", "v2", migration("stateMapping: {b: nowhere}"))
    )
    assert {line.split(":")[0] for line in ended.out.splitlines()} == {"v3.yaml", "v2.yaml"}
