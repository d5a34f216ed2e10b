"""What the API server itself makes of our kinds: bounds, immutability, sharing, and how it tells.

No operator runs here. Where one has to have written a status, the test writes it.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.cluster import Desk, Manifest, change_point, definition, machine

pytestmark = pytest.mark.cluster

ROOT = Path(__file__).resolve().parents[3]
PAID: Manifest = {"name": "paid", "from": "loan-v1", "historyPath": ["SUBMIT"]}


def changed(manifest: Manifest, **spec: Any) -> Manifest:
    return {**manifest, "spec": {**manifest["spec"], **spec}}


def test_an_object_that_nobody_has_looked_at_is_not_ready(desk: Desk) -> None:
    desk.apply(definition("loan-v1"))
    assert desk.get("wd", "loan-v1")["status"] == {"observedGeneration": -1}


def test_defaults_are_written_out(desk: Desk) -> None:
    desk.apply(definition("loan-v1"), change_point("one", from_="loan-v1", to="loan-v2"))
    assert desk.get("wd", "loan-v1")["spec"]["guards"] == "Ignore"
    spec = desk.get("cp", "one")["spec"]
    assert spec["rescues"] is True
    assert spec["whileStranded"] == "Continue"


@pytest.mark.parametrize("path", sorted(ROOT.glob("examples/**/manifests/*.yaml")), ids=str)
def test_the_examples_are_accepted(desk: Desk, path: Path) -> None:
    assert "created" in desk.kubectl("apply", "-f", str(path))


@pytest.mark.parametrize(
    ("manifest", "sentence"),
    [
        (
            definition("x", definition=machine(a="GO"), definitionJSON="{}"),
            "give exactly one of `definition` and `definitionJSON`",
        ),
        (
            {**definition("x"), "spec": {"workflow": "loan"}},
            "give exactly one of `definition` and `definitionJSON`",
        ),
        (definition("x", close=["paid"]), "`close` must name migrations of this object"),
        (definition("x", definitionJSON="x" * (128 * 1024 + 1)), "Too long"),
        (definition("x", migrations=[PAID, PAID]), "Duplicate value"),
        (definition("x", gate={"maxStranded": "101%"}), "a percentage such as `5%`"),
        (definition("x", gate={"deadline": "soon"}), "spec.gate.deadline"),
        (change_point("x", to="b"), "give exactly one of `from` and `refines`"),
        (
            change_point("x", to="b", from_="a", refines="p"),
            "a refinement has the source of the point that it refines",
        ),
        (
            change_point("x", to="b", refines="p", historyPath=["GO"]),
            "leave out `historyPath` and `regions`",
        ),
        (change_point("x", to="b", from_="a", landing="Elsewhere"), "Replay"),
    ],
    ids=lambda value: value if isinstance(value, str) else value["kind"],
)
def test_what_an_object_alone_proves_wrong_is_refused(
    desk: Desk, manifest: Manifest, sentence: str
) -> None:
    assert sentence in desk.refused(manifest)


def test_a_misspelt_field_is_refused(desk: Desk) -> None:
    said = desk.refused(definition("x", migratons=[PAID]), options=("--server-side",))
    assert "migratons" in said


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"workflow": "other"}, "publish the machine under a new name"),
        ({"guards": "Deny"}, "publish the machine under a new name"),
        ({"journal": "Full"}, "`journal` must not change"),
        ({"migrations": [{**PAID, "landing": "Same"}]}, "an applied migration must not change"),
        ({"migrations": []}, "an applied migration must not change"),
        ({"close": []}, "a closed migration stays closed"),
    ],
    ids=["workflow", "guards", "journal", "applied migration", "migration gone", "close"],
)
def test_what_is_applied_must_not_change(desk: Desk, change: dict[str, Any], sentence: str) -> None:
    manifest = definition("loan-v2", migrations=[PAID], close=["paid"])
    desk.apply(manifest)
    desk.write_status("wd", "loan-v2", {"migrations": [{"name": "paid", "clock": 3}]})
    assert sentence in desk.refused(changed(manifest, **change))


def test_migrations_may_be_added_reordered_and_edited_until_they_are_applied(desk: Desk) -> None:
    waived: Manifest = {"name": "waived", "from": "loan-v1", "historyPath": ["WAIVE"]}
    desk.apply(definition("loan-v2", migrations=[PAID]))
    desk.write_status("wd", "loan-v2", {"migrations": [{"name": "paid", "clock": 3}]})
    desk.apply(definition("loan-v2", migrations=[waived, PAID]))
    desk.apply(definition("loan-v2", migrations=[{**waived, "landing": "Same"}, PAID]))
    desk.apply(definition("loan-v2", migrations=[PAID]))
    assert [m["name"] for m in desk.get("wd", "loan-v2")["spec"]["migrations"]] == ["paid"]


def test_gate_and_suspend_may_always_change(desk: Desk) -> None:
    manifest = definition("loan-v2", migrations=[PAID])
    desk.apply(manifest)
    desk.write_status("wd", "loan-v2", {"migrations": [{"name": "paid", "clock": 3}]})
    desk.apply(changed(manifest, gate={"maxStranded": "5%", "deadline": "1h30m"}, suspend=True))
    assert desk.get("wd", "loan-v2")["spec"]["suspend"] is True


@pytest.mark.parametrize(
    ("field", "value"),
    [("to", "loan-v3"), ("historyPath", ["OTHER"]), ("landing", "Same"), ("rescues", False)],
)
def test_an_applied_change_point_must_not_change(desk: Desk, field: str, value: object) -> None:
    manifest = change_point("fix", from_="loan-v1", to="loan-v2", historyPath=["SUBMIT"])
    desk.apply(manifest)
    desk.apply(changed(manifest, landing="Replay"))
    desk.apply(manifest)
    desk.write_status("cp", "fix", {"clock": 4})
    assert "must not change" in desk.refused(changed(manifest, **{field: value}))


def test_a_closed_change_point_stays_closed(desk: Desk) -> None:
    manifest = change_point("fix", from_="loan-v1", to="loan-v2", closed=True)
    desk.apply(manifest)
    assert "`closed` must stay true" in desk.refused(changed(manifest, closed=False))


def test_a_mapping_takes_a_target_or_a_list_of_targets(desk: Desk) -> None:
    mapping = {"review": "checks", "work": ["work.a", "work.b"]}
    desk.apply(change_point("fix", from_="loan-v1", to="loan-v2", stateMapping=mapping))
    assert desk.get("cp", "fix")["spec"]["stateMapping"] == mapping


def test_two_managers_never_merge_machines(desk: Desk) -> None:
    plain = yaml.safe_load("{initial: a, states: {a: {on: {GO: b}}, b: {type: final}}}")
    quoted = {"initial": "a", "states": {"a": {"on": {"GO": "b"}}, "b": {"type": "final"}}}
    text = json.dumps(definition("loan-v1", definition=plain))
    assert '"true"' in text, "plain on is a boolean to YAML 1.1"
    for manager, written in (("helm", plain), ("argocd-controller", quoted)):
        desk.apply(
            json.loads(json.dumps(definition("loan-v1", definition=written))),
            options=("--server-side", f"--field-manager={manager}", "--force-conflicts"),
        )
    assert desk.get("wd", "loan-v1")["spec"]["definition"] == quoted


def test_lists_show_what_people_look_for(desk: Desk) -> None:
    desk.apply(definition("loan-v2"), change_point("fix", from_="loan-v1", to="loan-v2"))
    head = desk.kubectl("get", "wd").splitlines()[0].split()
    assert head == ["NAME", "WORKFLOW", "ACTORS", "STRANDED", "READY", "REASON", "AGE"]
    head = desk.kubectl("get", "cp").splitlines()[0].split()
    assert head == [
        "NAME", "FROM", "TO", "CLOCK", "MIGRATED", "STRANDED", "READY", "REASON", "AGE",
    ]  # fmt: skip
    both = desk.kubectl("get", "statekeep", "-o", "name").split()
    assert both == ["changepoint.statekeep.dev/fix", "workflowdefinition.statekeep.dev/loan-v2"]


def test_objects_are_selected_by_workflow_and_by_version(desk: Desk) -> None:
    desk.apply(
        definition("loan-v2"),
        definition("claim-v1", "claim"),
        change_point("fix", from_="loan-v1", to="loan-v2"),
        change_point("other", from_="claim-v1", to="claim-v2"),
    )
    loans = desk.kubectl("get", "wd", "-o", "name", "--field-selector=spec.workflow=loan")
    assert loans.split() == ["workflowdefinition.statekeep.dev/loan-v2"]
    out_of = desk.kubectl("get", "cp", "-o", "name", "--field-selector=spec.from=claim-v1")
    assert out_of.split() == ["changepoint.statekeep.dev/other"]


@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        ("wd.spec.migrations.historyPath", "The accepted event types with which"),
        ("wd.spec.gate.maxStranded", "At most so many of those concerned may strand"),
        ("cp.spec.refines", "The change-point of which this is a hotfix"),
        ("wd.status.strandedBy", "the top 20, the rest as Other"),
    ],
)
def test_explain_teaches(desk: Desk, field: str, sentence: str) -> None:
    assert sentence in " ".join(desk.kubectl("explain", field).split())
