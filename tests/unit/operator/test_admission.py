"""The webhook's verdicts: few refusals, warnings worst first, and never a silence."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from statekeep_operator import admission
from statekeep_operator.admission import WARNING_LENGTH, Verdict, judge
from statekeep_operator.runtime import Runtimes


def review(**meta: Any) -> dict[str, Any]:
    spec = {"workflow": "loan", "definition": {"initial": "a", "states": {"a": {}}}}
    body = {"metadata": {"name": "loan-v2", "namespace": "lending", **meta}, "spec": spec}
    return {"kind": {"kind": "WorkflowDefinition"}, "namespace": "lending", "object": body}


def answering(status: int, body: Any) -> Runtimes:
    def handle(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, text=json.dumps(body))

    return Runtimes("http://runtime", "key", transport=httpx.MockTransport(handle))


def preview(*stranded: tuple[str, int], migrated: int = 0) -> dict[str, Any]:
    rows = [
        {
            "version": "loan-v1",
            "state": s,
            "verdict": "stranded",
            "reason": "StateRemoved",
            "count": n,
        }
        for s, n in stranded
    ]
    point = {
        "name": "loan-v2.all", "workflow": "loan", "clock": 3, "from": "loan-v1", "to": "loan-v2",
        "landing": "Same",
    }  # fmt: skip
    would = sum(count for _, count in stranded)
    return {
        "workflow": "loan",
        "migration": {},
        "counts": {"wouldMigrate": migrated, "wouldStay": 0, "wouldStrand": would},
        "planHash": "sha256:44",
        "byState": rows,
        "changePoints": [point],
    }


async def test_the_worst_comes_first() -> None:
    found = await judge(answering(200, preview(("draft", 2), ("review", 12), migrated=6)), review())
    assert found == Verdict(
        warnings=(
            "12 of 20 actors would strand in `review` of loan-v1: StateRemoved",
            "2 of 20 actors would strand in `draft` of loan-v1: StateRemoved",
            "14 of 20 would strand, 6 would migrate, 0 would stay",
        )
    )


async def test_a_clean_preview_is_said_too() -> None:
    found = await judge(answering(200, preview(migrated=252)), review())
    assert found.warnings == ("0 of 252 would strand, 252 would migrate, 0 would stay",)


async def test_no_warning_is_longer_than_the_api_server_prints() -> None:
    found = await judge(answering(200, preview(("s" * 400, 1))), review())
    assert len(found.warnings[0]) == WARNING_LENGTH
    assert found.warnings[0].endswith("…")


async def test_many_warnings_are_summed() -> None:
    many = [(f"state-{number}", 1) for number in range(30)]
    found = await judge(answering(200, preview(*many)), review())
    assert len(found.warnings) == 10
    assert found.warnings[-1] == "and 22 more warnings"


@pytest.mark.parametrize(
    ("code", "allowed"),
    [("InvalidDefinition", False), ("DefinitionExists", False), ("UnknownVersion", True),
     ("BackwardMigration", True), ("ACodeOfANewerRuntime", True)],
)  # fmt: skip
async def test_only_what_the_object_alone_proves_wrong_is_refused(code: str, allowed: bool) -> None:
    problem = {"type": "t", "title": "so", "status": 422, "code": code, "detail": "so"}
    found = await judge(answering(422, problem), review())
    said = found.warnings[0] if allowed else found.message
    assert (found.allowed, said) == (allowed, f"{code}: so.")


async def test_a_runtime_that_is_away_is_no_silence() -> None:
    problem = {"type": "t", "title": "no store", "status": 503, "code": "Unavailable"}
    found = await judge(answering(401, {**problem, "code": "KeyUnknown"}), review())
    assert found.allowed
    assert found.warnings[0].startswith("no preview is available: ")


async def test_a_runtime_that_is_slow_is_no_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "SECONDS", 0.01)

    async def never(_: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    slow = Runtimes("http://runtime", "key", transport=httpx.MockTransport(never))
    found = await judge(slow, review())
    assert found.warnings == (
        "no preview is available: the runtime did not answer within a second",
    )


async def test_projections_are_ours_and_pass() -> None:
    owner = {"kind": "WorkflowDefinition", "name": "loan-v2", "controller": True}
    projection = review(name="loan-v2.all", ownerReferences=[owner])
    projection["kind"] = {"kind": "ChangePoint"}
    assert await judge(answering(500, {}), projection) == Verdict()
