"""The GitOps examples agree with each other, and with what they are copies of."""

import re
from pathlib import Path

import pytest
import yaml

from statekeep_operator import reasons
from support.cluster import API, ROOT
from support.condition_rows import PERSONS_TURN
from support.judging import ARGO, GITOPS, KINDS

CM = GITOPS / "argocd" / "argocd-cm.yaml"


def objects(file: Path) -> list[dict[str, object]]:
    return [one for one in yaml.safe_load_all(file.read_text(encoding="utf-8")) if one]


@pytest.mark.parametrize("kind", KINDS)
def test_the_config_map_holds_the_script_that_is_tested(kind: str) -> None:
    data = yaml.safe_load(CM.read_text(encoding="utf-8"))["data"]
    script = (ARGO / kind / "health.lua").read_text(encoding="utf-8")
    assert data[f"resource.customizations.health.statekeep.dev_{kind}"] == script
    assert len(data) == len(KINDS)


@pytest.mark.parametrize("file", sorted(GITOPS.glob("*/*/*.yaml")), ids=lambda file: file.name)
def test_what_leaves_git_stays_in_the_cluster(file: Path) -> None:
    for found in objects(file):
        if found.get("apiVersion") == API:
            notes = found["metadata"]["annotations"]  # type: ignore[index]
            assert notes["argocd.argoproj.io/sync-options"] == "Prune=false"
            assert notes["kustomize.toolkit.fluxcd.io/prune"] == "disabled"


def test_the_deadline_of_a_gate_ends_before_flux_stops_waiting() -> None:
    (point,) = objects(GITOPS / "order" / "migration" / "loan-v1-to-v2.yaml")
    flux = objects(GITOPS / "flux" / "kustomizations.yaml")
    (mine,) = [one for one in flux if one["spec"]["path"] == "./order/migration"]  # type: ignore[index]
    assert (point["spec"]["gate"]["deadline"], mine["spec"]["timeout"]) == ("10m", "12m")  # type: ignore[index]


def test_a_retry_of_argo_cd_takes_the_newest_commit() -> None:
    """Else a failed gate holds back the commit that mends it until all retries are over."""
    (application,) = objects(GITOPS / "argocd" / "application.yaml")
    assert application["spec"]["syncPolicy"]["retry"]["refresh"] is True  # type: ignore[index]


def test_the_page_names_every_reason_that_is_waited_for_in_its_row() -> None:
    page = (ROOT / "docs" / "gitops.md").read_text(encoding="utf-8")

    def row(beginning: str) -> set[str]:
        (line,) = [line for line in page.splitlines() if line.startswith(f"| {beginning}")]
        return set(re.findall(r"`([A-Z]\w+)`", line))

    assert row("waits for a person") == PERSONS_TURN
    assert row("waits for time") == reasons.RECONCILING - PERSONS_TURN
