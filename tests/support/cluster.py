"""Our kinds on a real API server: installing them, writing manifests, trying changes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.parts.controlplane import ControlPlane
from support.parts.fault import PartError

ROOT = Path(__file__).resolve().parents[2]
CRDS = ROOT / "crds"
API = "statekeep.dev/v1alpha1"
Manifest = dict[str, Any]


def install_crds(plane: ControlPlane) -> None:
    """Install both kinds and wait until they can be used."""
    plane.kubectl("apply", "--server-side", "-f", str(CRDS))
    while not _established(plane):  # kubectl gives up on a kind without conditions yet
        pass


def _established(plane: ControlPlane) -> bool:
    run = plane.kubectl(
        "wait", "--for=condition=Established", "crd", "--all", "--timeout=30s", check=False
    )
    if run.returncode != 0 and "accessor error" not in run.stderr:
        raise PartError(f"the kinds are not established: {run.stderr.strip()}")
    return run.returncode == 0


def machine(**transitions: str) -> Manifest:
    """A line of states, each with the event that leads to the next: `machine(a="GO", b="END")`."""
    names = [*transitions, "done"]
    states: Manifest = {
        name: {"on": {event: names[index + 1]}}
        for index, (name, event) in enumerate(transitions.items())
    }
    return {"initial": names[0], "states": {**states, "done": {"type": "final"}}}


def definition(name: str, workflow: str = "loan", **spec: Any) -> Manifest:
    """A WorkflowDefinition, of a small machine where the spec brings none."""
    if not {"definition", "definitionJSON"} & spec.keys():
        spec["definition"] = machine(draft="SUBMIT", review="APPROVE")
    return _object("WorkflowDefinition", name, {"workflow": workflow, **spec})


def change_point(name: str, **spec: Any) -> Manifest:
    """A ChangePoint; `from_` stands for `from`."""
    return _object("ChangePoint", name, {key.rstrip("_"): value for key, value in spec.items()})


def _object(kind: str, name: str, spec: Manifest) -> Manifest:
    return {"apiVersion": API, "kind": kind, "metadata": {"name": name}, "spec": spec}


@dataclass(frozen=True, slots=True)
class Desk:
    """kubectl in one namespace."""

    plane: ControlPlane
    namespace: str

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        """What kubectl prints; raises PartError with its complaint."""
        run = self.plane.kubectl("-n", self.namespace, *arguments, stdin=stdin)
        return run.stdout

    def apply(self, *manifests: Manifest, options: tuple[str, ...] = ()) -> str:
        """Apply manifests as people do."""
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(manifests)})
        return self.kubectl("apply", *options, "-f", "-", stdin=text)

    def refused(self, *manifests: Manifest, options: tuple[str, ...] = ()) -> str:
        """The complaint about manifests that must not be applied."""
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(manifests)})
        run = self.plane.kubectl(
            "-n", self.namespace, "apply", *options, "-f", "-", stdin=text, check=False
        )
        assert run.returncode != 0, f"it was applied: {run.stdout}"
        return run.stderr

    def get(self, kind: str, name: str) -> Manifest:
        found: Manifest | None = self.plane.find(kind, name, self.namespace)
        if found is None:
            raise PartError(f"there is no {kind} {name} in {self.namespace}")
        return found

    def write_status(self, kind: str, name: str, status: Manifest) -> None:
        """Write a status as the operator does."""
        patch = json.dumps({"status": status})
        arguments = ("patch", kind, name, "--subresource=status", "--type=merge", "-p", patch)
        self.kubectl(*arguments)
