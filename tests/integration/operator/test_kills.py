"""Any part is killed in the middle of a migration: the end is the same as without."""

import json
import os
import random
import signal
import time
from collections.abc import Iterator

import httpx
import pytest

from support.cluster import definition
from support.operators import eventually
from support.parts.fault import PartError
from support.parts.site import Site

pytestmark = [pytest.mark.cluster, pytest.mark.valkey, pytest.mark.timeout(600)]

ACTORS = 60
ROUNDS = int(os.environ.get("STATEKEEP_KILLS", "1"))
"""The budget is 20 kills of each part; one each is enough to find what was just broken."""
PARTS = ("operator", "runtime", "valkey", "etcd", "kube-apiserver")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("site")) as parts:
        yield parts


@pytest.fixture
def api(site: Site) -> Iterator[httpx.Client]:
    headers = {"x-api-key": site.runtime.api_key}
    with httpx.Client(base_url=site.runtime.url, headers=headers, timeout=30.0) as client:
        yield client


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("attempt", range(ROUNDS))
def test_a_kill_in_the_middle_changes_nothing_in_the_end(
    site: Site, api: httpx.Client, part: str, attempt: int
) -> None:
    chance = random.Random(f"{part} {attempt}")
    workflow = f"{part}-{attempt}"
    first, second = f"{workflow}-v1", f"{workflow}-v2"
    apply(site, definition(first, workflow))
    wait_ready(site, first)
    events = [{"actorId": spawn(api, first), "type": "SUBMIT"} for _ in range(ACTORS)]
    api.post("/v1/events", json={"events": events[: ACTORS // 2]})

    apply(site, definition(second, workflow, migrations=[{"name": "all", "from": first}]))
    time.sleep(chance.uniform(0.3, 1.2))  # the instant of a crash is nobody's choice
    victim = next(p for p in site.parts if p.name == part)
    os.kill(victim.pid, signal.SIGKILL)
    eventually(victim.ended, f"{part} is gone")
    revived(site)
    wait_ready(site, second)

    eventually(
        lambda: where(api, workflow) == {first: (1, 0), second: (2, ACTORS)},
        "what was committed is carried out to its end",
    )
    found = api.get(f"/v1/workflows/{workflow}").json()
    assert [(point["name"], point["clock"]) for point in found["points"]] == [(f"{second}.all", 3)]
    assert (found["points"][0]["migrated"], found["points"][0]["stranded"]) == (ACTORS, 0)
    told = eventually(lambda: status(site, second).get("migrations"), "the status tells it")
    assert (told[0]["clock"], told[0]["migrated"]) == (3, ACTORS)


def where(api: httpx.Client, workflow: str) -> dict[str, tuple[int, int]]:
    """The clock of each version, and how many are on it. Who meets a fence finishes its shard."""
    found = api.get(f"/v1/workflows/{workflow}").json()
    return {v["id"]: (v["clock"], v["actors"]["active"]) for v in found["versions"]}


def spawn(api: httpx.Client, version: str) -> str:
    answer = api.post("/v1/actors", json={"definitionId": version})
    assert answer.is_success, answer.text
    return str(answer.json()["id"])


def apply(site: Site, manifest: object) -> None:
    site.plane.kubectl("apply", "-f", "-", stdin=json.dumps(manifest))


def wait_ready(site: Site, name: str) -> None:
    """Wait as people do; kubectl gives up where the API server does not answer, people do not."""

    def waited() -> bool:
        run = site.plane.kubectl(
            "wait",
            "--for=condition=Ready",
            f"wd/{name}",
            "--timeout=10s",
            "--request-timeout=15s",
            check=False,
        )
        revived(site)
        return run.returncode == 0

    eventually(waited, f"{name} is ready", 120)


def revived(site: Site) -> None:
    """Start again what has ended, as `make dev` does."""
    try:
        site.revive()
    except PartError:
        return


def status(site: Site, name: str) -> dict[str, list[dict[str, int]]]:
    found: dict[str, list[dict[str, int]]] = site.plane.get("wd", name).get("status", {})
    return found
