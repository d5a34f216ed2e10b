"""An operator reads what a runtime of its own release or a newer one answers.

The files are answers as they were given once; a newer runtime may say more, never less.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from statekeep.web import wire
from statekeep_operator.facts import Counts, Point, Runtime, Stranded, Version
from statekeep_operator.runtime import preview_from, runtime_from
from statekeep_operator.status import Preview

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "wire"


def answer(name: str, *, newer: bool) -> Any:
    told = json.loads((GOLDEN / name).read_text(encoding="utf-8"))
    return with_more(told) if newer else told


def with_more(told: Any) -> Any:
    """The same from a runtime that knows more: new members everywhere."""
    if isinstance(told, list):
        return [with_more(item) for item in told]
    if isinstance(told, dict):
        return {**{key: with_more(value) for key, value in told.items()}, "sinceLater": 1}
    return told


@pytest.mark.parametrize("newer", [False, True], ids=["same release", "newer runtime"])
def test_a_workflow(newer: bool) -> None:
    found = answer("workflow.json", newer=newer)
    for version in found["versions"]:
        version["actors"].pop("sinceLater", None)
    assert runtime_from(wire.WorkflowSummary.model_validate(found)) == Runtime(
        registry="0d4e5a52-6d1f-4b06-8bb0-5cbb6a1b2a0e",
        clock=3,
        law=2,
        frozen="incident 7",
        versions={
            "loan-v1": Version(1, "sha256:11", {"active": 4, "done": 0, "needs_rescue": 5}),
            "loan-v2": Version(2, "sha256:22", {"active": 25, "done": 1, "needs_rescue": 0}),
        },
        points={
            "loan-v2.all": Point(
                clock=3,
                source="loan-v1",
                target="loan-v2",
                closed=True,
                refinement=0,
                anchor_hash="sha256:33",
                plan_hash="sha256:44",
                migrated=25,
                stayed=4,
                stranded=5,
            ),
            "loan-v2.paid": Point(
                clock=3,
                source="loan-v1",
                target="loan-v2",
                anchor_hash="sha256:55",
                plan_hash="sha256:44",
                migrated=25,
                stayed=4,
                stranded=5,
                own=Counts(3, 4, 0),
            ),
        },
        stranded=(Stranded("loan-v2.all", "loan-v1", "failed", "StateRemoved", 5),),
    )


@pytest.mark.parametrize("newer", [False, True], ids=["same release", "newer runtime"])
def test_a_preview(newer: bool) -> None:
    found = wire.PreviewAnswer.model_validate(answer("preview.json", newer=newer))
    assert preview_from(found) == Preview(
        "sha256:44", 25, 0, 5, (Stranded("", "loan-v1", "failed", "StateRemoved", 5),)
    )


@pytest.mark.parametrize("newer", [False, True], ids=["same release", "newer runtime"])
def test_a_problem(newer: bool) -> None:
    problem = wire.Problem.model_validate(answer("problem.json", newer=newer))
    assert (problem.code, problem.status, problem.errors[0].pointer) == (
        "TooManyStranded",
        409,
        "/maxStranded",
    )
