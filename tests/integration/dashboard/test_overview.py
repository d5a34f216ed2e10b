"""What dashboards ask for: shared snapshots, their ETags, who asks, and the files under /ui."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from statekeep.service import Services, Wiring
from statekeep.service.overview import (
    FRESH_SECONDS,
    LONGEST_REST,
    LOOKS_A_SECOND,
    REST,
    WRITTEN,
    Overview,
)
from statekeep.storage.memory import MemoryStore
from statekeep.storage.ports import CohortRow, Family
from statekeep.web import ui_files
from support.web_server import (
    LOAN_V1,
    LOAN_V2,
    Bench,
    deployed,
    in_process,
    spawned,
    write_secrets,
)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with in_process(write_secrets(tmp_path)) as found:
        yield found


async def test_counts_are_told_by_version_and_by_every_active_state(bench: Bench) -> None:
    admin = bench.client("admin")
    await deployed(admin, PARALLEL)
    await spawned(admin, "work-v1", "CODE")
    await spawned(admin, "work-v1")

    read = bench.client("read")
    whole = (await read.get("/v1/overview/work")).json()
    states = (await read.get("/v1/overview/work/states?definitionId=work-v1")).json()

    assert whole["byVersion"] == [
        {"id": "work-v1", "clock": 1, "actors": {"active": 2, "done": 0, "needs_rescue": 0}}
    ]
    counts = {state["path"]: state["actors"]["active"] for state in states["states"]}
    assert counts == {
        "both": 2, "both.check": 2, "both.check.open": 2,
        "both.code": 2, "both.code.done": 1, "both.code.wip": 1,
    }  # fmt: skip


async def test_who_is_stranded_is_told_by_state_reason_and_change_point(bench: Bench) -> None:
    admin = bench.client("admin")
    await deployed(admin, LOAN_V1)
    await spawned(admin, "loan-v1", "SUBMIT")
    await deployed(admin, {**LOAN_V2, "stateMapping": {}, "landing": "Same", "historyPath": []})

    whole = (await bench.client("read").get("/v1/overview/loan")).json()

    assert whole["stuck"] == [
        {
            "version": "loan-v1", "state": "review", "reason": "StateRemoved",
            "changePoint": "loan-v2.loan-v1", "count": 1,
        }
    ]  # fmt: skip
    assert whole["stuckKinds"] == 1
    found = await admin.get("/v1/actors?workflow=loan&reason=StateRemoved")
    assert len(found.json()["items"]) == 1
    assert (await admin.get("/v1/actors?reason=NotMapped")).json()["items"] == []


async def test_nothing_new_is_answered_without_a_body(bench: Bench) -> None:
    admin = bench.client("admin")
    await deployed(admin, LOAN_V1)
    paths = ["/v1/overview", "/v1/overview/loan", STATES_OF_LOAN]
    for path in paths:
        first = await admin.get(path)
        again = await admin.get(path, headers={"if-none-match": first.headers["etag"]})
        weak = await admin.get(path, headers={"if-none-match": f'W/{first.headers["etag"]}, "x"'})

        assert (first.status_code, again.status_code, weak.status_code) == (200, 304, 304), path
        assert again.content == b""


async def test_who_looks_is_told_when_there_can_be_something_new(tmp_path: Path) -> None:
    async with in_process(write_secrets(tmp_path)) as bench:
        admin = bench.client("admin")
        await deployed(admin, LOAN_V1)
        paths = ["/v1/overview", "/v1/overview/loan", STATES_OF_LOAN]
        for path in paths:
            first = await admin.get(path)
            again = await admin.get(path, headers={"if-none-match": first.headers["etag"]})
            for found in (first, again):
                assert 1 <= int(found.headers["retry-after"]) <= LONGEST_REST, path


async def test_fifty_answers_from_one_snapshot_are_written_once() -> None:
    services = Services(Wiring(MemoryStore()))
    await services.deployments.deploy("lending", LOAN_V1)
    found = await services.overview.workflow("lending", "loan")
    written: list[str] = []

    def write() -> bytes:
        written.append("once")
        return b"{}"

    assert {found.once("whole", write) for _ in range(50)} == {b"{}"}
    assert written == ["once"]
    for number in range(WRITTEN + 10):
        found.once(f"states v{number}", write)
    assert len(found.written) == WRITTEN


async def test_unknown_names_are_told_apart_from_empty_ones(bench: Bench) -> None:
    admin = bench.client("admin")
    await deployed(admin, LOAN_V1)
    unknown = await admin.get("/v1/overview/nothing")
    version = await admin.get("/v1/overview/loan/states?definitionId=loan-v9")
    foreign = await bench.client("admin", "claims").get("/v1/overview/loan")

    assert [found.json()["code"] for found in (unknown, version, foreign)] == [
        "UnknownWorkflow", "UnknownVersion", "UnknownWorkflow",
    ]  # fmt: skip
    assert (await bench.client("read", "claims").get("/v1/overview")).json()["items"] == []


@pytest.mark.parametrize(
    ("role", "permissions"),
    [
        ("read", ["read"]),
        ("send", ["context", "read", "send"]),
        ("deploy", ["deploy", "read"]),
        ("admin", ["context", "deploy", "keys", "operate", "read", "send"]),
    ],
)
async def test_a_key_is_told_what_it_may_do(
    bench: Bench, role: str, permissions: list[str]
) -> None:
    found = (await bench.client(role).get("/v1/me")).json()
    assert (found["tenant"], found["roles"], found["permissions"]) == (
        "lending", [role], permissions,
    )  # fmt: skip


async def test_a_change_point_says_who_brought_it_and_what_came_of_it(bench: Bench) -> None:
    admin = bench.client("admin")
    await deployed(admin, LOAN_V1)
    await spawned(admin, "loan-v1", "SUBMIT")
    done = await deployed(admin, LOAN_V2)

    listed = (await admin.get("/v1/change-points?workflow=loan")).json()["items"]
    alone = (await admin.get("/v1/change-points/loan-v2.loan-v1")).json()

    assert listed == [alone]
    result = {"planHash": done["planHash"], "migrated": 1, "stayed": 0, "stranded": 0}
    assert alone["result"] == result
    assert (alone["deployedBy"], alone["deployedAt"]) == (done["deployedBy"], done["deployedAt"])
    assert alone["deployedBy"] != ""


class Counting(MemoryStore):
    """A store that knows how often it was read from end to end, and its names."""

    looks = 0
    named = 0

    async def workflows(self, tenant: str) -> tuple[str, ...]:
        self.named += 1
        return await super().workflows(tenant)

    async def rows(self, family: Family, shard: int) -> tuple[CohortRow, ...]:
        self.looks += shard == 0
        return await super().rows(family, shard)


class Clock:
    """A clock that each look takes `cost` of."""

    now = 0.0
    cost = 0.2

    def __call__(self) -> float:
        self.now += self.cost / 2
        return self.now


async def test_fifty_who_look_at_once_cost_one_look() -> None:
    store = Counting()
    services = Services(Wiring(store))
    await services.deployments.deploy("lending", LOAN_V1)
    store.looks = 0
    overview = Overview(services.wiring, services.registries, services.changes)
    found = await asyncio.gather(*[overview.workflow("lending", "loan") for _ in range(50)])

    assert store.looks == 1
    assert len({id(snapshot) for snapshot in found}) == 1


async def test_the_names_of_workflows_are_read_once_in_a_while() -> None:
    store, clock = Counting(), Clock()
    services = Services(Wiring(store))
    await services.deployments.deploy("lending", LOAN_V1)
    store.named, clock.cost = 0, 0.0
    overview = Overview(services.wiring, services.registries, services.changes, clock)

    assert [await overview.names("lending") for _ in range(50)] == [("loan",)] * 50
    assert store.named == 1
    await services.deployments.deploy("lending", {**LOAN_V1, "id": "order-v1", "workflow": "order"})
    clock.now += FRESH_SECONDS
    assert await overview.names("lending") == ("loan", "order")


async def test_a_look_is_followed_by_a_rest_eighty_times_as_long() -> None:
    store, clock = Counting(), Clock()
    services = Services(Wiring(store))
    await services.deployments.deploy("lending", LOAN_V1)
    store.looks = 0
    overview = Overview(services.wiring, services.registries, services.changes, clock)
    await overview.workflow("lending", "loan")
    spent, clock.cost = clock.cost / 2, 0.0
    first = await overview.workflow("lending", "loan")
    assert overview.again_in([first]) == REST * spent

    clock.now += REST * spent - 0.01
    last = await overview.workflow("lending", "loan")
    assert (store.looks, overview.again_in([last])) == (1, 1)
    clock.now += 0.02
    await overview.workflow("lending", "loan")
    assert store.looks == 2
    assert FRESH_SECONDS < REST * spent < LONGEST_REST


async def test_many_who_look_are_given_turns_and_few_are_not_held_up() -> None:
    clock = Clock()
    clock.cost = 0.0
    services = Services(Wiring(MemoryStore()))
    await services.deployments.deploy("lending", LOAN_V1)
    overview = Overview(services.wiring, services.registries, services.changes, clock)
    found = [await overview.workflow("lending", "loan")]

    told = [overview.again_in(found) for _ in range(10 * LOOKS_A_SECOND)]
    assert told == sorted(told)
    assert (told[0], told[-1]) == (FRESH_SECONDS, FRESH_SECONDS + 10)
    assert max(told.count(second) for second in told) <= LOOKS_A_SECOND + 1
    clock.now += told[-1]
    assert overview.again_in([await overview.workflow("lending", "loan")]) == FRESH_SECONDS
    for _ in range(10_000):
        overview.again_in(found)
    assert overview.again_in(found) == LONGEST_REST


async def test_files_are_served_under_a_policy_that_forbids_everything_else(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "built"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html>")
    (folder / "assets" / "main-1a2b.js").write_text("1;" * 1_000)
    monkeypatch.setattr("statekeep.web.ui.built", lambda: ui_files.built(folder))
    client = bench.with_key(None)

    way = await client.get("/ui")
    page = await client.get("/ui/")
    script = await client.get("/ui/assets/main-1a2b.js")
    known = await client.get("/ui/", headers={"if-none-match": page.headers["etag"]})

    assert (way.status_code, way.headers["location"]) == (308, "ui/")
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-cache")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]
    assert script.headers["content-encoding"] == "gzip"
    assert "immutable" in script.headers["cache-control"]
    assert known.status_code == 304
    for path in ("/ui/assets/../../serving.py", "/ui/nothing.js", "/ui/assets"):
        assert (await client.get(path)).status_code == 404
    assert (await client.post("/ui/")).status_code == 405


async def test_a_server_without_the_dashboard_says_so_and_how_to_build_it(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("statekeep.web.ui.built", lambda: ui_files.built(tmp_path))
    page = await bench.with_key(None).get("/ui/")

    assert page.status_code == 503
    assert "make dashboard" in page.text
    assert (await bench.with_key(None).get("/healthz")).status_code == 200


STATES_OF_LOAN = "/v1/overview/loan/states?definitionId=loan-v1"
PARALLEL = {
    "id": "work-v1",
    "workflow": "work",
    "definition": {
        "initial": "both",
        "states": {
            "both": {
                "type": "parallel",
                "states": {
                    "code": {
                        "initial": "wip",
                        "states": {"wip": {"on": {"CODE": "done"}}, "done": {}},
                    },
                    "check": {"initial": "open", "states": {"open": {}}},
                },
            }
        },
    },
}
