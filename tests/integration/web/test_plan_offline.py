"""`statekeep plan` says offline what the server then does."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from statekeep.cli.planning.digest import gather, read
from statekeep.cli.planning.manifests import read_manifest
from statekeep.cli.planning.offline import OfflinePlan
from statekeep.client import AsyncClient, Client
from support.asyncs import run
from support.command_line import statekeep
from support.web_server import behind_socket, bootstrap_key, write_secrets

MANIFESTS = Path(__file__).parents[3] / "examples" / "loan" / "manifests"


def test_the_plan_of_a_pull_request_is_what_the_server_then_does(tmp_path: Path) -> None:
    wanted = [
        item for file in sorted(MANIFESTS.glob("*.yaml")) for item in read_manifest(str(file))
    ]
    assert [item.name for item in wanted] == ["loan-v1", "loan-v2"]

    async def story() -> None:
        async with behind_socket(write_secrets(tmp_path)) as bench:
            key = bootstrap_key("lending", "admin")
            async with AsyncClient(bench.base_url, key) as client:
                await client.deploy(wanted[0].body)
                for way in (["SUBMIT_INFO", "PAY_FEE"], ["SUBMIT_INFO", "WAIVE_FEE"], []):
                    actor = (await client.spawn("loan-v1", {"secret": "of mine"})).id
                    for event in way:
                        await client.send(actor, event)

                def digest() -> str:
                    with Client(bench.base_url, key) as reader:
                        return json.dumps(gather(reader, None))

                text = await asyncio.to_thread(digest)
                assert "of mine" not in text
                unchanged, planned = OfflinePlan(read(text)).run(wanted)
                assert (unchanged.word, planned.word) == ("unchanged", "planned")
                done = await client.deploy(wanted[1].body)
                assert planned.result is not None
                assert planned.result["planHash"] == done.plan_hash
                assert [planned.result[word] for word in ("migrated", "stayed", "stranded")] == [
                    done.migrated, done.stayed, done.stranded
                ]  # fmt: skip
                assert (done.migrated, done.stayed) == (1, 2)

    run(story())


def test_a_gate_that_stays_closed_is_a_finding(tmp_path: Path) -> None:
    machine = "{initial: a, states: {a: {'on': {GO: b}}, b: {}}}"
    manifest = tmp_path / "w.yaml"
    manifest.write_text(
        "apiVersion: statekeep.dev/v1alpha1\nkind: WorkflowDefinition\nmetadata: {name: w-v2}\n"
        f"spec:\n  workflow: w\n  definition: {machine}\n"
        "  migrations: [{name: all, from: w-v1}]\n"
    )
    ended = statekeep("plan", str(manifest))
    assert ended.code == 1
    assert "UnknownVersion" in ended.out


def test_a_file_that_is_no_digest_is_said_to_be_none(tmp_path: Path) -> None:
    file = tmp_path / "classes.json"
    file.write_text("[]")
    ended = statekeep("plan", str(MANIFESTS / "loan-v1.yaml"), "--classes", str(file))
    assert ended.code == 2
    assert "no digest" in ended.err
