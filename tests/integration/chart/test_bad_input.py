"""What is missing or wrong around the pods: none is ready, and log and object say what to do."""

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from support.charts import Manifest, pods
from support.cluster import definition
from support.kubelet import RunningPod
from support.operators import eventually
from support.parts.controlplane import ControlPlane
from support.releases import NAME, Release, message, ready

TENANT = "lending"
RING, API, STORE = f"{NAME}-key-ring", f"{NAME}-api", f"{NAME}-valkey"


@pytest.fixture(scope="module")
def standing(plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Release]:
    """A release that stands, without a runtime."""
    directory: Path = tmp_path_factory.mktemp("pods")
    release = Release.new(plane, "statekeep-system", directory)
    release.install()
    desk = release.desk(TENANT)
    release.start()["runtime"].stop()
    desk.kubectl("get", "wd")
    yield release
    release.end()


def remove(secret: str) -> Callable[[Release], None]:
    def broken(release: Release) -> None:
        release.plane.kubectl("-n", release.namespace, "delete", "secret", secret)

    return broken


def spoil(secret: str, key: str, value: str) -> Callable[[Release], None]:
    def broken(release: Release) -> None:
        patch = json.dumps({"data": {key: base64.b64encode(value.encode()).decode()}})
        what = ("patch", "secret", secret, "--type=merge", "-p", patch)
        release.plane.kubectl("-n", release.namespace, *what)

    return broken


def no_append_only_file(release: Release) -> None:
    address = release.kubelet.address_of({"app.kubernetes.io/component": "valkey"})
    password = release.secret(STORE)["password"]
    with redis.Redis(host=str(address), password=password) as client:
        client.config_set("appendonly", "no")


BAD = {
    "a missing key ring": (
        remove(RING),
        f"{RING} holds no key: `openssl rand -base64 32` makes one",
    ),
    "a missing pepper": (remove(API), f"{API}/pepper cannot be read: No such file"),
    "an unreadable key ring": (
        spoil(RING, "k1", "not a key"),
        f"{RING}/k1: a key is 32 bytes in base64 or hex",
    ),
    "a wrong password": (
        spoil(STORE, "password", "wrong"),
        "the store takes no such user or password: correct it in --redis-url",
    ),
    "a missing password": (
        remove(STORE),
        "the store takes no such user or password: correct it in --redis-url",
    ),
    "a store without an append-only file": (
        no_append_only_file,
        "appendOnly: off; set appendonly yes, or pass --allow-no-aof",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_the_pod_is_not_ready_and_its_log_and_the_object_say_what_to_do(
    standing: Release, name: str
) -> None:
    breaks, said = BAD[name]
    kept = {secret: standing.secret(secret) for secret in (RING, API, STORE)}
    breaks(standing)
    runtime = standing.kubelet.start(runtime_pod(standing))
    try:
        eventually(lambda: refuses(runtime, said), f"the log says: {said} ({runtime.log})", 60)
        desk = standing.desk(TENANT)
        object_ = "probe-" + name.rsplit(maxsplit=1)[-1] + name.split()[1]
        desk.apply(definition(object_, object_))
        told = message(desk, "wd", object_, "RuntimeUnavailable")
        assert "does not answer" in told
        assert "the log of the runtime's pods says why" in told
    finally:
        if runtime.process.ended() is None:
            runtime.stop()
        for secret, data in kept.items():
            restore(standing, secret, data)


TYPOS = {
    "the name of a variable": ('"STATEKEEP_PEPPER_FILE"', '"STATEKEEP_PEPER_FILE"'),
    "a path in a variable": ('/pepper"', '/peper"'),
    "a key of a Secret": ('"key": "pepper"', '"key": "peper"'),
    "a command": ('"serve"', '"server"'),
    "the path of a probe": ("/readyz", "/ready"),
}


@pytest.mark.parametrize("name", TYPOS)
def test_a_typo_in_the_chart_shows(standing: Release, name: str) -> None:
    right, wrong = TYPOS[name]
    text = json.dumps(runtime_pod(standing))
    assert right in text
    started = standing.kubelet.start(json.loads(text.replace(right, wrong)))
    with pytest.raises(AssertionError, match="statekeep-runtime"):
        started.wait_until_ready(8)
    if started.process.ended() is None:
        started.stop()


def test_it_goes_on_when_all_is_mended(standing: Release) -> None:
    address = standing.kubelet.address_of({"app.kubernetes.io/component": "valkey"})
    with redis.Redis(host=str(address), password=standing.secret(STORE)["password"]) as client:
        client.config_set("appendonly", "yes")
    standing.kubelet.stop()
    standing.start()
    desk = standing.desk(TENANT)
    desk.apply(definition("mended", "mended"))
    ready(desk, "wd", "mended")


def refuses(runtime: RunningPod, said: str) -> bool:
    """Asked whether it is ready, as the kubelet asks, it is not, and its log says why."""
    return not runtime.passes("readinessProbe") and said in runtime.said()


def runtime_pod(release: Release) -> Manifest:
    (pod,) = (
        pod
        for pod in pods(release.manifests())
        if pod["metadata"]["labels"]["app.kubernetes.io/component"] == "runtime"
    )
    return pod


def restore(release: Release, name: str, data: dict[str, str]) -> None:
    manifest = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name},
        "stringData": data,
    }
    text = json.dumps(manifest)
    place = ("-n", release.namespace)
    release.plane.kubectl(*place, "delete", "secret", name, "--ignore-not-found")
    release.plane.kubectl(*place, "create", "-f", "-", stdin=text)
