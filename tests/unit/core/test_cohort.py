"""Cohorts: one name for equal content, and a text that survives."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from statekeep.core.cohort import cohort_digest, decode_cohort, encode_cohort, state_value
from statekeep.core.points import change_point_from_json
from support.routed import Workflow, chart, compound, migration, parallel

BOTH = chart(
    a={"GO": "both"},
    both=parallel(l=compound(x={"L": "y"}, y={}), r=compound(x={"R": "y"}, y={})),
)


@pytest.fixture
def loan() -> Workflow:
    workflow = Workflow()
    workflow.deploy("v1", BOTH)
    workflow.spawn("ann", "v1", "GO", "L")
    workflow.spawn("bob", "v1", "GO", "L")
    workflow.spawn("cid", "v1", "GO", "R")
    workflow.deploy("v2", chart(z={}), migration("v1", path=["GO", "L"]))
    return workflow


def test_equal_cohorts_have_one_digest_and_others_have_another(loan: Workflow) -> None:
    ann, bob, cid = (loan.actors[name] for name in ("ann", "bob", "cid"))
    assert ann == bob
    assert cohort_digest(loan.registry, ann) == cohort_digest(loan.registry, bob)
    others = [
        cid,
        replace(ann, position=7),
        replace(ann, stranding=None),
        replace(ann, regions=()),
        replace(ann, history=ann.history.append("L")),
    ]
    digests = {cohort_digest(loan.registry, cohort) for cohort in (ann, *others)}
    assert len(digests) == 6


def test_the_message_of_a_stranding_is_for_people_only(loan: Workflow) -> None:
    ann = loan.actors["ann"]
    assert ann.stranding is not None
    reworded = replace(ann, stranding=replace(ann.stranding, message="in other words"))
    assert reworded == ann
    assert cohort_digest(loan.registry, reworded) == cohort_digest(loan.registry, ann)


def test_a_cohort_survives_being_written_down(loan: Workflow) -> None:
    for cohort in loan.actors.values():
        text = encode_cohort(loan.registry, cohort)
        again = decode_cohort(loan.registry, text)
        assert again == cohort
        assert encode_cohort(loan.registry, again) == text
        assert state_value(loan.registry, again) == state_value(loan.registry, cohort)
        assert again.stranding == cohort.stranding


def test_another_format_or_an_unknown_version_is_a_fault(loan: Workflow) -> None:
    stored = json.loads(encode_cohort(loan.registry, loan.actors["ann"]))
    with pytest.raises(ValueError, match="a cohort of format 2, where 1 is understood"):
        decode_cohort(loan.registry, json.dumps({**stored, "format": 2}))
    with pytest.raises(LookupError, match="a cohort on 'v9', which 'loan' has not"):
        decode_cohort(loan.registry, json.dumps({**stored, "version": "v9"}))


def test_a_change_point_survives_being_written_down(loan: Workflow) -> None:
    loan.point("fix", "v2", refines="v2.from v1", mapping={"both": "z"}, while_stranded="Block")
    for point in loan.registry.points:
        assert change_point_from_json(json.loads(json.dumps(point.to_json()))) == point
