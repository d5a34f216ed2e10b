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

READY = ("kubectl", "wait", "--for=condition=Ready", "--timeout=30s")
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
    guide.tell("A real Kubernetes API server, started for this demo alone, with our two kinds:")
    guide.run("kubectl", "version")
    guide.run("kubectl", "apply", "--server-side", "-f", "crds/")
    guide.run("kubectl", "get", "crd", "-o", CRD_COLUMNS)


def show_workflow(guide: Guide) -> tuple[str, str]:
    """Apply the first version; Alice and Bob come to one state on two ways."""
    guide.tell("A workflow is a resource; the operator registers it with the runtime:")
    guide.run("kubectl", "apply", "-f", "examples/loan/manifests/loan-v1.yaml")
    guide.run(*READY, "wd/loan-v1")
    guide.tell("Two applicants. Alice pays the fee, Bob has it waived, and both await documents:")
    return _applicant(guide, "PAY_FEE"), _applicant(guide, "WAIVE_FEE")


def show_migration(guide: Guide, alice: str, bob: str) -> None:
    """Preview over HTTP, deploy with kubectl, ask why."""
    guide.tell("The next version is for those who paid. Who would move? (This writes nothing.)")
    body = {
        "id": "loan-v2",
        "parentId": "loan-v1",
        "historyPath": ["SUBMIT_INFO", "PAY_FEE"],
        "definition": json.loads((LOAN / "loan-v2.json").read_text()),
    }
    verdicts = guide.ask("POST", "/v1/definitions/preview", body, "migration")["migration"]
    named = [verdicts[name] for name in ("wouldMigrate", "wouldStay", "wouldStrand")]
    _expect("the preview", named, [[alice], [bob], []])

    guide.tell("It is deployed while both are under way:")
    guide.run("kubectl", "apply", "-f", "examples/loan/manifests/loan-v2.yaml")
    guide.run(*READY, "wd/loan-v2")
    guide.run("kubectl", "get", "workflowdefinitions,changepoints")

    guide.tell("Alice moved, Bob stayed, and each can be told why:")
    for actor, version in ((alice, "loan-v2"), (bob, "loan-v1")):
        found = guide.ask("GET", f"/v1/actors/{actor}", None, "version", "stateValue", "status")
        _expect("the version", found["version"], version)
        guide.ask("GET", f"/v1/actors/{actor}/decisions", None, "items")


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
            show_migration(guide, *show_workflow(guide))
            print("\n# Stopping everything.", flush=True)
    finally:
        shutil.rmtree(here, ignore_errors=True)
    print("demo passed: every step ran against real parts, which are gone again")
    return 0


if __name__ == "__main__":
    run_as_program(main)
