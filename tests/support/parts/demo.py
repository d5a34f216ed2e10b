"""`make demo`: the real parts, and a tour that people can follow. Leaves nothing behind.

Every step says what it is for, shows the command as a person would type it, runs that very one, and
shows what it prints. Where numbers are promised they are looked up afterwards: an answer that is
not the expected one ends the demo. With PAUSE=1 it waits for Enter before each step.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from support.parts.fault import PartError, run_as_program
from support.parts.site import BIN, PlanePart, Site

ROOT = Path(__file__).resolve().parents[3]
MANIFESTS = "examples/chaos/manifests"
READY = "kubectl wait --for=condition=Ready --timeout=60s"


@dataclass
class Guide:
    """Tells, runs and shows; what a command is to keep stands in `kept`, as in a shell."""

    site: Site
    pause: bool = False
    kept: dict[str, str] = field(default_factory=dict)

    def chapter(self, title: str) -> None:
        print(f"\n{'─' * 2} {title} {'─' * max(2, 74 - len(title))}", flush=True)

    def tell(self, sentence: str) -> None:
        """Why the next commands."""
        width = min(shutil.get_terminal_size().columns, 100) - 2
        print("\n" + "\n".join(f"# {line}" for line in textwrap.wrap(sentence, width)), flush=True)
        if self.pause:
            print("  [Enter] ", end="", flush=True)
            if not sys.stdin.readline():
                self.pause = False

    def run(self, command: str, *, codes: tuple[int, ...] = (0,)) -> None:
        """Show a command line, and run it where its output belongs: on this very terminal."""
        print(f"$ {command}", flush=True)
        on_terminal = sys.stdout.isatty()
        ended = subprocess.run(
            ["sh", "-c", command],
            cwd=ROOT,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=None if on_terminal else subprocess.PIPE,
            stderr=None if on_terminal else subprocess.STDOUT,
            text=True,
            check=False,
        )
        print(ended.stdout or "", end="", flush=True)
        if ended.returncode not in codes:
            raise PartError(f"the demo's command failed: {command}")

    def keep(self, name: str, command: str) -> None:
        """`name=$(command)`, and what it printed."""
        print(f"$ {name}=$({command}); echo ${name}", flush=True)
        ended = subprocess.run(
            ["sh", "-c", command], cwd=ROOT, env=self._environment(),
            stdout=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
        if ended.returncode:
            raise PartError(f"the demo's command failed: {command}")
        self.kept[name] = ended.stdout.strip()
        print(self.kept[name], flush=True)

    def look(self, path: str) -> Any:
        """What the runtime says, to hold the tour to its word; not shown."""
        answer = httpx.get(
            self.site.runtime.url + path,
            headers={"x-api-key": self.site.runtime.api_key},
            timeout=30.0,
        )
        answer.raise_for_status()
        return answer.json()

    def _environment(self) -> Mapping[str, str]:
        search = f"{BIN}{os.pathsep}{self.site.plane.environment()['PATH']}"
        quiet = {"STATEKEEP_CONFIG": os.devnull}
        return {
            **self.site.plane.environment(), **self.site.variables(), **self.kept, **quiet,
            "PATH": search,
        }  # fmt: skip


def _expect(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise PartError(f"the demo expected {what} to be {expected}, and it is {found}")


def show_cluster(guide: Guide) -> None:
    guide.chapter("A cluster")
    guide.tell(
        "A real Kubernetes API server, started for this demo alone, with two kinds of ours: a"
        " version of a workflow, and a point at which actors change from one to another."
    )
    guide.run("kubectl version | tail -1; kubectl api-resources --api-group=statekeep.dev")


def show_first_version(guide: Guide) -> None:
    guide.chapter("The fee: why history and not state")
    guide.tell("A loan workflow is a resource. The operator registers it with the runtime.")
    guide.run(f"kubectl apply -f examples/loan/manifests/loan-v1.yaml && {READY} wd/loan-v1")
    guide.run("statekeep diagram examples/loan/loan-v1.json")
    guide.tell("Two applicants. Alice pays the fee; Bob has it waived.")
    guide.keep("alice", "statekeep spawn loan-v1")
    guide.keep("bob", "statekeep spawn loan-v1")
    guide.run("statekeep send $alice SUBMIT_INFO PAY_FEE")
    guide.run("statekeep send $bob SUBMIT_INFO WAIVE_FEE")
    guide.tell("Now both are in the same state. A column `state` could not tell who has paid:")
    guide.run("statekeep actors --workflow loan --by-state")


def show_migration(guide: Guide) -> None:
    """Plan offline, deploy with kubectl, ask why."""
    guide.tell(
        "The next version verifies the income of those who paid. What would it do? The plan is"
        " computed by the code that carries it out, here from the manifest alone and a digest of"
        " who is live, as the pipeline of a pull request does."
    )
    manifest = "examples/loan/manifests/loan-v2.yaml"
    guide.run(f"statekeep cohorts --digest | statekeep plan {manifest} --classes -")
    guide.tell("It is deployed while both are under way.")
    guide.run(f"kubectl apply -f {manifest} && {READY} wd/loan-v2")
    guide.run("kubectl get changepoints")
    guide.tell("Alice moved and Bob stayed, for ever the same answer, and each can be told why:")
    guide.run("statekeep why $alice; statekeep why $bob")
    where = {name: guide.look(f"/v1/actors/{guide.kept[name]}") for name in ("alice", "bob")}
    _expect("Alice's version", where["alice"]["version"], "loan-v2")
    _expect("Alice's state", where["alice"]["stateValue"], "income_verify")
    _expect("Bob's version", where["bob"]["version"], "loan-v1")


@dataclass(frozen=True, slots=True)
class Crowd:
    """Thirty actors of a workflow, and what becomes of them when v2 is careless."""

    workflow: str
    sent: tuple[str, ...]
    """What takes them to where they are on an ordinary day."""
    migrated: int
    stranded: int

    def commands(self) -> Iterator[str]:
        version = f"{self.workflow}-v1"
        yield f"statekeep spawn {version} --count 30 > /dev/null"
        yield from (f"statekeep send --all {what} --version {version}" for what in self.sent)


CROWDS = (
    Crowd("build", ("START --limit 20", "FAIL --state running --limit 5"), 25, 5),
    Crowd(
        "issue",
        (
            "START --limit 18",
            "SUBMIT --state in_progress --limit 12",
            "APPROVE --state in_review --limit 8",
        ),
        20,
        10,
    ),
    Crowd("session", ("WARN --limit 10",), 20, 10),
)


def show_crowds(guide: Guide) -> None:
    """Three workflows with thirty actors each, spread over their states."""
    guide.chapter("Chaos: three careless deployments, ninety actors")
    guide.tell("Three workflows, of builds, issues and sessions, thirty actors each.")
    guide.run(f"kubectl apply {_files('v1')} && {READY} wd/build-v1 wd/issue-v1 wd/session-v1")
    guide.tell("They are sent to where they would be on an ordinary day.")
    for crowd in CROWDS:
        for command in crowd.commands():
            guide.run(command)
    guide.run("statekeep actors --by-state --version build-v1")


def show_carelessness(guide: Guide) -> None:
    """The gate holds; then it is opened, and nobody is lost."""
    guide.tell(
        "The second versions rename a state, split one into two sides, drop one, and do not say"
        " what becomes of those who are there. The gate of build-v2 lets nobody strand, so nobody"
        " moves; the others have no gate."
    )
    guide.run(
        f"kubectl apply {_files('v2')} && {READY} wd/issue-v2 wd/session-v2 && kubectl wait"
        " --for=jsonpath='{.status.conditions[?(@.type==\"Ready\")].reason}'=TooManyStranded"
        " wd/build-v2"
    )
    guide.tell("Somebody opens it. Who has no valid place is not guessed at: kept, and counted.")
    guide.run(
        'kubectl patch wd build-v2 --type=merge -p \'{"spec":{"gate":{"maxStranded":5}}}\''
        f" && {READY} wd/build-v2"
    )
    guide.run(
        "kubectl get workflowdefinitions"
        " -o custom-columns=NAME:.metadata.name,STRANDED:.status.stranded"
    )
    for crowd in CROWDS:
        done = guide.look(f"/v1/deployments/{crowd.workflow}-v2.all")
        counts = (done["migrated"], done["stayed"], done["stranded"])
        _expect(f"{crowd.workflow}-v2", counts, (crowd.migrated, 0, crowd.stranded))
    guide.tell("What the person on call sees, with the way out. The exit code is 1: for scripts.")
    for crowd in CROWDS:
        guide.run(f"statekeep stranded {crowd.workflow}", codes=(1,))


def show_way_out(guide: Guide) -> None:
    guide.tell(
        "The way out is forward: the same machine again, with the mapping that was forgotten. It"
        " moves everybody, also those who never arrived in v2."
    )
    guide.run(
        f"statekeep diagram --from build-v1 --to {MANIFESTS}/build-v2.yaml --map failed=error"
    )
    guide.run(f"kubectl apply {_files('v3')} && {READY} wd/build-v3 wd/issue-v3 wd/session-v3")
    guide.run("for w in build issue session; do statekeep stranded $w; done")
    guide.run("statekeep actors --by-state --version issue-v3")
    for crowd in CROWDS:
        done = guide.look(f"/v1/deployments/{crowd.workflow}-v3.all")
        counts = (done["migrated"], done["stayed"], done["stranded"])
        _expect(f"{crowd.workflow}-v3", counts, (30, 0, 0))
        _expect("the stranded", guide.look(f"/v1/workflows/{crowd.workflow}")["stranded"], [])


def show_parts(guide: Guide) -> None:
    """What is running, and where."""
    guide.chapter("What is running, and where")
    site = guide.site
    where = {
        "valkey": "every actor's state, its context encrypted",
        "runtime": f"{site.runtime.url}, the HTTP API",
        "operator": "reconciles WorkflowDefinitions and ChangePoints",
        "kube-apiserver": "the cluster that kubectl spoke to",
    }
    for part in site.parts:
        told = where.get(part.name, "control plane" if isinstance(part, PlanePart) else "")
        print(f"  {part.name:<24} pid {part.pid:<8} {told}", flush=True)
    guide.tell(
        "All of it ends now, with its data. `make dev DETACH=1` keeps the same parts running for"
        " you; README.md goes on from here."
    )


def _files(version: str) -> str:
    return " ".join(f"-f {MANIFESTS}/{crowd.workflow}-{version}.yaml" for crowd in CROWDS)


@contextmanager
def _folder() -> Iterator[Path]:
    local = Path(os.environ.get("STATEKEEP_LOCAL", ROOT / ".local"))
    local.mkdir(exist_ok=True)
    here = Path(tempfile.mkdtemp(prefix="demo-", dir=local))
    try:
        yield here
    finally:
        shutil.rmtree(here, ignore_errors=True)


def main() -> int:
    with _folder() as here, Site(here) as site:
        guide = Guide(site, pause=os.environ.get("PAUSE", "") not in ("", "0"))
        show_cluster(guide)
        show_first_version(guide)
        show_migration(guide)
        show_crowds(guide)
        show_carelessness(guide)
        show_way_out(guide)
        show_parts(guide)
    print("demo passed: every step ran against real parts, which are gone again")
    return 0


if __name__ == "__main__":
    run_as_program(main)
