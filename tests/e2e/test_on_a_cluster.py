"""A release on a real cluster, from its installation to its end, in this order.

Each test goes on where the one before has ended; `make e2e` runs them all.
"""

import json
import os
import random
import time

import pytest

from support.charts import CHART, ROOT
from support.live import OPERATOR, PEOPLE, RUNTIME, VALKEY, Live
from support.operators import eventually

LOAN = ROOT / "examples" / "loan" / "manifests"
CHAOS = ROOT / "examples" / "chaos" / "manifests"
OLD = ROOT / "tests" / "golden" / "chart" / "statekeep-0.1.0.tgz"
KILL_SECONDS = float(os.environ.get("E2E_KILL_SECONDS", "120"))

WALK = {
    "initial": "here",
    "states": {"here": {"on": {"GO": "there"}}, "there": {"on": {"GO": "here"}}},
}


def walk(name: str, **spec: object) -> str:
    """A workflow that goes on for ever, as a manifest."""
    manifest = {
        "apiVersion": "statekeep.dev/v1alpha1",
        "kind": "WorkflowDefinition",
        "metadata": {"name": name},
        "spec": {"workflow": "walk", "definition": WALK, **spec},
    }
    return json.dumps(manifest)


FROM_V1 = {"name": "all", "from": "walk-v1"}


@pytest.fixture(scope="module")
def actors() -> dict[str, str]:
    """Who must be there to the end: name → id."""
    return {}


def everybody_is_there(live: Live, actors: dict[str, str]) -> None:
    assert live.place_of(actors["alice"]) == ("loan-v2", "income_verify")
    assert live.place_of(actors["bob"]) == ("loan-v1", "awaiting_docs")


def test_default_values_install_where_only_restricted_pods_may_run(live: Live) -> None:
    took = live.install()
    live.report["install, until all is ready"] = f"{took:.1f} s"
    said = live.helm("test", "--logs")
    assert "took an event and is in 'greeted'" in said
    live.bring_people()


def test_a_pod_has_no_rights_and_writes_nowhere(live: Live) -> None:
    probe = (
        "import os, pathlib\n"
        "status = pathlib.Path('/proc/self/status').read_text()\n"
        "print(os.getuid(), *[line.split()[1] for line in status.splitlines()"
        " if line.split(':')[0] in ('CapEff', 'CapBnd', 'NoNewPrivs', 'Seccomp')])\n"
        "try: pathlib.Path('/opt/statekeep/x').write_text('')\n"
        "except OSError as error: print(error.strerror)\n"
    )
    for part in (RUNTIME, OPERATOR):
        said = live.kubectl("exec", f"deploy/{part}", "--", "python", "-c", probe).split("\n")
        assert said[0] == "65532 0000000000000000 0000000000000000 1 2", said
        assert said[1] == "Read-only file system"


def test_a_new_pod_is_ready_in_five_seconds(live: Live) -> None:
    known = {pod["metadata"]["name"] for pod in live.pods("runtime")}
    live.kubectl("delete", "pod", min(known), "--wait=false")

    def fresh() -> float:
        for pod in live.pods("runtime"):
            when = {c["type"]: c for c in pod["status"].get("conditions", ())}
            if (
                pod["metadata"]["name"] not in known
                and when.get("Ready", {}).get("status") == "True"
            ):
                times = [when[kind]["lastTransitionTime"] for kind in ("PodScheduled", "Ready")]
                began, ended = (time.mktime(time.strptime(t, "%Y-%m-%dT%H:%M:%SZ")) for t in times)
                return ended - began + 0.001
        return 0.0

    took = eventually(fresh, "a new pod is ready", 30)
    live.report["a pod of the runtime, from scheduled to ready"] = f"{took:.0f} s"
    assert took < 5.5


def test_the_fee_story(live: Live, actors: dict[str, str]) -> None:
    live.desk("apply", "-f", str(LOAN / "loan-v1.yaml"))
    live.ready("loan-v1")
    actors["alice"] = live.spawn("loan-v1", "SUBMIT_INFO", "PAY_FEE")
    actors["bob"] = live.spawn("loan-v1", "SUBMIT_INFO", "WAIVE_FEE")
    live.desk("apply", "-f", str(LOAN / "loan-v2.yaml"))
    (applied,) = live.ready("loan-v2")["migrations"]
    assert (applied["migrated"], applied["stayed"], applied["stranded"]) == (1, 1, 0)
    everybody_is_there(live, actors)


def test_the_chaos_story_with_its_webhook(live: Live) -> None:
    live.desk("apply", "-f", str(CHAOS / "build-v1.yaml"))
    live.ready("build-v1")
    for count, events in ((10, ""), (15, "START"), (5, "START FAIL")):
        script = f"statekeep spawn build-v1 --count {count}" + (
            f" | while read actor; do statekeep send $actor {events}; done" if events else ""
        )
        live.kubectl(*live.in_people(), "sh", "-c", script)
    code, said = live.tried(
        "kubectl",
        "-n",
        live.tenant,
        "apply",
        "--dry-run=server",
        "-f",
        str(CHAOS / "build-v2.yaml"),
    )
    assert code == 0
    assert "would strand" in said, "the webhook prints the preview"
    live.desk("apply", "-f", str(CHAOS / "build-v2.yaml"))
    assert "5 of 30" in live.says("build-v2", "TooManyStranded")
    accept = [{"version": "build-v1", "state": "failed", "reason": "StateRemoved", "max": 5}]
    patch = json.dumps({"spec": {"gate": {"maxStranded": None, "accept": accept}}})
    live.desk("patch", "wd", "build-v2", "--type=merge", "-p", patch)
    (applied,) = live.ready("build-v2")["migrations"]
    assert (applied["migrated"], applied["stranded"]) == (25, 5)
    live.desk("apply", "-f", str(CHAOS / "build-v3.yaml"))
    (applied,) = live.ready("build-v3")["migrations"]
    assert (applied["migrated"], applied["stranded"]) == (30, 0)
    code, said = live.tried("kubectl", "-n", live.tenant, "delete", "wd", "build-v3")
    assert code != 0
    assert "build-v3 has 30 actors" in said, "the deletion policy"


@pytest.mark.parametrize("connections", ["kept", "fresh"])
def test_a_rolling_upgrade_fails_no_request(live: Live, connections: str) -> None:
    live.desk("apply", "-f", "-", stdin=walk("walk-v1"))
    live.ready("walk-v1")
    before = {pod["metadata"]["uid"] for part in ("runtime", "operator") for pod in live.pods(part)}
    options = ["--strict", "--version", "walk-v1", *(["--fresh"] if connections == "fresh" else [])]
    with live.traffic(*options) as seen:
        changed = f"podAnnotations.rolled={connections}"
        values = [w for part in ("runtime", "operator") for w in ("--set", f"{part}.{changed}")]
        took = live.upgrade(*values)
        live.desk("apply", "-f", "-", stdin=walk(f"other-{connections}", workflow="other"))
        live.ready(f"other-{connections}")
        gone(live, before)
    live.report[f"rolling upgrade, connections {connections}"] = (
        f"{seen['requests']} requests in {took:.0f} s, failed {seen['failed'] or 0},"
        f" slowest {seen['slowest']} s"
    )
    assert seen["failed"] == {}
    assert seen["requests"] > 500


def gone(live: Live, uids: set[str]) -> None:
    """Until none of these pods is there any more."""

    def look() -> bool:
        return not uids & {pod["metadata"]["uid"] for pod in live.get("pods")["items"]}

    eventually(look, "the old pods are gone", 90)


def test_pods_are_killed_at_random_under_traffic_and_a_migration(live: Live) -> None:
    dice = random.Random(8)
    killed: dict[str, int] = {}
    deadline = time.monotonic() + KILL_SECONDS
    with live.traffic("--version", "walk-v1", "--actors", "30") as seen:
        migrated = False
        while time.monotonic() < deadline:
            part = dice.choice(["runtime", "runtime", "operator"])
            victims = live.pods(part)
            if victims:
                name = dice.choice(victims)["metadata"]["name"]
                live.kubectl("delete", "pod", name, "--force", "--grace-period=0", "--wait=false")
                killed[part] = killed.get(part, 0) + 1
            if not migrated and deadline - time.monotonic() < KILL_SECONDS / 2:
                live.desk("apply", "-f", "-", stdin=walk("walk-v2", migrations=[FROM_V1]))
                migrated = True
            time.sleep(dice.uniform(0.5, 4.0))
        live.settled()
        (applied,) = live.ready("walk-v2", 120)["migrations"]
    live.report["pods killed under traffic"] = (
        f"{killed} in {KILL_SECONDS:.0f} s: {seen['acknowledged']} events acknowledged,"
        f" {seen['retries']} retries, lost {seen['lost'] or 0}, longest silence {seen['silence']} s"
    )
    assert seen["lost"] == {}
    assert applied["stranded"] == 0
    assert {live.place_of(actor)[0] for actor in seen["actors"]} == {"walk-v2"}


def test_the_stores_pod_is_killed_under_traffic(live: Live, actors: dict[str, str]) -> None:
    with live.traffic("--version", "walk-v2", "--actors", "30") as seen:
        for _ in range(3):
            old = live.get("pod", f"{VALKEY}-0")["metadata"]["uid"]
            gone_pod = ("delete", "pod", f"{VALKEY}-0", "--force", "--grace-period=0")
            live.kubectl(*gone_pod)

            def another(old: str = old) -> bool:
                found = live.pods("valkey")
                return bool(found) and found[0]["metadata"]["uid"] != old

            eventually(another, "there is another pod", 30)
            live.kubectl("wait", "--for=condition=Ready", f"pod/{VALKEY}-0", "--timeout=60s")
            time.sleep(3)
        live.settled()
    live.report["the store's pod killed 3 times"] = (
        f"{seen['acknowledged']} events acknowledged, {seen['retries']} retries,"
        f" lost {seen['lost'] or 0}, longest silence {seen['silence']} s"
    )
    assert seen["lost"] == {}
    everybody_is_there(live, actors)


def test_a_node_is_drained(live: Live, actors: dict[str, str]) -> None:
    """On a cluster of one node nothing finds another place: the budget keeps one pod serving."""
    node = live.pods("runtime")[0]["spec"]["nodeName"]
    alone = len(json.loads(live.run("kubectl", "get", "nodes", "-o", "json"))["items"]) == 1
    spare = f"app!={PEOPLE}" + (",app.kubernetes.io/component!=valkey" if alone else "")
    options = ("--ignore-daemonsets", "--delete-emptydir-data", f"--pod-selector={spare}")
    try:
        with live.traffic("--strict", "--version", "walk-v2") as seen:
            seconds = "15s" if alone else "120s"
            code, said = live.tried("kubectl", "drain", node, *options, f"--timeout={seconds}")
            left = len(live.pods("runtime"))
            live.run("kubectl", "uncordon", node)
            live.settled()
    finally:
        live.tried("kubectl", "uncordon", node)
    assert code == 0 or (alone and "disruption budget" in said), said
    live.report["drain"] = f"{seen['requests']} requests, failed {seen['failed'] or 0}, {left} pods"
    assert seen["failed"] == {}
    everybody_is_there(live, actors)


def test_whoever_uninstalls_and_installs_again_finds_everybody(
    live: Live, actors: dict[str, str]
) -> None:
    live.helm("uninstall", "--wait")
    left = live.desk("get", "wd", "-o", "name").split()
    assert "workflowdefinition.statekeep.dev/loan-v2" in left
    assert live.get("pvc")["items"][0]["status"]["phase"] == "Bound"
    live.install(chart=OLD, image=live.given.old_image)
    everybody_is_there(live, actors)
    assert live.ready("loan-v2")["actors"]["total"] == 1


def test_the_chart_of_before_is_upgraded_under_traffic(live: Live, actors: dict[str, str]) -> None:
    keys = {name: live.get("secret", f"statekeep-{name}")["data"] for name in ("key-ring", "api")}
    with live.traffic("--version", "walk-v2") as seen:
        took = live.upgrade()
    live.report["upgrade from chart 0.1.0"] = (
        f"{took:.0f} s, {seen['acknowledged']} events acknowledged, {seen['retries']} retries,"
        f" lost {seen['lost'] or 0}"
    )
    assert seen["lost"] == {}
    assert keys == {name: live.get("secret", f"statekeep-{name}")["data"] for name in keys}
    everybody_is_there(live, actors)
    live.helm("rollback", "--wait", "--timeout=180s")
    everybody_is_there(live, actors)
    live.upgrade()
    everybody_is_there(live, actors)


def test_it_runs_as_any_user(live: Live, actors: dict[str, str]) -> None:
    options = [f"{part}.podSecurityContext.runAsUser=1234567" for part in ("runtime", "operator")]
    live.upgrade(*(word for option in options for word in ("--set", option)))
    said = live.kubectl(
        "exec", f"deploy/{OPERATOR}", "--", "python", "-c", "import os; print(os.getuid())"
    )
    assert said.strip() == "1234567"
    everybody_is_there(live, actors)


# --- what is wrong, and what the pods and the objects say -----------------------------------------


def unready_log(live: Live, said: str) -> None:
    """Some pod of the runtime is not ready, and its log says this."""

    def look() -> bool:
        for pod in live.pods("runtime"):
            when = {c["type"]: c["status"] for c in pod["status"].get("conditions", ())}
            if when.get("Ready") != "True":
                name = pod["metadata"]["name"]
                logs = [
                    live.tried("kubectl", "-n", live.namespace, "logs", name, *before)[1]
                    for before in ((), ("--previous",))
                ]
                if any(said in log for log in logs):
                    return True
        return False

    eventually(look, f"a pod that is not ready says: {said}", 90)


def ready_pods(live: Live) -> int:
    conditions = [c for pod in live.pods("runtime") for c in pod["status"].get("conditions", ())]
    return len([c for c in conditions if (c["type"], c["status"]) == ("Ready", "True")])


def test_a_missing_secret_is_said_and_the_pods_of_before_go_on(
    live: Live, actors: dict[str, str]
) -> None:
    live.helm("upgrade", str(CHART), *live.given.values(), "--set", "secrets.keyRing=nowhere")
    unready_log(live, "/etc/statekeep/secrets/nowhere holds no key")
    assert ready_pods(live) == 2
    everybody_is_there(live, actors)
    live.upgrade()


def test_a_wrong_password_is_said_by_the_pod_that_has_it(
    live: Live, actors: dict[str, str]
) -> None:
    known = live.get("secret", VALKEY)["data"]["password"]
    spoilt = json.dumps({"data": {"password": "d3Jvbmc="}})
    live.kubectl("patch", "secret", VALKEY, "--type=merge", "-p", spoilt)
    try:
        victim = live.pods("runtime")[0]["metadata"]["name"]
        live.kubectl("delete", "pod", victim, "--wait=false")
        unready_log(live, "the store takes no such user or password: correct it in --redis-url")
        everybody_is_there(live, actors)
    finally:
        mended = json.dumps({"data": {"password": known}})
        live.kubectl("patch", "secret", VALKEY, "--type=merge", "-p", mended)
    live.kubectl("rollout", "restart", f"deploy/{RUNTIME}")
    live.settled()


def test_a_store_without_an_append_only_file_takes_every_pod_out(
    live: Live, actors: dict[str, str]
) -> None:
    pod = live.pods("runtime")[0]["metadata"]["name"]

    def append_only(word: str) -> None:
        script = (
            "import os, redis; redis.from_url(os.environ['STATEKEEP_REDIS_URL'])"
            f".config_set('appendonly', '{word}')"
        )
        live.kubectl("exec", pod, "--", "python", "-c", script)

    append_only("no")
    try:
        unready_log(live, "appendOnly: off; set appendonly yes, or pass --allow-no-aof")
        eventually(lambda: ready_pods(live) == 0, "no pod is ready", 30)
        live.desk("apply", "-f", "-", stdin=walk("later", workflow="later"))
        assert "the log of the runtime's pods says why" in live.says("later", "RuntimeUnavailable")
    finally:
        append_only("yes")
    live.settled()
    live.ready("later")
    everybody_is_there(live, actors)
