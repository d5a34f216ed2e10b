"""What is in git is applied again and again, by tools that differ: nothing changes, nobody moves.

Everything here is done by the real kubectl, kustomize (as kubectl has it) and Helm.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

from support.cluster import API, ROOT, Manifest
from support.operators import Stage, condition, eventually

pytestmark = pytest.mark.cluster

LOANS = [ROOT / "examples/loan/manifests" / f"loan-v{n}.yaml" for n in (1, 2)]
PLAIN = f"""\
apiVersion: {API}
kind: WorkflowDefinition
metadata:
  name: loan-v1
spec:
  workflow: loan
  definition:
    initial: draft
    states:
      draft:
        on: {{SUBMIT: review}}
      review:
        on: {{APPROVE: approved}}
      approved:
        type: final
"""
QUOTED = PLAIN.replace("on: {", '"on": {')
WAYS = {
    "client-side": [],
    "server-side": ["--server-side"],
    "as Flux": ["--server-side", "--force-conflicts", "--field-manager=kustomize-controller"],
    "as Argo CD": ["--server-side", "--force-conflicts", "--field-manager=argocd-controller"],
}


def written(stage: Stage) -> dict[str, tuple[str, int]]:
    """The version and the generation of every object of ours."""
    found = stage.desk.plane.get("-n", stage.tenant, "statekeep")["items"]
    return {
        f"{o['kind']} {o['metadata']['name']}": (
            o["metadata"]["resourceVersion"], o["metadata"]["generation"],
        )
        for o in found
    }  # fmt: skip


def machine_of(stage: Stage) -> Manifest:
    found: Manifest = stage.desk.get("wd", "loan-v1")["spec"]["definition"]
    return found


def registered(stage: Stage) -> tuple[Any, ...]:
    """What the runtime has, as the status says it once this generation was looked at."""
    generation = stage.desk.get("wd", "loan-v1")["metadata"]["generation"]
    eventually(
        lambda: stage.status("wd", "loan-v1").get("observedGeneration") == generation,
        "this generation is looked at",
    )
    status = stage.ready("wd", "loan-v1")
    assert condition(status, "Stalled") == {}
    return status["digest"], status["clock"]


def test_a_second_apply_changes_nothing_and_neither_does_another_tool(stage: Stage) -> None:
    """Each way takes over from the one before; the specs stay at their first generation."""
    files = [argument for file in LOANS for argument in ("-f", str(file))]
    stage.desk.kubectl("apply", *files)
    stage.ready("wd", "loan-v2")
    stage.spawn("loan-v1", 3, ["SUBMIT_INFO", "PAY_FEE"])
    eventually(
        lambda: stage.status("wd", "loan-v2").get("actors", {}).get("total") == 3,
        "the operator has written what became of the actors",
    )
    for way in WAYS.values():
        stage.desk.kubectl("apply", *way, *files)
        before = written(stage)
        assert [name for name, (_, generation) in before.items() if generation == 1] == [
            "ChangePoint loan-v2.paid", "WorkflowDefinition loan-v1", "WorkflowDefinition loan-v2",
        ]  # fmt: skip
        for _ in range(2):
            said = stage.desk.kubectl("apply", *way, *files)
            assert written(stage) == before, said
        assert stage.desk.kubectl("diff", *way, *files) == ""


def kustomized(folder: Path, text: str) -> Path:
    folder.mkdir()
    (folder / "loan-v1.yaml").write_text(text, encoding="utf-8")
    (folder / "kustomization.yaml").write_text("resources: [loan-v1.yaml]\n", encoding="utf-8")
    return folder


def test_a_plain_on_and_then_kustomize_is_no_change(stage: Stage, tmp_path: Path) -> None:
    """kubectl reads `on` as a boolean, kustomize as the word that it is: one file, two objects."""
    folder = kustomized(tmp_path / "loan", PLAIN)
    stage.desk.kubectl("apply", "-f", str(folder / "loan-v1.yaml"))
    first = registered(stage)
    assert "true" in machine_of(stage)["states"]["draft"]
    (actor,) = stage.spawn("loan-v1", events=["SUBMIT"])

    stage.desk.kubectl("apply", "-k", str(folder))
    assert "on" in machine_of(stage)["states"]["draft"]
    assert registered(stage) == first
    stage.desk.kubectl("apply", "-f", str(folder / "loan-v1.yaml"))
    assert registered(stage) == first

    assert stage.actor(actor)["version"] == "loan-v1"
    assert stage.actor(actor)["stateValue"] == "review"
    (newcomer,) = stage.spawn("loan-v1", events=["SUBMIT", "APPROVE"])
    assert stage.actor(newcomer)["stateValue"] == "approved"


def test_kustomize_refuses_a_number_as_a_key_and_a_quoted_one_is_the_same_everywhere(
    stage: Stage, tmp_path: Path
) -> None:
    waits = QUOTED.replace("{SUBMIT: review}", "{SUBMIT: review}\n        after: {1000: review}")
    folder = kustomized(tmp_path / "plain", waits)
    refused = stage.desk.plane.kubectl("kustomize", str(folder), check=False)
    assert "map[interface {}]interface {}" in refused.stderr

    folder = kustomized(tmp_path / "quoted", waits.replace("1000:", '"1000":'))
    stage.desk.kubectl("apply", "-k", str(folder))
    first, stored = registered(stage), machine_of(stage)
    stage.desk.kubectl("apply", "-f", str(folder / "loan-v1.yaml"))
    assert machine_of(stage)["states"]["draft"] == stored["states"]["draft"]
    assert registered(stage) == first


def chart(folder: Path, text: str) -> Path:
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: loans\nversion: 1.0.0\n")
    (folder / "templates" / "loan-v1.yaml").write_text(text, encoding="utf-8")
    return folder


def test_what_helm_applied_and_another_manager_took_over_is_one_machine(
    stage: Stage, tmp_path: Path
) -> None:
    def helm(*arguments: str) -> str:
        plane = stage.desk.plane
        return plane.run("helm", "--namespace", stage.tenant, *arguments, check=True).stdout

    source = str(chart(tmp_path / "chart", PLAIN))
    helm("install", "loans", source, "--wait", "--timeout", "60s")
    first = registered(stage)
    assert "true" in machine_of(stage)["states"]["draft"], "Helm reads YAML 1.1"

    take_over = ["--server-side", "--force-conflicts", "--field-manager=argocd-controller"]
    stage.desk.kubectl("apply", *take_over, "-f", "-", stdin=QUOTED)
    assert machine_of(stage) == yaml.safe_load(QUOTED)["spec"]["definition"]
    assert registered(stage) == first

    helm("upgrade", "loans", source, "--force-conflicts", "--wait", "--timeout", "60s")
    states = machine_of(stage)["states"]
    assert [sorted(states[name]) for name in ("draft", "review")] == [["true"], ["true"]]
    assert registered(stage) == first


def test_helm_waits_for_an_object_and_fails_with_its_reason(stage: Stage, tmp_path: Path) -> None:
    broken = PLAIN.replace("SUBMIT: review", "SUBMIT: reviw")
    run = stage.desk.plane.run(
        "helm", "--namespace", stage.tenant, "install", "loans", str(chart(tmp_path / "c", broken)),
        "--wait", "--timeout", "60s", check=False,
    )  # fmt: skip
    assert run.returncode != 0
    assert "status: Failed" in run.stderr
    assert "reviw" in run.stderr
