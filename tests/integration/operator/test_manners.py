"""Manners: what an operator that has nothing to do does to the API server."""

import pytest

from support.cluster import definition
from support.operators import Stage, eventually

pytestmark = pytest.mark.cluster


def versions(stage: Stage) -> dict[str, str]:
    """The resource version of every object of ours, and of every Event."""
    found = stage.desk.plane.get("-n", stage.tenant, "wd,cp,events")["items"]
    return {f"{o['kind']} {o['metadata']['name']}": o["metadata"]["resourceVersion"] for o in found}


def looks(stage: Stage) -> int:
    """How often the runtime was asked for the workflow, as its metrics say."""
    text = stage.http.get("/metrics").text
    lines = [line for line in text.splitlines() if "getWorkflow" in line and "_count" in line]
    return sum(int(float(line.rpartition(" ")[2])) for line in lines)


def test_a_restart_and_the_looks_after_it_write_nothing(own_stage: Stage) -> None:
    for number in range(10):
        flow = f"flow-{number}"
        migrations = [{"name": "all", "from": f"{flow}-v1"}]
        own_stage.apply(
            definition(f"{flow}-v1", flow), definition(f"{flow}-v2", flow, migrations=migrations)
        )
    for number in range(10):
        own_stage.ready("wd", f"flow-{number}-v2")
        own_stage.ready("cp", f"flow-{number}-v2.all")
    own_stage.operator.stop()
    before, asked, seen = versions(own_stage), len(own_stage.desk.plane.asked()), looks(own_stage)
    own_stage.operator.start()
    eventually(lambda: looks(own_stage) >= seen + 30, "every workflow is looked at three times")
    assert versions(own_stage) == before
    assert written(own_stage, asked) == {"leases"}, "nothing is sent either"


def written(stage: Stage, since: int) -> set[str]:
    """What kinds of objects the operator has tried to write, by the API server's audit log."""
    return {
        one["objectRef"]["resource"]
        for one in stage.desk.plane.asked()[since:]
        if one["verb"] not in ("get", "list", "watch")
        and one["objectRef"].get("namespace") == stage.tenant
    }
