"""Three workflows under change, by kubectl alone: who would strand, who strands, and who is moved
on by the version that says what was forgotten."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.operators import COUNTED_WITHIN, Stage, condition, eventually
from support.webhooks import warnings

pytestmark = pytest.mark.cluster

MANIFESTS = Path(__file__).resolve().parents[3] / "examples" / "chaos" / "manifests"


@dataclass(frozen=True, slots=True)
class Story:
    """Thirty actors of one workflow, and what becomes of them."""

    workflow: str
    actors: tuple[tuple[int, tuple[str, ...]], ...]
    """How many, after which events."""
    stranded: tuple[tuple[int, str, str], ...]
    """How many, in which state, for which reason; the most first."""

    @property
    def lost(self) -> int:
        return sum(count for count, _, _ in self.stranded)

    def name(self, number: int) -> str:
        return f"{self.workflow}-v{number}"


STORIES = (
    Story(
        "build",
        ((10, ()), (15, ("START",)), (5, ("START", "FAIL"))),
        ((5, "failed", "StateRemoved"),),
    ),
    Story(
        "issue",
        (
            (12, ()),
            (6, ("START",)),
            (4, ("START", "SUBMIT")),
            (8, ("START", "SUBMIT", "APPROVE")),
        ),
        ((6, "in_progress", "StateBecameParallel"), (4, "in_review", "StateRemoved")),
    ),
    Story("session", ((20, ()), (10, ("WARN",))), ((10, "expiring", "StateRemoved"),)),
)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.workflow)
def test_of_thirty_some_strand_and_the_next_version_moves_them_all(
    hooked: Stage, story: Story
) -> None:
    first, second, third = (story.name(number) for number in (1, 2, 3))
    hooked.apply(manifest(first))
    hooked.ready("wd", first)
    for count, events in story.actors:
        hooked.spawn(first, count, events)
    eventually(
        lambda: listed(hooked, "wd", first)[2:4] == ["30", "0"],
        "all thirty are counted",
        COUNTED_WITHIN,
    )

    moved = 30 - story.lost
    assert warnings(hooked, manifest(second)) == [
        *(
            f"{count} of 30 actors would strand in `{state}` of {first}: {reason}"
            for count, state, reason in story.stranded
        ),
        f"{story.lost} of 30 would strand, {moved} would migrate, 0 would stay",
        *default_landing(second),
    ]
    apply_whatever_strands(hooked, story, second)
    assert listed(hooked, "cp", f"{second}.all")[4:7] == [str(moved), str(story.lost), "True"]
    assert listed(hooked, "wd", second)[2:5] == [str(moved), str(story.lost), "True"]
    status = hooked.status("wd", second)
    assert status["stranded"] == story.lost
    assert status["strandedBy"] == [
        {"version": first, "state": state, "reason": reason, "count": count}
        for count, state, reason in story.stranded
    ]
    assert hooked.status("wd", first)["stranded"] == 0, "the version that they left is to blame"

    assert warnings(hooked, manifest(third)) == [
        "0 of 30 would strand, 30 would migrate, 0 would stay",
        *default_landing(third),
    ]
    hooked.apply(manifest(third))
    hooked.ready("wd", third)
    assert listed(hooked, "cp", f"{third}.all")[4:7] == ["30", "0", "True"]
    hooked.desk.kubectl("wait", "--for=condition=Stranded=False", f"wd/{second}", "--timeout=20s")
    eventually(
        lambda: listed(hooked, "wd", third)[2:4] == ["30", "0"],
        "all are on the last",
        COUNTED_WITHIN,
    )
    after = hooked.status("wd", second)
    assert (after["stranded"], after.get("strandedBy")) == (0, None)


def apply_whatever_strands(stage: Stage, story: Story, name: str) -> None:
    """Apply; where the gate is shut, paste into it what the preview has printed."""
    stage.apply(manifest(name))
    if "gate" in manifest(name)["spec"]:
        preview = stage.waits("wd", name, "TooManyStranded")["preview"]
        assert preview["wouldStrand"] == story.lost
        assert stage.status("wd", name)["stranded"] == 0, "nobody has been moved"
        opened = manifest(name)
        opened["spec"]["gate"] = {"accept": preview["accept"]}
        stage.apply(opened)
    assert condition(stage.ready("wd", name), "Applied")["status"] == "True"


def manifest(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((MANIFESTS / f"{name}.yaml").read_text())
    return found


def default_landing(name: str) -> list[str]:
    return [f"LandingDefaulted: {name}.all names no landing; it lands by Same."]


def listed(stage: Stage, kind: str, name: str) -> list[str]:
    """The row that `kubectl get` shows of an object."""
    return stage.desk.kubectl("get", kind, name).splitlines()[1].split()
