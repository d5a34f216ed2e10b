"""What kstatus, Flux and Argo CD would make of objects: their own engines, in one program."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

from support.cluster import ROOT, Manifest

GITOPS = ROOT / "examples" / "gitops"
ARGO = GITOPS / "argocd" / "resource_customizations" / "statekeep.dev"
EXPRS = GITOPS / "flux" / "health-check-exprs.yaml"
STRICT = GITOPS / "flux" / "health-check-exprs-strict.yaml"
KINDS = ("ChangePoint", "WorkflowDefinition")


@dataclass(frozen=True, slots=True)
class Judged:
    """The three verdicts, and the words of Argo CD's."""

    kstatus: str
    flux: str
    argo: str
    message: str


@dataclass(frozen=True, slots=True)
class Judge:
    """The program, asked for many objects at once."""

    program: Path

    def judge(self, objects: Iterable[Manifest], exprs: Path = EXPRS) -> list[Judged]:
        """A judgement an object, in order."""
        scripts = {kind: (ARGO / kind / "health.lua").read_text() for kind in KINDS}
        return self._ask(list(objects), yaml.safe_load(exprs.read_text()), scripts)

    def by_script(self, found: Manifest, script: str) -> Judged:
        """One object judged by a script of one's own."""
        (judged,) = self._ask([found], [], {found["kind"]: script})
        return judged

    def _ask(
        self, objects: list[Manifest], exprs: list[Manifest], scripts: dict[str, str]
    ) -> list[Judged]:
        question = {"exprs": exprs, "lua": scripts, "objects": objects}
        run = subprocess.run(
            [self.program], input=json.dumps(question), capture_output=True, text=True, check=False
        )
        assert run.returncode == 0, run.stderr
        return [
            Judged(
                found["kstatus"]["status"],
                found["flux"]["status"],
                found["argo"]["status"],
                found["argo"]["message"],
            )
            for found in json.loads(run.stdout)
        ]
