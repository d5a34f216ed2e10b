"""`statekeep revert` over HTTP: forward to the content of the version before, and back again."""

import json
from pathlib import Path

import pytest

from support.command_line import spoken, statekeep

pytestmark = pytest.mark.valkey

LOAN = Path(__file__).parents[3] / "examples" / "loan"
MACHINE_V1 = json.loads((LOAN / "loan-v1.json").read_text())


def a_loan_on_v2(*options: str) -> tuple[str, str]:
    """Alice has paid and is on loan-v2; Bob was waived and is not."""
    spoken("deploy", str(LOAN / "loan-v1.json"), "--id", "loan-v1", "--workflow", "loan")
    alice, bob = spoken("spawn", "loan-v1", "--count", "2").split()
    spoken("send", alice, "SUBMIT_INFO", "PAY_FEE")
    spoken("send", bob, "SUBMIT_INFO", "WAIVE_FEE")
    spoken(
        "deploy", str(LOAN / "loan-v2.json"), "--id", "loan-v2", "--parent", "loan-v1",
        "--history", "SUBMIT_INFO,PAY_FEE", *options,
    )  # fmt: skip
    return alice, bob


def where(actor: str) -> tuple[str, object, str]:
    told = json.loads(spoken("get", actor, "-o", "json"))
    return told["version"], told["stateValue"], told["status"]


def digest(version: str) -> str:
    (found,) = [
        one["digest"]
        for one in json.loads(spoken("versions", "--workflow", "loan", "-o", "json"))["items"]
        if one["id"] == version
    ]
    return str(found)


def carried_out(version: str) -> str:
    """Revert a version by deploying what the command writes; what it says it will do."""
    written = statekeep("revert", version)
    assert written.code == 0, written.err
    spoken("deploy", "-", stdin=written.out)
    for line in written.err.splitlines():
        if line.startswith("`statekeep close"):
            spoken(*line.split("`")[1].split()[1:])
    return written.err


def test_a_revert_and_its_own_revert_lead_forward(server: str) -> None:
    alice, bob = a_loan_on_v2()
    said = carried_out("loan-v2")
    assert "loan-v3 has the content of loan-v1" in said
    assert "Now 1 actor would migrate, 0 would stay, 0 would strand." in said
    assert where(alice) == ("loan-v3", "awaiting_docs", "active")
    assert where(bob) == ("loan-v1", "awaiting_docs", "active")
    assert digest("loan-v3") == digest("loan-v1")

    said = carried_out("loan-v3")
    assert "loan-v3.revert is closed" in said
    assert where(alice) == ("loan-v4", "income_verify", "active")
    assert digest("loan-v4") == digest("loan-v2")


def test_nobody_goes_on_to_what_was_reverted(server: str) -> None:
    a_loan_on_v2()
    carried_out("loan-v2")
    late = spoken("spawn", "loan-v1").strip()
    spoken("send", late, "SUBMIT_INFO", "PAY_FEE")
    assert where(late) == ("loan-v1", "awaiting_docs", "active")


def test_those_who_stranded_on_the_way_come_along(server: str) -> None:
    alice, bob = a_loan_on_v2("--landing", "MappingOnly")
    assert where(alice) == ("loan-v1", "awaiting_docs", "needs_rescue")
    said = carried_out("loan-v2")
    assert "It takes everybody on loan-v1 too, where actors are stranded" in said
    assert where(alice) == ("loan-v3", "awaiting_docs", "active")
    assert where(bob) == ("loan-v3", "awaiting_docs", "active")


def test_who_has_no_landing_holds_everybody_until_it_is_mapped(server: str) -> None:
    alice, carol = a_loan_on_v2()[0], spoken("spawn", "loan-v1").strip()
    spoken("send", carol, "SUBMIT_INFO", "PAY_FEE", "INCOME_VERIFIED")
    written = statekeep("revert", "loan-v2")
    assert "1 in awaiting_docs of loan-v2: HistoryNotAccepted" in written.err
    refused = statekeep("deploy", "-", stdin=written.out)
    assert (refused.code, "TooManyStranded" in refused.err) == (4, True)

    mapped = statekeep("revert", "loan-v2", "--map", "awaiting_docs=awaiting_docs")
    assert "2 actors would migrate, 0 would stay, 0 would strand" in mapped.err
    spoken("deploy", "-", stdin=mapped.out)
    assert where(alice) == where(carol) == ("loan-v3", "awaiting_docs", "active")


IMPOSSIBLE = [
    (("loan-v1",), "loan-v1 is not where its actors end: loan-v2.loan-v1 leads on", 1),
    (("loan-v9",), "UnknownVersion", 4),
    (("loan-v2", "--content-of", "loan-v8"), "UnknownVersion", 4),
    (("loan-v2", "--map", "nonsense"), "SOURCE=TARGET", 2),
    (("other-v1",), "no change-point leads to other-v1, so no version comes before it", 1),
    (("loan-v2", "--content-of", "other-v1"), "other-v1 is of workflow other, not loan", 2),
    (("loan-v2", "--format", "manifests", "--manifests", "gone.yaml"), "gone.yaml: No such", 2),
]


def test_what_cannot_be_reverted_is_said(server: str) -> None:
    a_loan_on_v2()
    spoken("deploy", str(LOAN / "loan-v1.json"), "--id", "other-v1", "--workflow", "other")
    for arguments, says, code in IMPOSSIBLE:
        ended = statekeep("revert", *arguments)
        assert (ended.code, says in ended.err, ended.out) == (code, True, ""), ended.err
