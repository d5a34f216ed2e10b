"""docs/operator.md is run: every command of its console blocks, in order, prints what it says."""

import json
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from support.command_line import spoken
from support.operators import COUNTED_WITHIN, Stage, eventually

pytestmark = pytest.mark.cluster

ROOT = Path(__file__).resolve().parents[3]
DEPLOY = ROOT / "operator" / "deploy"
PAGE = ROOT / "docs" / "operator.md"
PARTS = re.compile(r"^```console\n(.*?)^```$|^<!-- run: (.*?) -->$", re.MULTILINE | re.DOTALL)


def thirty_builds(stage: Stage) -> None:
    stage.spawn("build-v1", 10)
    stage.spawn("build-v1", 15, ["START"])
    stage.spawn("build-v1", 5, ["START", "FAIL"])
    eventually(
        lambda: stage.status("wd", "build-v1")["actors"]["total"] == 30,
        "all are counted",
        COUNTED_WITHIN,
    )


def the_deletion_policy(stage: Stage) -> None:
    policy, bound = yaml.safe_load_all((DEPLOY / "deletion-policy.yaml").read_text())
    only = {"matchLabels": {"kubernetes.io/metadata.name": stage.tenant}}
    bound["spec"]["matchResources"] = {"namespaceSelector": only}
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": [policy, bound]})
    stage.desk.plane.kubectl("apply", "-f", "-", stdin=text)
    command = ("delete", "wd", "build-v3", "--dry-run=server")
    eventually(lambda: "actors" in complaint(stage, command), "the policy is in force")


def complaint(stage: Stage, words: Sequence[str]) -> str:
    return stage.desk.plane.kubectl("-n", stage.tenant, *words, check=False).stderr


ACTS = {"thirty builds": thirty_builds, "the deletion policy": the_deletion_policy}


def commands(block: str) -> list[tuple[str, str]]:
    """Each command line with what it is to print."""
    found = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    return [(text.partition("\n")[0], text.partition("\n")[2].strip()) for text in found]


def matches(expected: str, printed: str) -> bool:
    """Columns may be wider; `…` is anything."""
    pieces = [re.escape(" ".join(piece.split())) for piece in expected.split("…")]
    return re.fullmatch(".*".join(pieces), " ".join(printed.split()), re.DOTALL) is not None


def printed(stage: Stage, line: str) -> str:
    """What a command line prints; a complaint, too."""
    text: str | None = None
    for command in line.split(" | "):
        program, *words = command.replace("examples/", f"{ROOT}/examples/").split()
        if program == "statekeep":
            text = spoken(*words)
        else:
            run = stage.desk.plane.kubectl("-n", stage.tenant, *words, stdin=text, check=False)
            text = run.stdout + run.stderr
    return text or ""


@dataclass
class Watch:
    """A `kubectl get -w` in a terminal of its own, and what it is to have printed at the end."""

    line: str
    expected: str
    process: "subprocess.Popen[bytes]"
    out: Path

    def has_printed_it(self) -> None:
        try:
            eventually(lambda: matches(self.expected, self.out.read_text()), self.line)
        except AssertionError:
            assert self.out.read_text() == self.expected, self.line


def watching(stage: Stage, line: str, expected: str, out: Path) -> Watch:
    plane = stage.desk.plane
    command = [str(plane.binaries["kubectl"]), "-n", stage.tenant, *line.split()[1:]]
    with out.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, env=plane.environment())
    watch = Watch(line, expected, process, out)
    eventually(lambda: "NAME" in out.read_text(), "the watch begins")
    return watch


@pytest.fixture
def people(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line knows the runtime by its environment."""
    monkeypatch.setenv("STATEKEEP_URL", str(stage.http.base_url).rstrip("/"))
    monkeypatch.setenv("STATEKEEP_API_KEY", stage.http.headers["x-api-key"])


@pytest.mark.usefixtures("people")
def test_the_page_prints_what_stands_there(stage: Stage, tmp_path: Path) -> None:
    watches: list[Watch] = []
    try:
        for block, act in PARTS.findall(PAGE.read_text(encoding="utf-8")):
            if act:
                ACTS[act](stage)
            for line, expected in commands(block):
                if line.endswith(" -w"):
                    out = tmp_path / f"watch-{len(watches)}"
                    watches.append(watching(stage, line, expected, out))
                else:
                    prints(stage, line, expected)
        for watch in watches:
            watch.has_printed_it()
    finally:
        for watch in watches:
            watch.process.kill()
            watch.process.wait()
    policy = "validatingadmissionpolicybinding"
    stage.desk.plane.kubectl("delete", policy, "statekeep-deletion")


def prints(stage: Stage, line: str, expected: str) -> None:
    """What only looks may look again: counts and Events come when they come."""
    if not line.startswith(("kubectl get ", "kubectl describe ")):
        said = printed(stage, line)
        assert matches(expected, said), f"{line}\n{said}"
        return
    shown = [""]

    def right() -> bool:
        shown[0] = printed(stage, line)
        return matches(expected, shown[0])

    try:
        eventually(right, line, 20)
    except AssertionError:
        assert shown[0] == expected, line
