"""A release lives: what the chart says is started as processes, just as it says it."""

import json
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx

from statekeep.storage.embedded import EmbeddedValkey
from statekeep_operator import first_secrets
from support.charts import CHART, ROOT, Chart, the
from support.cluster import Desk
from support.releases import NAME, Release, ready

OLD = ROOT / "tests" / "golden" / "chart" / "statekeep-0.1.0.tgz"
LOAN = ROOT / "examples" / "loan" / "manifests"
SECRETS = ("key-ring", "api", "valkey")
TENANT = "lending"


def spawned(http: httpx.Client, *events: str) -> str:
    actor = http.post("/v1/actors", json={"definitionId": "loan-v1"}).raise_for_status().json()
    for event in events:
        sent = http.post(f"/v1/actors/{actor['id']}/event", json={"type": event})
        assert sent.raise_for_status().json()["accepted"]
    return str(actor["id"])


def place_of(http: httpx.Client, actor: str) -> tuple[str, str]:
    found = http.get(f"/v1/actors/{actor}").raise_for_status().json()
    return found["version"], found["stateValue"]


def who_pays_moves(desk: Desk, http: httpx.Client, alice: str, bob: str) -> None:
    """The second half of the fee story."""
    desk.kubectl("apply", "-f", str(LOAN / "loan-v2.yaml"))
    (applied,) = ready(desk, "wd", "loan-v2")["migrations"]
    assert (applied["migrated"], applied["stayed"], applied["stranded"]) == (1, 1, 0)
    assert place_of(http, alice) == ("loan-v2", "income_verify")
    assert place_of(http, bob) == ("loan-v1", "awaiting_docs")


def test_a_release_is_installed_upgraded_rolled_back_removed_and_installed_again(
    release: Release,
) -> None:
    release.install(OLD)
    release.start()
    keys = {name: release.secret(f"{NAME}-{name}") for name in SECRETS}
    desk = release.desk(TENANT)
    desk.kubectl("apply", "-f", str(LOAN / "loan-v1.yaml"))
    ready(desk, "wd", "loan-v1")
    with release.client(TENANT) as http:
        alice, bob = (spawned(http, "SUBMIT_INFO", way) for way in ("PAY_FEE", "WAIVE_FEE"))

    release.upgrade()
    assert keys == {name: release.secret(f"{NAME}-{name}") for name in SECRETS}
    release.restart()
    with release.client(TENANT) as http:
        assert place_of(http, alice) == ("loan-v1", "awaiting_docs")
        who_pays_moves(desk, http, alice, bob)

    release.helm("rollback", NAME, "1")
    assert keys == {name: release.secret(f"{NAME}-{name}") for name in SECRETS}
    release.restart()
    with release.client(TENANT) as http:
        assert place_of(http, alice) == ("loan-v2", "income_verify")
    assert ready(desk, "wd", "loan-v2")["actors"]["total"] == 1

    release.helm("uninstall", NAME)
    release.kubelet.stop()
    left = desk.kubectl("get", "wd,cp", "-o", "name").split()
    assert [name.split("/")[1] for name in left] == ["loan-v1", "loan-v2", "loan-v2.paid"]
    assert keys == {name: release.secret(f"{NAME}-{name}") for name in SECRETS}

    release.install()
    assert keys == {name: release.secret(f"{NAME}-{name}") for name in SECRETS}
    parts = release.start()
    with release.client(TENANT) as http:
        assert place_of(http, alice) == ("loan-v2", "income_verify")
        assert place_of(http, bob) == ("loan-v1", "awaiting_docs")
    assert ready(desk, "wd", "loan-v2")["actors"]["total"] == 1
    assert "forbidden" not in parts["operator"].said().lower()
    the_trial_passes(release)


def the_trial_passes(release: Release) -> None:
    """`helm test`, its pod played."""
    chart = Chart(release.plane.binaries, release.namespace, NAME)
    found = chart.manifests()
    config = json.dumps(the(found, "ConfigMap", f"{NAME}-trial"))
    release.plane.kubectl("apply", "-f", "-", stdin=config)
    trial = release.kubelet.start(the(found, "Pod", f"{NAME}-trial"))
    assert trial.wait_until_ended() == 0, trial.said()
    assert "took an event and is in 'greeted'" in trial.said()


def test_namespaced_mode_needs_its_roles_and_what_is_ones_own_is_taken(
    release: Release, start_valkey: Callable[[], EmbeddedValkey]
) -> None:
    """No right in the cluster, no Job, no Valkey of the chart's: as the careful install it."""
    plane = release.plane
    plane.kubectl("apply", "--server-side", "-f", str(ROOT / "crds"))
    plane.kubectl("create", "namespace", "claims")
    desk = release.desk(TENANT)
    store = urlsplit(start_valkey().url)
    address = f"redis://:$(REDIS_PASSWORD)@{store.hostname}:{store.port}/0"
    for name, content in (
        ("own-ring", first_secrets.key_ring()),
        ("own-api", first_secrets.api()),
        ("own-store", {"password": str(store.password)}),
    ):
        made = first_secrets.manifest(name, release.namespace, NAME, content)
        plane.kubectl("create", "-f", "-", stdin=json.dumps(made))
    own = {
        "secrets.create": "false",
        "secrets.keyRing": "own-ring",
        "secrets.api": "own-api",
        "valkey.enabled": "false",
        "redis.url": address,
        "redis.existingSecret": "own-store",
    }
    sets = [word for name, value in own.items() for word in ("--set", f"{name}={value}")]
    release.options = ("--values", str(CHART / "ci" / "namespaced.yaml"), *sets)
    release.api = "own-api"
    release.install()
    parts = release.start()
    assert sorted(parts) == ["operator", "runtime"]
    desk.kubectl("apply", "-f", str(LOAN / "loan-v1.yaml"))
    ready(desk, "wd", "loan-v1")
    with release.client(TENANT) as http:
        alice, bob = (spawned(http, "SUBMIT_INFO", way) for way in ("PAY_FEE", "WAIVE_FEE"))
        who_pays_moves(desk, http, alice, bob)
    assert "forbidden" not in parts["operator"].said().lower()
