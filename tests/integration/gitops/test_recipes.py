"""The recipes of docs/gitops.md, walked as tools walk them: what they wait for is what they see.

The waits between waves are judged by Argo CD's script, those between Kustomizations by Flux's
expressions, on the objects as the API server has them.
"""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import yaml

from support.cluster import ROOT, Desk, Manifest
from support.judging import GITOPS, STRICT, Judge
from support.operators import (
    MemoryRuntime,
    OperatorProcess,
    Stage,
    client_of,
    condition,
    eventually,
)

pytestmark = pytest.mark.cluster

ORDER = GITOPS / "order"
WAVE = "argocd.argoproj.io/sync-wave"
ROLLED_OUT = {
    "observedGeneration": 1, "replicas": 2, "updatedReplicas": 2, "readyReplicas": 2,
    "availableReplicas": 2,
    "conditions": [
        {"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable"},
        {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"},
    ],
}  # fmt: skip


def live(stage: Stage, manifest: Manifest) -> Manifest:
    return stage.desk.get(manifest["kind"], manifest["metadata"]["name"])


def verdict(stage: Stage, judge: Judge, manifest: Manifest) -> str:
    """Argo CD's health of what is in the cluster; Flux's word where Argo CD needs no script."""
    (judged,) = judge.judge([live(stage, manifest)])
    return judged.argo or judged.flux


def rendered(stage: Stage, folder: Path) -> list[Manifest]:
    """What kustomize makes of a folder, in the namespace of the test."""
    text = stage.desk.plane.kubectl("kustomize", str(folder)).stdout
    found = list(yaml.safe_load_all(text))
    for manifest in found:
        manifest["metadata"]["namespace"] = stage.tenant
    return found


def in_waves(stage: Stage) -> list[Manifest]:
    """The objects of the order, as Argo CD applies them: one a wave."""
    found = rendered(stage, ORDER)
    waves = {int(manifest["metadata"]["annotations"][WAVE]): manifest for manifest in found}
    assert sorted(waves) == [0, 1, 2]
    return [waves[wave] for wave in sorted(waves)]


def roll_out(stage: Stage) -> None:
    """What the Deployment's controller and its pods would do; there is no node here."""
    stage.desk.write_status("deployment", "loan-backend", ROLLED_OUT)


@pytest.fixture
def loans(stage: Stage) -> tuple[str, str]:
    """Alice has paid her fee, Bob's was waived."""
    stage.desk.kubectl("apply", "-f", str(ROOT / "examples/loan/manifests/loan-v1.yaml"))
    stage.ready("wd", "loan-v1")
    (alice,) = stage.spawn("loan-v1", events=["SUBMIT_INFO", "PAY_FEE"])
    (bob,) = stage.spawn("loan-v1", events=["SUBMIT_INFO", "WAIVE_FEE"])
    return alice, bob


def versions(stage: Stage, *actors: str) -> list[str]:
    return [stage.actor(actor)["version"] for actor in actors]


def test_the_waves_of_argo_cd(stage: Stage, judge: Judge, loans: tuple[str, str]) -> None:
    definition, backend, migration = in_waves(stage)
    stage.apply(definition)
    eventually(lambda: verdict(stage, judge, definition) == "Healthy", "wave 0 is healthy")
    assert stage.spawn("loan-v2"), "the new version can be spawned on"
    assert versions(stage, *loans) == ["loan-v1", "loan-v1"], "and nobody has moved"

    stage.apply(backend)
    assert verdict(stage, judge, backend) == "InProgress"
    roll_out(stage)
    assert verdict(stage, judge, backend) == "Current"

    stage.apply(migration)
    eventually(lambda: verdict(stage, judge, migration) == "Healthy", "wave 2 is healthy")
    assert versions(stage, *loans) == ["loan-v2", "loan-v1"]


def kustomizations() -> Iterator[Manifest]:
    """Flux's Kustomizations, each after those that it depends on."""
    text = (GITOPS / "flux" / "kustomizations.yaml").read_text(encoding="utf-8")
    waiting = list(yaml.safe_load_all(text))
    done: set[str] = set()
    while waiting:
        ready = [k for k in waiting if {d["name"] for d in k["spec"].get("dependsOn", ())} <= done]
        assert ready, "they wait for each other"
        yield ready[0]
        done.add(ready[0]["metadata"]["name"])
        waiting.remove(ready[0])


def test_the_kustomizations_of_flux(stage: Stage, judge: Judge, loans: tuple[str, str]) -> None:
    walked = []
    for one in kustomizations():
        walked.append(one["metadata"]["name"])
        spec = one["spec"]
        assert spec["wait"] is True
        assert spec["targetNamespace"], "kustomize gives no namespace by itself"
        flags = ("--server-side", "--field-manager=kustomize-controller")
        stage.desk.kubectl("apply", *flags, "-k", str(GITOPS / spec["path"]))
        manifests = rendered(stage, GITOPS / spec["path"])
        if "backend" in spec["path"]:
            roll_out(stage)

        def healthy(manifests: list[Manifest] = manifests) -> bool:
            found = judge.judge(live(stage, manifest) for manifest in manifests)
            return {judged.flux for judged in found} == {"Current"}

        eventually(healthy, f"{spec['path']} is healthy")
    assert walked == ["loan-v2-definition", "loan-v2-backend", "loan-v2-migration"]
    assert versions(stage, *loans) == ["loan-v2", "loan-v1"]


def test_a_shut_gate_waits_then_fails_and_the_commit_that_mends_it_goes_on(
    stage: Stage, judge: Judge, loans: tuple[str, str]
) -> None:
    definition, _, migration = in_waves(stage)
    stage.apply(definition)
    stage.ready("wd", "loan-v2")
    hasty = {**migration["spec"], "landing": "MappingOnly"}
    hasty["gate"] = {**hasty["gate"], "deadline": "3s"}
    stage.apply({**migration, "spec": hasty})
    eventually(lambda: verdict(stage, judge, migration) == "Suspended", "the gate is shut")
    eventually(lambda: verdict(stage, judge, migration) == "Degraded", "the time is up")
    (judged,) = judge.judge([live(stage, migration)])
    assert (judged.kstatus, judged.flux) == ("Failed", "Failed")
    assert judged.message.startswith("DeadlineExceeded: ")
    assert "would strand" in judged.message
    assert ".." not in judged.message
    assert versions(stage, *loans) == ["loan-v1", "loan-v1"]

    stage.apply(migration)
    eventually(lambda: verdict(stage, judge, migration) == "Healthy", "it is mended")
    assert versions(stage, *loans) == ["loan-v2", "loan-v1"]


# --- promotion ----------------------------------------------------------------------------------


@pytest.fixture
def environments(desk: Desk, runtime: MemoryRuntime, tmp_path: Path) -> Iterator[dict[str, Stage]]:
    """Two namespaces, staging and production, and one operator for both."""
    names = {"staging": desk.namespace, "production": f"{desk.namespace}-production"}
    desk.plane.kubectl("create", "namespace", names["production"])
    with ExitStack() as stack:
        both = tuple(names.values())
        operator = stack.enter_context(
            OperatorProcess(desk.plane, runtime.url, tmp_path / "operator", both)
        )
        https = [stack.enter_context(client_of(runtime.url, space)) for space in both]
        yield {
            name: Stage(Desk(desk.plane, space), operator, http)
            for (name, space), http in zip(names.items(), https, strict=True)
        }
    desk.plane.kubectl("delete", "namespace", names["production"], "--wait=false")


def overlays(environments: dict[str, Stage], folder: Path) -> Path:
    """The example, in the namespaces of the test."""
    shutil.copytree(GITOPS / "promotion", folder)
    for name, stage in environments.items():
        file = folder / name / "kustomization.yaml"
        text = file.read_text(encoding="utf-8")
        assert f"namespace: {name}\n" in text
        file.write_text(text.replace(f"namespace: {name}\n", f"namespace: {stage.tenant}\n"))
    return folder


def test_promotion_with_what_each_preview_showed_and_the_rescue_of_who_stranded(
    environments: dict[str, Stage], judge: Judge, tmp_path: Path
) -> None:
    folder = overlays(environments, tmp_path / "promotion")
    staging, production = environments["staging"], environments["production"]
    for stage in environments.values():
        stage.desk.kubectl("apply", "-f", str(folder / "base" / "build-v1.yaml"))
        stage.ready("wd", "build-v1")
        stage.spawn("build-v1", 10, ["START"])
    staging.spawn("build-v1", 3, ["START", "FAIL"])
    stuck = production.spawn("build-v1", 6, ["START", "FAIL"])

    staging.desk.kubectl("apply", "-k", str(folder / "staging"))
    assert staging.ready("wd", "build-v2")["stranded"] == 3

    production.desk.kubectl("apply", "-f", str(folder / "base" / "build-v2.yaml"))
    shut = production.waits("wd", "build-v2", "TooManyStranded")
    pasted = [{"version": "build-v1", "state": "failed", "reason": "StateRemoved", "max": 6}]
    assert shut["preview"]["accept"] == pasted

    production.desk.kubectl("apply", "-k", str(folder / "production"))
    drifted = production.waits("wd", "build-v2", "PlanDrifted")
    assert "6" in condition(drifted, "Reconciling")["message"]
    assert production.status("wd", "build-v1")["actors"]["total"] == 16, "nobody has moved"

    production.send(stuck[0], "RETRY")
    assert production.ready("wd", "build-v2")["migrations"][0]["migrated"] == 11
    assert production.status("wd", "build-v2")["strandedBy"] == [
        {"version": "build-v1", "state": "failed", "reason": "StateRemoved", "count": 5}
    ]

    version = yaml.safe_load((folder / "base" / "build-v2.yaml").read_text())
    (judged,) = judge.judge([live(production, version)])
    assert (judged.flux, judged.argo) == ("Current", "Healthy"), "stranding fails no sync"
    assert judged.message == (
        "ActorsStranded: 5 actors are stranded: 5 in failed of build-v1 (StateRemoved)"
    )
    assert judge.judge([live(production, version)], STRICT)[0].flux == "Failed"

    production.desk.kubectl("apply", "-f", str(ROOT / "examples/chaos/manifests/build-v3.yaml"))
    assert production.ready("wd", "build-v3")["migrations"][0]["migrated"] == 16
    eventually(
        lambda: judge.judge([live(production, version)], STRICT)[0].flux == "Current",
        "the rescue is seen",
    )
