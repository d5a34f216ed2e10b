"""`make demo`: the real parts, and a tour that people can follow. Leaves nothing behind.

Every step says what it is for, shows the command or the request as a person would write it, runs
that very one, and shows what came back. An answer that is not the expected one ends the demo.
"""

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import httpx

from support.parts.fault import PartError, run_as_program
from support.parts.site import Site

ROOT = Path(__file__).resolve().parents[3]
LOAN = ROOT / "examples" / "loan"

CRD_COLUMNS = "custom-columns=NAME:.metadata.name,KIND:.spec.names.kind"


class Guide:
    """Runs commands and requests against a site, and shows them."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def tell(self, sentence: str) -> None:
        print(f"\n# {sentence}", flush=True)

    def run(self, *command: str) -> None:
        print(f"$ {' '.join(command)}", flush=True)
        run = subprocess.run(
            command,
            cwd=ROOT,
            env=self._site.plane.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        print(run.stdout, end="", flush=True)
        if run.returncode != 0:
            raise PartError(f"the demo's command failed: {' '.join(command)}")

    def ask(self, method: str, path: str, body: dict[str, Any] | None, *shown: str) -> Any:
        """Send a request to the runtime, show it and the members of the answer named `shown`."""
        assert self._site.runtime is not None
        text = "" if body is None else f"  {_short(body)}"
        print(f"{method} {path}{text}", flush=True)
        answer = httpx.request(
            method,
            self._site.runtime.url + path,
            json=body,
            headers={"x-api-key": self._site.runtime.api_key},
            timeout=30.0,
        )
        found = answer.json()
        print(f"  {answer.status_code}  {_short(_shown(found, shown))}", flush=True)
        if answer.is_error:
            raise PartError(f"the demo's request failed: {method} {path}: {answer.text}")
        return found


_OF_AN_ITEM = ("verdict", "reason", "message", "fromState", "toState")


def _shown(answer: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Pick what the step is about; the items of a list are cut short too."""
    picked = {name: answer.get(name) for name in names}
    if "items" in picked:
        picked["items"] = [{name: item[name] for name in _OF_AN_ITEM} for item in answer["items"]]
    return picked


def _short(body: dict[str, Any]) -> str:
    """Write a body in one line, a statechart in it as three dots."""
    return json.dumps(
        {k: "…" if k == "definition" else v for k, v in body.items()}, ensure_ascii=False
    )


def _expect(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise PartError(f"the demo expected {what} to be {expected}, and it is {found}")


def show_cluster(guide: Guide) -> None:
    guide.tell("A real Kubernetes API server, started for this demo alone:")
    guide.run("kubectl", "version")
    guide.tell("It takes in StateKeep's resources:")
    guide.run("kubectl", "apply", "--server-side", "-f", "crds/")
    guide.run("kubectl", "wait", "--for=condition=Established", "crd", "--all", "--timeout=30s")
    guide.run("kubectl", "get", "crd", "-o", CRD_COLUMNS)


def show_migration(guide: Guide) -> None:
    """Alice paid the fee, Bob had it waived: one state, two histories, two decisions."""
    guide.tell(
        "A runtime on a real Valkey. A workflow, and two applicants on their way through it:"
    )
    v1 = {"id": "loan-v1", "workflow": "loan", "definition": _machine("loan-v1.json")}
    guide.ask("POST", "/v1/definitions", v1, "id", "clock")
    alice, bob = (_applicant(guide, fee) for fee in ("PAY_FEE", "WAIVE_FEE"))

    guide.tell("Both await documents. The next version asks those who paid for their income:")
    v2 = {
        "id": "loan-v2",
        "parentId": "loan-v1",
        "historyPath": ["SUBMIT_INFO", "PAY_FEE"],
        "definition": _machine("loan-v2.json"),
    }
    verdicts = ("wouldMigrate", "wouldStay", "wouldStrand")
    preview = guide.ask("POST", "/v1/definitions/preview", v2, "migration", "planHash")
    _expect("the preview", [preview["migration"][name] for name in verdicts], [[alice], [bob], []])
    deployed = guide.ask("POST", "/v1/definitions", v2, "migrated", "stayed", "stranded")
    _expect(
        "the outcome", [deployed[name] for name in ("migrated", "stayed", "stranded")], [1, 1, 0]
    )

    guide.tell("Alice moved, Bob stayed, and each can be told why:")
    for actor, version in ((alice, "loan-v2"), (bob, "loan-v1")):
        found = guide.ask("GET", f"/v1/actors/{actor}", None, "version", "stateValue", "status")
        _expect("the version", found["version"], version)
        guide.ask("GET", f"/v1/actors/{actor}/decisions", None, "items")


def _machine(name: str) -> Any:
    return json.loads((LOAN / name).read_text())


def _applicant(guide: Guide, fee: str) -> str:
    body = {"definitionId": "loan-v1", "initialContext": {"amount": 50000}}
    actor = guide.ask("POST", "/v1/actors", body, "id", "stateValue")["id"]
    for event in ("SUBMIT_INFO", fee):
        guide.ask("POST", f"/v1/actors/{actor}/event", {"type": event}, "accepted", "stateValue")
    return str(actor)


def main() -> int:
    local = ROOT / ".local"
    local.mkdir(exist_ok=True)
    here = Path(tempfile.mkdtemp(prefix="demo-", dir=local))
    try:
        with Site(here) as site:
            guide = Guide(site)
            show_cluster(guide)
            if site.runtime is not None:
                show_migration(guide)
            print("\n# Stopping everything.", flush=True)
    finally:
        shutil.rmtree(here, ignore_errors=True)
    print("demo passed: every step ran against real parts, which are gone again")
    return 0


if __name__ == "__main__":
    run_as_program(main)
