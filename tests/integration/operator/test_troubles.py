"""docs/troubleshooting.md is produced: every trouble on a real API server, with a real operator.

`UPDATE_DOCS=1 pytest …` writes the page anew; without it every difference is a failure.
"""

import os
import re
from pathlib import Path

import pytest

from statekeep_operator import reasons
from support.cluster import Manifest, definition
from support.operators import Stage, condition, eventually
from support.parts.fault import PartError
from support.troubles import TROUBLES, Trouble

PAGE = Path(__file__).resolve().parents[3] / "docs" / "troubleshooting.md"
MARK = "written by tests/integration/operator/test_troubles.py"
HASH = re.compile(r"sha256:[0-9a-f]{64}")


def section(trouble: Trouble, said: str) -> str:
    return f"### {trouble.title}\n\n```\n{HASH.sub('sha256:…', said)}\n```\n\n{trouble.way_out}\n"


def hold(name: str, text: str, mark: str) -> None:
    """The page has this text between its marks of that name, or gets it."""
    page = PAGE.read_text(encoding="utf-8")
    if text in page:
        return
    assert os.environ.get("UPDATE_DOCS"), f"docs/troubleshooting.md lacks, for {name}:\n{text}"
    begin = f"<!-- {mark}: {MARK} -->\n"
    head, _, rest = page.partition(begin)
    inside, end, tail = rest.partition(f"<!-- end of {mark} -->")
    old = re.compile(rf"^### {re.escape(name)}\n.*?(?=^### |\Z)", re.DOTALL | re.MULTILINE)
    inside = old.sub("", inside) if mark == "troubles" else ""
    PAGE.write_text(head + begin + inside + text + "\n" + end + tail, encoding="utf-8")


@pytest.mark.cluster
@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.title)
def test_trouble(stage: Stage, trouble: Trouble) -> None:
    if trouble.before:
        stage.apply(*trouble.before)
    for manifest in trouble.before:
        stage.ready(manifest["kind"], manifest["metadata"]["name"])
    if trouble.actors:
        stage.spawn("loan-v1", trouble.actors)
    said = refusal(stage, trouble) if trouble.refused else complaint(stage, trouble)
    hold(trouble.title, section(trouble, said), "troubles")


def refusal(stage: Stage, trouble: Trouble) -> str:
    """What kubectl prints when the API server takes nothing."""
    with pytest.raises(PartError) as caught:
        stage.apply(trouble.wrong)
    said = str(caught.value).partition("apply -f -: ")[2]
    return re.sub(r'Invalid value: ".{200,}"', 'Invalid value: "…"', said).strip()


def complaint(stage: Stage, trouble: Trouble) -> str:
    """What the object says of itself."""
    stage.apply(*trouble.beside, trouble.wrong)
    kind, name = trouble.wrong["kind"], trouble.wrong["metadata"]["name"]
    status = stage.waits(kind, name, trouble.reason)
    abnormal = reasons.class_of(trouble.reason)
    found = condition(status, abnormal)
    assert found["status"] == "True"
    return f"Ready=False {abnormal}=True\nreason:  {found['reason']}\nmessage: {found['message']}"


def test_the_page_tells_every_reason_that_is_waited_for() -> None:
    told = {
        reasons.PROGRESSING: "it is being registered",
        reasons.UNKNOWN_VERSION: "a version that it names is not registered",
        reasons.UNKNOWN_CHANGE_POINT: "the point that it refines is not registered",
        reasons.ORDER_UNKNOWN: "its order against another one could change a verdict",
        reasons.TOO_MANY_STRANDED: "more would strand than the gate allows",
        reasons.PLAN_DRIFTED: "the plan, or a kind of stranding, is not the one that was approved",
        reasons.SUSPENDED: "`spec.suspend` is true",
        reasons.FROZEN: "somebody has pulled the workflow's brake",
        reasons.RUNTIME_UNAVAILABLE: "the runtime does not answer",
        reasons.RUNTIME_TOO_OLD: "the runtime lacks what the operator needs",
        reasons.REGISTRY_REPLACED: "the runtime's store is another one",
    }
    assert set(told) == reasons.RECONCILING
    rows = [f"| `{code}` | {sentence} |" for code, sentence in told.items()]
    table = "\n".join(["| waited for | because |", "|---|---|", *rows])
    table += f"\n\nPast the deadline of its gate an object is `{reasons.DEADLINE_EXCEEDED}`, and "
    table += "`Stalled`: only a change of the object goes on, so nothing moves by itself at night."
    hold("the table", table, "reasons")


def timeless(status: Manifest) -> Manifest:
    conditions = [{**c, "lastTransitionTime": ""} for c in status["conditions"]]
    return {**status, "conditions": conditions}


@pytest.mark.cluster
def test_a_status_that_somebody_else_wrote_is_written_again(stage: Stage) -> None:
    stage.apply(definition("loan-v1"))
    before = stage.ready("wd", "loan-v1")
    stage.desk.write_status("wd", "loan-v1", {"stranded": 7, "clock": 99, "conditions": []})
    eventually(
        lambda: timeless(stage.status("wd", "loan-v1")) == timeless(before), "it is right again"
    )


@pytest.mark.cluster
def test_a_change_in_place_that_is_reverted_is_ready_again(stage: Stage) -> None:
    manifest = definition("loan-v1")
    stage.apply(manifest)
    stage.ready("wd", "loan-v1")
    changed = {
        **manifest,
        "spec": {**manifest["spec"], "definition": {"initial": "x", "states": {"x": {}}}},
    }
    stage.apply(changed)
    status = stage.waits("wd", "loan-v1", "DefinitionExists")
    assert condition(status, "Registered")["status"] == "True"
    stage.apply(manifest)
    stage.ready("wd", "loan-v1")
