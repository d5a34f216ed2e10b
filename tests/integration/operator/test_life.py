"""The life of objects: order, adoption, suspending, closing, deleting, brakes, lost runtimes."""

import os
import random
from pathlib import Path
from typing import Any

import pytest

from support.cluster import Desk, Manifest, change_point, definition, machine
from support.operators import (
    MemoryRuntime,
    OperatorProcess,
    Stage,
    client_of,
    condition,
    eventually,
)

pytestmark = pytest.mark.cluster

V1 = definition("loan-v1")
V2 = definition("loan-v2", migrations=[{"name": "all", "from": "loan-v1"}])
V3 = definition("loan-v3", migrations=[{"name": "all", "from": "loan-v2"}])


def annotate(stage: Stage, what: str, *notes: str) -> None:
    stage.desk.kubectl("annotate", what, *notes, "--overwrite")


def registry(stage: Stage) -> dict[str, tuple[int, ...]]:
    """The clock of everything that is registered."""
    found = stage.read("/v1/workflows/loan")
    return {
        item["name" if "from" in item else "id"]: item["clock"]
        for item in [*found["versions"], *found["points"]]
    }


TEN: list[Manifest] = [
    V1,
    V2,
    V3,
    definition(
        "loan-v4", migrations=[{"name": "paid", "from": "loan-v3", "historyPath": ["SUBMIT"]}]
    ),
    definition("loan-v5"),
    definition("loan-v6"),
    change_point("v4-to-v5", from_="loan-v4", to="loan-v5"),
    change_point("v5-to-v6", from_="loan-v5", to="loan-v6"),
    change_point("hotfix", refines="v4-to-v5", to="loan-v6"),
    definition("loan-v7", suspend=True),
]


ORDERS = int(os.environ.get("STATEKEEP_ORDERS", "3"))
"""The order of registrations is a pure function, and the unit tests try hundreds; these few go the
whole way."""


@pytest.mark.parametrize("seed", range(ORDERS))
def test_the_order_of_ten_objects_means_nothing(stage: Stage, seed: int) -> None:
    stage.apply(*random.Random(seed).sample(TEN, len(TEN)))
    for name in ("loan-v4", "loan-v6"):
        stage.ready("wd", name)
    for name in ("v4-to-v5", "v5-to-v6", "hotfix"):
        stage.ready("cp", name)
    assert registry(stage) == TEN_REGISTERED


TEN_REGISTERED = {
    **{f"loan-v{n}": n for n in range(1, 7)},
    "loan-v2.all": 7,
    "loan-v3.all": 8,
    "loan-v4.paid": 9,
    "v4-to-v5": 10,
    "hotfix": 10,
    "v5-to-v6": 12,
}


def test_rivals_wait_until_clocks_pin_them(stage: Stage) -> None:
    stage.apply(V1, V2, definition("loan-v3"))
    stage.ready("wd", "loan-v2")
    fee = change_point("fee", from_="loan-v2", to="loan-v3", historyPath=["SUBMIT"])
    rest = change_point("rest", from_="loan-v2", to="loan-v3")
    stage.apply(fee, rest)
    status = stage.waits("cp", "rest", "OrderUnknown")
    assert "ChangePoint fee" in condition(status, "Reconciling")["message"]
    assert "fee" not in registry(stage)
    for manifest, clock in ((fee, 20), (rest, 10)):
        stage.apply({**manifest, "spec": {**manifest["spec"], "clock": clock}})
    stage.ready("cp", "fee")
    assert registry(stage)["rest"] < registry(stage)["fee"]


def test_migrations_that_are_added_later_are_another_registration(stage: Stage) -> None:
    stage.apply(V1, definition("loan-v2"))
    stage.ready("wd", "loan-v2")
    (actor,) = stage.spawn("loan-v1", events=["SUBMIT"])
    stage.apply(V2)
    eventually(lambda: stage.actor(actor)["version"] == "loan-v2", "the actor moves")
    more = [*V2["spec"]["migrations"], {"name": "fee", "from": "loan-v1", "historyPath": ["FEE"]}]
    stage.apply({**V2, "spec": {**V2["spec"], "migrations": more}})
    eventually(lambda: registry(stage).get("loan-v2.fee"), "the second migration is registered")
    stage.desk.kubectl("wait", "--for=jsonpath={.status.clock}=4", "cp/loan-v2.fee")
    clocks = {m["name"]: m["clock"] for m in stage.ready("wd", "loan-v2")["migrations"]}
    assert clocks == {"all": 3, "fee": 4}


def test_an_object_that_is_made_anew_adopts_what_is_registered(stage: Stage) -> None:
    stage.apply(V1, V2)
    before = stage.ready("wd", "loan-v2")
    (actor,) = stage.spawn("loan-v1")
    stage.desk.kubectl("delete", "wd", "loan-v1", "loan-v2")
    assert stage.actor(actor)["version"] == "loan-v2", "what is deleted stays registered"
    stage.apply(V2, V1)
    after = stage.ready("wd", "loan-v2")
    assert (after["clock"], after["migrations"]) == (before["clock"], before["migrations"])
    assert registry(stage) == {"loan-v1": 1, "loan-v2": 2, "loan-v2.all": 3}


def test_an_object_that_is_made_anew_with_another_journal_is_another_one(stage: Stage) -> None:
    stage.apply(V1)
    stage.ready("wd", "loan-v1")
    stage.desk.kubectl("delete", "wd", "loan-v1")
    stage.apply({**V1, "spec": {**V1["spec"], "journal": "Full"}})
    status = stage.waits("wd", "loan-v1", "DefinitionExists")
    assert condition(status, "Stalled")["status"] == "True"
    assert stage.read("/v1/definitions/loan-v1")["journal"] == "Types"


def test_suspend_delays_and_shows_the_preview(stage: Stage) -> None:
    stage.apply(V1)
    stage.ready("wd", "loan-v1")
    stage.spawn("loan-v1", 3)
    stage.apply({**V2, "spec": {**V2["spec"], "suspend": True}})
    status = stage.waits("wd", "loan-v2", "Suspended")
    assert status["preview"]["wouldMigrate"] == 3
    assert condition(status, "Previewed")["status"] == "True"
    assert "loan-v2" not in registry(stage)
    stage.apply(V2)
    assert stage.ready("wd", "loan-v2")["migrations"][0]["migrated"] == 3


def test_a_closed_point_takes_nobody_any_more(stage: Stage) -> None:
    fee = change_point("fee", from_="loan-v1", to="loan-v2", historyPath=["SUBMIT"])
    stage.apply(V1, definition("loan-v2"), fee)
    stage.ready("cp", "fee")
    stage.apply({**fee, "spec": {**fee["spec"], "closed": True}})
    eventually(
        lambda: stage.read("/v1/change-points/fee?workflow=loan")["closed"], "the point is closed"
    )
    (actor,) = stage.spawn("loan-v1", events=["SUBMIT"])
    assert stage.actor(actor)["version"] == "loan-v1"
    stage.ready("cp", "fee")


def test_the_brake_holds_registrations_and_lets_go(stage: Stage) -> None:
    stage.apply(V1)
    stage.ready("wd", "loan-v1")
    (actor,) = stage.spawn("loan-v1")
    stage.post("/v1/workflows/loan/freeze", {"reason": "incident 7"})
    stage.apply(V2)
    status = stage.waits("wd", "loan-v2", "Frozen")
    assert "incident 7" in condition(status, "Reconciling")["message"]
    assert stage.send(actor, "SUBMIT")["accepted"] is True
    stage.post("/v1/workflows/loan/unfreeze", {})
    assert stage.ready("wd", "loan-v2")["migrations"][0]["migrated"] == 1


@pytest.mark.parametrize("present", [True, False], ids=["operator runs", "operator gone"])
def test_a_namespace_with_everything_in_it_goes_within_seconds(
    own_stage: Stage, present: bool
) -> None:
    own_stage.apply(V1, V2, change_point("x", from_="loan-v2", to="nowhere"))
    own_stage.ready("wd", "loan-v2")
    own_stage.spawn("loan-v1", 3)
    if not present:
        own_stage.operator.stop()
    own_stage.desk.plane.kubectl("delete", "namespace", own_stage.tenant, "--timeout=20s")
    left = own_stage.desk.plane.kubectl("get", "namespace", own_stage.tenant, check=False)
    assert "NotFound" in left.stderr
    own_stage.desk.plane.kubectl("create", "namespace", own_stage.tenant)


def test_nothing_of_ours_is_written_on_what_people_own(stage: Stage) -> None:
    stage.apply(V1, V2)
    stage.ready("wd", "loan-v2")
    raw: dict[str, Any] = stage.desk.plane.get(
        "-n", stage.tenant, "wd", "loan-v2", "--show-managed-fields"
    )
    meta = raw["metadata"]
    ours = [m for m in meta["managedFields"] if m["manager"] == "statekeep-operator"]
    assert [(m["subresource"], list(m["fieldsV1"])) for m in ours] == [("status", ["f:status"])]
    assert list(meta["annotations"]) == ["kubectl.kubernetes.io/last-applied-configuration"]
    assert "finalizers" not in meta
    assert "labels" not in meta


def test_the_same_machine_with_a_plain_on_is_no_change(stage: Stage) -> None:
    quoted = machine(draft="SUBMIT", review="APPROVE")
    text = "{initial: draft, states: {draft: {on: {SUBMIT: review}}, review: {on: {APPROVE: done}}"
    plain = (
        "apiVersion: statekeep.dev/v1alpha1\nkind: WorkflowDefinition\nmetadata: {name: loan-v1}\n"
        f"spec: {{workflow: loan, definition: {text}, done: {{type: final}}}}}}}}\n"
    )
    stage.desk.kubectl("apply", "-f", "-", stdin=plain)
    first = stage.ready("wd", "loan-v1")
    assert "true" in stage.desk.get("wd", "loan-v1")["spec"]["definition"]["states"]["draft"]
    stage.apply(definition("loan-v1", definition=quoted))
    eventually(
        lambda: stage.status("wd", "loan-v1")["observedGeneration"] == 2, "it is looked at again"
    )
    again = stage.ready("wd", "loan-v1")
    assert (again["digest"], again["clock"]) == (first["digest"], first["clock"])


def test_a_definition_that_a_person_registered_over_http_is_no_stranger(stage: Stage) -> None:
    for name in ("loan-v1", "loan-v2"):
        body = {"id": name, "workflow": "loan", "definition": machine(draft="SUBMIT", review="A")}
        stage.post("/v1/definitions", body)
    stage.apply(change_point("all", from_="loan-v1", to="loan-v2"))
    assert stage.ready("cp", "all")["clock"] == 3


def test_events_are_told_once_at_transitions(stage: Stage) -> None:
    stage.apply(V1, V2)
    stage.ready("wd", "loan-v2")

    def told() -> list[tuple[str, int]]:
        found = stage.desk.plane.get("-n", stage.tenant, "events")["items"]
        mine = [e for e in found if e["involvedObject"]["name"] == "loan-v2"]
        return sorted((event["reason"], event["count"]) for event in mine)

    eventually(lambda: len(told()) >= 2, "both are told")
    annotate(stage, "wd/loan-v2", "reconcile.statekeep.dev/requestedAt=now")
    stage.apply(definition("claim-v1", "claim"))
    stage.ready("wd", "claim-v1")
    assert told() == [("Applied", 1), ("Registered", 1)]


# --- the runtime goes away ----------------------------------------------------------------------


def test_another_registry_is_not_filled_until_a_person_says_so(desk: Desk, tmp_path: Path) -> None:
    with (
        MemoryRuntime(tmp_path / "old") as old,
        OperatorProcess(desk.plane, old.url, tmp_path, (desk.namespace,)),
    ):
        desk.apply(V1, V2)
        desk.kubectl("wait", "--for=condition=Ready", "wd/loan-v2", "--timeout=30s")
    with (
        MemoryRuntime(tmp_path / "new") as new,
        OperatorProcess(desk.plane, new.url, tmp_path, (desk.namespace,)) as operator,
        client_of(new.url, desk.namespace) as http,
    ):
        stage = Stage(desk, operator, http)
        status = stage.waits("wd", "loan-v2", "RegistryReplaced")
        assert stage.waits("wd", "loan-v1", "RegistryReplaced")
        said = condition(status, "Reconciling")["message"]
        assert stage.read("/v1/definitions")["items"] == []
        adopt = said.rpartition("annotate them with ")[2]
        annotate(stage, "wd", "--all", adopt)
        stage.ready("wd", "loan-v2")
        assert registry(stage) == {"loan-v1": 1, "loan-v2": 2, "loan-v2.all": 3}


def test_a_runtime_that_is_away_is_waited_for(desk: Desk, tmp_path: Path) -> None:
    with OperatorProcess(desk.plane, "http://127.0.0.1:9", tmp_path, (desk.namespace,)) as operator:
        desk.apply(V1)

        def reason() -> str:
            status = desk.get("wd", "loan-v1").get("status", {})
            return str(condition(status, "Reconciling").get("reason", ""))

        eventually(lambda: reason() == "RuntimeUnavailable", "it says that the runtime is away")
        operator.stop()
    with (
        MemoryRuntime(tmp_path / "runtime") as back,
        OperatorProcess(desk.plane, back.url, tmp_path, (desk.namespace,)),
    ):
        desk.kubectl("wait", "--for=condition=Ready", "wd/loan-v1", "--timeout=30s")


# --- a commit is reverted -----------------------------------------------------------------------


def test_a_revert_moves_nobody_back_and_the_way_forward_moves_everybody(stage: Stage) -> None:
    first = machine(draft="SUBMIT", review="APPROVE")
    second = machine(draft="SUBMIT", review="APPROVE", signed="ARCHIVE")
    v2 = definition("loan-v2", definition=second, migrations=[{"name": "all", "from": "loan-v1"}])
    stage.apply(definition("loan-v1", definition=first))
    stage.ready("wd", "loan-v1")
    (actor,) = stage.spawn("loan-v1", events=["SUBMIT"])
    stage.apply(v2)
    stage.ready("wd", "loan-v2")
    assert stage.actor(actor)["version"] == "loan-v2"

    stage.desk.kubectl("delete", "wd", "loan-v2")
    eventually(lambda: "loan-v2.all" not in stage.desk.kubectl("get", "cp"), "it is not shown")
    assert stage.actor(actor)["version"] == "loan-v2", "a revert moves nobody back"

    back = change_point("back", from_="loan-v2", to="loan-v1")
    stage.apply(back)
    assert stage.waits("cp", "back", "BackwardMigration")
    stage.desk.kubectl("delete", "cp", "back")

    closed = {**v2, "spec": {**v2["spec"], "close": ["all"]}}
    onward = [{"name": "all", "from": "loan-v2"}]
    stage.apply(closed, definition("loan-v3", definition=first, migrations=onward))
    stage.ready("wd", "loan-v3")
    stage.ready("wd", "loan-v2")
    assert stage.actor(actor)["version"] == "loan-v3"
    (newcomer,) = stage.spawn("loan-v1", events=["SUBMIT"])
    assert stage.actor(newcomer)["version"] == "loan-v1", "what led to v2 is closed"

    again = [{"name": "all", "from": "loan-v3"}]
    stage.apply(definition("loan-v4", definition=second, migrations=again))
    stage.ready("wd", "loan-v4")
    assert stage.actor(actor)["version"] == "loan-v4", "the revert of the revert"
